"""The built-in way to the network: aiohttp, under a policy, with nothing shared between runtimes."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from isolate_host.errors import LimitExceeded, PolicyDenied
from isolate_host.plugins.fetch.body import RequestBody, ResponseBody, check_request_size
from isolate_host.plugins.fetch.credentials import Credentials
from isolate_host.plugins.fetch.decoding import ACCEPT_ENCODING, decoder_for
from isolate_host.plugins.fetch.failures import network_error
from isolate_host.plugins.fetch.handshake import Handshake
from isolate_host.plugins.fetch.limits import FetchLimits, Place, Throttle
from isolate_host.plugins.fetch.messages import FetchRequest, Header, NetworkFailure
from isolate_host.plugins.fetch.policy import Decision, EgressPolicy
from isolate_host.plugins.fetch.redirects import MAX_REDIRECTS, REDIRECTS, redirected
from isolate_host.plugins.fetch.resolver import JudgingResolver, NameService, SystemNames, current_decision
from isolate_host.plugins.fetch.sockets import Opened, Sockets
from isolate_host.plugins.fetch.targets import Target

__all__ = ["FetchResponse", "Transport"]

_NULL_BODY: Final = frozenset({101, 103, 204, 205, 304})
#: What is read of a body before somebody wants it: few large pieces cross faster than many small ones.
_READ_AHEAD: Final = 256 * 1024
_NAMELESS: Final[Sequence[Header]] = (("User-Agent", "isolate-host"),)
_OWN_HEADERS: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


@dataclass(frozen=True, slots=True)
class FetchResponse:
    """The head of an answer, and its body still to be read."""

    status: int
    status_text: str
    url: str
    redirected: bool
    headers: list[Header]
    body: ResponseBody | None


class Transport:
    """Sends the requests of one runtime. ``deny`` records a refusal, and raises it unless the policy is only tried out."""

    def __init__(
        self, policy: EgressPolicy, options: Mapping[str, Any], deny: Callable[[PolicyDenied], None], *,
        key: str, base_dir: Path, names: NameService | None = None,
    ) -> None:
        self._policy, self._deny, self._key = policy, deny, key
        self._names: NameService = names or SystemNames()
        self._limits = FetchLimits.read(options)
        self._credentials = Credentials(options.get("credentials", ()))
        self._ca_file = None if "ca_file" not in options else base_dir / options["ca_file"]
        self._tls: ssl.SSLContext | None = None
        self._sessions: dict[Hashable, aiohttp.ClientSession] = {}
        self.throttle = Throttle(self._limits, key)
        self.sockets = Sockets(self.upgrade, most=self._limits.max_websockets, max_message=self._limits.max_message_bytes, key=key)

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        """Send ``request`` and follow its redirects. Raises ``PolicyDenied``, ``LimitExceeded``, :class:`NetworkFailure`."""
        self.throttle.count()
        if isinstance(request.body, bytes):
            check_request_size(len(request.body), self._limits.max_request_bytes, self._key)
        decision = self._permit(request)  # refused requests need not wait for a place
        place: Place | None = None
        expiry = asyncio.timeout(self._limits.timeout_s)
        try:
            async with expiry:
                place = await self.throttle.enter()
                return await self._follow(request, decision, place)
        except BaseException as error:
            if place is not None:
                place.leave()
            if isinstance(error, TimeoutError) and expiry.expired():
                raise self._too_late(waiting=place is None) from None
            raise

    def _too_late(self, *, waiting: bool) -> Exception:
        seconds = self._limits.timeout_s
        if not waiting:
            return NetworkFailure(f"no response within {seconds:g} s", "ETIMEDOUT")
        message = f"{self._limits.concurrent} requests are under way, and none of them ended within {seconds:g} s"
        return LimitExceeded(message, kind="fetch_concurrent", hint=f"read or cancel the bodies of responses, or raise {self._key}.concurrent")

    async def aclose(self) -> None:
        """Close every connection."""
        await self.sockets.aclose()
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    # ── redirects ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _follow(self, request: FetchRequest, decision: Decision, place: Place) -> FetchResponse:
        host, strayed = request.target.host, False
        for hops in range(MAX_REDIRECTS + 1):
            response = await self._send(request, decision, secrets=not strayed)
            location = response.headers.get("Location")
            if response.status not in REDIRECTS or location is None or request.redirect == "manual":
                return self._answer(response, request, place, redirected=hops > 0)
            response.close()
            if request.redirect == "error":
                raise NetworkFailure(f"{request.target.host} answered with a redirect")
            request = redirected(request, response.status, location)
            # Whoever redirects to another host does not get to choose where our secrets go, not even later on the way back.
            strayed = strayed or request.target.host != host
            decision = self._permit(request)
        raise NetworkFailure(f"more than {MAX_REDIRECTS} redirects")

    def _permit(self, request: FetchRequest) -> Decision:
        decisions = [self._policy.decide(method, request.target) for method in request.methods]
        for decision in decisions:
            if decision.denial is not None:
                self._deny(decision.denial)
        return decisions[0]

    # ── one exchange ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _send(self, request: FetchRequest, decision: Decision, *, secrets: bool) -> aiohttp.ClientResponse:
        body = request.body
        if body is not None and not isinstance(body, bytes):
            body = RequestBody(body, self._limits.max_request_bytes, self._key)
        token = current_decision.set(decision)
        try:
            return await self._session(decision).request(
                request.method, _url(request), headers=self._headers(request, secrets), data=body,
                allow_redirects=False, skip_auto_headers=_OWN_HEADERS,
            )  # fmt: skip
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(body, RequestBody) and body.error is not None:
                raise body.error from None
            raise network_error(error, request.target.host) from None
        finally:
            current_decision.reset(token)

    def _headers(self, request: FetchRequest, secrets: bool) -> CIMultiDict[str]:
        given = {name.lower() for name, _ in request.headers}
        headers = list(request.headers)
        if "accept" not in given:
            headers.append(("Accept", "*/*"))
        if "user-agent" not in given:
            headers.append(("User-Agent", "isolate-host"))
        # Part of a compressed body could not be decompressed.
        headers.append(("Accept-Encoding", "identity" if "range" in given else ACCEPT_ENCODING))
        return CIMultiDict(self._credentials.apply(request.target, headers) if secrets else headers)

    def _answer(self, response: aiohttp.ClientResponse, request: FetchRequest, place: Place, *, redirected: bool) -> FetchResponse:
        redact = self._credentials.redact
        headers = [(name.decode("latin-1"), redact(value.decode("latin-1"))) for name, value in response.raw_headers]
        answer = FetchResponse(response.status, response.reason or "", redact(request.target.url), redirected, headers, None)
        if request.method == "HEAD" or response.status in _NULL_BODY:
            response.release()
            place.leave()
            return answer
        try:
            decoder = decoder_for(response.headers.get("Content-Encoding", ""))
        except NetworkFailure:
            response.close()
            raise
        return replace(answer, body=ResponseBody(response, place, decoder, self._limits.max_response_bytes, self._key))

    async def upgrade(self, target: Target, protocols: list[str], headers: Sequence[Header] = _NAMELESS) -> Opened:
        """A WebSocket, by the same rules, addresses and secrets as a request with GET. Raises what :meth:`fetch` does."""
        self.throttle.count()
        request = FetchRequest("GET", target)
        decision = self._permit(request)
        sent = self._credentials.apply(target, list(headers))
        connector = self._session(decision).connector
        if connector is None:
            raise NetworkFailure("the runtime has ended")
        token = current_decision.set(decision)
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                return await Handshake(connector, protocols, self._limits.max_message_bytes).run(_url(request), sent)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise network_error(error, target.host) from None
        finally:
            current_decision.reset(token)

    # ── connections ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _session(self, decision: Decision) -> aiohttp.ClientSession:
        pool = self._policy.pool(decision)
        if pool not in self._sessions:
            connector = aiohttp.TCPConnector(
                resolver=JudgingResolver(self._policy, self._names, self._deny), use_dns_cache=False, limit=0, ssl=self._tls_context(),
            )
            self._sessions[pool] = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_read=self._limits.idle_timeout_s), max_field_size=64 * 1024, read_bufsize=_READ_AHEAD,
            )
        return self._sessions[pool]

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.set_alpn_protocols(["http/1.1"])
            if self._ca_file is not None:
                self._tls.load_verify_locations(self._ca_file)
        return self._tls


def _url(request: FetchRequest) -> URL:
    """The target for aiohttp, which reads URLs in its own way: it has to see the same host."""
    target = request.target
    url = URL(target.url, encoded=True)
    if (url.scheme, url.raw_host, url.port) != (target.scheme, target.host.strip("[]"), target.port):
        raise NetworkFailure("the URL is ambiguous")
    return url
