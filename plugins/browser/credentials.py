"""Who may use the policy proxy. Loopback is open to every user of the machine, and the proxy leads to where a runtime's pages may go.

Browsers are asked for a digest (RFC 7616): what they send proves that they know the password, for one URL, and is all that a guest could ever
see of it (in ``request.allHeaders()``, a HAR or DevTools). Playwright's own client, which sends the requests of ``page.request``, gets a ticket
for each call instead, which is void after it.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Final

__all__ = ["ProxyCredentials"]

#: Possessive, and matched one after another: a header of 64 KiB (there is a path in it) is read once, whatever stands there.
_PARAMETER: Final = re.compile(r'\s*(\w++)\s*=\s*(?:"((?:[^"\\]|\\.)*+)"|([^\s,"]++))\s*(?:,|$)')
_REALM: Final = "isolate-host"
_TICKET: Final = "Bearer"


class ProxyCredentials:
    """Made for one proxy, random, and gone with it."""

    def __init__(self) -> None:
        self.username, self.password, self._nonce = (secrets.token_urlsafe(32) for _ in range(3))
        self._tickets: set[str] = set()

    @property
    def challenge(self) -> str:
        """The value of ``Proxy-Authenticate``."""
        return f'Digest realm="{_REALM}", qop="auth", algorithm=SHA-256, nonce="{self._nonce}"'

    # ── tickets ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @contextlib.contextmanager
    def ticket(self) -> Iterator[str]:
        """The value of ``Proxy-Authorization`` for requests that are sent, inside of their tunnels, until the end of the block."""
        made = secrets.token_urlsafe(32)
        self._tickets.add(made)
        try:
            yield f"{_TICKET} {made}"
        finally:
            self._tickets.discard(made)

    @property
    def expects_tickets(self) -> bool:
        """Whether somebody may dig a tunnel first and show a ticket in it."""
        return bool(self._tickets)

    def holds_ticket(self, header: str) -> bool:
        """Whether ``Proxy-Authorization`` is a ticket of the moment."""
        return any(_same(header, f"{_TICKET} {ticket}") for ticket in self._tickets)

    # ── digests ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def proven(self, header: str, method: str, target: str) -> bool:
        """Whether ``Proxy-Authorization`` of a request for ``target`` shows that its sender knows the password."""
        scheme, _, rest = header.strip().partition(" ")
        given = _parameters(rest) if scheme.lower() == "digest" else {}
        uri = given.get("uri", "")
        # Browsers name the path alone, even to a proxy that is asked for a whole URL.
        if uri not in (target, _path(target)) or given.get("qop") != "auth":
            return False
        secret = _hash(f"{self.username}:{_REALM}:{self.password}")
        expected = _hash(f"{secret}:{self._nonce}:{given.get('nc', '')}:{given.get('cnonce', '')}:auth:{_hash(f'{method}:{uri}')}")
        return _same(given.get("username", ""), self.username) & _same(given.get("response", ""), expected)


def _parameters(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    match = _PARAMETER.match(text)
    while match is not None:
        found[match[1].lower()] = match[3] or re.sub(r"\\(.)", r"\1", match[2] or "")
        match = _PARAMETER.match(text, match.end())
    return found


def _path(target: str) -> str:
    """Of a URL as a proxy is asked for it; ``host:port`` of a tunnel has none."""
    return re.sub(r"^\w+://[^/?#]*", "", target)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _same(given: str, expected: str) -> bool:
    """Takes as long for a wrong guess as for a nearly right one."""
    return secrets.compare_digest(given.encode("utf-8", "replace"), expected.encode())
