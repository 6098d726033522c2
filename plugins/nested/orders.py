"""What a guest asks for when it creates a child, checked: everything here was written by hostile code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from isolate_host.client.limits import Limits
from isolate_host.errors import PolicyDenied, ProtocolError
from isolate_host.plugin import CapabilityRequest
from isolate_host.plugins.nested.terms import Terms, check_asked, is_positive

__all__ = ["Order", "read_milliseconds", "read_order"]

_KINDS = ("runtime", "test", "namespaced", "server")
_WHOLE = ("maxTotalResources", "maxRuntimes", "maxAppServers")
#: The names of a nested host's policy in guest code, and what they are called here; times are in milliseconds there.
_NESTED = {
    "fetch": "fetch", "maxTotalResources": "max_total_resources", "maxRuntimes": "max_runtimes", "maxAppServers": "max_app_servers",
    "maxMemoryLimitMB": "max_memory_mb", "maxExecutionTimeoutMs": "max_timeout_s", "maxAppServerLifetimeMs": "max_app_server_lifetime_s",
}


@dataclass(frozen=True, slots=True)
class Order:
    """One child to create."""

    kind: str
    limits: Limits
    cwd: str
    key: str | None
    #: Of an app server: its entry, and the entry's text if the guest gave it.
    entry: str
    source: str | None
    #: What the child's own guest may create: a policy, ``False``, or ``None`` for the same as here.
    nested: Mapping[str, Any] | bool | None
    #: Capabilities of the parent that the child gets.
    lent: tuple[str, ...]
    #: What the parent's code answers, by capability.
    bound: Mapping[str, Any] = field(default_factory=dict)


def read_order(kind: Any, options: Any, bound: Any, lent: Any, terms: Terms, request: CapabilityRequest) -> Order:
    """Raises ``PolicyDenied`` for a limit above the terms, ``TypeError`` and ``ValueError`` for options that make no sense."""
    if kind not in _KINDS or not isinstance(options, Mapping) or not isinstance(bound, Mapping):
        raise ProtocolError("malformed order for a child")
    if not isinstance(lent, list) or not all(isinstance(name, str) for name in lent):
        raise ProtocolError("malformed order for a child")
    key = _text(options, "key")
    if kind == "namespaced" and not key:
        raise ValueError("a namespaced runtime needs a key: a text that is not empty")
    return Order(
        kind, _limits(options, terms, request), _text(options, "cwd") or "/", key, _text(options, "entry") or "/server.ts",
        _text(options, "source"), _nested(options.get("nestedHost")), tuple(dict.fromkeys(lent)), bound,
    )


def _text(options: Mapping[str, Any], name: str) -> str | None:
    value = options.get(name)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} must be a string")
    return value


def _limits(options: Mapping[str, Any], terms: Terms, request: CapabilityRequest) -> Limits:
    """What is left out is as much as is allowed."""
    memory = _number(options, "memoryLimitMB", terms.max_memory_mb, 1, "max_memory_mb", request)
    timeout = _number(options, "executionTimeout", terms.max_timeout_s, 1000, "max_timeout_s", request)
    return Limits(memory_mb=memory, timeout_s=timeout)


def _number(options: Mapping[str, Any], name: str, allowed: float, unit: float, key: str, request: CapabilityRequest) -> float:
    value = options.get(name)
    if value is None:
        return allowed
    if not is_positive(value):
        raise ValueError(f"{name} must be a number above 0; at most {allowed * unit:g} is allowed here")
    if value / unit > allowed:
        where = f"{request.key}.{key}"
        request.deny(
            PolicyDenied(
                f"{name} {value:g} is more than the {allowed * unit:g} that a child may have here",
                capability=request.name, value=f"{name}={value:g}", rule=where, hint=f"ask for less, or raise {where} and the parent's own limit",
            )
        )
    # In mode audit the request passes, and still nobody has more than there is.
    return min(float(value) / unit, allowed)


def read_milliseconds(value: Any, name: str, terms: Terms, request: CapabilityRequest) -> float | None:
    """The time that one evaluation may take, in seconds."""
    return None if value is None else _number({name: value}, name, terms.max_timeout_s, 1000, "max_timeout_s", request)


def _nested(value: Any) -> Mapping[str, Any] | bool | None:
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, Mapping):
        raise TypeError("nestedHost must be a policy or false")
    unknown = sorted(str(name) for name in value if name not in _NESTED)
    if unknown:
        raise TypeError(f"nestedHost has no {unknown[0]!r}; there are {', '.join(_NESTED)}")
    asked: dict[str, Any] = {}
    for name, item in value.items():
        if item is None:
            continue
        if name == "fetch":
            if item not in ("inherit", "disabled"):
                raise ValueError("nestedHost.fetch must be 'inherit' or 'disabled'")
        elif not is_positive(item, whole=name in _WHOLE):
            raise ValueError(f"nestedHost.{name} must be a number above 0")
        asked[_NESTED[name]] = item / 1000 if name.endswith("Ms") else int(item) if name in _WHOLE else item
    return check_asked(asked)
