"""Loads module graphs: asks the broker for what is missing, level by level, and evaluates a root when all is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from isolate_host.engine import Isolate, ModuleInfo, ModuleMap, ModuleRequest, ModuleSyntaxError
from isolate_host.worker.channel import RawFrame, pack_frame

__all__ = ["GraphLoader", "LoadFailure", "LoadJob"]


@dataclass(frozen=True, slots=True)
class LoadFailure:
    """Why a graph cannot be evaluated, as a JavaScript error will say it."""

    name: str
    message: str
    code: str | None = None
    stack: str | None = None


@dataclass(slots=True)
class LoadJob:
    """One root on its way: ``done(job)`` or ``failed(failure)`` is called once."""

    root: str
    done: Callable[[LoadJob], None]
    failed: Callable[[LoadFailure], None]
    visited: dict[str, str | None] = field(default_factory=dict)
    waiting: int = 0
    over: bool = False


class GraphLoader:
    """Keeps who waits for which import. One ``w.load`` frame a turn carries all new wishes."""

    def __init__(
        self,
        isolate: Isolate,
        send: Callable[[bytes], None],
        builtin: Callable[[str], int | None],
        add_map: Callable[[str, bytes], None],
    ) -> None:
        self.modules = ModuleMap(isolate, self._on_dynamic, self._meta_resolve)
        self._isolate, self._send, self._builtin, self._add_map = isolate, send, builtin, add_map
        self._requests: dict[str, list[ModuleRequest]] = {}
        self._infos: dict[str, ModuleInfo] = {}
        self._ids_by_name: dict[str, str] = {}
        self._wanted: dict[tuple[str, ModuleRequest], list[LoadJob]] = {}
        self._unsent: list[tuple[str, ModuleRequest]] = []
        self._asked: dict[int, list[tuple[str, ModuleRequest]]] = {}
        self._next_ask = 0
        #: Modules that outlive the owner of a session.
        self._static: set[str] = set()
        #: ``import()`` calls that arrived during the present turn: referrer, request, resolver (a global).
        self.dynamic: list[tuple[str, ModuleRequest, int]] = []

    # ------------------------------------------------------------------ roots
    def add_root(self, info: ModuleInfo, source: bytes) -> None:
        """Put an entry module into the map. Raises :class:`ModuleSyntaxError`."""
        self._add(info, self.modules.add_source(info, source))

    def start(self, root: str, done: Callable[[LoadJob], None], failed: Callable[[LoadFailure], None]) -> None:
        """Load what ``root`` imports, then call one of the two."""
        job = LoadJob(root, done, failed)
        self._visit(job, root, None)
        self._finish_if_complete(job)

    def start_import(self, referrer: str, request: ModuleRequest, done: Callable[[LoadJob], None], failed: Callable[[LoadFailure], None]) -> None:
        """Load the target of an ``import()`` and its graph."""
        referrer_id = self._ids_by_name.get(referrer, referrer)
        target = self.modules.linked(referrer_id, request)
        if target is not None:
            self.start(target, done, failed)
            return
        job = LoadJob("", done, failed)
        job.visited[referrer_id] = None
        self._want(job, referrer_id, request)

    def flush(self) -> None:
        """Send the wishes of this turn."""
        if not self._unsent:
            return
        self._next_ask += 1
        self._asked[self._next_ask], wishes = self._unsent, self._unsent
        self._unsent = []
        requests = [[request.specifier, self._name_of(referrer), request.type] for referrer, request in wishes]
        header = {"t": "w.load", "id": self._next_ask, "reqs": requests}
        self._send(pack_frame(json.dumps(header, separators=(",", ":")).encode(), b""))

    # ------------------------------------------------------------------ answers
    def answer(self, header: dict[str, Any], frame: RawFrame) -> None:
        """Take a ``w.mods`` frame."""
        _, segments = frame.body_and_segments()
        supply = iter(segments)
        for (referrer, request), module in zip(self._asked.pop(header["id"]), header["mods"], strict=True):
            jobs = self._wanted.pop((referrer, request))
            failure = self._take(module, supply)
            if failure is None:
                self.modules.link(referrer, request, module["id"])
            for job in jobs:
                self._arrived(job, referrer, module.get("id", ""), failure)

    def _take(self, module: dict[str, Any], supply: Any) -> LoadFailure | None:
        """Compile one answer into the map (also when nobody waits any more: the broker counts it as known)."""
        kind = module["kind"]
        if kind == "error":
            error = module["error"]
            return LoadFailure(error["name"], error["message"], error.get("code"), error.get("stack"))
        source = bytes(next(supply)) if kind in ("js", "json") else b""
        source_map = bytes(next(supply)) if module.get("map") else None
        info = ModuleInfo(module["id"], module.get("url", ""), module.get("filename", ""), module.get("dirname", ""))
        if kind == "known" or info.id in self.modules:
            return None
        try:
            requests = self._compile(kind, info, source)
        except ModuleSyntaxError as error:
            return LoadFailure("SyntaxError", error.failure.message, None, error.failure.stack)
        except LookupError as error:
            return LoadFailure("Error", str(error.args[0]), "ERR_MODULE_NOT_FOUND")
        if source_map:
            self._add_map(info.filename, source_map)
        if module.get("static"):
            self._static.add(info.id)
        self._add(info, requests)
        return None

    def _compile(self, kind: str, info: ModuleInfo, source: bytes) -> list[ModuleRequest]:
        if kind == "js":
            return self.modules.add_source(info, source)
        if kind == "json":
            self.modules.add_json(info, source)
            return []
        with self._isolate.handles.scope():
            exports = self._builtin(info.id)
            if exports is None:
                raise LookupError(f"no built-in module is called '{info.id}'")
            self.modules.add_builtin(info, exports)
        return []

    def _add(self, info: ModuleInfo, requests: list[ModuleRequest]) -> None:
        self._requests[info.id], self._infos[info.id] = requests, info
        self._ids_by_name[info.filename] = info.id

    # ------------------------------------------------------------------ a session changes hands
    def abandon(self, failure: LoadFailure) -> None:
        """Fail everything that waits for the broker."""
        jobs = {id(job): job for waiting in self._wanted.values() for job in waiting}
        self._wanted.clear()
        self._asked.clear()
        self._unsent.clear()
        for job in jobs.values():
            if not job.over:
                job.over = True
                job.failed(failure)

    def forget(self, *, keep_all: bool = False) -> list[str]:
        """Forget every module except the static ones and what those import (or none); the ids that stay."""
        if keep_all:
            return sorted(self._infos)
        kept: set[str] = set()
        pending = [module_id for module_id in self._static if module_id in self.modules]
        while pending:
            current = pending.pop()
            if current not in kept:
                kept.add(current)
                targets = (self.modules.linked(current, request) for request in self._requests.get(current, ()))
                pending += [target for target in targets if target is not None]
        self.modules.keep_only(kept)
        for table in (self._requests, self._infos):
            for module_id in [known for known in table if known not in kept]:
                del table[module_id]
        self._ids_by_name = {info.filename: module_id for module_id, info in self._infos.items()}
        self._static &= kept
        return sorted(kept)

    # ------------------------------------------------------------------ walking
    def _visit(self, job: LoadJob, module_id: str, parent: str | None) -> None:
        pending = [(module_id, parent)]
        while pending:
            current, importer = pending.pop()
            if current in job.visited:
                continue
            job.visited[current] = importer
            for request in self._requests.get(current, ()):
                target = self.modules.linked(current, request)
                if target is None:
                    self._want(job, current, request)
                else:
                    pending.append((target, current))

    def _want(self, job: LoadJob, referrer: str, request: ModuleRequest) -> None:
        jobs = self._wanted.get((referrer, request))
        if jobs is None:
            self._wanted[referrer, request] = jobs = []
            self._unsent.append((referrer, request))
        jobs.append(job)
        job.waiting += 1

    def _arrived(self, job: LoadJob, referrer: str, module_id: str, failure: LoadFailure | None) -> None:
        job.waiting -= 1
        if job.over:
            return
        if failure is not None:
            job.over = True
            job.failed(LoadFailure(failure.name, failure.message + self.chain(job, referrer), failure.code, failure.stack))
            return
        job.root = job.root or module_id
        self._visit(job, module_id, referrer)
        self._finish_if_complete(job)

    def _finish_if_complete(self, job: LoadJob) -> None:
        if job.waiting == 0 and not job.over:
            job.over = True
            job.done(job)

    def chain(self, job: LoadJob, referrer: str | None) -> str:
        """``imported from`` lines, innermost first."""
        lines = []
        while referrer is not None:
            lines.append(f"\n    imported from {self._name_of(referrer)}")
            referrer = job.visited.get(referrer)
        return "".join(lines)

    def link_failure(self, job: LoadJob, message: str, filename: str, line: int, column: int) -> LoadFailure:
        """V8's link error with its place and with the imports that led there."""
        importer = self._ids_by_name.get(filename)
        chain = self.chain(job, job.visited.get(importer)) if importer is not None else ""
        hint = " (a type? then write `import type`)" if "does not provide an export" in message else ""
        text = f"{message}{hint}\n    imported by {filename}:{line}:{column}{chain}"
        return LoadFailure("SyntaxError", text, None, f"SyntaxError: {message}\n    at {filename}:{line}:{column}")

    def _name_of(self, module_id: str) -> str:
        info = self._infos.get(module_id)
        return info.filename if info else module_id

    # ------------------------------------------------------------------ V8 asks
    def _on_dynamic(self, referrer: str, request: ModuleRequest, resolver: int) -> None:
        self.dynamic.append((referrer, request, resolver))

    def _meta_resolve(self, module_id: str, specifier: str) -> str:
        """``import.meta.resolve``: an import already seen by its answer, a path by arithmetic; it never loads."""
        target = self.modules.linked(module_id, ModuleRequest(specifier, ""))
        if target is not None:
            info = self._infos.get(target)
            return (info.url if info else "") or target
        base = self._infos[module_id].url
        if specifier.startswith(("./", "../", "/")):
            return _resolve_path(base, specifier)
        if ":" in specifier:
            return specifier
        raise LookupError(f"import.meta.resolve cannot resolve the bare specifier '{specifier}' before it was imported")


def _resolve_path(base_url: str, specifier: str) -> str:
    """RFC 3986 §5.2.4 on the path of a ``file:`` URL."""
    scheme, _, path = base_url.partition("://")
    merged = specifier if specifier.startswith("/") else path.rpartition("/")[0] + "/" + specifier
    kept: list[str] = []
    for part in merged.split("/")[1:]:
        if part == "..":
            kept[-1:] = []
        elif part != ".":
            kept.append(part)
    return f"{scheme}:///" + "/".join(kept)
