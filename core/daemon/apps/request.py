"""One HTTP request as the front got it, checked: what is ambiguous is refused, never repaired."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from json.encoder import encode_basestring as _quoted
from typing import Any, Self

import ada_url

__all__ = ["BodyStream", "HttpRefusedError", "IncomingRequest", "read_request"]

_HOST = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_TARGET = re.compile(rb"[\x21\x22\x24-\x7e]+")
#: What a URL parser would change about a path; routes and the app must see the same one.
_UNUSUAL = re.compile(r"[\\\"<>^`{|}]|/(?:\.|%2e){1,2}(?:[/?]|$)", re.IGNORECASE)
_FORWARDED = frozenset(("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "x-real-ip"))
#: Said to us about the connection, and of no meaning behind it.
_HOP_BY_HOP = frozenset(("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"))


class HttpRefusedError(Exception):
    """The request cannot be taken: ``status`` is answered and the connection closed."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class BodyStream:
    """A request body on its way. The connection is not read while more than ``high`` bytes of it wait."""

    __slots__ = ("_chunks", "_error", "_high", "_hold", "_size", "_waiter", "ended", "held")

    def __init__(self, hold: Callable[[bool], None], high: int = 256 * 1024) -> None:
        self._chunks: deque[bytes] = deque()
        self._hold, self._high, self._size = hold, high, 0
        self._waiter: asyncio.Future[None] | None = None
        self._error: Exception | None = None
        self.ended = self.held = False

    def feed(self, data: bytes) -> None:
        """More of it arrived."""
        self._chunks.append(data)
        self._size += len(data)
        if self._size > self._high and not self.held:
            self.held = True
            self._hold(True)
        self._wake()

    def end(self, error: Exception | None = None) -> None:
        """No more comes; ``error`` when that is not its end."""
        if not self.ended:
            self.ended, self._error = True, error
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        while not self._chunks:
            if self.ended:
                if self._error is not None:
                    raise self._error
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        data = b"".join(self._chunks) if len(self._chunks) > 1 else self._chunks[0]
        self._chunks.clear()
        self._size = 0
        if self.held:
            self.held = False
            self._hold(False)
        return data


@dataclass(slots=True)
class IncomingRequest:
    """A request whose head was read. ``headers`` are names and values in turn, without those of the connection."""

    method: str
    scheme: str
    host: str
    target: str
    headers: list[str]
    keep_alive: bool
    http_1_1: bool
    client: str
    length: int | None = 0
    expects_continue: bool = False
    #: The headers of a WebSocket handshake, by lower-case name, when the client asks for one.
    websocket: Mapping[str, str] | None = None
    body: bytes | BodyStream | None = None
    request_id: str = ""
    #: Origin and headers as JSON; shared by all requests of a connection that repeat them.
    _rendered: list[bytes] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def again(self, method: str, target: str, request_id: str) -> IncomingRequest:
        """Another request with the same header fields, and no body."""
        return IncomingRequest(
            method, self.scheme, self.host, target, self.headers, True, True, self.client, 0, False, None, None, request_id, self._rendered,
        )

    def encoded(self) -> tuple[bytes, Sequence[bytes]]:
        """The arguments of the guest's handler, for a body that is here."""
        if not self._rendered:
            # `json.dumps` with options sets up an encoder for each call; these are texts only.
            self._rendered += (_quoted(f"{self.scheme}://{self.host}")[:-1].encode(), ",".join(map(_quoted, self.headers)).encode())
        origin, names = self._rendered
        target = _quoted(self.target)[1:].encode()
        if self.body is None:
            return b'["%b",%b%b,[%b],null]' % (self.method.encode(), origin, target, names), ()
        if not isinstance(self.body, bytes):
            raise TypeError("a body that streams is encoded by the endpoint")
        return b'["%b",%b%b,[%b],{"$":"bin","k":"Uint8Array","b":0}]' % (self.method.encode(), origin, target, names), [self.body]

    def arguments(self) -> list[Any]:
        """The same as values."""
        return [self.method, f"{self.scheme}://{self.host}{self.target}", self.headers, self.body]


def read_request(
    method: bytes, target: bytes, fields: list[tuple[bytes, bytes]], *,
    version: str, keep_alive: bool, upgrade: bool, secure: bool, peer: str,
    trusted: tuple[IPv4Network | IPv6Network, ...],
) -> IncomingRequest:
    """Check a head and take it apart. Raises :class:`HttpRefusedError`."""
    if version not in ("1.1", "1.0"):
        raise HttpRefusedError(505, "only versions 1.1 and 1.0 of HTTP are spoken here")
    if method == b"CONNECT":
        raise HttpRefusedError(405, "this is no proxy")
    head = _Head()
    for name, value in fields:
        head.add(name, value)
    host = head.host(required=version == "1.1")
    scheme = "https" if secure else "http"
    request = IncomingRequest(
        method.decode(), scheme, host, _target(target, host, method), head.flat, keep_alive, version == "1.1", peer,
        head.length(http_1_1=version == "1.1"), head.first.get("expect", "").lower() == "100-continue" and version == "1.1",
    )
    if upgrade and head.first.get("upgrade", "").lower() == "websocket" and version == "1.1":
        request.websocket = head.first
    _forward(request, head, trusted)
    return request


