"""WebSockets of pages: a connection on either side, and message after message carried over."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import ClientWebSocketResponse, WSMsgType, web

from isolate_host.errors import LimitExceeded
from isolate_host.plugins.browser.limits import Meter
from isolate_host.plugins.fetch.messages import Header
from isolate_host.plugins.fetch.targets import Target
from isolate_host.plugins.fetch.transport import Transport

__all__ = ["Relay"]

_Socket = ClientWebSocketResponse | web.WebSocketResponse
_NO_CODE: Final = 1005
#: How long a side may take to answer a goodbye.
_GOODBYE_S: Final = 1.0


class Relay:
    """Opens and carries. ``most`` sockets at a time."""

    def __init__(self, transport: Transport, meter: Meter, *, most: int, max_message: int, key: str) -> None:
        self._transport, self._meter, self._most, self._max_message, self._key = transport, meter, most, max_message, key

    async def run(self, request: web.BaseRequest, target: Target, headers: tuple[Header, ...]) -> web.StreamResponse:
        """Connect, then stay until one side is done. Raises what refuses the connection."""
        if self._meter.websockets >= self._most:
            message = f"{self._most} WebSockets are open"
            raise LimitExceeded(message, kind="browser_websockets", hint=f"close some, or raise {self._key}.max_websockets")
        self._meter.websockets += 1
        try:
            offered = [item.strip() for item in request.headers.get("Sec-WebSocket-Protocol", "").split(",") if item.strip()]
            upstream, response = await self._transport.upgrade(target, offered, headers)
            try:
                return await self._carry(request, upstream, response.headers.getall("Set-Cookie", []))
            finally:
                await upstream.close()
                response.close()
        finally:
            self._meter.websockets -= 1

    async def _carry(self, request: web.BaseRequest, upstream: ClientWebSocketResponse, cookies: list[str]) -> web.StreamResponse:
        page = web.WebSocketResponse(
            protocols=[upstream.protocol] if upstream.protocol else (), max_msg_size=self._max_message, autoclose=False, timeout=_GOODBYE_S,
        )  # fmt: skip
        for cookie in cookies:
            page.headers.add("Set-Cookie", cookie)
        await page.prepare(request)
        ways = [asyncio.ensure_future(self._one_way(upstream, page)), asyncio.ensure_future(self._one_way(page, upstream))]
        try:
            # Whoever says goodbye is answered by the other side: both ways end. A side that is silent then is not waited for.
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            said = any(way.exception() is None and way.result() for way in done)
            if said:
                await asyncio.wait(ways, timeout=_GOODBYE_S)
            if request.transport is not None:
                # A connection that broke is broken on the other side too; after goodbyes nothing more may be said.
                (request.transport.close if said else request.transport.abort)()
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        return page

    async def _one_way(self, source: _Socket, sink: _Socket) -> bool:
        """Until the end; whether somebody said goodbye, which is passed on like a message."""
        while True:
            message = await source.receive()
            if message.type is WSMsgType.TEXT:
                self._meter.received(len(message.data))
                await sink.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                self._meter.received(len(message.data))
                await sink.send_bytes(message.data)
            elif message.type is WSMsgType.CLOSE:
                await sink.send_frame(_closing(message.data, message.extra), WSMsgType.CLOSE)
                return True
            else:
                return False


def _closing(code: int | None, reason: str | None) -> bytes:
    return b"" if not code or code == _NO_CODE else code.to_bytes(2) + (reason or "").encode()
