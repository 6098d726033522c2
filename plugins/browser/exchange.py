"""One request of a page: judged, sent, and its answer passed back, by the transport that ``fetch`` has.

Nothing here trusts the browser: a page that took its renderer over still gets only what the policy allows.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final

from aiohttp import web
from multidict import CIMultiDict

from isolate_host.errors import IsolateHostError, LimitExceeded
from isolate_host.plugins.browser.relay import Relay
from isolate_host.plugins.fetch.body import ResponseBody
from isolate_host.plugins.fetch.messages import FetchRequest, Header, NetworkFailure, read_headers
from isolate_host.plugins.fetch.targets import BadTargetError, Target
from isolate_host.plugins.fetch.transport import FetchResponse, Transport

__all__ = ["PROBE_HOST", "PROBE_STATUS", "Asked", "Exchange", "Refused"]

#: A host that exists nowhere else.
PROBE_HOST: Final = "probe.isolate-host.invalid"
#: Of no other server.
PROBE_STATUS: Final = 299

_LOG: Final = logging.getLogger("isolate_host.plugins.browser")
#: Shorter bodies are sent with their length, for servers that know no chunks.
_SHORT: Final = 1024 * 1024
#: Headers about the connection or the encoding, which are ours on either side; offers of other ways here; and challenges of a proxy.
_HOP: Final = frozenset(
    {
        "alt-svc", "connection", "content-encoding", "content-length", "keep-alive", "proxy-authenticate", "proxy-connection", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip


class Asked:
    """What a page wants: for those who keep count, and for messages."""

    __slots__ = ("method", "navigation", "url")

    def __init__(self, method: str, url: str, *, navigation: bool) -> None:
        self.method, self.url, self.navigation = method, url, navigation


Refused = Callable[[Asked, Exception], None]


class Exchange:
    """Answers the requests that reach the proxy of one runtime. ``admit`` is told of each and may raise; ``refused`` hears why one failed here."""

    def __init__(self, transport: Transport, admit: Callable[[Asked], None], received: Callable[[int], None], refused: Refused, relay: Relay) -> None:
        self._transport, self._admit, self._received, self._refused, self._relay = transport, admit, received, refused, relay
        #: What a probe asks for: whoever is answered has come through this very proxy.
        self.word = secrets.token_urlsafe(16)

    async def answer(self, request: web.BaseRequest, origin: str | None) -> web.StreamResponse:
        """The handler of the proxy."""
        if _url(request, origin) in (f"http://{PROBE_HOST}/{self.word}", f"http://{PROBE_HOST}:80/{self.word}"):
            return web.Response(status=PROBE_STATUS)
        asked = Asked(request.method, _url(request, origin), navigation=_is_navigation(request))
        try:
            self._admit(asked)
            target = Target.parse(asked.url)
            if request.headers.get("Upgrade", "").lower() == "websocket":
                return await self._relay.run(request, _as_socket(target), _headers(request))
            return await self._pass_on(request, target)
        except (IsolateHostError, NetworkFailure, BadTargetError, TypeError) as error:
            self._refused(asked, error)
            return _nothing(error)
        except Exception as error:  # noqa: BLE001 -- whatever fails here must not become a page that says so
            _LOG.exception("a request of a page failed in the host")
            self._refused(asked, NetworkFailure("the host failed"))
            return _nothing(error)

    async def _pass_on(self, request: web.BaseRequest, target: Target) -> web.StreamResponse:
        answer = await self._transport.fetch(FetchRequest(request.method.upper(), target, _headers(request), await _body(request), "manual"))
        if answer.status == web.HTTPProxyAuthenticationRequired.status_code:
            raise NetworkFailure(f"{target.host} answered as only a proxy may")
        headers = _passed_back(answer.headers)
        body = answer.body
        if body is None:
            return web.Response(status=answer.status, reason=answer.status_text, headers=headers)
        whole = body.arrived()
        if whole is not None:
            self._received(len(whole))
            return web.Response(status=answer.status, reason=answer.status_text, headers=headers, body=whole)
        return await self._stream(request, answer, body, headers)

    async def _stream(
        self, request: web.BaseRequest, answer: FetchResponse, body: ResponseBody, headers: CIMultiDict[str]
    ) -> web.StreamResponse:
        """A slow page makes its server wait: a piece is read when the one before was taken."""
        response = web.StreamResponse(status=answer.status, reason=answer.status_text, headers=headers)
        try:
            await response.prepare(request)
            async for chunk in body:
                self._received(len(chunk))
                await response.write(chunk)
            await response.write_eof()
        except (NetworkFailure, IsolateHostError, ConnectionError):
            # The head is out: only a connection that breaks off can still say that the rest is missing.
            if request.transport is not None:
                request.transport.abort()
        finally:
            await body.aclose()
        return response


def _url(request: web.BaseRequest, origin: str | None) -> str:
    return request.raw_path if origin is None else origin + request.raw_path


def _as_socket(target: Target) -> Target:
    scheme = "wss" if target.scheme == "https" else "ws"
    return Target(scheme, target.host, target.port, target.path, target.query)


def _is_navigation(request: web.BaseRequest) -> bool:
    mode = request.headers.get("Sec-Fetch-Mode")
    return request.headers.get("Accept", "").startswith("text/html") if mode is None else mode == "navigate"


def _headers(request: web.BaseRequest) -> tuple[Header, ...]:
    given = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers)
    return tuple(pair for pair in read_headers(given) if not pair[0].lower().startswith(("proxy-", "sec-websocket-")))


async def _body(request: web.BaseRequest) -> bytes | AsyncIterator[bytes] | None:
    if not request.body_exists or request.method in ("GET", "HEAD"):
        return None
    if request.content_length is not None and request.content_length <= _SHORT:
        return await request.content.readexactly(request.content_length)
    return _chunks(request)


async def _chunks(request: web.BaseRequest) -> AsyncIterator[bytes]:
    async for chunk in request.content.iter_any():
        yield chunk


def _passed_back(pairs: Iterable[Header]) -> CIMultiDict[str]:
    headers = CIMultiDict((name, value) for name, value in pairs if name.lower() not in _HOP)
    # Empty is what browsers take for absent; the web server would write something of its own.
    headers.setdefault("Content-Type", "")
    headers.setdefault("Server", "")
    return headers


def _nothing(error: Exception) -> web.Response:
    """An answer that no browser takes for one, and that none asks for again: what was refused is a network error, not somebody's page."""
    status = 429 if isinstance(error, LimitExceeded) else 403
    response = web.Response(status=status, headers=CIMultiDict([("Content-Length", "0"), ("Content-Length", "1")]))
    response.force_close()
    return response
