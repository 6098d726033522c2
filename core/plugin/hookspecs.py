"""The hooks of isolate-host.

Every hook is synchronous and cheap. The host calls each plugin's implementation by itself, so that one that raises
spoils nothing for the others; what it raised becomes a :class:`~isolate_host.errors.PluginError` that names the plugin.
Hooks grow by new keyword arguments: an implementation names only those that it wants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isolate_host.config.findings import Finding
from isolate_host.config.where import Where
from isolate_host.plugin.capability import Capability, CapabilityRequest
from isolate_host.plugin.explain import Explanation, Refusal, Suggestion
from isolate_host.plugin.markers import hookspec
from isolate_host.plugin.review import PackageTypes
from isolate_host.plugin.script import GuestScript

__all__ = [
    "isolate_host_check_policy",
    "isolate_host_create_capability",
    "isolate_host_declare_types",
    "isolate_host_explain_policy",
    "isolate_host_find_types",
    "isolate_host_guest_script",
    "isolate_host_is_answerable",
    "isolate_host_is_harmless",
    "isolate_host_observe_event",
    "isolate_host_suggest_policy",
]


@hookspec
def isolate_host_create_capability(request: CapabilityRequest) -> Capability | None:
    """Open the capability for one new runtime. ``None`` = this policy and binding give the guest nothing."""


@hookspec
def isolate_host_guest_script() -> GuestScript | None:
    """The guest script. Called once, when the zygote starts: the script is loaded before any policy is known."""


@hookspec
def isolate_host_is_harmless() -> bool:  # type: ignore[empty-body]
    """Whether a runtime that no sandbox of the configuration confines gets the capability without asking.

    Say ``True`` only when it reaches nothing outside the worker. A sandbox still has to name it.
    """


@hookspec
def isolate_host_is_answerable() -> bool:  # type: ignore[empty-body]
    """Whether guest code may answer this capability for the runtimes that it creates, as a client does by a binding.

    Say ``True`` only when a binding without a policy opens nothing but the way to whoever bound it.
    """


@hookspec
def isolate_host_check_policy(policy: Mapping[str, Any], where: Where) -> list[Finding]:  # type: ignore[empty-body]
    """What is wrong with a policy beyond its schema. ``where.finding(…)`` makes a finding with file, line and column."""


@hookspec
def isolate_host_declare_types(policy: Mapping[str, Any], base_dir: Path) -> str:  # type: ignore[empty-body]
    """TypeScript declarations (``.d.ts`` text) of what this policy gives a guest; an empty policy is that of a profile.

    ``base_dir`` is the folder that relative paths of the policy start from.
    """


@hookspec
def isolate_host_find_types(  # type: ignore[empty-body]
    policy: Mapping[str, Any], base_dir: Path, shared: dict[str, Any], imports: Sequence[tuple[str, str]]
) -> list[PackageTypes]:
    """The declarations behind those of ``imports``, as ``(specifier, path of the importing file)``, that this policy provides and has types for.

    It may read files: the core calls it in a thread, one call at a time. ``shared`` is that of ``CapabilityRequest``.
    Raise ``LimitExceeded`` for more than a check can carry.
    """


@hookspec
def isolate_host_explain_policy(policy: Mapping[str, Any], value: str, where: Where) -> Explanation | None:
    """What ``policy`` decides about ``value``, for ``isolate-host explain``; ``value`` is what a person typed.

    A value that cannot be read is refused, and ``because`` says why. ``None`` = nothing can be said about single values.
    """


@hookspec
def isolate_host_suggest_policy(refusals: Sequence[Refusal]) -> Suggestion | None:
    """The least that a policy needs so that it does not refuse these again, for ``isolate-host audit suggest``.

    Guests chose the values: never suggest a pattern that one of them merely spells.
    """


@hookspec
def isolate_host_observe_event(event: Mapping[str, Any]) -> None:
    """See one audit record. Must not block; called for every host call of every runtime."""
