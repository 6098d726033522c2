"""App servers of a configuration: where they listen, how they are routed, and what they let through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from isolate_host.config.formats import Address, parse_address

__all__ = ["AppLimits", "AppServerConfig", "Listen", "TlsConfig", "build_app_server"]

_MIB = 1024 * 1024
_UNIX = "unix:"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsConfig:
    """Certificate chain and private key, in PEM form."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """One listener: an address or a unix socket, with or without TLS. Apps with an equal one share it."""

    address: Address | None = None
    socket: Path | None = None
    tls: TlsConfig | None = None

    def __str__(self) -> str:
        return f"{_UNIX}{self.socket}" if self.address is None else str(self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppLimits:
    """What one app lets through. Times in seconds, sizes in bytes."""

    header_bytes: int = 32 * 1024
    body_bytes: int = 100 * _MIB
    #: Until the head of a request is there, counted from its first byte.
    header_timeout_s: float = 10.0
    #: A connection without a request; and the silence within a body, both ways.
    idle_timeout_s: float = 60.0
    request_timeout_s: float = 30.0
    connections: int = 10_000
    #: Requests that are answered at the same time; so many more may wait, the rest get 503.
    requests: int = 256
    queue: int = 1024
    message_bytes: int = _MIB
    #: Bytes that may wait for a slow WebSocket client.
    backlog_bytes: int = 16 * _MIB
    ping_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AppServerConfig:
    """An app server that the daemon starts by itself."""

    name: str
    sandbox: str
    entry: Path
    listen: Listen
    replicas: int = 1
    #: Requests for these hosts (``*.example.com`` = every name below one); none = every host.
    hosts: tuple[str, ...] = ()
    #: Requests whose path begins so, segment by segment. The longest prefix wins.
    path: str = "/"
    limits: AppLimits = field(default_factory=AppLimits)
    #: Peers whose ``X-Forwarded-*`` headers are believed.
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    error_page: Path | None = None
    access_log: Path | None = None
    #: How long requests may go on after SIGTERM, and in isolates that a reload replaced.
    drain_s: float = 10.0
    #: Seconds without a request after which the isolates end, until the next one; ``None`` = never.
    idle_s: float | None = None
    origin: str = ""


def build_app_server(name: str, block: Mapping[str, Any], base_dir: Callable[..., Path], origin: str) -> AppServerConfig:
    """Valid data to a configuration. ``base_dir(*keys)`` is the folder of the file in which the key stands."""
    values = dict(block)
    for key in ("entry", "error_page", "access_log"):
        if key in values:
            values[key] = base_dir(key) / values[key]
    hosts = values.pop("host", ())
    values["hosts"] = tuple(host.lower() for host in ([hosts] if isinstance(hosts, str) else hosts))
    values["listen"] = _listen(values["listen"], values.pop("tls", None), base_dir)
    values["trusted_proxies"] = tuple(ip_network(item) for item in values.pop("trusted_proxies", ()))
    if "limits" in values:
        values["limits"] = AppLimits(**values["limits"])
    if "path" in values:
        values["path"] = "/" + values["path"].strip("/")
    return AppServerConfig(name=name, origin=origin, **values)


def _listen(text: str, tls: Mapping[str, Any] | None, base_dir: Callable[..., Path]) -> Listen:
    folder = base_dir("tls")
    files = None if tls is None else TlsConfig(certificate=folder / tls["certificate"], key=folder / tls["key"])
    if text.startswith(_UNIX):
        return Listen(socket=base_dir("listen") / text.removeprefix(_UNIX), tls=files)
    return Listen(address=parse_address(text), tls=files)
