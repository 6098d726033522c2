"""What a plugin gives the core: a capability, one object per runtime that the policy opened it for."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from isolate_host.plugin.context import HostCallContext

__all__ = ["Capability", "CapabilityRequest", "GuestCall", "GuestPort"]


class GuestCall(Protocol):
    """One call from guest code, its arguments still encoded.

    A capability that answers by itself reads :meth:`arguments`; one that only decides (``tools``) passes the call on
    with :meth:`forward`, and the payload is never decoded in the broker.
    """

    op: str
    ctx: HostCallContext

    def arguments(self) -> list[Any]:
        """The arguments as Python values. Raises ``MarshalError``."""

    async def forward(self) -> Forwarded:
        """Let the client that owns the runtime answer. Raises ``PolicyDenied`` when the client bound nothing."""


class Forwarded(Protocol):
    """Marks a reply that the client already encoded; a capability returns it unchanged."""


class GuestPort(Protocol):
    """The way from a capability into its guest."""

    async def call(self, op: str, *args: Any) -> Any:
        """Call what the guest script registered with ``sdk.handle(op, …)``."""

    def note(self, op: str, *args: Any) -> None:
        """The same, without a reply and without waiting."""

    async def kill(self, error: Exception) -> None:
        """End the runtime; pending work fails with ``error``."""


@dataclass(frozen=True, slots=True)
class CapabilityRequest:
    """What the core knows when it opens a capability for a new runtime."""

    name: str
    #: The policy block, validated against the plugin's schema. Empty when only the caller's binding grants it.
    policy: Mapping[str, Any]
    #: True when a sandbox of the configuration names this capability; then a binding may only narrow it.
    configured: bool
    #: What the client bound, as plain data (``{"tools": {"greet": {"kind": "async"}}}``), or ``None``.
    binding: Mapping[str, Any] | None
    runtime_id: str
    sandbox: str | None
    cwd: str
    #: Relative paths of the policy are relative to this folder (that of the configuration file).
    base_dir: Path
    guest: GuestPort
    #: Where the policy came from, for messages: ``host.yaml:12 sandboxes.agent.policies.fetch``.
    origin: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


class Capability(ABC):
    """Host side of one capability in one runtime.

    ``guest_options`` is handed to the guest script's ``install(sdk, options)``. Override :meth:`call` (values) or, to
    look at a call before it is decoded, :meth:`handle`.
    """

    guest_options: Mapping[str, Any] = {}

    async def handle(self, call: GuestCall) -> Any:
        """Answer ``call``; the value returned (or :class:`Forwarded`) is the guest's result, an exception its rejection."""
        return await self.call(call.op, call.arguments(), call.ctx)

    async def call(self, op: str, args: Sequence[Any], ctx: HostCallContext) -> Any:
        """Answer one call with Python values."""
        raise LookupError(f"unknown operation {op!r}")

    def note(self, call: GuestCall) -> None:
        """Take a message that wants no reply. Must not block and must not raise."""

    async def aclose(self) -> None:
        """Give back what the capability holds. Called once, when the runtime has ended."""
