"""The link of one child: as a client has one to a broker, the plugin has one for each runtime that a guest creates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from isolate_host.client.session import Session
from isolate_host.errors import IsolateHostError, ProtocolError
from isolate_host.plugin import ChildHost
from isolate_host.plugin.context import HostCallContext
from isolate_host.plugins.nested.ledger import Ledger

if TYPE_CHECKING:
    from isolate_host.client.link import Channel, Sink
    from isolate_host.wire.frames import Frame

__all__ = ["ChildLink"]

#: ``(capability, op, arguments, context)``: what a lent capability passes on.
Relay = Callable[[str, str, Sequence[Any], HostCallContext], Any]


class ChildLink:
    """Implements ``isolate_host.client.link.Link``. ``on_end`` hears of the end of each isolate."""

    keeps_sessions = False
    connected = True

    def __init__(
        self, children: ChildHost, ledger: Ledger, nested: Mapping[str, Any] | bool | None, lent: Sequence[str], relay: Relay,
        on_end: Callable[[IsolateHostError | None], None],
    ) -> None:
        self._children, self._ledger, self._nested, self._lent = children, ledger, nested, lent
        self._relay, self._on_end = relay, on_end

    async def open(self, kind: str, spec: dict[str, Any], sink: Sink, *, start: bool = True) -> Channel:
        """Create the child. Raises what refused it. There is no daemon to ``start``."""
        if not isinstance(sink, Session):
            raise TypeError("a child is owned by a Session")
        for name in self._lent:
            sink.on_call[name] = partial(self._relay, name)
        server = spec.get("server")
        channel: Channel = await self._children.open(
            kind, {**spec, "nested": self._nested}, _Watched(sink, self._on_end), lent=self._lent,
            admit=lambda: self._ledger.take(kind, server),
        )
        return channel

    async def control(self, op: str, params: dict[str, Any]) -> Any:
        """A child's owner asks nothing about the broker."""
        raise ProtocolError(f"a child cannot ask for {op[:40]!r}")

    async def close(self) -> None:
        """The child ends with its handle; there is nothing else."""


class _Watched:
    """Passes everything on, and reports the end."""

    def __init__(self, sink: Sink, on_end: Callable[[IsolateHostError | None], None]) -> None:
        self._sink, self._on_end = sink, on_end

    def receive(self, frame: Frame) -> None:
        self._sink.receive(frame)

    def ended(self, error: IsolateHostError | None) -> None:
        self._sink.ended(error)
        self._on_end(error)
