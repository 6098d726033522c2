"""The link of an embedded host: the broker in the caller's own process and event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from isolate_host.host.broker import Broker
from isolate_host.host.runtime import BrokerRuntime

if TYPE_CHECKING:
    from isolate_host.client.link import Sink

__all__ = ["EmbeddedLink"]


class EmbeddedLink:
    """``isolate_host.client.link.Link`` by plain calls. Owns its broker."""

    keeps_sessions = False

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.connected = True

    async def control(self, op: str, params: dict[str, Any]) -> Any:
        """Ask the broker."""
        return await self._broker.control(op, params)

    async def open(self, kind: str, spec: dict[str, Any], sink: Sink, *, start: bool = True) -> BrokerRuntime:
        """Create a runtime."""
        return await self._broker.open(kind, spec, sink)

    async def close(self) -> None:
        """Stop the broker and every process that it started."""
        self.connected = False
        await self._broker.close()
