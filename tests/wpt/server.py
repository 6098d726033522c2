"""The part of the server of web-platform-tests that the tests of WebSocket cannot do without: an echo on a loopback port."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import WSMsgType, web

__all__ = ["HOST", "echo_server", "substituted"]

HOST = "127.0.0.1"
_PORT = re.compile(r"\{\{ports\[[a-z0-9]+\]\[\d\]\}\}")
#: What the handler of web-platform-tests takes for the end of the talk.
_GOODBYE = "Goodbye"


def substituted(path: str, text: str, port: int) -> str:
    """A file as that server would give it: ``{{…}}`` in files whose name says so. Other directories are run without a server."""
    if ".sub." not in path or not path.startswith("websockets/"):
        return text
    return _PORT.sub(str(port), text).replace("{{host}}", HOST)


async def _echo(request: web.Request) -> web.WebSocketResponse:
    wanted = [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if name.strip()]
    socket = web.WebSocketResponse(protocols=wanted[:1], max_msg_size=1 << 24, autoclose=False)
    await socket.prepare(request)
    async for message in socket:
        if message.type == WSMsgType.TEXT:
            await socket.send_str(message.data)
            if message.data == _GOODBYE:
                break
        elif message.type == WSMsgType.BINARY:
            await socket.send_bytes(message.data)
        elif message.type == WSMsgType.CLOSE:
            # Code and reason come back, as from the handler of web-platform-tests.
            await socket.close(code=message.data or 1000, message=(message.extra or "").encode())
    return socket


@asynccontextmanager
async def echo_server() -> AsyncIterator[int]:
    """Serves until the end of the block; its port."""
    app = web.Application()
    app.router.add_get("/echo", _echo)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, 0)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
