"""Modules that have arrived. Each is compiled when a graph first reaches it: what was only brought along costs nothing but its text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from isolate_host.engine import (
    Isolate,
    ModuleInfo,
    ModuleMap,
    ModuleRequest,
    ModuleSyntaxError,
    compile_function,
    describe_failure,
)
from isolate_host.worker.kernel import Kernel

__all__ = ["MODULE_SIGNS", "Arrived", "Shelf"]

#: What V8's parser of scripts and functions says first when the text is a module. Then the module parser decides.
MODULE_SIGNS = (
    "Cannot use import statement outside a module",
    "Unexpected token 'export'",
    "Cannot use 'import.meta' outside a module",
)
#: The same, where the text has no ``import`` or ``export`` before it awaits.
_AWAIT_SIGN = "await is only valid in async functions and the top level bodies of modules"
_PARAMETERS = (b"exports", b"require", b"module", b"__filename", b"__dirname")
_OWN_NAMES = ("default", "module.exports")


@dataclass(slots=True)
class Arrived:
    """``kind``: ``js``, ``cjs``, ``json``, ``builtin``, or ``detect`` until its text has been looked at."""

    info: ModuleInfo
    kind: str
    source: bytes
    source_map: bytes | None
    #: It outlives the owner of a session.
    static: bool = False
    #: The function that CommonJS text is the body of (a global handle).
    function: int = 0
    #: Named exports of CommonJS, and the specifiers from which it exports everything.
    names: list[str] | None = None
    reexports: list[str] = field(default_factory=list)


class Shelf:
    """By id. Raises ``ModuleSyntaxError`` and ``LookupError`` when a text is asked for that cannot be used."""

    def __init__(self, isolate: Isolate, modules: ModuleMap, kernel: Kernel) -> None:
        self._isolate, self._modules, self._kernel = isolate, modules, kernel
        self._arrived: dict[str, Arrived] = {}
        self._requests: dict[str, list[ModuleRequest]] = {}
        self.ids_by_name: dict[str, str] = {}

    def __contains__(self, module_id: str) -> bool:
        return module_id in self._arrived

    def put(self, entry: dict[str, Any], supply: Iterator[memoryview]) -> None:
        """Keep one entry of ``w.mods``."""
        kind = entry["kind"]
        if kind in ("known", "error"):
            return
        info = ModuleInfo(entry["id"], entry["url"], entry["filename"], entry["dirname"])
        source = bytes(next(supply)) if kind != "builtin" else b""
        source_map = bytes(next(supply)) if entry.get("map") else None
        if info.id in self._arrived:
            return
        self._arrived[info.id] = Arrived(info, kind, source, source_map, entry.get("static") is True)
        self.ids_by_name[info.filename] = info.id
        for specifier, request, target in entry.get("links", ()):
            self._modules.link(info.id, ModuleRequest(specifier, request), target)

    def put_root(self, info: ModuleInfo, source: bytes) -> None:
        """Compile and keep an entry module."""
        self._requests[info.id] = self._modules.add_source(info, source)
        self._arrived[info.id] = Arrived(info, "js", b"", None)
        self.ids_by_name[info.filename] = info.id

    def info(self, module_id: str) -> ModuleInfo | None:
        """Who it is."""
        arrived = self._arrived.get(module_id)
        return arrived.info if arrived else None

    def names(self) -> list[str]:
        """Ids and file names of all modules."""
        return sorted({*self._arrived, *self.ids_by_name})

    def text(self, module_id: str) -> bytes:
        """The source."""
        return self._arrived[module_id].source

    # ------------------------------------------------------------------ a session changes hands
    def forget(self, *, keep_all: bool) -> list[str]:
        """Keep only (all or) the static modules and what those import or require, and none of plugins; the ids that stay."""
        kept = {known for known in (self._arrived if keep_all else self._lasting()) if self._arrived[known].kind != "builtin"}
        for module_id in [known for known in self._arrived if known not in kept]:
            gone = self._arrived.pop(module_id)
            self._requests.pop(module_id, None)
            if gone.function:
                self._isolate.handles.dispose(gone.function)
        self.ids_by_name = {arrived.info.filename: module_id for module_id, arrived in self._arrived.items()}
        self._modules.keep_only(kept)
        return sorted(kept)

    def _lasting(self) -> set[str]:
        kept: set[str] = set()
        pending = [module_id for module_id, arrived in self._arrived.items() if arrived.static]
        required = self._modules.targets("require")
        while pending:
            current = pending.pop()
            if current in kept or current not in self._arrived:
                continue
            kept.add(current)
            imported = (self._modules.linked(current, request) for request in self._requests.get(current, ()))
            pending += [*required.get(current, ()), *(target for target in imported if target is not None)]
        return kept

    # ------------------------------------------------------------------ kinds
    def kind(self, module_id: str) -> str:
        """``js``, ``cjs``, ``json`` or ``builtin``."""
        arrived = self._arrived[module_id]
        if arrived.kind == "detect":
            arrived.kind = self._detect(arrived)
        return arrived.kind

    def _detect(self, arrived: Arrived) -> str:
        """CommonJS unless V8 says that it is a module, as Node decides."""
        with self._isolate.handles.scope(), self._isolate.handles.try_catch() as caught:
            function = self._compile(arrived)
            if function is not None:
                arrived.function = self._isolate.handles.globalize(function)
                return "cjs"
            failure = describe_failure(self._isolate, caught, arrived.info.filename)
        return "js" if failure.message in MODULE_SIGNS or failure.message.startswith(_AWAIT_SIGN) else "cjs"

    def _compile(self, arrived: Arrived) -> int | None:
        if arrived.source_map is not None:
            self._kernel.add_source_map(arrived.info.filename, arrived.source_map)
            arrived.source_map = None
        source = arrived.source
        # As Node does: a file that can be run by itself names its interpreter first.
        return compile_function(self._isolate, b"//" + source if source.startswith(b"#!") else source, arrived.info.filename, _PARAMETERS)

    def function(self, module_id: str) -> int | None:
        """The function of a CommonJS module; ``None``, and a pending exception, when it does not parse."""
        arrived = self._arrived[module_id]
        return arrived.function or self._compile(arrived)

    # ------------------------------------------------------------------ as parts of a graph
    def requests(self, module_id: str) -> list[ModuleRequest]:
        """What must be there before the module can be linked. It is compiled now if it never was."""
        known = self._requests.get(module_id)
        if known is None:
            known = self._requests[module_id] = self._prepare(self._arrived[module_id], self.kind(module_id))
        return known

    def _prepare(self, arrived: Arrived, kind: str) -> list[ModuleRequest]:
        if kind == "js":
            requests = self._modules.add_source(arrived.info, arrived.source)
            if arrived.source_map:
                self._kernel.add_source_map(arrived.info.filename, arrived.source_map)
            arrived.source, arrived.source_map = b"", None
            return requests
        if kind == "json":
            self._modules.add_json(arrived.info, arrived.source)
        elif kind == "builtin":
            self._add_builtin(arrived.info)
        else:
            return self._analyse(arrived)
        return []

    def _add_builtin(self, info: ModuleInfo) -> None:
        with self._isolate.handles.scope():
            exports = self._kernel.builtin(info.id)
            if exports is None:
                raise LookupError(f"no built-in module is called '{info.id}'")
            self._modules.add_builtin(info, exports)

    def _analyse(self, arrived: Arrived) -> list[ModuleRequest]:
        """Find the exports of CommonJS text without running it. Raises ``ModuleSyntaxError`` when it does not parse."""
        if not arrived.function:
            with self._isolate.handles.scope(), self._isolate.handles.try_catch() as caught:
                function = self._compile(arrived)
                if function is None:
                    raise ModuleSyntaxError(describe_failure(self._isolate, caught, arrived.info.filename))
                arrived.function = self._isolate.handles.globalize(function)
        found = json.loads(self._kernel.commonjs_names(arrived.source))
        arrived.names, arrived.reexports = found["exports"], found["reexports"]
        return [ModuleRequest(specifier, "require") for specifier in arrived.reexports]

    def make_importable(self, module_ids: Iterator[str], run: Callable[[str, list[str]], int | None]) -> None:
        """Give the CommonJS modules among these (all that they re-export being there) the face of an ES module."""
        for module_id in module_ids:
            arrived = self._arrived.get(module_id)
            if arrived is None or arrived.names is None or module_id in self._modules:
                continue
            names = [*_OWN_NAMES, *(name for name in self._all_names(module_id) if name not in _OWN_NAMES)]
            self._modules.add_deferred(arrived.info, names, lambda module_id=module_id, names=names: run(module_id, names))  # type: ignore[misc]

    def _all_names(self, module_id: str) -> list[str]:
        """Named exports, its own and those of what it re-exports, however deep."""
        names: dict[str, None] = {}
        seen, pending = {module_id}, [module_id]
        while pending:
            arrived = self._arrived[pending.pop()]
            names.update(dict.fromkeys(arrived.names or ()))
            for specifier in arrived.reexports:
                target = self._modules.linked(arrived.info.id, ModuleRequest(specifier, "require"))
                if target in self._arrived and target not in seen:
                    seen.add(target)
                    pending.append(target)
        return list(names)
