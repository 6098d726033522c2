"""WebSocket frames of the plainest kind, read and written without the library's machinery; all others are left to it."""

from __future__ import annotations

from collections.abc import Callable

from websockets.protocol import OPEN, Protocol

try:
    from websockets.speedups import apply_mask
except ImportError:  # a wheel without its C part
    from websockets.utils import apply_mask

__all__ = ["FrameIntake", "plain_frame"]

_TEXT, _BINARY = 0x81, 0x82
_MASKED = 0x80
#: Frames up to this size wait until they are complete; the library gets larger ones as they come.
_SMALL = 1 << 16


def plain_frame(data: bytes, *, text: bool) -> bytes:
    """A whole message as one frame of a server (RFC 6455 §5.2)."""
    size, first = len(data), _TEXT if text else _BINARY
    if size < 126:
        return b"%c%c%b" % (first, size, data)
    if size < 1 << 16:
        return b"%c\x7e%b%b" % (first, size.to_bytes(2, "big"), data)
    return b"%c\x7f%b%b" % (first, size.to_bytes(8, "big"), data)


class FrameIntake:
    """Cuts what a client sends into frames. A whole, masked, small text or binary message goes to ``message``; anything else, and everything
    once the connection is not simply open, to ``other``: the library, which then judges it.
    """

    def __init__(self, protocol: Protocol, max_size: int, message: Callable[[bool, bytes], None], other: Callable[[bytes], None]) -> None:
        self._protocol, self._message, self._other = protocol, message, other
        self._limit = min(_SMALL, max_size)
        self._tail = b""
        #: Bytes of a frame that the library has the beginning of.
        self._owed = 0
        #: A message in several frames is on its way: only the library knows what may follow.
        self.fragmented = False

    def feed(self, data: bytes) -> None:
        """Take bytes of the client."""
        if self._tail:
            data, self._tail = self._tail + data, b""
        position, size = 0, len(data)
        while position < size:
            if self._protocol.state is not OPEN:
                self._other(data[position:])
                return
            if self._owed:
                end = min(size, position + self._owed)
                self._owed -= end - position
                self._other(data[position:end])
                position = end
                continue
            start, end = _extent(data, position)
            if end > size and (start > size or (self._is_plain(data, position) and end - start <= self._limit)):
                self._tail = data[position:]
                return
            if end <= size and self._is_plain(data, position) and end - start <= self._limit:
                self._message(data[position] == _TEXT, apply_mask(data[start:end], data[start - 4 : start]))
            else:
                self._owed = max(0, end - size)
                self._other(data[position:end])
            position = end

    def _is_plain(self, data: bytes, position: int) -> bool:
        return data[position] in (_TEXT, _BINARY) and data[position + 1] >= _MASKED and not self.fragmented


def _extent(data: bytes, position: int) -> tuple[int, int]:
    """Where the payload of the frame at ``position`` begins and ends; both beyond the data while that cannot be known yet."""
    size = len(data)
    if size - position < 2:
        return size + 1, size + 1
    second = data[position + 1]
    length, start = second & 0x7F, position + 2
    if length > 125:
        width = 2 if length == 126 else 8
        if size - start < width:
            return size + 1, size + 1
        length = int.from_bytes(data[start : start + width], "big")
        start += width
    if second & _MASKED:
        start += 4
    return start, start + length
