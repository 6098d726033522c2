"""``modules``: what a guest may import. Granted by ``policies: {modules: …}`` or by binding a module resolver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from isolate_host.config import Finding, Where
from isolate_host.plugin import Capability, CapabilityRequest, Explanation, GuestScript, PackageTypes, Refusal, Suggestion, hookimpl

__all__ = [
    "isolate_host_check_policy",
    "isolate_host_create_capability",
    "isolate_host_declare_types",
    "isolate_host_explain_policy",
    "isolate_host_find_types",
    "isolate_host_guest_script",
    "isolate_host_is_answerable",
    "isolate_host_suggest_policy",
]


@hookimpl
def isolate_host_create_capability(request: CapabilityRequest) -> Capability:
    """The modules of one runtime."""
    from isolate_host.plugins.modules.plugin import Modules

    return Modules(request)


@hookimpl
def isolate_host_guest_script() -> GuestScript:
    """``node:module``; V8 asks the host for modules by itself."""
    return GuestScript.from_package("modules", __name__)


@hookimpl
def isolate_host_is_answerable() -> bool:
    """The modules of a child may be its parent's to provide."""
    return True


@hookimpl
def isolate_host_check_policy(policy: Mapping[str, Any], where: Where) -> list[Finding]:
    """Report folders and files that are not there."""
    from isolate_host.plugins.modules.check import check_policy

    return check_policy(policy, where)


@hookimpl
def isolate_host_declare_types(policy: Mapping[str, Any]) -> str:
    """``import.meta``, and the names that the policy lets a guest import."""
    from isolate_host.plugins.modules.declared import declare_modules

    return files(__name__).joinpath("types.d.ts").read_text(encoding="utf-8") + declare_modules(policy)


@hookimpl
def isolate_host_find_types(
    policy: Mapping[str, Any], base_dir: Path, shared: dict[str, Any], imports: Sequence[tuple[str, str]]
) -> list[PackageTypes]:
    """Those of packages in ``node_modules``."""
    from isolate_host.plugins.modules.types import find_types

    return find_types(policy, base_dir, shared, imports)


@hookimpl
def isolate_host_explain_policy(policy: Mapping[str, Any], value: str, where: Where) -> Explanation:
    """What an import means, and which key provides it."""
    from isolate_host.plugins.modules.explain import explain_policy

    return explain_policy(policy, value, where)


@hookimpl
def isolate_host_suggest_policy(refusals: Sequence[Refusal]) -> Suggestion:
    """Why nothing is suggested."""
    from isolate_host.plugins.modules.explain import suggest_policy

    return suggest_policy(refusals)
