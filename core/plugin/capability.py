"""What a plugin gives the core: a capability, one object per runtime that the policy opened it for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from isolate_host.errors import Disposed

if TYPE_CHECKING:
    from isolate_host.errors import PolicyDenied
    from isolate_host.plugin.children import ChildHost
    from isolate_host.plugin.context import HostCallContext
    from isolate_host.plugin.review import CheckTypes, GuestCode

__all__ = ["Capability", "CapabilityRequest", "ClientOps", "Estate", "GuestCall", "GuestPort", "Kept"]

_LOG = logging.getLogger("isolate_host.plugins")


class GuestCall(Protocol):
    """One call from guest code, its arguments still encoded.

    A capability that answers by itself reads :meth:`arguments`; one that only decides (``tools``) passes the call on
    with :meth:`forward`, and the payload is never decoded in the broker.
    """

    @property
    def op(self) -> str:
        """The operation."""

    @property
    def ctx(self) -> HostCallContext:
        """Who calls, and until when."""

    @property
    def size(self) -> int:
        """Bytes of the encoded arguments."""

    def arguments(self) -> list[Any]:
        """The arguments as Python values. Raises ``MarshalError``."""

    def peek(self) -> list[Any]:
        """The arguments by value, for a look before :meth:`forward`: functions, iterators and streams in them are ``None``, and are not taken.

        Raises ``MarshalError`` and ``ProtocolError``.
        """

    async def forward(self) -> Forwarded:
        """Let the client that owns the runtime answer. Raises ``PolicyDenied`` when the client bound nothing."""

    def forward_note(self) -> None:
        """Pass a note on to the client; nothing happens when it bound nothing."""


class Forwarded(Protocol):
    """Marks a reply that the client already encoded; a capability returns it unchanged."""


class GuestPort(Protocol):
    """The way from a capability into its guest."""

    async def call(self, op: str, *args: Any) -> Any:
        """Call what the guest script registered with ``sdk.handle(op, …)``."""

    def note(self, op: str, *args: Any) -> None:
        """The same, without a reply and without waiting."""

    def tell_client(self, op: str, *args: Any) -> None:
        """A note to the client that owns the runtime, as if the guest had sent it; nothing happens when it bound nothing of this capability."""

    def kill(self, error: Exception) -> None:
        """End the runtime at once: pending work fails with ``error``, and nothing that the guest still answers counts."""


class Kept(Protocol):
    """What a capability may leave in an :class:`Estate`."""

    async def aclose(self) -> None:
        """Its isolate is gone: give back everything."""


class Estate:
    """What belongs to an isolate and not to its present owner: it is still there for the next owner of a session.

    All of it is closed when the isolate is gone; for a runtime that is no session, when the runtime ends.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._closed = False

    def get(self, name: str) -> Kept | None:
        """What was left under ``name``."""
        return self._kept.get(name)

    def keep(self, name: str, thing: Kept) -> None:
        """Leave ``thing`` under ``name``."""
        if self._closed:
            raise Disposed("the isolate is gone")
        self._kept[name] = thing

    async def aclose(self) -> None:
        """Close everything. One that fails does not keep the others."""
        self._closed = True
        kept, self._kept = self._kept, {}
        for name, thing in kept.items():
            try:
                await thing.aclose()
            except Exception:  # noqa: BLE001
                # Third-party clean-up must not stop the rest of it.
                _LOG.exception("closing what %s left failed", name)


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
    #: ``audit``: a refused operation passes and is only recorded; see :meth:`deny`.
    mode: Literal["enforce", "audit"] = "enforce"
    #: Limits of the runtime, as in ``LimitsConfig``.
    limits: Mapping[str, Any] = field(default_factory=dict)
    #: Told of each denial, in both modes. Set by the core, which writes it to the audit record.
    on_denied: Callable[[PolicyDenied], None] | None = None
    #: Where the policy came from, for messages: ``host.yaml:12 sandboxes.agent.policies.fetch``.
    origin: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    #: The capabilities of this runtime, by name. It fills while they are opened: look when a guest calls, not when you are created.
    peers: Mapping[str, Capability] = field(default_factory=dict)
    #: Belongs to the plugin and lives as long as the host: what all its capabilities may share, such as a cache, or a count over several
    #: runtimes. Never put a runtime's own data here. A value that has ``aclose()`` is closed with the host.
    shared: dict[str, Any] = field(default_factory=dict)
    #: In a runtime that guest code of another one created: that one's capability of the same name, if it has it.
    parent: Capability | None = None
    #: Creates runtimes on behalf of this guest. ``None`` where there is no broker (tests of a host side alone).
    children: ChildHost | None = None
    #: Checks the types of code of this guest; ``None`` outside of a host.
    check_types: CheckTypes | None = None
    #: Belongs to the isolate: what the next owner of a session is to find.
    estate: Estate = field(default_factory=Estate)

    def deny(self, error: PolicyDenied) -> None:
        """Refuse an operation: record ``error`` and raise it, or in mode ``audit`` only record it.

        Capabilities refuse through this method, so that every policy can be tried out before it is enforced.
        """
        if self.on_denied is not None:
            self.on_denied(error)
        if self.mode == "enforce":
            raise error

    @property
    def key(self) -> str:
        """The policy key of this capability, for hints: ``sandboxes.agent.policies.fetch``."""
        return f"sandboxes.{self.sandbox}.policies.{self.name}" if self.sandbox else f"policies.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOps:
    """What the client that owns a runtime may call in its guest: handlers of the guest script (``sdk.handle``).

    The guest's own host calls during such a call carry its request id and metadata (:class:`HostCallContext`).
    """

    calls: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()
    #: Ceiling of the time for one call; ``None`` = what the client asks for.
    timeout_s: float | None = None
    #: Calls under way at the same time.
    in_flight: int = 1000
    #: The policy key, for hints.
    key: str = ""


