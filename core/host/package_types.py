"""Declarations of packages that a sandbox mounts: which imports of a program they are for, and how a checker gets them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from typing import Any

from isolate_host.config.model import HostConfig, SandboxConfig
from isolate_host.host.type_declarations import Files
from isolate_host.plugin import PackageTypes, PluginRegistry

__all__ = ["find_package_types", "full", "identity", "named"]

_DECLARED = re.compile(r"""\bdeclare\s+module\s+(?:"([^"*\n]+)"|'([^'*\n]+)')""")
_PACKAGE = re.compile(r"/node_modules/((?:@[^/]+/)?[^/]+)/")


async def find_package_types(
    imports: Iterable[tuple[str, str]], sandbox: SandboxConfig | None, config: HostConfig, registry: PluginRegistry, *,
    declared: Files, given: Iterable[str],
) -> list[PackageTypes]:
    """For ``imports`` of a program, ``(specifier, file)``, what the policies of ``sandbox`` provide. Raises ``LimitExceeded`` and ``PluginError``.

    Modules that are ``declared``, and packages whose files are ``given`` by path, are the caller's own affair.
    """
    taken = {name for _, text in declared for pair in _DECLARED.findall(text) for name in pair if name}
    own = {found[1] for path in given if (found := _PACKAGE.match(path))}
    wanted = [item for item in dict.fromkeys(imports) if item[0][:1] not in ("", ".", "/") and item[0] not in taken and _package(item[0]) not in own]
    if sandbox is None or not wanted:
        return []
    policies = [(name, sandbox.policies[name]) for name in config.plugins if name in sandbox.policies]

    def find() -> list[PackageTypes]:
        return [found for name, policy in policies for found in registry.find_types(name, policy.policy, policy.base_dir, wanted)]

    return await asyncio.to_thread(find)


def _package(specifier: str) -> str:
    return "/".join(specifier.split("/")[: 2 if specifier.startswith("@") else 1])


def named(packages: Sequence[PackageTypes]) -> dict[str, Any]:
    """The part of a request that says which packages a program imports."""
    return {
        "packages": [{"key": key} for key in dict.fromkeys(item.key for item in packages)],
        "links": [[item.importer, item.specifier, item.entry] for item in packages],
    }


def full(packages: Sequence[PackageTypes]) -> dict[str, Any]:
    """The same for a checker that has not seen them."""
    by_key = {item.key: {"key": item.key, "files": dict(item.files), "links": dict(item.links)} for item in packages}
    return {**named(packages), "packages": list(by_key.values())}


def identity(packages: Sequence[PackageTypes]) -> str:
    """Short, and different where an answer might be."""
    return repr([(item.importer, item.specifier, item.entry, item.key) for item in packages])
