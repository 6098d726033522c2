"""The opening handshake of a WebSocket: no redirect is followed, and a server gets no say about what was not offered."""

from __future__ import annotations

from typing import Final

import aiohttp
from aiohttp import ClientResponse, ClientWebSocketResponse, ClientWSTimeout
from multidict import CIMultiDict
from yarl import URL

from isolate_host.plugins.fetch.messages import Header, NetworkFailure

__all__ = ["Handshake"]

#: Window of permessage-deflate, as a power of two.
_DEFLATE: Final = 15
_SWITCHING: Final = 101


class Handshake:
    """Sends one upgrade request over the connections of ``connector``, which it does not own."""

    def __init__(self, connector: aiohttp.BaseConnector, protocols: list[str], max_message: int) -> None:
        self._connector, self._protocols, self._max_message = connector, protocols, max_message
        self._response: ClientResponse | None = None

    async def run(self, url: URL, headers: list[Header]) -> tuple[ClientWebSocketResponse, ClientResponse]:
        """Raises :class:`NetworkFailure` when the server does not agree, and what aiohttp raises."""
        session = aiohttp.ClientSession(
            connector=self._connector, connector_owner=False, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None), middlewares=(self._only_upgrades,),
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
        )  # fmt: skip
        try:
            ws = await session.ws_connect(
                url, protocols=self._protocols, headers=CIMultiDict(headers), autoclose=False, compress=_DEFLATE, max_msg_size=self._max_message,
                timeout=ClientWSTimeout(ws_receive=None, ws_close=1.0),
            )
        except aiohttp.WSServerHandshakeError as error:
            raise NetworkFailure(f"the server did not accept the WebSocket: {error.message}", "EPROTO") from None
        finally:
            await session.close()
        if self._response is None:
            raise NetworkFailure("the server did not accept the WebSocket", "EPROTO")
        return ws, self._response

    async def _only_upgrades(self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> ClientResponse:
        """Runs before aiohttp would follow a redirect, which nobody has judged."""
        response = await handler(request)
        problem = self._problem(response)
        if problem is not None:
            response.close()
            raise NetworkFailure(f"the server did not accept the WebSocket: {problem}", "EPROTO")
        self._response = response
        return response

    def _problem(self, response: ClientResponse) -> str | None:
        if response.status != _SWITCHING:
            return f"it answered {response.status}"
        chosen = response.headers.getall("Sec-WebSocket-Protocol", [])
        if self._protocols and not chosen:
            return "it chose none of the subprotocols"
        if chosen and (len(chosen) > 1 or chosen[0].strip() not in self._protocols):
            return "it chose a subprotocol that was not offered"
        extensions = ",".join(response.headers.getall("Sec-WebSocket-Extensions", []))
        names = [part.partition(";")[0].strip() for part in extensions.split(",") if part.strip()]
        return None if names in ([], ["permessage-deflate"]) else "it chose an extension that was not offered"
