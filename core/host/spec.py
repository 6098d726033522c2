"""What a client asks for when it creates a runtime, checked: a client of the daemon is as hostile as a guest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from isolate_host.config.limits import LimitsConfig
from isolate_host.config.model import HostConfig, SandboxConfig
from isolate_host.errors import ConfigError, PolicyDenied, ProtocolError

if TYPE_CHECKING:
    from isolate_host.host.lineage import Lineage

__all__ = ["RuntimeSpec", "find_sandbox", "read_bindings", "read_child_spec", "read_key", "read_spec"]

_LIMIT_NAMES = frozenset(LimitsConfig.__dataclass_fields__)
_DEFAULT_SANDBOX = "default"
_LONGEST_KEY = 512
_NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class RuntimeSpec:
    """One runtime to create."""

    sandbox: SandboxConfig | None
    limits: LimitsConfig
    cwd: str
    bindings: Mapping[str, Mapping[str, Any]]
    #: Capabilities that come with the kind of runtime, whether a policy names them or not.
    inherent: frozenset[str] = frozenset()
    #: The app server that the runtime is a replica of.
    server: str | None = None
    #: Its program, when the client has the text: guest path and source.
    entry: tuple[str, str] | None = None
    #: The session that the runtime belongs to.
    key: str | None = None
    #: Capabilities that its owner does without, whatever the policy grants.
    withheld: frozenset[str] = frozenset()
    #: Where it comes from, when guest code of another runtime created it.
    lineage: Lineage | None = None

    @property
    def sandbox_name(self) -> str | None:
        """For records and messages."""
        return self.sandbox.name if self.sandbox else None


def read_spec(data: Mapping[str, Any], config: HostConfig, kind: str = "runtime") -> RuntimeSpec:
    """Check a spec against types and configuration.

    Raises ``ProtocolError`` for what no client of ours sends, ``ConfigError`` for an unknown sandbox, ``PolicyDenied``
    for a limit beyond the sandbox's.
    """
    sandbox = find_sandbox(data.get("sandbox"), config)
    asked = _asked_limits(data)
    return _read(data, sandbox, replace(config.limits, **asked) if sandbox is None else _sandbox_limits(asked, sandbox), kind)


def read_child_spec(data: Mapping[str, Any], parent: RuntimeSpec, lineage: Lineage, kind: str) -> RuntimeSpec:
    """The same for a runtime that guest code of ``parent`` creates: its sandbox, and none of its limits exceeded."""
    asked = _asked_limits(data)
    wider = parent.limits.wider(asked)
    if wider:
        name = wider[0]
        allowed = getattr(parent.limits, name)
        raise PolicyDenied(
            f"limit {name}={asked[name]} is more than the {allowed} of the runtime that asks",
            capability="limits", value=f"{name}={asked[name]}", rule=f"{name} of the parent runtime", hint="ask for less",
        )
    return replace(_read(data, parent.sandbox, parent.limits.narrowed(asked), kind), lineage=lineage)


def _read(data: Mapping[str, Any], sandbox: SandboxConfig | None, limits: LimitsConfig, kind: str) -> RuntimeSpec:
    cwd = data.get("cwd", "/")
    if not isinstance(cwd, str) or not cwd.startswith("/") or "\0" in cwd:
        raise ProtocolError("cwd must be an absolute path")
    bindings = read_bindings(data.get("bindings"))
    nested = data.get("nested")
    if nested is not None and not isinstance(nested, (bool, dict)):
        raise ProtocolError("nested must be an object, true or false")
    if isinstance(nested, dict) or nested is True:
        bindings = {**bindings, "nested": nested if isinstance(nested, dict) else {}}
    withheld = frozenset(("nested",)) if nested is False else frozenset[str]()
    if kind == "runtime":
        return RuntimeSpec(sandbox, limits, cwd, bindings, key=read_key(data.get("key")), withheld=withheld)
    # The key of an app server is its name and makes no session: its isolates begin with its program.
    server = data.get("server")
    if not isinstance(server, str) or not 0 < len(server) <= _NAME_LENGTH:
        raise ProtocolError("server must be a short text")
    # To answer what the client itself sends is no power over anything: a policy only says within which limits.
    entry = data.get("entry")
    if entry is not None and not (isinstance(entry, list) and len(entry) == 2 and all(isinstance(item, str) for item in entry)):
        raise ProtocolError("entry must be a path and a text")
    program = None if entry is None else (entry[0], entry[1])
    return RuntimeSpec(sandbox, limits, cwd, bindings, frozenset(("serve",)), server, program, withheld=withheld)


def read_bindings(bindings: Any) -> dict[str, dict[str, Any]]:
    """What the client answers itself. Raises ``ProtocolError``."""
    if bindings is None:
        return {}
    if not isinstance(bindings, dict) or not all(isinstance(item, dict) for item in bindings.values()):
        raise ProtocolError("bindings must be an object of objects")
    return bindings


def read_key(key: Any) -> str | None:
    """The name of a session. Raises ``ProtocolError``."""
    if key is not None and (not isinstance(key, str) or not 0 < len(key) <= _LONGEST_KEY):
        raise ProtocolError(f"a session's key must be a text of 1 to {_LONGEST_KEY} characters")
    return key


def find_sandbox(name: Any, config: HostConfig) -> SandboxConfig | None:
    """The sandbox called ``name``; without a name the default one, or none where nothing is configured. Raises ``ConfigError``."""
    if name is None and not config.configured:
        return None
    wanted = _DEFAULT_SANDBOX if name is None else name
    found = config.sandboxes.get(wanted) if isinstance(wanted, str) else None
    if found is not None:
        return found
    known = ", ".join(sorted(config.sandboxes)) or "none"
    if name is None:
        raise ConfigError("the configuration has no sandbox 'default': name one", hint=f"sandbox= one of: {known}")
    raise ConfigError(f"unknown sandbox {wanted!r}", hint=f"configured sandboxes: {known}")


def _asked_limits(data: Mapping[str, Any]) -> dict[str, Any]:
    """The limits that somebody asks for. Raises ``ProtocolError``."""
    asked = {} if data.get("limits") is None else data["limits"]
    if not isinstance(asked, dict) or not set(asked) <= _LIMIT_NAMES:
        raise ProtocolError("limits must be an object of known limits")
    for name, value in asked.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e15):
            raise ProtocolError(f"limit {name} must be a positive number or null")
    return asked


def _sandbox_limits(asked: dict[str, Any], sandbox: SandboxConfig) -> LimitsConfig:
    """A sandbox's limits can only be narrowed; without one, the embedding program decides."""
    wider = sandbox.limits.wider(asked)
    if wider:
        name = wider[0]
        allowed = getattr(sandbox.limits, name)
        key = f"sandboxes.{sandbox.name}.limits.{name}"
        raise PolicyDenied(
            f"limit {name}={asked[name]} is more than the {allowed} that sandbox {sandbox.name!r} allows",
            capability="limits", value=f"{name}={asked[name]}", rule=key, hint=f"raise {key}, or ask for less",
        )
    return sandbox.limits.narrowed(asked)
