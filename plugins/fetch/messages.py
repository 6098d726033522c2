"""What a guest asks for and what it is answered. Every field of a request is hostile until it was checked here."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from isolate_host.plugins.fetch.targets import BadTargetError, Target
from isolate_host.wire.streams import ByteStream

__all__ = ["FetchRequest", "Header", "NetworkFailure", "is_header_value", "read_request"]

Header = tuple[str, str]
RedirectMode = Literal["follow", "manual", "error"]

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
#: Neither in a value nor at its ends: what could end a header and begin another.
_BAD_VALUE: Final = re.compile(r"[\0\r\n]|^[ \t]|[ \t]$")
#: What latin-1 can say.
_BYTES: Final = re.compile(r"[\0-\xff]*")
_NO_METHODS: Final = frozenset({"CONNECT", "TRACE", "TRACK"})
_NORMALIZED: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"})
_OVERRIDES: Final = frozenset({"x-http-method", "x-http-method-override", "x-method-override"})
#: Headers that speak about the connection, or name another host than the one that the policy looked at. As in browsers they are dropped.
_FORBIDDEN: Final = frozenset(
    {
        "accept-encoding", "connection", "content-length", "expect", "host", "http2-settings", "keep-alive", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "via",
    }
)  # fmt: skip


class NetworkFailure(Exception):
    """A request failed on its way; the guest sees a ``TypeError`` with this as its cause. ``code`` is as in Node.js: ``ECONNREFUSED`` …"""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One request, checked. ``body`` is a stream only when it can be sent once."""

    method: str
    target: Target
    headers: tuple[Header, ...] = ()
    body: bytes | AsyncIterable[bytes] | None = field(default=None, repr=False)
    redirect: RedirectMode = "follow"

    @property
    def methods(self) -> list[str]:
        """The method, and those that a header asks the server to take instead."""
        asked = [value.upper() for name, value in self.headers if name.lower() in _OVERRIDES]
        return [self.method, *(method.strip() for value in asked for method in value.split(","))]


def read_request(data: Any, parse: Callable[[str], Target] = Target.parse) -> FetchRequest:
    """Check what a guest sent; ``parse`` reads its URL. Raises ``TypeError``, and ``ValueError`` for a URL that nobody can fetch."""
    if not isinstance(data, dict):
        raise TypeError("a request must be an object")
    method, body = _method(data.get("method", "GET")), data.get("body")
    if body is not None and (not isinstance(body, (bytes, ByteStream)) or method in ("GET", "HEAD")):
        raise TypeError("a request with GET or HEAD has no body, and a body is bytes or a stream")
    redirect = data.get("redirect", "follow")
    if redirect not in ("follow", "manual", "error"):
        raise TypeError("redirect must be follow, manual or error")
    return FetchRequest(method, read_target(data.get("url"), parse), tuple(read_headers(data.get("headers") or ())), body, redirect)


def read_target(url: Any, parse: Callable[[str], Target] = Target.parse) -> Target:
    """The target of a canonical URL. Raises ``TypeError`` for another spelling: whoever reads it next must not read another host."""
    if not isinstance(url, str):
        raise TypeError("a URL must be a string")
    target = parse(url)
    if target.scheme not in ("http", "https"):
        raise BadTargetError(f"scheme {target.scheme!r} is not supported by fetch")
    return target


def read_headers(headers: Any) -> Iterable[Header]:
    """Checked pairs, without those that guests may not set. Raises ``TypeError``."""
    spelling: dict[str, str] = {}
    for pair in headers:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not all(isinstance(item, str) for item in pair):
            raise TypeError("headers must be pairs of strings")
        name, value = pair
        if _TOKEN.fullmatch(name) is None:
            raise TypeError(f"invalid header name {name[:100]!r}")
        if not is_header_value(value):
            raise TypeError(f"invalid value of header {name[:100]!r}")
        if name.lower() not in _FORBIDDEN:
            # aiohttp takes two spellings of a name for two headers, of which the last one stays.
            yield spelling.setdefault(name.lower(), name), value


def is_header_value(value: str) -> bool:
    """Whether a header may have this value: nothing in it ends the header and begins another."""
    return _BAD_VALUE.search(value) is None and _BYTES.fullmatch(value) is not None


def _method(method: Any) -> str:
    if not isinstance(method, str) or _TOKEN.fullmatch(method) is None:
        raise TypeError("invalid method")
    if method.upper() in _NO_METHODS:
        raise TypeError(f"method {method.upper()} is not allowed")
    return method.upper() if method.upper() in _NORMALIZED else method
