"""What type checks know of a guest: the declarations of its language and web surface, of its capabilities and of its tools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from isolate_host.client.typecheck import PROFILES, TypeFile, TypeProfile
from isolate_host.config.model import HostConfig, SandboxConfig
from isolate_host.errors import PluginError
from isolate_host.plugin import PluginRegistry

__all__ = ["base_declarations", "profile_capabilities", "profile_declarations", "sandbox_declarations", "type_profile"]

_BASE = ("language", "iterator", "web", "guest")
Files = list[tuple[str, str]]


def base_declarations() -> Files:
    """What every guest has, as ``(name, text)``."""
    folder = files("isolate_host.guest").joinpath("dist")
    return [(f"/lib/{name}.d.ts", folder.joinpath(f"{name}.d.ts").read_text(encoding="utf-8")) for name in _BASE]


def profile_capabilities(profile: str, capabilities: list[str], registry: PluginRegistry) -> list[str]:
    """The capabilities of a profile that are installed, and those asked for by name. Raises ``PluginError`` for one that is not."""
    installed = registry.installed()
    for name in capabilities:
        if name not in installed and name not in registry.loaded:
            known = ", ".join(sorted({*installed, *registry.loaded}))
            raise PluginError(f"no plugin provides the capability {name!r}", plugin=name, hint=f"one of: {known}")
    usual = [name for name in PROFILES[profile] if name in installed]
    return list(dict.fromkeys([*usual, *capabilities]))


def profile_declarations(profile: str, capabilities: list[str], registry: PluginRegistry) -> Files:
    """The declarations of those capabilities, as they are without a policy."""
    return _declared(dict.fromkeys(profile_capabilities(profile, capabilities, registry), ({}, Path())), registry)


def sandbox_declarations(sandbox: SandboxConfig, config: HostConfig, registry: PluginRegistry, inherent: Iterable[str] = ()) -> Files:
    """The declarations of what ``sandbox`` grants, and of nothing else but what is ``inherent`` in the kind of runtime."""
    granted = {name: sandbox.policies[name] for name in config.plugins if name in sandbox.policies}
    policies = {name: (policy.policy, policy.base_dir) for name, policy in granted.items()}
    return _declared({**dict.fromkeys(inherent, ({}, config.base_dir)), **policies}, registry)


def _declared(policies: Mapping[str, tuple[Mapping[str, Any], Path]], registry: PluginRegistry) -> Files:
    texts = [(name, registry.declare_types(name, policy, base_dir)) for name, (policy, base_dir) in policies.items()]
    return [(f"/plugins/{name}.d.ts", text) for name, text in texts if text]


def type_profile(profile: str, capabilities: list[str], registry: PluginRegistry) -> TypeProfile:
    """A profile with its files, for people and models to read."""
    names = profile_capabilities(profile, capabilities, registry)
    found = [*base_declarations(), *profile_declarations(profile, capabilities, registry)]
    shown = tuple(TypeFile(name.lstrip("/"), text) for name, text in found)
    return TypeProfile(profile, tuple(names), tuple(item.name for item in shown), shown)
