"""A module together with everything it will need: one answer instead of one for each level of the graph."""

from __future__ import annotations

import posixpath
from collections import deque

from isolate_host.client.module_types import ResolvedModule
from isolate_host.client.packages.hints import likely_imports
from isolate_host.client.packages.manifest import PackageError
from isolate_host.client.packages.resolution import EMPTY, Resolution

__all__ = ["module_at", "read_ahead"]

#: What one answer may carry; the rest is asked for when it is needed.
_MAX_MODULES = 6_000
_MAX_CHARACTERS = 12 << 20


def module_at(resolution: Resolution, path: str) -> ResolvedModule:
    """The module at a path that a resolution gave. Raises ``PackageError``."""
    mount = resolution.mount_of(path)
    if mount is None:
        raise PackageError(f"{path} is gone", "ERR_MODULE_NOT_FOUND")
    return ResolvedModule(path, mount.text(path), format=mount.format(path))


def empty_module(mount: str) -> ResolvedModule:
    """What a ``browser`` field puts in the place of a module that it excludes."""
    return ResolvedModule(f"{mount}/.empty.cjs", "", format="commonjs")


class _Reader:
    """Walks a graph breadth first. What cannot be found is left out: the error belongs to whoever really imports it."""

    def __init__(self, resolution: Resolution) -> None:
        self._resolution = resolution
        self._resolved: dict[tuple[str, str, str], str | None] = {}

    def links(self, module: ResolvedModule) -> tuple[tuple[str, str, str], ...]:
        """What its imports mean."""
        links: dict[tuple[str, str], str] = {}
        folder = posixpath.dirname(module.id)
        for specifier, kind in likely_imports(module.source, module.format):
            if (specifier, kind) in links or ":" in specifier:
                continue
            target = self._resolve(specifier, folder, module.id, kind)
            if target is not None:
                links[specifier, kind] = target
        return tuple((specifier, kind, target) for (specifier, kind), target in links.items())

    def _resolve(self, specifier: str, folder: str, importer: str, kind: str) -> str | None:
        key = (folder, specifier, "require" if kind == "require" else "")
        if key not in self._resolved:
            try:
                self._resolved[key] = self._resolution.resolve(specifier, importer, folder, kind)
            except PackageError:
                self._resolved[key] = None
        return self._resolved[key]

    def module(self, path: str, root: str) -> ResolvedModule | None:
        """The module at ``path``; ``None`` when it is none."""
        if path == EMPTY:
            return empty_module(root)
        try:
            return module_at(self._resolution, path)
        except PackageError:
            return None


def read_ahead(resolution: Resolution, root: ResolvedModule, builtins: frozenset[str]) -> ResolvedModule:
    """``root`` with its links, and with all modules that it and they import (``extra``)."""
    reader = _Reader(resolution)
    mount = resolution.mount_of(root.id)
    prefix = mount.mount if mount else ""
    found: dict[str, ResolvedModule] = {root.id: root}
    pending, size = deque([root]), len(root.source)
    while pending:
        module = pending.popleft()
        links = [link for link in reader.links(module) if link[0] not in builtins] if module.format != "json" else []
        kept = []
        for specifier, kind, target in links:
            at = f"{prefix}/.empty.cjs" if target == EMPTY else target
            if at not in found and len(found) < _MAX_MODULES and size < _MAX_CHARACTERS:
                reached = reader.module(target, prefix)
                if reached is not None:
                    found[at] = reached
                    size += len(reached.source)
                    pending.append(reached)
            if at in found:
                kept.append((specifier, kind, at))
        found[module.id] = module.linked(tuple(kept))
    first, *others = found.values()
    return first.followed_by(tuple(others))
