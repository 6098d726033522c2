"""One listener: its address, its connections and their clock, and which app gets a request."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

from isolate_host.config.apps import AppLimits, Listen, TlsConfig
from isolate_host.daemon.apps.app import App
from isolate_host.daemon.apps.connection import HttpConnection
from isolate_host.daemon.apps.exchange import Exchange
from isolate_host.daemon.apps.heads import HeadWriter
from isolate_host.daemon.troubles import cannot_listen, load_certificate
from isolate_host.errors import ConfigError

__all__ = ["Listener"]

#: How often deadlines of connections are looked at, while there are any (seconds).
_TICK_S = 0.5
_BACKLOG = 1024


class Listener:
    """``isolate_host.daemon.apps.connection.Owner``: limits of a connection are the most generous of its apps, until the request is known."""

    def __init__(self, listen: Listen, heads: HeadWriter) -> None:
        self.listen, self.heads = listen, heads
        self.secure = listen.tls is not None
        self.draining = False
        self.limits = AppLimits()
        self.trusted: tuple[IPv4Network | IPv6Network, ...] = ()
        self.connections: set[HttpConnection] = set()
        self._apps: list[App] = []
        self._server: asyncio.Server | None = None
        self._tls: ssl.SSLContext | None = None
        self._clock: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    # ------------------------------------------------------------------ set-up
    async def open(self) -> None:
        """Listen. Raises ``ConfigError``."""
        self._tls = None if self.listen.tls is None else load_tls(self.listen.tls)
        try:
            if self.listen.socket is not None:
                self._server = await self._loop.create_unix_server(
                    lambda: HttpConnection(self), sock=_bind_unix(self.listen.socket), ssl=self._tls, backlog=_BACKLOG
                )
            elif self.listen.address is not None:
                address = self.listen.address
                self._server = await self._loop.create_server(
                    lambda: HttpConnection(self), address.host, address.port, ssl=self._tls, backlog=_BACKLOG
                )
        except OSError as error:
            raise cannot_listen(self.listen, error) from None

    def use(self, apps: list[App]) -> None:
        """Route to ``apps`` from now on."""
        self._apps = sorted(apps, key=_specificity, reverse=True)
        configs = [app.config for app in apps]
        self.limits = AppLimits(**{name: max(getattr(item.limits, name) for item in configs) for name in AppLimits.__dataclass_fields__})
        # A proxy must be trusted by every app here: the head is read before it is known whose request it is.
        common = set.intersection(*(set(item.trusted_proxies) for item in configs))
        self.trusted = tuple(common)

    def renew_tls(self) -> None:
        """Read the certificate again; connections that stand keep theirs. Raises ``ConfigError``."""
        if self.listen.tls is not None and self._tls is not None:
            load_tls(self.listen.tls)
            load_certificate(self._tls, self.listen.tls.certificate, self.listen.tls.key)

    @property
    def addresses(self) -> list[str]:
        """Where it really listens (port 0 = any)."""
        if self.listen.socket is not None or self._server is None:
            return [str(self.listen)]
        return [_text(sock.getsockname()) for sock in self._server.sockets]

    # ------------------------------------------------------------------ Owner
    def opened(self, connection: HttpConnection) -> bool:
        """False when there are too many connections."""
        if len(self.connections) >= self.limits.connections:
            return False
        self.connections.add(connection)
        if self._clock is None:
            self._clock = self._loop.call_later(_TICK_S, self._tick)
        return True

    def closed(self, connection: HttpConnection) -> None:
        """A connection is gone."""
        self.connections.discard(connection)

    def start(self, exchange: Exchange) -> None:
        """Give a request to its app."""
        request = exchange.request
        if request is None:
            return
        host, path = request.host.rpartition(":")[0] if _has_port(request.host) else request.host, request.path
        for app in self._apps:
            if _fits(app, host.lower(), path):
                if request.length is not None and request.length > app.config.limits.body_bytes:
                    exchange.fail(413, "the body of the request is too large")
                else:
                    app.start(exchange)
                return
        exchange.fail(404, "there is nothing at this address")

    def _tick(self) -> None:
        """One timer for all connections: thousands may be open, and nearly all their deadlines are moved before they come."""
        now = self._loop.time()
        for connection in [item for item in self.connections if item.deadline <= now]:
            connection.timed_out()
        self._clock = self._loop.call_later(_TICK_S, self._tick) if self.connections else None

    # ------------------------------------------------------------------ end
    def stop_accepting(self) -> None:
        """New connections are refused; those without a request end now."""
        self.draining = True
        if self._server is not None:
            self._server.close()
            if self.listen.socket is not None:
                with contextlib.suppress(OSError):
                    self.listen.socket.unlink()
        for connection in list(self.connections):
            connection.close_if_idle()

    def close(self) -> None:
        """Cut what is left."""
        for connection in list(self.connections):
            connection.transport.abort()
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None


def load_tls(config: TlsConfig) -> ssl.SSLContext:
    """A server context. Raises ``ConfigError``."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    load_certificate(context, config.certificate, config.key)
    return context


def _bind_unix(path: Path) -> socket.socket:
    """A socket for the owner and the group, in place of what a dead process left behind."""
    if path.is_symlink() or (path.exists() and not path.is_socket()):
        raise ConfigError(f"{str(path)!r} exists and is not a socket", hint="remove it, or choose another path")
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        probe.connect(str(path))
    except OSError:
        path.unlink(missing_ok=True)
    else:
        raise ConfigError(f"another process listens on {str(path)!r}")
    finally:
        probe.close()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    mask = os.umask(0o117)
    try:
        listener.bind(str(path))
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(mask)
    return listener


def _specificity(app: App) -> tuple[int, int]:
    hosts = app.config.hosts
    return (0 if not hosts else 1 if any(host.startswith("*.") for host in hosts) else 2, len(app.config.path))


def _has_port(host: str) -> bool:
    return ":" in host.rpartition("]")[2]


def _fits(app: App, host: str, path: str) -> bool:
    prefix, hosts = app.config.path, app.config.hosts
    if hosts and not any(host.endswith(item[1:]) and len(host) > len(item) - 1 if item.startswith("*.") else host == item for item in hosts):
        return False
    return prefix in ("/", path) or path.startswith(f"{prefix}/")


def _text(name: Any) -> str:
    return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"
