"""``browser``: Playwright for guests. Contexts and pages come from the configuration's browser, or from the caller (``BrowserBinding``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isolate_host.config import Finding, Where
from isolate_host.plugin import Capability, CapabilityRequest, Explanation, GuestScript, Refusal, Suggestion, hookimpl

__all__ = [
    "isolate_host_check_policy",
    "isolate_host_create_capability",
    "isolate_host_declare_types",
    "isolate_host_explain_policy",
    "isolate_host_guest_script",
    "isolate_host_suggest_policy",
]


@hookimpl
def isolate_host_create_capability(request: CapabilityRequest) -> Capability | None:
    """The caller's browser when it bound one, else that of the policy."""
    from isolate_host.plugins.browser.plugin import BoundBrowser, open_browser

    return BoundBrowser(request) if request.binding is not None else open_browser(request)


@hookimpl
def isolate_host_guest_script() -> GuestScript:
    """``globalThis.browser``. What it is made of is read when guest code first touches it."""
    return GuestScript.from_package("browser", __name__)


@hookimpl
def isolate_host_declare_types() -> str:
    """Those of the Playwright that is installed."""
    from isolate_host.plugins.browser.types import declare_types

    return declare_types()


@hookimpl
def isolate_host_check_policy(policy: Mapping[str, Any], where: Where) -> list[Finding]:
    """Rules that say nothing, switches that would undo the policy, a browser that is not there."""
    from isolate_host.plugins.browser.check import check_policy

    return check_policy(policy, where)


@hookimpl
def isolate_host_explain_policy(policy: Mapping[str, Any], value: str, where: Where) -> Explanation:
    """Which rule decides about a URL, with a method before it or not."""
    from isolate_host.plugins.browser.explain import explain_policy

    return explain_policy(policy, value, where)


@hookimpl
def isolate_host_suggest_policy(refusals: Sequence[Refusal]) -> Suggestion:
    """Rules for the very URLs that were refused."""
    from isolate_host.plugins.browser.explain import suggest_policy

    return suggest_policy(refusals)
