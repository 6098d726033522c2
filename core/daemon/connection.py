"""One client of the daemon: handshake, its runtimes, and nothing of anybody else's."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from isolate_host.daemon.channels import BrokerChannel, ServerChannel
from isolate_host.daemon.peers import check_token, peer_identity
from isolate_host.errors import Disposed, IsolateHostError, NotConnected, ProtocolError
from isolate_host.wire.connection import FrameConnection
from isolate_host.wire.daemon_protocol import HELLO_TIMEOUT_S, HOST, PROTOCOL_VERSION, own_version
from isolate_host.wire.decode import decode_value
from isolate_host.wire.encode import encode_value
from isolate_host.wire.frames import Frame
from isolate_host.wire.header import natural

__all__ = ["BrokerLike", "ClientConnection"]

#: Frames of a client that has not said hello (bytes).
_HELLO_LIMIT = 64 * 1024


class BrokerLike(Protocol):
    """What the daemon needs of a broker."""

    async def open(self, kind: str, data: dict[str, Any], sink: Any, *, owner: str) -> BrokerChannel: ...

    async def control(self, op: str, params: dict[str, Any], *, owner: str) -> Any: ...


class ClientConnection(FrameConnection):
    """The server's end of one connection. Runtimes are looked up among this connection's own, so ownership cannot be forged."""

    def __init__(
        self,
        broker: BrokerLike,
        *,
        token: str | None,
        max_frame_bytes: int,
        allowed: Callable[[Any], bool],
        on_change: Callable[[ClientConnection, bool], None],
    ) -> None:
        super().__init__(_HELLO_LIMIT)
        self._broker = broker
        self._token = token
        self._limit = max_frame_bytes
        self._allowed = allowed
        self._on_change = on_change
        self._greeted = False
        self._channels: dict[int, ServerChannel] = {}
        self._last_channel = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._holding: set[asyncio.Task[None]] = set()
        #: Refuses new runtimes while the daemon drains.
        self.draining = False

    @property
    def busy(self) -> bool:
        """True while an evaluation runs, or a runtime is being made."""
        return bool(self._tasks) or any(channel.evals for channel in self._channels.values())

    @property
    def runtimes(self) -> int:
        """Live runtimes of this client."""
        return len(self._channels)

    # -- connection --------------------------------------------------------------------------------------------------

    def opened(self) -> None:
        """Check who it is before a byte is read."""
        connection = self.transport.get_extra_info("socket")
        if connection is None or not self._allowed(connection):
            self.cut(ProtocolError("a client of another user"))
            return
        #: Sessions belong to it. What a client says about itself does not count.
        self._owner = peer_identity(connection, self._token)
        self._on_change(self, True)
        self._deadline = self._loop.call_later(HELLO_TIMEOUT_S, self._too_late)

    def _too_late(self) -> None:
        if not self._greeted:
            self.cut(ProtocolError("no hello in time"))

    def writable_changed(self, writable: bool) -> None:
        """A client that does not read holds back its own guests."""
        for channel in self._channels.values():
            channel.flow(writable=writable)

    def closed(self, error: Exception | None) -> None:
        """Everything that the client had ends with it; its sessions wait for the next client of the same identity."""
        if not hasattr(self, "_deadline"):
            return
        self._deadline.cancel()
        for task in list(self._tasks):
            task.cancel()
        channels, self._channels = self._channels, {}
        for channel in channels.values():
            self._loop.create_task(_quietly(channel.dispose(hard=False, reason="the client went away")))
        self._on_change(self, False)

    # -- frames ------------------------------------------------------------------------------------------------------

    def frame_received(self, frame: Frame) -> None:
        """Route by channel; a frame without one is a control request."""
        number = frame.header.pop("ch", None)
        if number is None:
            self._control(frame)
            return
        if type(number) is not int or not 0 < number <= self._last_channel:
            raise ProtocolError("a frame for a runtime that is not this client's")
        channel = self._channels.get(number)
        if channel is None:
            return  # it ended while the frame was on its way
        waiting = channel.forward(frame)
        if waiting is not None and waiting not in self._holding:
            self._hold(waiting)

    def _hold(self, waiting: asyncio.Task[None]) -> None:
        """Stop reading until a worker that is far behind has caught up."""
        self._holding.add(waiting)
        self.transport.pause_reading()

        def go_on(task: asyncio.Task[None]) -> None:
            self._holding.discard(task)
            if not self._holding and not self.transport.is_closing():
                self.transport.resume_reading()

        waiting.add_done_callback(go_on)

    def _control(self, frame: Frame) -> None:
        header = frame.header
        if header["t"] != "call" or header.get("cap") != HOST or type(header.get("op")) is not str:
            raise ProtocolError("not a control request")
        request, op = natural(header, "id"), header["op"]
        args = decode_value(frame.body, frame.segments)
        if type(args) is not list or len(args) != 1 or type(args[0]) is not dict:
            raise ProtocolError("a control request takes one object")
        if op == "hello":
            self._start(request, self._hello(args[0]))
            return
        if not self._greeted:
            raise ProtocolError("the first request must be hello")
        if op == "create":
            self._start(request, self._create(self._new_channel(args[0]), args[0]))
        elif op == "dispose":
            self._start(request, self._dispose(self._own(args[0]), args[0]))
        elif op == "inspect":
            self._start(request, self._inspect(self._own(args[0])))
        elif op == "settled":
            self._start(request, self._settled(self._own(args[0])))
        elif op == "coverage":
            self._start(request, self._coverage(self._own(args[0]), args[0]))
        else:
            self._start(request, self._broker.control(op, args[0], owner=self._owner))

    def _start(self, request: int, work: Awaitable[Any]) -> None:
        task = self._loop.create_task(self._reply(request, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if inspect.iscoroutine(work):
            # A task that is cancelled before its first step never touches it.
            task.add_done_callback(lambda _task: work.close())

    async def _reply(self, request: int, work: Awaitable[Any]) -> None:
        header: dict[str, Any] = {"t": "ok", "id": request}
        try:
            body, segments = encode_value(await work)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 (whatever the broker raises is the client's to see)
            header["t"] = "err"
            body, segments = encode_value(error if isinstance(error, IsolateHostError) else IsolateHostError(f"{type(error).__name__}: {error}"))
        self.send(Frame(header, body, segments))
        if header["t"] == "err" and not self._greeted:
            self.close()

    # -- requests ----------------------------------------------------------------------------------------------------

    async def _hello(self, params: dict[str, Any]) -> dict[str, Any]:
        if self._greeted:
            raise ProtocolError("a second hello")
        check_token(self._token, params.get("token"))
        if params.get("protocol") != PROTOCOL_VERSION:
            raise NotConnected(
                f"the daemon is isolate-host {own_version()} and speaks protocol {PROTOCOL_VERSION}, the client speaks {params.get('protocol')!r}",
                hint="restart the daemon with the version that the client has",
            )
        self._greeted = True
        self.allow_frames_of(self._limit)
        about: dict[str, Any] = await self._broker.control("hello", {}, owner=self._owner)
        return {**about, "protocol": PROTOCOL_VERSION, "version": own_version(), "max_frame_bytes": self._limit}

    def _new_channel(self, params: dict[str, Any]) -> ServerChannel:
        number = params.get("ch")
        if type(number) is not int or number != self._last_channel + 1:
            raise ProtocolError("channel numbers count up")
        self._last_channel = number
        channel = ServerChannel(number, self.send, self._channel_ended)
        self._channels[number] = channel
        return channel

    def _channel_ended(self, channel: ServerChannel) -> None:
        self._channels.pop(channel.number, None)

    async def _create(self, channel: ServerChannel, params: dict[str, Any]) -> dict[str, Any]:
        kind, spec = params.get("kind"), params.get("spec")
        try:
            if type(kind) is not str or type(spec) is not dict:
                raise ProtocolError("malformed create request")
            if self.draining:
                raise Disposed("the daemon is shutting down")
            inner = await self._make(kind, spec, channel)
        except BaseException:
            # The client learns of the failure from the reply: it never had this channel.
            channel.ended_already = True
            self._channels.pop(channel.number, None)
            raise
        channel.attach(inner)
        if not self.writable:
            channel.flow(writable=False)
        if channel.number not in self._channels and not channel.ended_already:
            await channel.dispose(hard=False, reason="the client went away")
        return inner.info

    async def _make(self, kind: str, spec: dict[str, Any], sink: ServerChannel) -> BrokerChannel:
        if kind != "fork":
            return await self._broker.open(kind, spec, sink, owner=self._owner)
        parent = self._own({"ch": spec.get("of")})
        if parent is None or parent.inner is None:
            raise Disposed("the runtime has ended")
        return await parent.inner.fork(spec, sink, owner=self._owner)

    def _own(self, params: dict[str, Any]) -> ServerChannel | None:
        number = params.get("ch")
        if type(number) is not int or not 0 < number <= self._last_channel:
            raise ProtocolError("a request about a runtime that is not this client's")
        return self._channels.get(number)

    async def _dispose(self, channel: ServerChannel | None, params: dict[str, Any]) -> None:
        reason = params.get("reason")
        if channel is not None:
            await channel.dispose(hard=params.get("hard") is True, reason=reason if isinstance(reason, str) else None)

    async def _inspect(self, channel: ServerChannel | None) -> dict[str, Any]:
        if channel is None or channel.inner is None:
            return {}
        return await channel.inner.diagnostics()

    async def _coverage(self, channel: ServerChannel | None, params: dict[str, Any]) -> dict[str, Any] | None:
        if channel is None or channel.inner is None:
            raise Disposed("the runtime has ended")
        return await channel.inner.coverage(params)

    async def _settled(self, channel: ServerChannel | None) -> None:
        if channel is not None and channel.inner is not None:
            await channel.inner.settled()


async def _quietly(work: Awaitable[object]) -> None:
    """Clean up for a client that cannot be told any more."""
    try:
        await work
    except IsolateHostError:
        return
