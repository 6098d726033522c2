"""One connection to a daemon: handshake, requests, channels."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from isolate_host.client.link import Sink
from isolate_host.client.socket_channel import SocketChannel
from isolate_host.errors import IsolateHostError, NotConnected, ProtocolError
from isolate_host.wire.connection import FrameConnection
from isolate_host.wire.daemon_protocol import HOST, PROTOCOL_VERSION, own_version
from isolate_host.wire.decode import decode_value
from isolate_host.wire.encode import encode_value
from isolate_host.wire.frames import Frame

__all__ = ["DaemonConnection"]

#: The daemon checks what guests send; this bounds what a broken daemon can make us buffer.
_MAX_FRAME_BYTES = 1 << 30


class DaemonConnection(FrameConnection):
    """A connection that lives once. :class:`~isolate_host.client.socket_link.SocketLink` makes another when it is lost."""

    def __init__(self) -> None:
        super().__init__(_MAX_FRAME_BYTES)
        self._next_request = 1
        self._next_channel = 1
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._channels: dict[int, SocketChannel] = {}
        self._orphans: set[asyncio.Task[None]] = set()
        self.connected = False
        #: What the daemon said about itself.
        self.hello: dict[str, Any] = {}

    # -- control -----------------------------------------------------------------------------------------------------

    async def greet(self, token: str | None) -> None:
        """The handshake. Raises ``NotConnected`` when the daemon wants another version or token."""
        self.connected = True
        self.hello = await self.request("hello", {"protocol": PROTOCOL_VERSION, "version": own_version(), "token": token})

    async def request(self, op: str, params: dict[str, Any]) -> Any:
        """One control request."""
        if not self.connected:
            raise NotConnected("the connection to the daemon is closed")
        request = self._next_request
        self._next_request += 1
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting[request] = future
        body, segments = encode_value([params])
        self.send(Frame({"t": "call", "id": request, "cap": HOST, "op": op}, body, segments))
        try:
            return await future
        finally:
            self._waiting.pop(request, None)

    async def open(self, kind: str, spec: dict[str, Any], sink: Sink) -> SocketChannel:
        """Create a runtime. Raises what refused it."""
        number = self._next_channel
        self._next_channel += 1
        channel = SocketChannel(number, self.send, self.drain, self.request, self.open, sink)
        self._channels[number] = channel
        try:
            channel.info = await self.request("create", {"ch": number, "kind": kind, "spec": spec})
        except asyncio.CancelledError:
            # The daemon may be about to make it.
            self._orphans.add(task := self._loop.create_task(self._abandon(number)))
            task.add_done_callback(self._orphans.discard)
            raise
        except BaseException:
            self._channels.pop(number, None)
            raise
        return channel

    async def _abandon(self, number: int) -> None:
        self._channels.pop(number, None)
        with contextlib.suppress(IsolateHostError):
            await self.request("dispose", {"ch": number, "hard": True, "reason": "the client lost interest"})

    # -- frames ------------------------------------------------------------------------------------------------------

    def frame_received(self, frame: Frame) -> None:
        """To a channel, or the answer to a request."""
        header = frame.header
        number = header.pop("ch", None)
        if number is None:
            self._answered(frame)
            return
        channel = self._channels.get(number) if type(number) is int else None
        if channel is None:
            return  # disposed while the frame was on its way
        if header["t"] == "note" and header.get("cap") == HOST:
            error = decode_value(frame.body, frame.segments, by_host=True)
            self._channels.pop(channel.number, None)
            channel.end(error if isinstance(error, IsolateHostError) else None)
        else:
            channel.sink.receive(frame)

    def _answered(self, frame: Frame) -> None:
        future = self._waiting.get(frame.header.get("id", 0))
        if future is None or future.done():
            return
        value = decode_value(frame.body, frame.segments, by_host=True)
        if frame.header["t"] == "ok":
            future.set_result(value)
        else:
            future.set_exception(value if isinstance(value, Exception) else ProtocolError("the daemon sent an error that is none"))

    # -- life --------------------------------------------------------------------------------------------------------

    def closed(self, error: Exception | None) -> None:
        """The daemon is gone: so is everything that it ran for us."""
        self.connected = False
        gone = NotConnected("the connection to the daemon was lost" if error is None else f"the connection to the daemon was lost: {error}")
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(gone)
                future.exception()
        channels, self._channels = self._channels, {}
        for channel in channels.values():
            channel.end(gone)
