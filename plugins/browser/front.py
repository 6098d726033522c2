"""The first bytes of a connection to the policy proxy: a tunnel that a browser asks for, or a request.

The proxy is the far end of every tunnel itself. So nothing passes that is not a request which the policy was asked about.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import Callable
from typing import Final, cast

from isolate_host.plugins.browser.certificates import Certificates
from isolate_host.plugins.browser.credentials import ProxyCredentials
from isolate_host.plugins.fetch.targets import BadTargetError, canonical_host

__all__ = ["Front", "Handlers"]

#: Makes what serves a connection. The origin is that of the requests in a tunnel; others name theirs themselves. And whether the password was shown.
Handlers = Callable[[str | None, bool], asyncio.Protocol]

_CONNECT: Final = b"CONNECT "
_AUTHORITY: Final = re.compile(rb"CONNECT (?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\[\]]+):(?P<port>\d{1,5}) HTTP/1\.[01]\r\n")
_PROOF: Final = re.compile(rb"\r\nproxy-authorization:[ \t]*([^\r\n]*)\r\n", re.IGNORECASE)
_MAX_HEAD: Final = 16 * 1024
#: How long a client may take to say what it wants.
_PATIENCE_S: Final = 20.0
#: The first byte of a TLS connection: a handshake record.
_HANDSHAKE: Final = b"\x16"


class Front(asyncio.Protocol):
    """Reads until it is clear what a connection is for, and leaves it to a handler then."""

    def __init__(self, handler: Handlers, certificates: Certificates, credentials: ProxyCredentials, waiting: set[asyncio.Transport]) -> None:
        self._handler, self._certificates, self._credentials, self._waiting = handler, certificates, credentials, waiting
        self._head = b""
        self._proven = False
        self._tunnel: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected."""
        self._transport = cast("asyncio.Transport", transport)
        self._waiting.add(self._transport)
        self._timer = asyncio.get_running_loop().call_later(_PATIENCE_S, self._transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Before anything was asked for."""
        self._timer.cancel()
        self._waiting.discard(self._transport)
        if self._tunnel is not None:
            self._tunnel.cancel()

    def data_received(self, data: bytes) -> None:
        """A head may come in pieces."""
        self._head += data
        if self._tunnel is not None:  # what came together with the end of the TLS handshake
            return
        if not _CONNECT.startswith(self._head[: len(_CONNECT)]) and not self._head.startswith(_CONNECT):
            self._hand_over(self._transport, None, self._head)
        elif b"\r\n\r\n" in self._head:
            self._open_tunnel()
        elif len(self._head) > _MAX_HEAD:
            self._transport.abort()

    def _open_tunnel(self) -> None:
        match = _AUTHORITY.match(self._head)
        # What follows before our answer would be lost, and no browser sends it.
        if match is None or not self._head.endswith(b"\r\n\r\n") or self._head.count(b"\r\n\r\n") > 1:
            self._transport.abort()
            return
        if not self._admitted(f"{match['host'].decode('latin-1')}:{match['port'].decode()}"):
            # Without a word of it to the log: whoever wants to can knock all day.
            challenge = f"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: {self._credentials.challenge}\r\n"
            self._transport.write(f"{challenge}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
            self._transport.close()
            return
        try:
            host = canonical_host(match["host"].decode("latin-1"))
        except BadTargetError:
            self._transport.abort()
            return
        self._head = b""
        self._transport.pause_reading()
        self._transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
        self._tunnel = asyncio.get_running_loop().create_task(self._dig(host, int(match["port"])))

    def _admitted(self, target: str) -> bool:
        proof = _PROOF.search(self._head)
        if proof is None:
            # A tunnel alone leads nowhere: what comes through it will have to show a ticket.
            return self._credentials.expects_tickets
        self._proven = self._credentials.proven(proof[1].decode("latin-1"), "CONNECT", target)
        return self._proven

    async def _dig(self, host: str, port: int) -> None:
        try:
            transport, scheme = self._transport, "http"
            if await _first_byte(transport) == _HANDSHAKE:
                scheme = "https"
                context = self._certificates.context(host)
                secured = await asyncio.get_running_loop().start_tls(transport, self, context, server_side=True)
                if secured is None:
                    return
                transport = secured
            self._hand_over(transport, f"{scheme}://{host}:{port}", self._head)
            if scheme == "http":
                transport.resume_reading()
        except (OSError, ValueError):  # a client that does not speak TLS after all, or is gone
            self._transport.abort()

    def _hand_over(self, transport: asyncio.Transport, origin: str | None, data: bytes) -> None:
        self._timer.cancel()
        self._waiting.discard(self._transport)
        handler = self._handler(origin, self._proven)
        transport.set_protocol(handler)
        handler.connection_made(transport)
        if data:
            handler.data_received(data)


async def _first_byte(transport: asyncio.Transport) -> bytes:
    """A look at what the client says first, which stays there for whoever reads it. Reading is paused."""
    loop = asyncio.get_running_loop()
    with socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as peeking:
        readable: asyncio.Future[None] = loop.create_future()
        loop.add_reader(peeking, _settle, readable)
        try:
            await readable
            return peeking.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        finally:
            loop.remove_reader(peeking)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
