"""What the guest of one runtime may create. Terms are only ever narrowed: by the caller, and from parent to child."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from isolate_host.errors import PolicyDenied, ProtocolError
from isolate_host.plugin import CapabilityRequest

__all__ = ["Terms", "read_terms"]

_WHOLE = ("max_total_resources", "max_runtimes", "max_app_servers")
_NUMBERS = (*_WHOLE, "max_memory_mb", "max_timeout_s", "max_app_server_lifetime_s")


@dataclass(frozen=True, slots=True)
class Terms:
    """Numbers are ceilings. ``lifetime`` of an app server may be without one."""

    inherit_fetch: bool = False
    max_total_resources: int = 8
    max_runtimes: int = 6
    max_app_servers: int = 2
    max_memory_mb: float = 128
    max_timeout_s: float = 30
    max_app_server_lifetime_s: float | None = None

    def narrowed(self, asked: Mapping[str, Any]) -> Terms:
        """With what ``asked`` has less of; nothing grows."""
        values: dict[str, Any] = {"inherit_fetch": self.inherit_fetch and asked.get("fetch", "inherit") == "inherit"}
        for name in _NUMBERS:
            here, wanted = getattr(self, name), asked.get(name)
            values[name] = here if wanted is None or (here is not None and wanted > here) else wanted
        return replace(self, **values)

    def wider(self, asked: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
        """The first of ``asked`` that is more than these terms have: its name, and both values."""
        if asked.get("fetch") == "inherit" and not self.inherit_fetch:
            return "fetch", "inherit", "disabled"
        for name in _NUMBERS:
            here, wanted = getattr(self, name), asked.get(name)
            if wanted is not None and here is not None and wanted > here:
                return name, wanted, here
        return None


def _of_policy(policy: Mapping[str, Any]) -> Terms:
    values = {name: policy[name] for name in _NUMBERS if policy.get(name) is not None}
    return Terms(policy.get("fetch") == "inherit", **values)


def read_terms(request: CapabilityRequest, parent: Terms | None) -> Terms:
    """The terms of a runtime. ``parent`` are those of the runtime that created it, if one did.

    Raises ``PolicyDenied`` for a caller that wants ``fetch: inherit`` where the policy has it disabled, and for a guest that wants more for its
    child than it has; ``ProtocolError`` for what no client of ours sends.
    """
    asked = check_asked(request.binding or {})
    if parent is None and not request.configured:
        # Nobody but the embedding program speaks, and it may set what it likes.
        return _clamped(_of_policy(asked), request.limits)
    own = _of_policy(request.policy) if parent is None else parent
    more = own.wider(asked)
    if more is not None and (parent is not None or more[0] == "fetch"):
        name, wanted, here = more
        key = f"{request.key}.{name}"
        raise PolicyDenied(
            f"nested {name}={wanted} is more than the {here} that is allowed here",
            capability=request.name, value=f"{name}={wanted}", rule=key, hint=f"raise {key}, or ask for less",
        )
    return _clamped(own.narrowed(asked), request.limits)


def _clamped(terms: Terms, limits: Mapping[str, Any]) -> Terms:
    """No child exceeds what this runtime has itself."""
    return terms.narrowed({"max_memory_mb": limits.get("memory_mb"), "max_timeout_s": limits.get("timeout_s")})


def check_asked(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises ``ProtocolError`` unless ``asked`` has known keys and sound values."""
    for name, value in asked.items():
        if name == "fetch":
            sound = value in ("disabled", "inherit")
        elif name in _NUMBERS:
            sound = is_positive(value, whole=name in _WHOLE) or (value is None and name not in _WHOLE)
        else:
            sound = name == "if_granted"
        if not sound:
            raise ProtocolError(f"nested: {name!r} is unknown, or has a value that makes no sense")
    return asked


def is_positive(value: Any, *, whole: bool = False) -> bool:
    """Whether ``value`` is a finite number above zero."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return False
    return value > 0 and (not whole or value == int(value))
