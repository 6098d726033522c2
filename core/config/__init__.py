"""YAML to frozen dataclasses, with every finding at once."""

from isolate_host.config.defaults import default_config
from isolate_host.config.isolation import IsolationConfig
from isolate_host.config.limits import LimitsConfig
from isolate_host.config.model import (
    Address,
    AppServerConfig,
    AuditConfig,
    DaemonConfig,
    HostConfig,
    HttpConfig,
    PolicyConfig,
    SandboxConfig,
    TcpConfig,
)
from isolate_host.config.secret import Secret

__all__ = [
    "Address",
    "AppServerConfig",
    "AuditConfig",
    "DaemonConfig",
    "HostConfig",
    "HttpConfig",
    "IsolationConfig",
    "LimitsConfig",
    "PolicyConfig",
    "SandboxConfig",
    "Secret",
    "TcpConfig",
    "default_config",
]
