"""The worker's end of the wire: blocking reads of whole frames, one write for all that a turn produced.

The other end is the broker, which a worker trusts; so frames are cut here, not validated. (The broker, in turn, checks every
byte of ours with :mod:`isolate_host.wire.frames`.) Headers stay bytes: guest frames are parsed by the guest, once.
"""

from __future__ import annotations

import os
import select
import struct
import time
from dataclasses import dataclass, field

from isolate_host.worker.syscalls import LIBC

__all__ = ["Channel", "RawFrame", "pack_frame"]

#: Waking a sleeping process on another virtual CPU takes about 50 µs, longer than most host calls take to answer. So, while answers
#: come that fast, look for so long before going to sleep.
_SPIN_NS = 120_000
#: After so long without input a worker gives back what it freed: compiling an app leaves a quarter of a megabyte in the allocator.
_REST_MS = 1000
_MOST_CONFIDENT, _LEAST_CONFIDENT = 4, -4

_LENGTHS = struct.Struct("<II")
_PREFIX = struct.Struct("<I")
_READ_SIZE = 1 << 16


@dataclass(slots=True)
class RawFrame:
    """One frame, its header unparsed. ``rest`` is the body followed by the segments."""

    header: bytes
    rest: bytes | memoryview = b""
    segment_lengths: list[int] = field(default_factory=list)

    def body_and_segments(self) -> tuple[bytes, list[memoryview]]:
        """Cut ``rest`` by the header's ``s``."""
        if not self.segment_lengths:
            return bytes(self.rest), []
        view = memoryview(self.rest)
        start = len(view) - sum(self.segment_lengths)
        segments, position = [], start
        for length in self.segment_lengths:
            segments.append(view[position : position + length])
            position += length
        return bytes(view[:start]), segments


def pack_frame(header: bytes, body: bytes, segments: list[bytes] | None = None) -> bytes:
    """A frame as bytes for the wire."""
    tail = b"".join(segments) if segments else b""
    return _LENGTHS.pack(4 + len(header) + len(body) + len(tail), len(header)) + header + body + tail


class Channel:
    """Reads frames from descriptor ``fd`` and writes to it. End of file ends the process: nobody is left to work for."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._buffer = bytearray()
        self._poll = select.poll()
        self._poll.register(fd, select.POLLIN)
        self._outgoing: list[bytes] = []
        self._unread: list[RawFrame] = []
        #: Frames handed out.
        self.seen = 0
        self._confidence = 0
        self._trimmed = 0

    def forget(self) -> None:
        """Drop what was read or queued: there is nobody to have it, or the descriptor leads somewhere else now."""
        self._buffer = bytearray()
        self._outgoing, self._unread = [], []

    def send(self, frame: bytes) -> None:
        """Queue a frame; :meth:`flush` writes."""
        self._outgoing.append(frame)

    def flush(self) -> None:
        """Write all that is queued, however long the reader takes: this is where backpressure reaches the guest."""
        if not self._outgoing:
            return
        data = memoryview(self._outgoing[0] if len(self._outgoing) == 1 else b"".join(self._outgoing))
        self._outgoing.clear()
        while data:
            data = data[os.write(self._fd, data) :]

    def wait(self, milliseconds: float | None) -> bool:
        """Wait for input, at most so long (``None`` = for ever); whether there is some."""
        return bool(self._unread) or bool(self._poll.poll(None if milliseconds is None else max(0, int(milliseconds + 0.999))))

    def read(self) -> list[RawFrame]:
        """All whole frames that have arrived; blocks until there is at least one."""
        frames, self._unread = self._unread or self._receive(), []
        self.seen += len(frames)
        return frames

    def read_new(self) -> list[RawFrame]:
        """The same, passing over what was given back with :meth:`unread`."""
        frames = self._receive()
        self.seen += len(frames)
        return frames

    def unread(self, frames: list[RawFrame]) -> None:
        """Give back frames that are to be read later, in their order."""
        self._unread += frames
        self.seen -= len(frames)

    def _receive(self) -> list[RawFrame]:
        self._spin()
        while True:
            chunk = os.read(self._fd, _READ_SIZE)
            if not chunk:
                os._exit(0)
            self._buffer += chunk
            self._fill_large_frame()
            frames = self._cut()
            if frames:
                return frames

    def _spin(self) -> None:
        """Wait actively for a moment, if that paid lately; else sleep, and learn from how long it took."""
        started = time.monotonic_ns()
        if self._confidence > 0:
            while not self._poll.poll(0):
                if time.monotonic_ns() - started > _SPIN_NS:
                    self._confidence = max(_LEAST_CONFIDENT, self._confidence - 2)
                    return
            self._confidence = min(_MOST_CONFIDENT, self._confidence + 1)
            return
        self._sleep()
        quick = time.monotonic_ns() - started < _SPIN_NS
        self._confidence = min(1, self._confidence + 1) if quick else max(_LEAST_CONFIDENT, self._confidence - 1)

    def _sleep(self) -> None:
        """Wait for input, however long; once, when it is long, with as little memory as can be."""
        if self.seen == self._trimmed:
            self._poll.poll()
        elif not self._poll.poll(_REST_MS):
            self._trimmed = self.seen
            LIBC.malloc_trim(0)
            self._poll.poll()

    def _fill_large_frame(self) -> None:
        """Read the rest of a frame that is longer than one chunk, in large pieces."""
        if len(self._buffer) < 4:
            return
        missing = 4 + _PREFIX.unpack_from(self._buffer)[0] - len(self._buffer)
        while missing > 0:
            piece = os.read(self._fd, min(missing, 1 << 20))
            if not piece:
                os._exit(0)
            self._buffer += piece
            missing -= len(piece)

    def _cut(self) -> list[RawFrame]:
        buffer, position, frames = self._buffer, 0, []
        while len(buffer) - position >= 8:
            total, header_length = _LENGTHS.unpack_from(buffer, position)
            end = position + 4 + total
            if end > len(buffer):
                break
            split = position + 8 + header_length
            frames.append(_raw_frame(bytes(buffer[position + 8 : split]), bytes(buffer[split:end])))
            position = end
        if position:
            del buffer[:position]
        return frames


def _raw_frame(header: bytes, rest: bytes) -> RawFrame:
    """The broker writes ``s`` last, so that segment lengths are read without parsing the header."""
    if rest and header.endswith(b"]}"):
        start = header.rfind(b',"s":[')
        if start >= 0:
            return RawFrame(header, rest, [int(length) for length in header[start + 6 : -2].split(b",")])
    return RawFrame(header, rest)
