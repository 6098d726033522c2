"""Rules between keys, which a schema cannot say: a narrower scope only narrows, and names refer to something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from isolate_host.config.findings import Finding, path_text
from isolate_host.config.formats import parse_size
from isolate_host.config.hints import did_you_mean
from isolate_host.config.limits import LimitsConfig
from isolate_host.config.nodes import MapNode, ScalarNode, locate, node_at

__all__ = ["check_rules"]

_NO_LIMITS = {"memory_mb": None, "output_bytes": None, "ops_in_flight": None, "frame_bytes": None, "leases": None, "grace_s": None}


def check_rules(root: MapNode, data: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings of the core's own rules over valid data."""
    yield from _check_limits(root, data)
    yield from _check_servers(root, data)


def _check_limits(root: MapNode, data: Mapping[str, Any]) -> Iterator[Finding]:
    """Only what the file says at the top binds the sandboxes; the built-in defaults do not."""
    ceiling = LimitsConfig(**{**_NO_LIMITS, **_in_bytes(data.get("limits", {}))})
    for name, sandbox in data.get("sandboxes", {}).items():
        limits = _in_bytes(sandbox.get("limits", {}))
        for key in ceiling.wider(limits):
            path = ("sandboxes", name, "limits", key)
            top, written = locate(root, ("limits", key)), node_at(root, ("limits", key))
            allowed = written.text if isinstance(written, ScalarNode) else ""
            yield Finding(
                code="limits-widened",
                message=f"{path_text(path)}: more than limits.{key} allows ({allowed}, {top.file}:{top.line})",
                mark=locate(root, path),
                hint="a sandbox can only lower the limits of the host",
                path=path,
            )


def _check_servers(root: MapNode, data: Mapping[str, Any]) -> Iterator[Finding]:
    for name, server in data.get("app_servers", {}).items():
        path = ("app_servers", name)
        sandboxes = data.get("sandboxes", {})
        if server["sandbox"] not in sandboxes:
            path_sandbox = (*path, "sandbox")
            yield Finding(
                code="sandbox-unknown",
                message=f"{path_text(path_sandbox)}: there is no such sandbox{did_you_mean(server['sandbox'], sandboxes)}",
                mark=locate(root, path_sandbox),
                path=path_sandbox,
            )


    yield from _check_conflicts(root, data.get("app_servers", {}))


def _check_conflicts(root: MapNode, servers: Mapping[str, Any]) -> Iterator[Finding]:
    """Each request must have one app; each listener one certificate."""
    taken: dict[tuple[str, str, str], str] = {}
    certificates: dict[str, tuple[str, object]] = {}
    for name, server in servers.items():
        listen, tls = server["listen"], server.get("tls")
        first, other = certificates.setdefault(listen, (name, tls))
        if other != tls:
            yield _conflict(root, name, "tls", f"{listen} has another certificate in app_servers.{first}")
        host = server.get("host", "*")
        path = "/" + server.get("path", "/").strip("/")
        for item in [host] if isinstance(host, str) else host:
            owner = taken.setdefault((listen, item.lower(), path), name)
            if owner != name:
                yield _conflict(root, name, "listen", f"app_servers.{owner} has the same address, host and path")


def _conflict(root: MapNode, name: str, key: str, text: str) -> Finding:
    path = ("app_servers", name, key)
    return Finding(code="app-server-conflict", message=f"{path_text(path)}: {text}", mark=locate(root, path), path=path)


def _in_bytes(limits: Mapping[str, Any]) -> dict[str, Any]:
    return {key: parse_size(value) if isinstance(value, str) else value for key, value in limits.items()}
