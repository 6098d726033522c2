"""Accepts clients, knows them, and ends in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Any

from isolate_host.config import HostConfig
from isolate_host.daemon.connection import BrokerLike, ClientConnection
from isolate_host.daemon.peers import allowed_peer, server_tls
from isolate_host.daemon.places import SocketPlace
from isolate_host.daemon.troubles import cannot_listen
from isolate_host.wire.frames import DEFAULT_MAX_FRAME_BYTES

__all__ = ["Server"]

_logger = logging.getLogger(__name__)
#: Room for header and prefix beside a payload of the largest size.
_OVERHEAD = 128 * 1024


class Server:
    """Serves one broker on a unix socket and, if configured, over TLS.

    ``idle_exit_s``: seconds without clients after which :attr:`idle` is set; ``None`` = never.
    """

    def __init__(self, broker: BrokerLike, config: HostConfig, place: SocketPlace, idle_exit_s: float | None = None) -> None:
        self._broker = broker
        self._config = config
        self._place = place
        self._idle_exit_s = idle_exit_s
        self._servers: list[asyncio.Server] = []
        self._clients: set[ClientConnection] = set()
        self._idle_timer: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        #: Set when nobody has been connected for ``idle_exit_s``.
        self.idle = asyncio.Event()
        self.accepted = 0
        #: False from a reload of the configuration that failed to one that succeeded.
        self.last_reload_ok = True
        #: True once :meth:`drain` began.
        self.draining = False

    @property
    def clients(self) -> int:
        """Connected clients."""
        return len(self._clients)

    @property
    def addresses(self) -> list[str]:
        """Where it listens, for messages."""
        tcp = [":".join(map(str, sock.getsockname()[:2])) for server in self._servers for sock in server.sockets if sock.family != socket.AF_UNIX]
        return [str(self._place.path), *tcp]

    async def start(self) -> None:
        """Listen. Raises ``ConfigError`` when an address cannot be used."""
        loop = asyncio.get_running_loop()
        listener = self._place.bind()
        self._servers.append(await loop.create_unix_server(self._factory(None, allowed_peer), sock=listener))
        tcp = self._config.daemon.tcp
        if tcp is not None:
            try:
                server = await loop.create_server(
                    self._factory(tcp.token.reveal(), lambda _connection: True), tcp.listen.host, tcp.listen.port, ssl=server_tls(tcp)
                )
            except OSError as error:
                raise cannot_listen(tcp.listen, error) from None
            self._servers.append(server)
        self._watch_idleness()

    def _factory(self, token: str | None, allowed: Callable[[Any], bool]) -> Callable[[], ClientConnection]:
        limit = (self._config.limits.frame_bytes or DEFAULT_MAX_FRAME_BYTES) + _OVERHEAD

        def room(connection: Any) -> bool:
            return len(self._clients) < self._config.daemon.max_clients and allowed(connection)

        return lambda: ClientConnection(self._broker, token=token, max_frame_bytes=limit, allowed=room, on_change=self._client)

    def _client(self, connection: ClientConnection, there: bool) -> None:
        if there:
            self.accepted += 1
            self._clients.add(connection)
            sock = connection.transport.get_extra_info("socket")
            if sock.family != socket.AF_UNIX:
                # A peer that vanished without a word is noticed within two minutes.
                for option, value in ((socket.TCP_KEEPIDLE, 60), (socket.TCP_KEEPINTVL, 15), (socket.TCP_KEEPCNT, 4)):
                    sock.setsockopt(socket.IPPROTO_TCP, option, value)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        else:
            self._clients.discard(connection)
        self._changed.set()
        self._watch_idleness()

    def _watch_idleness(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        if self._idle_exit_s is not None and not self._clients:
            self._idle_timer = asyncio.get_running_loop().call_later(self._idle_exit_s, self.idle.set)

    async def drain(self, seconds: float) -> None:
        """Accept nobody and start nothing, and give what runs up to ``seconds`` to end."""
        self.draining = True
        for server in self._servers:
            server.close()
        self._place.release()
        for client in self._clients:
            client.draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while any(client.busy for client in self._clients):
                    self._changed.clear()
                    # Evaluations end without a connection changing: look again soon.
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._changed.wait(), 0.05)

    async def close(self) -> None:
        """Cut every connection; their runtimes end with them."""
        clients = list(self._clients)
        for client in clients:
            client.close()
        if clients:
            await asyncio.wait([client.gone for client in clients], timeout=1)
        for client in list(self._clients):
            client.transport.abort()
        for server in self._servers:
            server.close()
        self._place.release()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
