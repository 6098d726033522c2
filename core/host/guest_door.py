"""What a capability gets to reach its guest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from isolate_host.errors import IsolateHostError
from isolate_host.host.calls import ClientDoor
from isolate_host.wire.encode import encode_value
from isolate_host.wire.endpoint import Endpoint

__all__ = ["GuestDoor"]


@dataclass(slots=True)
class GuestDoor:
    """Implements ``isolate_host.plugin.GuestPort`` for one capability of one runtime."""

    endpoint: Endpoint
    capability: str
    end: Callable[[IsolateHostError], None]
    client: ClientDoor

    async def call(self, op: str, *args: Any) -> Any:
        """Ask the guest script."""
        return await self.endpoint.call(self.capability, op, *args)

    def note(self, op: str, *args: Any) -> None:
        """Tell it, and wait for nothing."""
        self.endpoint.note(self.capability, op, *args)

    def tell_client(self, op: str, *args: Any) -> None:
        """Tell who owns the runtime."""
        body, segments = encode_value(list(args))
        self.client.note(self.capability, op, body, segments)

    def kill(self, error: Exception) -> None:
        """End the runtime."""
        self.end(error if isinstance(error, IsolateHostError) else IsolateHostError(str(error)))