class _Head:
    """The header fields of one request."""

    def __init__(self) -> None:
        self.flat: list[str] = []
        self.first: dict[str, str] = {}
        self.forwarded: dict[str, str] = {}
        self._hosts: list[bytes] = []
        self._lengths: list[bytes] = []
        self._codings: list[bytes] = []

    def add(self, name: bytes, value: bytes) -> None:
        text, lower = value.decode("latin-1"), name.decode("latin-1").lower()
        self.first.setdefault(lower, text)
        if lower == "host":
            self._hosts.append(value)
        elif lower == "content-length":
            self._lengths.append(value)
        elif lower == "transfer-encoding":
            self._codings.append(value)
        if lower in _FORWARDED:
            known = self.forwarded.get(lower)
            self.forwarded[lower] = text if known is None else f"{known}, {text}"
        elif lower not in _HOP_BY_HOP:
            self.flat += (lower, text)

    def host(self, *, required: bool) -> str:
        if len(self._hosts) > 1 or (required and not self._hosts):
            raise HttpRefusedError(400, "there must be one Host header")
        if not self._hosts:
            return "localhost"
        if not _HOST.fullmatch(self._hosts[0]):
            raise HttpRefusedError(400, "the Host header is malformed")
        return self._hosts[0].decode()

    def length(self, *, http_1_1: bool) -> int | None:
        """Bytes of the body; ``None`` = in chunks."""
        if self._codings:
            # Two ways to say where a body ends are one too many: proxies disagree on which counts.
            if self._lengths or len(self._codings) > 1 or self._codings[0].strip().lower() != b"chunked" or not http_1_1:
                raise HttpRefusedError(400, "the length of the body is ambiguous")
            return None
        if len(self._lengths) > 1 or (self._lengths and not self._lengths[0].isdigit()):
            raise HttpRefusedError(400, "the length of the body is ambiguous")
        return int(self._lengths[0]) if self._lengths else 0


def _target(target: bytes, host: str, method: bytes) -> str:
    if target == b"*" and method == b"OPTIONS":
        return "/"
    if not _TARGET.fullmatch(target):
        raise HttpRefusedError(400, "the request target has characters that a URL cannot have")
    text = target.decode()
    if not text.startswith("/"):
        scheme, separator, rest = text.partition("://")
        authority, slash, path = rest.partition("/")
        if scheme.lower() not in ("http", "https") or not separator or authority.lower() != host.lower():
            raise HttpRefusedError(400, "the request target is neither a path nor a URL of this host")
        text = slash + path or "/"
    if _UNUSUAL.search(text):
        try:
            url = ada_url.URL(f"http://localhost{text}")
        except ValueError:
            raise HttpRefusedError(400, "the request target is malformed") from None
        text = url.pathname + url.search
    return text


def _forward(request: IncomingRequest, head: _Head, trusted: tuple[IPv4Network | IPv6Network, ...]) -> None:
    """Say who asks: what a stranger claims of that is replaced, what a trusted proxy says is kept and continued."""
    peer = request.client
    known = head.forwarded if peer and _within(peer, trusted) else {}
    chain = known.get("x-forwarded-for")
    proto = known.get("x-forwarded-proto", request.scheme).lower()
    if proto in ("http", "https"):
        request.scheme = proto
    host = known.get("x-forwarded-host")
    if host is not None and _HOST.fullmatch(host.encode("latin-1")):
        request.host = host
    if chain:
        request.client = _first_stranger(chain, trusted) or peer
    if peer:
        request.headers += ("x-forwarded-for", f"{chain}, {peer}" if chain else peer)
    request.headers += ("x-forwarded-proto", request.scheme, "x-forwarded-host", request.host)
    request.request_id = head.first.get("x-request-id", "")[:200] if known else ""


def _first_stranger(chain: str, trusted: tuple[IPv4Network | IPv6Network, ...]) -> str | None:
    """From the right, the first address that no trusted proxy has: what stands left of it is hearsay."""
    for part in reversed(chain.split(",")):
        if not _within(part.strip(), trusted):
            return part.strip()[:64]
    return None


def _within(text: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    if not networks:
        return False
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in networks if network.version == address.version)
