"""``files``: folders of the host for guests, under ``policies: {files: …}``, or files that the caller binds."""

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
    """The mounts of one runtime."""
    from isolate_host.plugins.files.plugin import Files

    return Files(request)


@hookimpl
def isolate_host_guest_script() -> GuestScript:
    """``globalThis.getDirectory``, the classes of its handles, and ``node:fs/promises``."""
    return GuestScript.from_package("files", __name__)


@hookimpl
def isolate_host_is_answerable() -> bool:
    """The files of a child may be its parent's to show."""
    return True


@hookimpl
def isolate_host_check_policy(policy: Mapping[str, Any], where: Where) -> list[Finding]:
    """Roots that are not there, mounts that stand twice, keys that do not go together."""
    from isolate_host.plugins.files.check import check_policy

    return check_policy(policy, where)


@hookimpl
def isolate_host_declare_types() -> str:
    """The types are the same under every policy."""
    return files(__name__).joinpath("types.d.ts").read_text(encoding="utf-8")


@hookimpl
def isolate_host_explain_policy(policy: Mapping[str, Any], value: str) -> Explanation:
    """Which mount a path lies in, and whether the guest may write there."""
    from isolate_host.plugins.files.explain import explain_policy

    return explain_policy(policy, value)


@hookimpl
def isolate_host_suggest_policy(refusals: Sequence[Refusal]) -> Suggestion:
    """Trees in memory for the folders in which guests wanted to write."""
    from isolate_host.plugins.files.suggest import suggest_policy

    return suggest_policy(refusals)
