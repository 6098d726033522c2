"""Valid data to frozen dataclasses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from isolate_host.config.apps import AppServerConfig, build_app_server
from isolate_host.config.formats import parse_address
from isolate_host.config.isolation import CanaryConfig, IsolationConfig, OnMissing, ZygoteConfig, layer_defaults
from isolate_host.config.limits import LimitsConfig
from isolate_host.config.model import (
    AuditConfig,
    DaemonConfig,
    HostConfig,
    HttpConfig,
    PolicyConfig,
    SandboxConfig,
    TcpConfig,
)
from isolate_host.config.nodes import MapNode, locate
from isolate_host.config.schema import MODE_KEY
from isolate_host.config.sessions import SessionsConfig

__all__ = ["Builder"]

#: A sandbox that says nothing of time gets this much; the embedding program, which bounds its own calls, gets no bound.
_SANDBOX_DEFAULTS = LimitsConfig(timeout_s=30.0)


class Builder:
    """Turns the converted data of ``root`` into a :class:`HostConfig`."""

    def __init__(self, root: MapNode, data: Mapping[str, Any], plugins: Sequence[str]) -> None:
        self._root = root
        self._data = data
        self._plugins = tuple(plugins)

    def build(self) -> HostConfig:
        """The whole configuration."""
        data = self._data
        limits = replace(_SANDBOX_DEFAULTS, **data.get("limits", {}))
        sandboxes = {name: self._sandbox(name, block, limits) for name, block in data.get("sandboxes", {}).items()}
        servers = {name: self._server(name, block) for name, block in data.get("app_servers", {}).items()}
        return HostConfig(
            plugins=self._plugins,
            isolation=_isolation(data.get("isolation", {})),
            limits=limits,
            **{key: data[key] for key in ("max_runtimes",) if key in data},
            sessions=SessionsConfig(**data.get("sessions", {})),
            audit=self._audit(data.get("audit", {})),
            daemon=self._daemon(data.get("daemon", {})),
            sandboxes=MappingProxyType(sandboxes),
            app_servers=MappingProxyType(servers),
            base_dir=self._root.mark.file.resolve().parent,
            configured=True,
        )

    def base_dir(self, *path: str) -> Path:
        """The folder of the file in which ``path`` stands."""
        return locate(self._root, path).file.resolve().parent

    def origin(self, *path: str) -> str:
        """``host.yaml:12 sandboxes.agent``."""
        mark = locate(self._root, path)
        return f"{mark.file}:{mark.line} {'.'.join(path)}"

    def policy(self, sandbox: str, name: str, block: Mapping[str, Any] | bool) -> PolicyConfig:
        """One policy block; the core's own key is taken out of it."""
        path = ("sandboxes", sandbox, "policies", name)
        policy = {} if isinstance(block, bool) else dict(block)
        return PolicyConfig(
            capability=name,
            mode=policy.pop(MODE_KEY, "enforce"),
            policy=MappingProxyType(policy),
            origin=self.origin(*path),
            base_dir=self.base_dir(*path),
        )

    def _sandbox(self, name: str, block: Mapping[str, Any], limits: LimitsConfig) -> SandboxConfig:
        policies = {key: self.policy(name, key, value) for key, value in block.get("policies", {}).items() if value is not False}
        return SandboxConfig(
            name=name,
            description=block.get("description", ""),
            limits=replace(limits, **block.get("limits", {})),
            policies=MappingProxyType(policies),
            **{key: block[key] for key in ("sessions",) if key in block},
            origin=self.origin("sandboxes", name),
        )

    def _server(self, name: str, block: Mapping[str, Any]) -> AppServerConfig:
        place = ("app_servers", name)
        return build_app_server(name, block, lambda *keys: self.base_dir(*place, *keys), self.origin(*place))

    def _audit(self, block: Mapping[str, Any]) -> AuditConfig:
        values = dict(block)
        if "file" in values:
            values["file"] = self.base_dir("audit", "file") / values["file"]
        return AuditConfig(**values)

    def _daemon(self, block: Mapping[str, Any]) -> DaemonConfig:
        values = dict(block)
        if "socket" in values:
            values["socket"] = self.base_dir("daemon", "socket") / values["socket"]
        if "http" in values:
            values["http"] = HttpConfig(listen=parse_address(values["http"]["listen"]))
        if "tcp" in values:
            values["tcp"] = self._tcp(values["tcp"])
        return DaemonConfig(**values)

    def _tcp(self, block: Mapping[str, Any]) -> TcpConfig:
        return TcpConfig(
            listen=parse_address(block["listen"]),
            certificate=self.base_dir("daemon", "tcp", "certificate") / block["certificate"],
            key=self.base_dir("daemon", "tcp", "key") / block["key"],
            token=block["token"],
        )


def _isolation(block: Mapping[str, Any]) -> IsolationConfig:
    values = dict(block)
    layers: dict[str, OnMissing] = dict(layer_defaults(values.get("mode", "strict")))
    missing = dict(values.pop("on_missing", {}))
    namespaces = missing.pop("namespaces", {})
    layers.update(missing)
    layers.update({f"namespaces.{name}": action for name, action in namespaces.items()})
    values["on_missing"] = MappingProxyType(layers)
    for name, kind in (("zygote", ZygoteConfig), ("canary", CanaryConfig)):
        if name in values:
            values[name] = kind(**values[name])
    return IsolationConfig(**values)
