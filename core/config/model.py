"""What a configuration means, as frozen dataclasses. Every default of the system is written here, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from isolate_host.config.apps import AppServerConfig
from isolate_host.config.formats import Address
from isolate_host.config.isolation import IsolationConfig
from isolate_host.config.limits import LimitsConfig
from isolate_host.config.secret import Secret
from isolate_host.config.sessions import SessionsConfig, SessionSharing

__all__ = [
    "Address",
    "AppServerConfig",
    "AuditConfig",
    "DaemonConfig",
    "HostConfig",
    "HttpConfig",
    "PolicyConfig",
    "SandboxConfig",
    "TcpConfig",
]

_MIB = 1024 * 1024


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyConfig:
    """One policy block: what a sandbox grants of one capability."""

    capability: str
    #: Validated against the plugin's schema, sizes as numbers, secrets as :class:`Secret`; read-only.
    policy: Mapping[str, Any] = field(default_factory=_nothing)
    #: ``audit`` lets a refused operation pass and records that it would have been refused.
    mode: Literal["enforce", "audit"] = "enforce"
    #: Where the block stands: ``host.yaml:12 sandboxes.agent.policies.fetch``.
    origin: str = ""
    #: Relative paths in the block are relative to this folder (that of the file in which it stands).
    base_dir: Path = Path()


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """A named set of limits and policies that a runtime may be created with."""

    name: str
    description: str = ""
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    policies: Mapping[str, PolicyConfig] = field(default_factory=_nothing)
    #: Who may take up a session of this sandbox.
    sessions: SessionSharing = "private"
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditConfig:
    """Where the audit records go; ``file`` ``None`` writes none."""

    file: Path | None = None
    #: The file is rotated when it is larger than this, and ``keep`` old ones stay.
    max_bytes: int = 64 * _MIB
    keep: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpConfig:
    """The daemon's plain HTTP front: health and metrics."""

    listen: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpConfig:
    """Clients over TCP: always TLS, always a token."""

    listen: Address
    certificate: Path
    key: Path
    token: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonConfig:
    """How ``isolate-host serve`` listens and stops."""

    #: ``None``: the default path of the user (``$XDG_RUNTIME_DIR/isolate-host.sock`` or a 0700 folder in the temporary one).
    socket: Path | None = None
    tcp: TcpConfig | None = None
    http: HttpConfig | None = None
    max_clients: int = 256
    #: After SIGTERM: how long running evaluations may go on.
    drain_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HostConfig:
    """Everything a host is told. :func:`isolate_host.config.default_config` gives the one without YAML."""

    plugins: tuple[str, ...] = ()
    isolation: IsolationConfig = field(default_factory=IsolationConfig)
    #: Ceiling of every sandbox, and what a runtime that names no sandbox gets.
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    max_runtimes: int = 1000
    sessions: SessionsConfig = field(default_factory=SessionsConfig)
    audit: AuditConfig = field(default_factory=AuditConfig)
    daemon: DaemonConfig = field(default_factory=DaemonConfig)
    sandboxes: Mapping[str, SandboxConfig] = field(default_factory=_nothing)
    app_servers: Mapping[str, AppServerConfig] = field(default_factory=_nothing)
    #: Folder of the main file; the present one without YAML.
    base_dir: Path = field(default_factory=Path.cwd)
    #: True when a file was read: then a runtime must name a sandbox, or ``default`` is used.
    configured: bool = False
