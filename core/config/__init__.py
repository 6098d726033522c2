"""YAML to frozen dataclasses, with every finding at once."""

from isolate_host.config.defaults import default_config
from isolate_host.config.findings import Finding, Mark
from isolate_host.config.isolation import IsolationConfig
from isolate_host.config.limits import LimitsConfig
from isolate_host.config.load import check_config, load_config
from isolate_host.config.loaded import LoadedConfig
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
from isolate_host.config.where import Where

__all__ = [
    "Address",
    "AppServerConfig",
    "AuditConfig",
    "DaemonConfig",
    "Finding",
    "HostConfig",
    "HttpConfig",
    "IsolationConfig",
    "LimitsConfig",
    "LoadedConfig",
    "Mark",
    "PolicyConfig",
    "SandboxConfig",
    "Secret",
    "TcpConfig",
    "Where",
    "check_config",
    "default_config",
    "load_config",
]