class Capability:
    """Host side of one capability in one runtime.

    ``guest_options`` is handed to the guest script's ``install(sdk, options)``. Override :meth:`call` (values) or, to
    look at a call before it is decoded, :meth:`handle`.
    """

    guest_options: Mapping[str, Any] = {}
    #: What the client may call in the guest; by default nothing.
    client: ClientOps = ClientOps()
    #: Plain data for the client that answers the calls itself, such as the policy that it has to keep. Never a secret.
    client_options: Mapping[str, Any] = {}
    #: Whether :meth:`review` wants to see code before it runs. Each evaluation waits for it then.
    reviews: bool = False

    async def review(self, code: GuestCode) -> None:
        """Look at code that the guest is about to run, on the host side. Raise to refuse it (``PolicyDenied``)."""

    def passes(self, call: GuestCall) -> bool:
        """Whether ``call`` goes straight to the client that owns the runtime, its payload unread and no task of ours waiting.

        For capabilities that only decide. Raise to refuse (``PolicyDenied``). ``False`` = :meth:`handle` answers.
        """
        return False

    async def handle(self, call: GuestCall) -> Any:
        """Answer ``call``; the value returned (or :class:`Forwarded`) is the guest's result, an exception its rejection."""
        return await self.call(call.op, call.arguments(), call.ctx)

    async def call(self, op: str, args: Sequence[Any], ctx: HostCallContext) -> Any:
        """Answer one call with Python values."""
        raise LookupError(f"unknown operation {op!r}")

    def note(self, call: GuestCall) -> None:
        """Take a message that wants no reply. Must not block and must not raise."""

    def lend(self, request: CapabilityRequest) -> Capability | None:
        """What a child runtime gets when guest code passes this capability on; ``request`` is the child's, with this one's policy and binding.

        It must allow nothing that this one refuses. What it forwards to the client arrives as a call of the parent's own guest.
        ``None``, the default = it cannot be passed on.
        """
        return None

    def diagnostics(self) -> Mapping[str, Any]:
        """What ``await runtime.diagnostics()`` shows under the capability's name. Plain data."""
        return {}

    async def aclose(self) -> None:
        """Give back what the capability holds. Called once, when the runtime has ended."""
