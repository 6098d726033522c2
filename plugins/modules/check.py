"""What can be wrong with a modules policy beyond its schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from isolate_host.config import Finding, Where
from isolate_host.plugins.modules.plugin import resolver_of

__all__ = ["check_policy"]


def check_policy(policy: Mapping[str, Any], where: Where) -> list[Finding]:
    """All findings."""
    return [*_trees(policy, where), *_virtual(policy, where), *_node_modules(policy, where), *_import_map(policy, where)]


def _trees(policy: Mapping[str, Any], where: Where) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for index, tree in enumerate(policy.get("source_trees", ())):
        path = ("source_trees", index)
        if not (where.base_dir / tree["root"]).is_dir():
            yield where.finding("modules-no-root", f"{tree['root']!r} is not a folder", *path, "root")
        prefix = tree["prefix"].strip("/")
        if prefix in seen:
            message = f"prefix {tree['prefix']!r} stands here a second time (first in source_trees[{seen[prefix]}])"
            yield where.finding("modules-duplicate-prefix", message, *path, "prefix")
        seen.setdefault(prefix, index)


def _virtual(policy: Mapping[str, Any], where: Where) -> Iterator[Finding]:
    for specifier, module in policy.get("virtual", {}).items():
        if isinstance(module, Mapping) and "file" in module and not (where.base_dir / module["file"]).is_file():
            yield where.finding("modules-no-file", f"there is no file {module['file']!r}", "virtual", specifier, "file")
    try:
        resolver_of({"virtual": policy.get("virtual", {})}, where.base_dir, "")
    except ValueError as error:
        yield where.finding("modules-bad-virtual", str(error), "virtual")


def _node_modules(policy: Mapping[str, Any], where: Where) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for index, mount in enumerate(policy.get("node_modules", ())):
        path = ("node_modules", index)
        for key in ("root", "store"):
            if key in mount and not (where.base_dir / mount[key]).is_dir():
                yield where.finding("modules-no-root", f"{mount[key]!r} is not a folder", *path, key)
        if (where.base_dir / mount["root"]).name != "node_modules":
            yield where.finding("modules-not-node-modules", f"{mount['root']!r} is not a folder called node_modules", *path, "root")
        at = mount["mount"].rstrip("/")
        if at in seen:
            message = f"mount {mount['mount']!r} stands here a second time (first in node_modules[{seen[at]}])"
            yield where.finding("modules-duplicate-mount", message, *path, "mount")
        seen.setdefault(at, index)


def _import_map(policy: Mapping[str, Any], where: Where) -> Iterator[Finding]:
    try:
        resolver_of({"imports": policy.get("imports", {})}, where.base_dir, "")
    except ValueError as error:
        yield where.finding("modules-bad-import-map", str(error), "imports")
    for scope, table in policy.get("scopes", {}).items():
        try:
            resolver_of({"scopes": {scope: table}}, where.base_dir, "")
        except ValueError as error:
            yield where.finding("modules-bad-import-map", str(error), "scopes", scope)
