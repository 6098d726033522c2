"""One runtime of one client, in the daemon."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from isolate_host.errors import IsolateHostError, LimitExceeded, ProtocolError
from isolate_host.wire.daemon_protocol import HOST
from isolate_host.wire.encode import encode_value
from isolate_host.wire.frames import Frame

__all__ = ["BrokerChannel", "ServerChannel"]

#: Bytes towards one worker that may wait in the daemon before the client is no longer read.
_BACKLOG_LIMIT = 32 << 20


class BrokerChannel(Protocol):
    """What the broker gives for a runtime: the client's ``Channel``, and a way to hold the worker back."""

    info: dict[str, Any]

    def send(self, frame: Frame) -> None: ...

    async def drain(self) -> None: ...

    async def dispose(self, hard: bool, reason: str | None) -> None: ...

    async def settled(self) -> None: ...

    async def fork(self, data: dict[str, Any], sink: Any, *, owner: str) -> BrokerChannel: ...

    async def coverage(self, params: dict[str, Any]) -> dict[str, Any] | None: ...

    async def diagnostics(self) -> dict[str, Any]: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...


class ServerChannel:
    """Passes frames between a connection and a broker's channel; is the broker's ``Sink``."""

    def __init__(self, number: int, send: Callable[[Frame], None], on_end: Callable[[ServerChannel], None]) -> None:
        self.number = number
        self._send = send
        self._on_end = on_end
        self._inner: BrokerChannel | None = None
        self._backlog = 0
        self._drained: asyncio.Task[None] | None = None
        self.evals: set[int] = set()
        self.ended_already = False

    def attach(self, inner: BrokerChannel) -> None:
        """The broker made the runtime."""
        self._inner = inner

    @property
    def inner(self) -> BrokerChannel | None:
        """The broker's channel; ``None`` while the runtime is being made."""
        return self._inner

    # -- Sink --------------------------------------------------------------------------------------------------------

    def receive(self, frame: Frame) -> None:
        """From the guest, or from the broker about it."""
        header = frame.header
        if header["t"] in ("ok", "err") and header.get("p") == 1:
            self.evals.discard(header.get("id", 0))
        try:
            # A copy with our number last: a guest that writes a `ch` of its own changes nothing.
            self._send(Frame({**header, "ch": self.number}, frame.body, frame.segments))
        except LimitExceeded as error:
            # Only a guest that filled its header to the brim gets here, and no kernel of ours does that.
            raise ProtocolError(error.message) from None

    def ended(self, error: IsolateHostError | None) -> None:
        """The runtime is gone."""
        if self.ended_already:
            return
        self.ended_already = True
        self.evals.clear()
        body, segments = encode_value(error)
        self._send(Frame({"t": "note", "cap": HOST, "op": "ended", "ch": self.number}, body, segments))
        self._on_end(self)

    # -- from the client ---------------------------------------------------------------------------------------------

    def forward(self, frame: Frame) -> asyncio.Task[None] | None:
        """Hand a client's frame to the broker. Returns what to wait for before reading more, when too much waits already.

        Raises ``ProtocolError`` for what no client sends.
        """
        if self._inner is None or self.ended_already:
            return None
        if frame.header["t"] in ("w.eval", "call") and type(frame.header.get("id")) is int:
            self.evals.add(frame.header["id"])
        elif frame.header["t"] == "cancel":
            self.evals.discard(frame.header.get("id", 0))
        try:
            self._inner.send(frame)
        except LimitExceeded as error:
            self._too_large(self._inner, frame, error)
            return None
        self._backlog += len(frame.body) + sum(map(len, frame.segments))
        if self._backlog > _BACKLOG_LIMIT and self._drained is None:
            self._drained = asyncio.get_running_loop().create_task(self._drain(self._inner))
        return self._drained

    def _too_large(self, inner: BrokerChannel, frame: Frame, error: LimitExceeded) -> None:
        """A message beyond what its guest accepts fails by itself: for who asked when it is a request, for the guest when it is a reply."""
        kind = frame.header["t"]
        body, segments = encode_value(error)
        header: dict[str, Any] = {"t": "err", "h": 1, **{key: frame.header[key] for key in ("id", "p") if key in frame.header}}
        if kind in ("w.eval", "call", "ref"):
            self.receive(Frame(header, body, segments))
        elif kind in ("ok", "err"):
            inner.send(Frame(header, body, segments))

    async def _drain(self, inner: BrokerChannel) -> None:
        await inner.drain()
        self._backlog = 0
        self._drained = None

    def flow(self, *, writable: bool) -> None:
        """The client keeps up, or does not: then its guests are held back too."""
        if self._inner is not None and not self.ended_already:
            if writable:
                self._inner.resume()
            else:
                self._inner.pause()

    async def dispose(self, *, hard: bool, reason: str | None) -> None:
        """End the runtime."""
        if self._inner is not None and not self.ended_already:
            await self._inner.dispose(hard, reason)
