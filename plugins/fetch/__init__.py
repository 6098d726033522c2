"""``fetch``: the only way to the network, under ``policies: {fetch: …}``, or answered by a function that the caller binds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from isolate_host.config import Finding, Where
from isolate_host.plugin import Capability, CapabilityRequest, Explanation, GuestScript, Refusal, Suggestion, hookimpl

__all__ = [
    "isolate_host_check_policy",
    "isolate_host_create_capability",
    "isolate_host_declare_types",
    "isolate_host_explain_policy",
    "isolate_host_guest_script",
    "isolate_host_is_answerable",
    "isolate_host_suggest_policy",
]


@hookimpl
def isolate_host_create_capability(request: CapabilityRequest) -> Capability:
    """The caller's function when it bound one, else the built-in transport."""
    from isolate_host.plugins.fetch.plugin import BoundFetch, Fetch

    return Fetch(request) if request.binding is None else BoundFetch(request)


@hookimpl
def isolate_host_guest_script() -> GuestScript:
    """``fetch``, ``WebSocket`` and ``EventSource``; the native service computes the hashes of ``integrity``."""
    return GuestScript.from_package("fetch", __name__, services=("crypto",))


@hookimpl
def isolate_host_is_answerable() -> bool:
    """Requests of a child may be its parent's to answer, with what it may do itself."""
    return True


@hookimpl
def isolate_host_check_policy(policy: Mapping[str, Any], where: Where) -> list[Finding]:
    """Rules that say nothing, and files that are not there."""
    from isolate_host.plugins.fetch.check import check_policy

    return check_policy(policy, where)


@hookimpl
def isolate_host_declare_types() -> str:
    """The types are the same under every policy."""
    return files(__name__).joinpath("types.d.ts").read_text(encoding="utf-8")


@hookimpl
def isolate_host_explain_policy(policy: Mapping[str, Any], value: str, where: Where) -> Explanation:
    """Which rule decides about a URL, with a method before it or not."""
    from isolate_host.plugins.fetch.explain import explain_policy

    return explain_policy(policy, value, where)


@hookimpl
def isolate_host_suggest_policy(refusals: Sequence[Refusal]) -> Suggestion:
    """Rules for the very URLs that were refused."""
    from isolate_host.plugins.fetch.suggest import suggest_policy

    return suggest_policy(refusals)
