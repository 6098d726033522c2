"""What a browser policy decides about one URL, for ``isolate-host explain``, and what refused requests would need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from isolate_host.config import Where
from isolate_host.plugin import Explanation, Refusal, Suggestion
from isolate_host.plugins.browser.urls import NETWORK, scheme_of
from isolate_host.plugins.fetch.explain import explain_policy as explain_fetch
from isolate_host.plugins.fetch.suggest import suggest_policy as suggest_fetch

__all__ = ["explain_policy", "suggest_policy"]


def explain_policy(policy: Mapping[str, Any], value: str, where: Where) -> Explanation:
    """``value`` is a URL, with a method before it when that is not GET."""
    url = value.strip().rpartition(" ")[2]
    scheme = scheme_of(url)
    if scheme is None:
        return Explanation(False, "pages are on the web (http, https), or about:blank, data: and blob:; no policy opens another scheme")
    if scheme and scheme not in NETWORK:
        return Explanation(True, f"a {scheme}: page has nothing of the host or the network in it")
    found = explain_fetch(policy, value, where)
    if policy.get("bound_network") == "own":
        found = replace(found, notes=(*found.notes, "bound_network: own: contexts that the caller binds are not held to this"))
    return found


def suggest_policy(refusals: Sequence[Refusal]) -> Suggestion:
    """Rules for the very URLs that were refused; nothing opens other schemes, DevTools or missing files from here."""
    urls, left = [], []
    for refusal in refusals:
        if scheme_of(refusal.value) in NETWORK:
            urls.append(refusal)
        else:
            left.append((refusal, refusal.hint or "nothing in this policy opens it"))
    found = suggest_fetch(urls)
    return Suggestion(found.policy, [*found.left, *left])
