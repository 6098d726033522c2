"""A stream connection that carries frames: the base of both ends of the daemon's socket."""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from typing import cast

from isolate_host.errors import ProtocolError
from isolate_host.wire.frames import DEFAULT_MAX_FRAME_BYTES, Frame, FrameReader, encode_frame

__all__ = ["FrameConnection"]

_logger = logging.getLogger(__name__)
#: Bytes that may wait in the transport before :meth:`FrameConnection.drain` waits and the far producers are paused.
_HIGH_WATER = 1 << 20


class FrameConnection(asyncio.Protocol):
    """Reads frames and writes them, many in one system call. Subclasses override the four hooks below."""

    def __init__(self, max_frame_bytes: int = DEFAULT_MAX_FRAME_BYTES) -> None:
        self._reader = FrameReader(max_frame_bytes)
        self._transport: asyncio.Transport | None = None
        self._outgoing: list[bytes] = []
        self._flush_scheduled = False
        self._writable = asyncio.Event()
        self._writable.set()
        self._loop = asyncio.get_running_loop()
        self._error: Exception | None = None
        #: Done when the connection is gone.
        self.gone: asyncio.Future[None] = self._loop.create_future()

    # -- hooks -------------------------------------------------------------------------------------------------------

    def opened(self) -> None:
        """The connection is there."""

    @abstractmethod
    def frame_received(self, frame: Frame) -> None:
        """A frame came. ``ProtocolError`` ends the connection."""

    def writable_changed(self, writable: bool) -> None:
        """The transport is full, or has room again."""

    def closed(self, error: Exception | None) -> None:
        """The connection is gone. ``error`` is what broke it, if anything did."""

    # -- use ---------------------------------------------------------------------------------------------------------

    @property
    def transport(self) -> asyncio.Transport:
        """The transport. Raises ``ConnectionError`` before the connection is made."""
        if self._transport is None:
            raise ConnectionError("not connected yet")
        return self._transport

    def allow_frames_of(self, max_frame_bytes: int) -> None:
        """Change the limit of incoming frames (bytes)."""
        self._reader.max_frame_bytes = max_frame_bytes

    def send(self, frame: Frame) -> None:
        """Queue a frame; everything queued in one turn of the loop is written at once. Dropped when the connection is gone."""
        if self._transport is None or self._transport.is_closing():
            return
        self._outgoing += encode_frame(frame)
        if not self._flush_scheduled:
            self._flush_scheduled = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_scheduled = False
        outgoing, self._outgoing = self._outgoing, []
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(outgoing[0] if len(outgoing) == 1 else b"".join(outgoing))

    @property
    def writable(self) -> bool:
        """False while the transport is full."""
        return self._writable.is_set()

    async def drain(self) -> None:
        """Wait while the transport is full."""
        if not self._writable.is_set():
            await self._writable.wait()

    def close(self) -> None:
        """Write what is queued, then close."""
        if self._transport is not None:
            self._flush()
            self._transport.close()

    def cut(self, error: ProtocolError) -> None:
        """End the connection at once because of what the peer did."""
        if self._transport is not None and not self._transport.is_closing():
            _logger.warning("cutting off a peer: %s", error)
            self._error = error
            self._transport.abort()

    # -- asyncio.Protocol --------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=_HIGH_WATER)
        self.opened()

    def data_received(self, data: bytes) -> None:
        """Cut the bytes into frames."""
        try:
            for frame in self._reader.feed(data):
                self.frame_received(frame)
        except ProtocolError as error:
            self.cut(error)

    def pause_writing(self) -> None:
        """The transport is full."""
        self._writable.clear()
        self.writable_changed(False)

    def resume_writing(self) -> None:
        """The transport has room."""
        self._writable.set()
        self.writable_changed(True)

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        self._writable.set()
        if not self.gone.done():
            self.gone.set_result(None)
        self.closed(self._error or exc)
