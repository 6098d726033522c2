"""Which URLs a guest may name, before any policy is asked: pages are on the web, or in the guest's own hands."""

from __future__ import annotations

from typing import Final

import ada_url

__all__ = ["NETWORK", "scheme_of"]

#: What a policy decides about.
NETWORK: Final = frozenset({"http", "https", "ws", "wss"})
#: Pages without a place: nothing of the host is behind them.
_PLACELESS: Final = frozenset({"about", "blob", "data", "javascript"})
#: Of ``about:``, which Chromium takes for its own pages too.
_BLANK: Final = frozenset({"blank", "srcdoc"})


def scheme_of(url: str) -> str | None:
    """The scheme of a URL that may be opened, as far as its scheme is concerned; ``""`` for a relative one, ``None`` when it may not."""
    try:
        parsed = ada_url.URL(url)
    except ValueError:
        try:
            ada_url.URL(url, base="http://relative.invalid/")
        except ValueError:
            return None
        return ""
    scheme = parsed.protocol.removesuffix(":")
    if scheme in NETWORK or (scheme in _PLACELESS and (scheme != "about" or parsed.pathname in _BLANK)):
        return scheme
    return None
