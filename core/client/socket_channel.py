"""A runtime at a daemon, as the client sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from isolate_host.client.link import Sink
from isolate_host.errors import IsolateHostError, NotConnected
from isolate_host.wire.frames import Frame

__all__ = ["SocketChannel"]


class SocketChannel:
    """Implements :class:`~isolate_host.client.link.Channel`: every frame carries the channel's number."""

    def __init__(
        self,
        number: int,
        send: Callable[[Frame], None],
        drain: Callable[[], Awaitable[None]],
        request: Callable[[str, dict[str, Any]], Awaitable[Any]],
        open_another: Callable[[str, dict[str, Any], Sink], Awaitable[SocketChannel]],
        sink: Sink,
    ) -> None:
        self.number = number
        self.sink = sink
        self.info: dict[str, Any] = {}
        self._send = send
        self._drain = drain
        self._request = request
        self._open_another = open_another
        self._ended = False

    def send(self, frame: Frame) -> None:
        """Towards the guest."""
        if not self._ended:
            self._send(Frame({**frame.header, "ch": self.number}, frame.body, frame.segments))

    async def drain(self) -> None:
        """Wait while the connection is full."""
        await self._drain()

    async def dispose(self, hard: bool, reason: str | None) -> None:
        """End the runtime. When the daemon is gone, so is the runtime."""
        if self._ended:
            return
        try:
            await self._request("dispose", {"ch": self.number, "hard": hard, "reason": reason})
        except NotConnected:
            return
        self.end(None)

    async def settled(self) -> None:
        """Wait until the guest has nothing left to do."""
        await self._request("settled", {"ch": self.number})

    async def fork(self, spec: dict[str, Any], sink: Sink) -> SocketChannel:
        """A branch of it, at the same daemon."""
        return await self._open_another("fork", {**spec, "of": self.number}, sink)

    async def coverage(self, params: dict[str, Any]) -> Any:
        """Count what guest code runs, or report on it."""
        return await self._request("coverage", {**params, "ch": self.number})

    async def diagnostics(self) -> dict[str, Any]:
        """What the daemon knows about it."""
        told = await self._request("inspect", {"ch": self.number})
        return dict(told) if isinstance(told, dict) else {}

    def end(self, error: IsolateHostError | None) -> None:
        """The runtime is gone."""
        if not self._ended:
            self._ended = True
            self.sink.ended(error)
