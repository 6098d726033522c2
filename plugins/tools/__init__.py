"""``tools``: functions of the host that a guest calls by name. Bound by the caller, or named by ``policies: {tools: {python: …}}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
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
    """The tools of one runtime."""
    from isolate_host.plugins.tools.plugin import Tools

    return Tools(request)


@hookimpl
def isolate_host_guest_script() -> GuestScript:
    """One global async function a tool."""
    return GuestScript.from_package("tools", __name__)


@hookimpl
def isolate_host_is_answerable() -> bool:
    """Tools of a child may be functions of its parent."""
    return True


@hookimpl
def isolate_host_check_policy(policy: Mapping[str, Any], where: Where) -> list[Finding]:
    """Import the Python tools and report those that cannot be called."""
    from isolate_host.plugins.tools.python_tools import check_references

    return check_references(policy, where)


@hookimpl
def isolate_host_declare_types(policy: Mapping[str, Any], base_dir: Path) -> str:
    """One function a tool of the policy, from its type hints. Those that a caller binds are declared where they are bound."""
    from isolate_host.client.tool_types import declare_tools
    from isolate_host.plugins.tools.python_tools import import_tool

    tools = {name: import_tool(reference, base_dir).function for name, reference in policy.get("python", {}).items()}
    return files(__name__).joinpath("types.d.ts").read_text(encoding="utf-8") + declare_tools(tools)


@hookimpl
def isolate_host_explain_policy(policy: Mapping[str, Any], value: str) -> Explanation:
    """Whether a tool of that name may be called."""
    from isolate_host.plugins.tools.explain import explain_policy

    return explain_policy(policy, value)


@hookimpl
def isolate_host_suggest_policy(refusals: Sequence[Refusal]) -> Suggestion:
    """The names of the tools that were refused."""
    from isolate_host.plugins.tools.explain import suggest_policy

    return suggest_policy(refusals)
