"""Host side of the modules of one runtime."""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isolate_host.errors import PolicyDenied
from isolate_host.plugin import Capability, CapabilityRequest, GuestCall
from isolate_host.plugins.modules.names import canonical, is_relative, language_of, target
from isolate_host.plugins.modules.tree import OutsideError, SourceTree, read_regular

__all__ = ["Modules"]


class Modules(Capability):
    """Answers ``resolve(specifier, importer, type)``.

    Order: ``virtual`` of the policy, its source trees (the longest prefix first), then whatever resolver the caller bound, with its own order.
    The policy comes first so that a caller cannot put another module in the place of one that the policy provides.

    A module is ``{"id", "source", "filename", "resolve_dir", "static", "language"}``: ``id`` is its absolute name, ``filename`` the last part of it.
    """

    def __init__(self, request: CapabilityRequest) -> None:
        self._request = request
        self._base = request.base_dir
        self._virtual = {canonical(name): module for name, module in request.policy.get("virtual", {}).items()}
        trees = [SourceTree(canonical(item["prefix"]), self._base / item["root"]) for item in request.policy.get("source_trees", ())]
        self._trees = sorted(trees, key=lambda tree: -len(tree.prefix))

    async def handle(self, call: GuestCall) -> Any:
        """Answer from the policy; else let the caller's resolver answer. ``None`` = no such module."""
        if call.op != "resolve":
            raise LookupError(f"unknown operation {call.op!r}")
        found = await self.resolve(*call.arguments())
        if found is not None or self._request.binding is None:
            return found
        return await call.forward()

    async def resolve(self, specifier: str, importer: Mapping[str, Any] | None = None, kind: str = "") -> dict[str, Any] | None:
        """The module that the policy provides for ``specifier``, or ``None``. Raises ``PolicyDenied`` for a name that leads out of a folder."""
        name = target(specifier, importer)
        if name in self._virtual:
            return await self._read_virtual(name, self._virtual[name])
        for tree in self._trees:
            if tree.covers(name):
                found = await self._read_tree(tree, specifier, name)
                if found is not None:
                    return found
            elif not is_relative(specifier) and specifier.lstrip("/").startswith(tree.prefix.lstrip("/") + "/"):
                raise self._denied(specifier, tree, "it leads out of the folder")
        return None

    async def _read_virtual(self, name: str, module: Mapping[str, Any] | str) -> dict[str, Any]:
        if isinstance(module, str):
            module = {"source": module}
        static = bool(module.get("static", False))
        if "source" in module:
            return _module(name, module["source"], module.get("filename"), static=static)
        file: Path = self._base / module["file"]
        source = await asyncio.to_thread(read_regular, file)
        if source is None:
            raise LookupError(f"the policy names a file that is not there: {file.name}")
        return _module(name, source, file.name, static=static)

    async def _read_tree(self, tree: SourceTree, specifier: str, name: str) -> dict[str, Any] | None:
        try:
            found = await asyncio.to_thread(tree.find, name)
        except OutsideError as error:
            raise self._denied(specifier, tree, str(error)) from None
        return None if found is None else _module(*found)

    def _denied(self, specifier: str, tree: SourceTree, reason: str) -> PolicyDenied:
        key = f"{self._request.key}.source_trees"
        message = f"access denied to module {specifier!r}: {reason}"
        return PolicyDenied(message, capability="modules", value=specifier, rule=f"{key} prefix {tree.prefix.lstrip('/')}/", hint=f"see {key}")


def _module(name: str, source: str, filename: str | None = None, *, static: bool = False) -> dict[str, Any]:
    filename = filename or posixpath.basename(name)
    return {
        "id": name,
        "source": source,
        "filename": filename,
        "resolve_dir": posixpath.dirname(name),
        "static": static,
        "language": language_of(filename),
    }
