"""The frame: a JSON header for routers, a body, and raw binary segments.

``u32le total | u32le header length | header | body | segments``: see ``docs/reference/protocol.md`` §1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from isolate_host.errors import LimitExceeded, ProtocolError
from isolate_host.wire.jsontext import dump_json, load_json

__all__ = ["DEFAULT_MAX_FRAME_BYTES", "MAX_HEADER_BYTES", "Frame", "FrameReader", "FrameTooLargeError", "encode_frame", "parse_frame"]

#: Frames larger than this are refused unless the receiver says otherwise (bytes).
DEFAULT_MAX_FRAME_BYTES = 64 * 1024 * 1024
MAX_HEADER_BYTES = 64 * 1024
# Below this size one copy costs less than handing the kernel several buffers.
_JOIN_BELOW = 64 * 1024
_MAX_HEADER_NESTING = 100
_MAX_U32 = 0xFFFF_FFFF
#: The headers of the frames that come most: a guest's answer to a request of the client, and its calls. What they say needs no JSON parser.
_ANSWER = re.compile(rb'\{"t":"ok","id":([1-9][0-9]{0,14}),"p":1\}')
_CALL = re.compile(rb'\{"t":"call","cap":"([a-z_]{1,40})","op":"(\w{1,60})","id":([1-9][0-9]{0,14})\}')


@dataclass(slots=True)
class Frame:
    """One message. ``header["s"]`` is kept right by :func:`encode_frame`; do not set it."""

    header: dict[str, Any]
    body: bytes = b""
    segments: Sequence[bytes] = field(default=())
    #: The header as it goes out, from who has it ready; only without segments.
    text: bytes = b""


def encode_frame(frame: Frame, max_frame_bytes: int = _MAX_U32) -> list[bytes]:
    """The buffers to write, in order. Small frames are one buffer; large segments are not copied.

    Raises ``LimitExceeded`` (``payload``) when the receiver would refuse the size.
    """
    segments = frame.segments
    header = frame.header
    if segments:
        header["s"] = [len(segment) for segment in segments]
        payload = sum(header["s"])
    else:
        header.pop("s", None)
        payload = 0
    text = frame.text if frame.text and not segments else dump_json(header)
    total = 4 + len(text) + len(frame.body) + payload
    if len(text) > MAX_HEADER_BYTES:
        raise LimitExceeded(f"a message header of {len(text)} bytes exceeds {MAX_HEADER_BYTES}", kind="payload")
    if total > max_frame_bytes:
        raise LimitExceeded(
            f"a message of {total} bytes exceeds the limit of {max_frame_bytes}", kind="payload", hint="send large data as a stream"
        )
    head = b"".join((total.to_bytes(4, "little"), len(text).to_bytes(4, "little"), text, frame.body))
    if not segments:
        return [head]
    if total < _JOIN_BELOW:
        return [b"".join((head, *segments))]
    return [head, *segments]


def parse_frame(view: memoryview) -> Frame:
    """Parse what follows the ``total`` field. Raises ``ProtocolError``."""
    size = len(view)
    if size < 4:
        raise ProtocolError("frame too short for its header length")
    header_end = 4 + int.from_bytes(view[:4], "little")
    if header_end > size or header_end > MAX_HEADER_BYTES + 4:
        raise ProtocolError(f"header of {header_end - 4} bytes does not fit")
    header = load_json(view[4:header_end])
    if type(header) is not dict or type(header.get("t")) is not str:
        raise ProtocolError("header is not an object with a type")
    _check_nesting(header)
    lengths = header.get("s")
    if lengths is None:
        return Frame(header, bytes(view[header_end:]))
    body_end = size - _sum_of_lengths(lengths)
    if body_end < header_end:
        raise ProtocolError("segments are longer than the frame")
    segments = []
    start = body_end
    for length in lengths:
        segments.append(bytes(view[start : start + length]))
        start += length
    return Frame(header, bytes(view[header_end:body_end]), segments)


def _usual_frame(view: memoryview, start: int, end: int) -> Frame | None:
    """The same for the two usual headers, three times as fast; ``None`` for all others. ``start`` is behind the ``total`` field."""
    header_end = start + 4 + int.from_bytes(view[start : start + 4], "little")
    call = _CALL.match(view, start + 4, end)
    if call is not None and call.end() == header_end:
        header: dict[str, Any] = {"t": "call", "cap": call[1].decode("ascii"), "op": call[2].decode("ascii"), "id": int(call[3])}
        return Frame(header, bytes(view[header_end:end]))
    answer = _ANSWER.match(view, start + 4, end)
    if answer is not None and answer.end() == header_end:
        return Frame({"t": "ok", "id": int(answer[1]), "p": 1}, bytes(view[header_end:end]))
    return None


def _sum_of_lengths(lengths: Any) -> int:
    if type(lengths) is not list:
        raise ProtocolError("segment lengths are not a list")
    total = 0
    for length in lengths:
        if type(length) is not int or length < 0:
            raise ProtocolError("a segment length is not a natural number")
        total += length
    return total


def _check_nesting(header: dict[str, Any]) -> None:
    """Walk the header level by level: routers and loggers may then recurse over it without fear."""
    for value in header.values():
        if type(value) is dict or type(value) is list:
            break
    else:
        return
    level: list[Any] = [value for value in header.values() if type(value) in (dict, list)]
    depth = 1
    while level:
        depth += 1
        if depth > _MAX_HEADER_NESTING:
            raise ProtocolError("header nested too deep")
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) in (dict, list)
        ]


class FrameTooLargeError(ProtocolError):
    """The length prefix asks for more than the receiver takes: ``size`` against ``limit`` bytes."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"frame of {size} bytes; 4 to {limit} are allowed")
        self.size, self.limit = size, limit


