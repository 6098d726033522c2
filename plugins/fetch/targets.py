"""URLs in the one spelling that decisions are made on, by a parser that follows the WHATWG standard."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import quote, unquote

import ada_url

from isolate_host.plugins.fetch.addresses import Address, parse_address, unmapped

__all__ = ["DEFAULT_PORTS", "LONGEST_REMEMBERED", "MOST_REMEMBERED", "BadTargetError", "Target", "Targets", "canonical_host", "canonical_path"]

DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}
#: How often a server and what stands before it may decode a path before they agree on its meaning.
_DECODINGS: Final = 3
_MAX_LENGTH: Final = 64 * 1024
_ESCAPE: Final = re.compile(r"%[0-9a-fA-F]{2}")
#: A path that every server takes for what it is.
_PLAIN_PATH: Final = re.compile(r"/(?:[\w~-][\w~.-]*(?:/[\w~-][\w~.-]*)*/?)?", re.ASCII)
#: How many URLs of one runtime are remembered, with what was decided about them, and how long each may be.
MOST_REMEMBERED: Final = 64
LONGEST_REMEMBERED: Final = 1024
_EMPTY_LABEL: Final = re.compile(r"^\.|\.\.")


class BadTargetError(ValueError):
    """No URL that a request could go to."""


@dataclass(frozen=True)
class Target:
    """Where a request wants to go. Make one with :meth:`parse` or :meth:`join`.

    >>> Target.parse("HTTP://0x7f.1:80/a/../b?q#f")
    Target(scheme='http', host='127.0.0.1', port=80, path='/b', query='?q', fragment='#f')
    """

    scheme: str
    #: Lower case, punycode, IPv4 dotted, IPv6 in brackets, without the dot of a rooted name.
    host: str
    port: int
    path: str
    #: With its question mark, empty when there is none.
    query: str = ""
    fragment: str = ""

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read an absolute URL. Raises :class:`BadTargetError` for other schemes, names and passwords, and what is no URL."""
        try:
            return cls._from(ada_url.URL(text))
        except ValueError as error:
            raise error if isinstance(error, BadTargetError) else BadTargetError(f"invalid URL {_shown(text)}") from None

    def join(self, reference: str) -> Target:
        """Where ``reference`` (as of a ``Location`` header) leads from here; it inherits the fragment."""
        try:
            target = self._from(ada_url.URL(reference, base=self.href))
        except ValueError as error:
            raise error if isinstance(error, BadTargetError) else BadTargetError(f"invalid URL {_shown(reference)}") from None
        if target.fragment or not self.fragment:
            return target
        return Target(target.scheme, target.host, target.port, target.path, target.query, self.fragment)

    @classmethod
    def _from(cls, url: ada_url.URL) -> Target:
        scheme = url.protocol.removesuffix(":")
        if len(url.href) > _MAX_LENGTH:
            raise BadTargetError(f"a URL has at most {_MAX_LENGTH} characters")
        if scheme not in DEFAULT_PORTS:
            raise BadTargetError(f"scheme {scheme!r} is not supported")
        if url.username or url.password:
            raise BadTargetError("a URL with a user name or password is refused")
        port = int(url.port) if url.port else DEFAULT_PORTS[scheme]
        return cls(scheme, _unrooted(url.hostname), port, url.pathname, url.search, url.hash)

    @property
    def authority(self) -> str:
        """Host, and the port when it is not the scheme's own."""
        return self.host if self.port == DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The whole, without its fragment."""
        return f"{self.origin}{self.path}{self.query}"

    @property
    def href(self) -> str:
        """The whole."""
        return self.url + self.fragment

    @cached_property
    def address(self) -> Address | None:
        """The address that the host is, unless it is a name."""
        return parse_address(self.host)

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The host under each of its names: an IPv4-mapped IPv6 address is the IPv4 address as well."""
        if self.address is None:
            return frozenset((self.host,))
        return frozenset((self.host, str(unmapped(self.address))))

    @property
    def shown(self) -> str:
        """For messages and records: without the query, which may hold secrets."""
        return f"{self.origin}{self.path}"

    @cached_property
    def paths(self) -> frozenset[str]:
        """What a server may take the path for: as it stands, and decoded as often as servers do, with ``..`` resolved each time."""
        if _PLAIN_PATH.fullmatch(self.path):
            return frozenset((self.path,))
        found = [self.path]
        text = self.path
        for _ in range(_DECODINGS):
            decoded = unquote(text, errors="surrogateescape").replace("\\", "/")
            if decoded == text:
                break
            text = decoded
            found.append(text)
        return frozenset(_quoted(path) for raw in found for path in (raw, _resolved(raw)))


class Targets:
    """Parses, and remembers the last URLs with what was found out about them: guests ask for the same ones again and again.

    One for each runtime: from a shared one a guest could tell, by the clock, where others have been.
    """

    def __init__(self) -> None:
        self._known: dict[str, Target] = {}

    def parse(self, text: str) -> Target:
        """What :meth:`Target.parse` gives."""
        target = self._known.pop(text, None) or Target.parse(text)
        if len(text) <= LONGEST_REMEMBERED:
            self._known[text] = target
            if len(self._known) > MOST_REMEMBERED:
                del self._known[next(iter(self._known))]
        return target


def canonical_host(host: str) -> str:
    """A host in the spelling that :class:`Target` uses. Raises :class:`BadTargetError`."""
    if re.search(r"[/?#@\\\s:]", host) and not host.startswith("["):
        raise BadTargetError(f"invalid host {_shown(host)}")
    return Target.parse(f"http://{host}/").host


def canonical_path(pattern: str) -> str:
    """The path of a rule, ``*`` and all, in the spelling that :attr:`Target.paths` uses."""
    return _quoted(unquote(pattern, errors="surrogateescape"))


def _quoted(text: str) -> str:
    """One spelling for each path. A decoded question mark is quoted again: it must not look like the start of a query."""
    quoted = quote(text.encode("utf-8", "surrogateescape"), safe="/!$&'()*+,;=:@-._~%")
    return _ESCAPE.sub(lambda match: match[0].upper(), quoted)


def _resolved(path: str) -> str:
    """``..``, ``.`` and doubled slashes gone; a slash at the end stays."""
    plain = posixpath.normpath("/" + path.lstrip("/"))
    return plain if plain == "/" or not path.endswith(("/", "/.", "/..")) else plain + "/"


def _unrooted(host: str) -> str:
    if _EMPTY_LABEL.search(host):
        raise BadTargetError(f"host {_shown(host)} has an empty label")
    unrooted = host.removesuffix(".")
    if not unrooted:
        raise BadTargetError("the URL has no host")
    return unrooted


def _shown(text: str) -> str:
    return repr(text if len(text) <= 200 else text[:200] + "…")
