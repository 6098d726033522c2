"""A site of the tests' own, on loopback: pages that a test writes, handlers that it gives, and a record of who came."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

__all__ = ["Pages", "Visit", "open_pages"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css", "json": "application/json", "txt": "text/plain", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request that arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Pages:
    """The site. What a test adds is gone after it: the fixture calls :meth:`reset`."""

    port: int = 0
    visits: list[Visit] = field(default_factory=list)
    handlers: dict[str, Handler] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def arrival(self) -> None:
        """Wait for the next request."""
        self._news.clear()
        await self._news.wait()

    async def until(self, path: str) -> Visit:
        """The first request for ``path``, as soon as there is one."""
        async with asyncio.timeout(25):
            while not self.seen(path):
                await self.arrival()
        return self.seen(path)[0]

    @property
    def base(self) -> str:
        """``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def other(self) -> str:
        """The same server as another origin (and another site): ``http://localhost:PORT``."""
        return f"http://localhost:{self.port}"

    def url(self, path: str = "/") -> str:
        """A URL of the site."""
        return self.base + path

    def add(self, path: str, body: str | bytes = "", *, type: str | None = None, status: int = 200, headers: Mapping[str, str] | None = None) -> str:
        """Serve ``body`` at ``path``; its type follows from the ending (``.js`` …), HTML by default. Gives the URL."""
        kind = type or _TYPES.get(path.partition("?")[0].rpartition(".")[2], "text/html")
        data = body.encode() if isinstance(body, str) else body

        async def answer(_request: web.Request) -> web.Response:
            return web.Response(body=data, status=status, headers={"Content-Type": f"{kind}; charset=utf-8" if isinstance(body, str) else kind, **(headers or {})})

        self.handlers[path] = answer
        return self.url(path)

    def redirect(self, path: str, location: str, status: int = 302) -> str:
        """Send whoever asks for ``path`` to ``location``."""
        return self.add(path, status=status, headers={"Location": location})

    def on(self, path: str, handler: Handler) -> str:
        """Let ``handler(request)`` answer: WebSockets, streams, what depends on the request."""
        self.handlers[path] = handler
        return self.url(path)

    def seen(self, path: str) -> list[Visit]:
        """The requests for ``path``, whatever their query."""
        return [visit for visit in self.visits if visit.path.partition("?")[0] == path]

    def reset(self) -> None:
        """An empty site again."""
        self.visits.clear()
        self.handlers.clear()
        self.add("/", "<!doctype html><title>home</title><h1>home</h1>")
        self.add("/favicon.ico", b"", type="image/x-icon")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """What the server does with each request."""
        upgrade = request.headers.get("Upgrade", "").lower() == "websocket"
        self.visits.append(Visit(request.method, request.path_qs, dict(request.headers), b"" if upgrade else await request.content.read()))
        self._news.set()
        handler = self.handlers.get(request.path_qs) or self.handlers.get(request.path)
        if handler is None:
            return web.Response(status=404, text="no such page")
        return await handler(request)


@contextlib.asynccontextmanager
async def open_pages(tls: Any = None) -> Any:
    """A site on a port of its own."""
    pages = Pages()
    runner = web.ServerRunner(web.Server(pages.answer), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    pages.port = runner.addresses[0][1]
    pages.reset()
    try:
        yield pages
    finally:
        await runner.cleanup()