class FrameReader:
    """Cuts a byte stream into frames; feed it from ``data_received``.

    Memory follows the bytes that arrived, never the length that a prefix claims. After a ``ProtocolError`` the reader is
    dead: every later feed raises again.
    """

    __slots__ = ("_buffer", "_failed", "_wanted", "max_frame_bytes")

    def __init__(self, max_frame_bytes: int = DEFAULT_MAX_FRAME_BYTES) -> None:
        self._buffer = bytearray()
        self._failed = False
        self.max_frame_bytes = max_frame_bytes
        # Bytes that must be there before another attempt makes sense: no rescan for each small chunk.
        self._wanted = 4

    @property
    def pending(self) -> int:
        """Bytes of an unfinished frame."""
        return len(self._buffer)

    def feed(self, data: bytes | bytearray | memoryview) -> list[Frame]:
        """Take ``data`` and return the frames that it completes. Raises ``ProtocolError``."""
        if self._failed:
            raise ProtocolError("the peer was cut off")
        if self._buffer:
            self._buffer += data
            if len(self._buffer) < self._wanted:
                return []
            frames, used = self._split(self._buffer)
            del self._buffer[:used]
            return frames
        # The usual case: whole frames in one read need no copy into the buffer.
        frames, used = self._split(data)
        if used < len(data):
            with memoryview(data) as view:
                self._buffer += view[used:]
        return frames

    def _split(self, data: bytes | bytearray | memoryview) -> tuple[list[Frame], int]:
        frames: list[Frame] = []
        used = 0
        self._wanted = 4
        with memoryview(data) as view:
            size = len(view)
            while size - used >= 4:
                total = int.from_bytes(view[used : used + 4], "little")
                if total > self.max_frame_bytes or total < 4:
                    self._failed = True
                    raise FrameTooLargeError(total, self.max_frame_bytes)
                end = used + 4 + total
                if end > size:
                    self._wanted = 4 + total
                    break
                try:
                    frames.append(_usual_frame(view, used + 4, end) or parse_frame(view[used + 4 : end]))
                except ProtocolError:
                    self._failed = True
                    raise
                used = end
        return frames, used
