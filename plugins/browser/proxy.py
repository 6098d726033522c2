"""The only way from pages to the network: a proxy on loopback that asks the policy about each request and sends it itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, cast

from aiohttp import web

from isolate_host.plugins.browser.certificates import Certificates
from isolate_host.plugins.browser.credentials import ProxyCredentials
from isolate_host.plugins.browser.front import Front

__all__ = ["PolicyProxy"]

_MAX_LINE: Final = 64 * 1024
_MAX_HEADERS: Final = 256

_LOG: Final = logging.getLogger("isolate_host.plugins.browser.access")

Answer = Callable[[web.BaseRequest, str | None], Awaitable[web.StreamResponse]]


class Handler(web.RequestHandler):
    """One connection, and the origin of the tunnel that it came through."""

    __slots__ = ("origin", "proven")
    origin: str | None
    #: Who dug the tunnel knows the password.
    proven: bool


class PolicyProxy:
    """Listens from :meth:`start` on. ``answer(request, origin)`` is asked for every request; ``origin`` is that of its tunnel.

    A proxy belongs to one runtime: which port a request came in by says whose request it is. It serves nobody who lacks the password.
    """

    def __init__(self, answer: Answer, certificates: Certificates) -> None:
        self._answer, self._certificates = answer, certificates
        self.credentials = ProxyCredentials()
        self._waiting: set[asyncio.Transport] = set()
        self._listener: asyncio.Server | None = None
        self._http = web.Server(self._handle, handler_cancellation=True)

    async def start(self) -> str:
        """Listen, if it does not yet. Gives the address as browsers take it: ``http://127.0.0.1:PORT``."""
        if self._listener is None:
            loop = asyncio.get_running_loop()
            self._listener = await loop.create_server(self._front, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._listener.sockets[0].getsockname()[1]}"

    def _front(self) -> Front:
        return Front(self._handler, self._certificates, self.credentials, self._waiting)

    def _handler(self, origin: str | None, proven: bool) -> Handler:
        handler = Handler(
            self._http, loop=asyncio.get_running_loop(), auto_decompress=False, tcp_keepalive=False, access_log=_LOG,
            max_line_size=_MAX_LINE, max_field_size=_MAX_LINE, max_headers=_MAX_HEADERS,
        )  # fmt: skip
        handler.origin, handler.proven = origin, proven
        return handler

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        handler = cast("Handler", request.protocol)
        if not (handler.proven or self._admitted(request, handler.origin)):
            status, challenge = web.HTTPProxyAuthenticationRequired.status_code, self.credentials.challenge
            refusal = web.Response(status=status, headers={"Proxy-Authenticate": challenge})
            refusal.force_close()
            return refusal
        return await self._answer(request, handler.origin)

    def _admitted(self, request: web.BaseRequest, origin: str | None) -> bool:
        proof = request.headers.get("Proxy-Authorization", "")
        if origin is not None:
            return self.credentials.holds_ticket(proof)
        return self.credentials.proven(proof, request.method, request.raw_path)

    async def aclose(self) -> None:
        """Stop, and drop every connection."""
        if self._listener is None:
            return
        self._listener.close()
        for transport in list(self._waiting):
            transport.abort()
        await self._http.shutdown(0)
