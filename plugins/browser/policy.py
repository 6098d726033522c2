"""The policy of one runtime, as it is on the side that has the Playwright objects: in the broker, or in the client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self

from isolate_host.errors import PolicyDenied
from isolate_host.plugin import CapabilityRequest
from isolate_host.plugins.browser.limits import BrowserLimits
from isolate_host.plugins.fetch.policy import EgressPolicy

__all__ = ["BrowserPolicy"]

#: Concern the process that the broker starts, and nobody else.
_BROKER_ONLY: Final = frozenset({"launch", "profiles", "capture_console"})


@dataclass(frozen=True)
class BrowserPolicy:
    """``options`` is the policy block, checked against the schema. ``None`` = no sandbox confines the runtime, and what is bound is granted."""

    options: Mapping[str, Any] | None
    key: str = "policies.browser"
    origin: str = ""
    mode: Literal["enforce", "audit"] = "enforce"
    limits: BrowserLimits = field(default_factory=BrowserLimits)

    @classmethod
    def from_request(cls, request: CapabilityRequest) -> Self:
        """What the broker knows."""
        if not request.configured:
            return cls(None)
        options = dict(request.policy)
        if "ca_file" in options:
            options["ca_file"] = str((request.base_dir / options["ca_file"]).resolve())
        return cls(options, request.key, request.origin, request.mode, BrowserLimits.read(options))

    def to_wire(self) -> dict[str, Any] | None:
        """For a client that has the Playwright objects. There is no secret in it."""
        if self.options is None:
            return None
        options = {name: _plain(value) for name, value in self.options.items() if name not in _BROKER_ONLY}
        return {"policy": options, "key": self.key, "origin": self.origin, "mode": self.mode}

    @classmethod
    def from_wire(cls, data: Mapping[str, Any] | None) -> Self:
        """The other end of :meth:`to_wire`."""
        if data is None:
            return cls(None)
        options = data["policy"]
        return cls(options, data["key"], data["origin"], data["mode"], BrowserLimits.read(options))

    @property
    def guarded(self) -> bool:
        """Whether pages reach the network through our proxy only."""
        return self.options is not None

    @property
    def trusts_contexts(self) -> bool:
        """Whether contexts that the embedder makes may go to the network by themselves."""
        return self.options is None or self.options.get("bound_network") == "own"

    def egress(self) -> EgressPolicy:
        """Where pages may go."""
        return EgressPolicy(self.options or {}, key=self.key, capability="browser", origin=self.origin)

    def transport_options(self) -> dict[str, Any]:
        """What the transport of ``fetch`` reads: the same keys, with other defaults where a page is no program."""
        known = ("max_response_bytes", "max_request_bytes", "requests_per_second", "concurrent", "ca_file")
        given = {name: value for name, value in (self.options or {}).items() if name in known}
        # Pages wait as long as they like, for events and long polls; what bounds that is the time of the runtime.
        return {"concurrent": 256, "timeout_s": None, "idle_timeout_s": None, "max_message_bytes": self.limits.max_message_bytes, **given}

    @property
    def base_dir(self) -> Path:
        """Paths of the policy are absolute by now."""
        return Path("/")

    def denied(self, message: str, value: str, rule: str, hint: str, *, op: str = "") -> PolicyDenied:
        """An error that names the key."""
        hint = f"{hint} ({self.origin})" if self.origin else hint
        return PolicyDenied(message, capability="browser", value=value, rule=rule, op=op, hint=hint)


def _plain(value: Any) -> Any:
    """A frozen value of the configuration as JSON has it."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
