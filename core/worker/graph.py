"""Loads module graphs: asks the broker for what is missing, level by level, and evaluates a root when all is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from isolate_host.engine import Isolate, ModuleInfo, ModuleMap, ModuleRequest, ModuleSyntaxError
from isolate_host.worker.channel import Channel, RawFrame, pack_frame
from isolate_host.worker.failures import LoadFailure
from isolate_host.worker.kernel import Kernel
from isolate_host.worker.shelf import Shelf

__all__ = ["OWNER_GONE", "GraphLoader", "LoadJob"]

#: How the broker's answers to ``w.load`` begin; it writes ``t`` first.
_ANSWER = b'{"t":"w.mods"'
#: How the order begins with which a session loses its owner.
_RESET = b'{"t":"w.reset"'
OWNER_GONE = LoadFailure("Error", "the owner of this session has gone")


@dataclass(slots=True)
class LoadJob:
    """One root on its way: ``done(job)`` or ``failed(failure)`` is called once.

    ``at_once``: guest code waits for it in the middle of a turn (``require``). ``alone``: only the root is wanted, not its graph.
    """

    root: str
    done: Callable[[LoadJob], None]
    failed: Callable[[LoadFailure], None]
    visited: dict[str, str | None] = field(default_factory=dict)
    waiting: int = 0
    over: bool = False
    at_once: bool = False
    alone: bool = False


class GraphLoader:
    """Keeps who waits for which import. One ``w.load`` frame a turn carries all new wishes."""

    def __init__(self, isolate: Isolate, channel: Channel, kernel: Kernel) -> None:
        self.modules = ModuleMap(isolate, self._on_dynamic, self._meta_resolve)
        self.shelf = Shelf(isolate, self.modules, kernel)
        self._channel, self._kernel = channel, kernel
        self._wanted: dict[tuple[str, ModuleRequest], list[LoadJob]] = {}
        self._unsent: list[tuple[str, ModuleRequest]] = []
        self._asked: dict[int, list[tuple[str, ModuleRequest]]] = {}
        self._next_ask = 0
        self._waiting_at_once = False
        #: Set from the moment in which the owner of a session is gone until the next one says something.
        self._orphaned = False
        #: ``import()`` calls that arrived during the present turn: referrer, request, resolver (a global).
        self.dynamic: list[tuple[str, ModuleRequest, int]] = []
        #: Ends of jobs that came while guest code was waiting for another: it would run code in the middle of that turn.
        self.ended: list[Callable[[], None]] = []

    # ------------------------------------------------------------------ roots
    def add_root(self, info: ModuleInfo, source: bytes) -> None:
        """Put an entry module into the map. Raises :class:`ModuleSyntaxError`."""
        self.shelf.put_root(info, source)

    def start(self, root: str, done: Callable[[LoadJob], None], failed: Callable[[LoadFailure], None]) -> None:
        """Load what ``root`` imports, then call one of the two."""
        job = LoadJob(root, done, failed)
        self._visit(job, root, None)
        self._finish_if_complete(job)

    def start_import(self, referrer: str, request: ModuleRequest, done: Callable[[LoadJob], None], failed: Callable[[LoadFailure], None]) -> None:
        """Load the target of an ``import()`` and its graph."""
        referrer_id = self.shelf.ids_by_name.get(referrer, referrer)
        target = self._target(referrer_id, request)
        if target is not None:
            self.start(target, done, failed)
            return
        # The referrer is no part of the graph: what it asks for may be a module of its own name, or itself.
        job = LoadJob("", done, failed)
        self._want(job, referrer_id, request)

    def find_now(self, referrer: str, specifier: str) -> tuple[str, LoadFailure | None]:
        """What ``require(specifier)`` in ``referrer`` means. Waits for the host if it has not said so before."""
        referrer_id, request = self.shelf.ids_by_name.get(referrer, referrer), ModuleRequest(specifier, "require")
        target = self._target(referrer_id, request)
        if target is not None:
            return target, None
        job, failures = self._job_at_once("", alone=True)
        self._want(job, referrer_id, request)
        self._wait_for(job)
        return job.root, failures[0] if failures else None

    def load_now(self, root: str) -> tuple[LoadJob, LoadFailure | None]:
        """Load the graph of a module in the middle of a turn."""
        job, failures = self._job_at_once(root, alone=False)
        self._visit(job, root, None)
        self._finish_if_complete(job)
        self._wait_for(job)
        return job, failures[0] if failures else None

    def _job_at_once(self, root: str, *, alone: bool) -> tuple[LoadJob, list[LoadFailure]]:
        failures: list[LoadFailure] = []
        return LoadJob(root, lambda _job: None, failures.append, at_once=True, alone=alone), failures

    def _wait_for(self, job: LoadJob) -> None:
        """Take module answers until the job is over. Everything else that arrives waits for its turn."""
        self._waiting_at_once = True
        while not job.over and not self._orphaned:
            self.flush()
            self._channel.flush()
            others = []
            for frame in self._channel.read_new():
                if frame.header.startswith(_ANSWER):
                    self.answer(json.loads(frame.header), frame)
                    continue
                # Nobody will answer any more. The turn in which the guest waits ends, and then the frame has its turn.
                self._orphaned |= frame.header.startswith(_RESET)
                others.append(frame)
            self._channel.unread(others)
        if not job.over:
            self.abandon()
        self._waiting_at_once = False

    def flush(self) -> None:
        """Send the wishes of this turn."""
        if not self._unsent:
            return
        if self._orphaned:
            self.abandon()
            return
        self._next_ask += 1
        self._asked[self._next_ask], wishes = self._unsent, self._unsent
        self._unsent = []
        requests = [[request.specifier, self._name_of(referrer), request.type, self._has_builtin(request)] for referrer, request in wishes]
        header, body = {"t": "w.load", "id": self._next_ask}, json.dumps(requests, separators=(",", ":"))
        self._channel.send(pack_frame(json.dumps(header, separators=(",", ":")).encode(), body.encode()))

    def _has_builtin(self, request: ModuleRequest) -> bool:
        """Whether a plugin's guest script has a module of that name: then it is the answer unless the host knows better."""
        return not request.specifier.startswith((".", "/")) and self._kernel.provides(request.specifier)

    def finish_jobs(self) -> None:
        """Run the ends that had to wait."""
        ended, self.ended = self.ended, []
        for end in ended:
            end()

    # ------------------------------------------------------------------ answers
    def answer(self, header: dict[str, Any], frame: RawFrame) -> None:
        """Take a ``w.mods`` frame: what was asked for, and what came along."""
        body, segments = frame.body_and_segments()
        supply = iter(segments)
        answers, more = json.loads(body)
        for entry in (*answers, *more):
            self.shelf.put(entry, supply)
        for (referrer, request), entry in zip(self._asked.pop(header["id"]), answers, strict=True):
            failure = None
            if entry["kind"] == "error":
                error = entry["error"]
                failure = LoadFailure(error["name"], error["message"], error.get("code"), error.get("stack"))
            else:
                self.modules.link(referrer, request, entry["id"])
            for job in self._wanted.pop((referrer, request)):
                self._arrived(job, referrer, request, entry["id"], failure)

    # ------------------------------------------------------------------ a session changes hands
    def abandon(self) -> None:
        """Fail everything that waits for the broker; from now on it cannot be asked."""
        self._orphaned = True
        jobs = {id(job): job for waiting in self._wanted.values() for job in waiting}
        self._wanted.clear()
        self._asked.clear()
        self._unsent.clear()
        for job in jobs.values():
            self._fail(job, None, OWNER_GONE)

    def adopt(self) -> None:
        """There is somebody to ask: whoever sends us frames."""
        self._orphaned = False

    def forget(self, *, keep_all: bool = False) -> list[str]:
        """Forget every module except the static ones and what those import (or none); the ids that stay.

        Modules of plugins are forgotten here, too: the next owner may have another grant. Their exports are the plugins' to keep.
        """
        return self.shelf.forget(keep_all=keep_all)

    # ------------------------------------------------------------------ walking
    def _target(self, referrer: str, request: ModuleRequest) -> str | None:
        """What an import is known to mean, if that has arrived."""
        target = self.modules.linked(referrer, request)
        return target if target is not None and target in self.shelf else None

    def _visit(self, job: LoadJob, module_id: str, parent: str | None) -> None:
        pending: list[tuple[str, str | None]] = [(module_id, parent)]
        while pending:
            current, importer = pending.pop()
            if current in job.visited:
                continue
            job.visited[current] = importer
            try:
                requests = self.shelf.requests(current)
            except ModuleSyntaxError as error:
                self._fail(job, importer, LoadFailure("SyntaxError", error.failure.message, None, error.failure.stack))
                return
            except LookupError as error:
                self._fail(job, importer, LoadFailure("Error", str(error.args[0]), "ERR_MODULE_NOT_FOUND"))
                return
            for request in requests:
                if ":" in request.type:
                    # The specification makes it a SyntaxError of the module, whatever the specifier means.
                    key = request.type.partition(":")[0]
                    self._fail(job, current, LoadFailure("SyntaxError", f"Import attribute '{key}' is not supported; type is"))
                    return
                target = self._target(current, request)
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

    def _arrived(self, job: LoadJob, referrer: str, request: ModuleRequest, module_id: str, failure: LoadFailure | None) -> None:
        job.waiting -= 1
        if job.over:
            return
        if failure is None:
            job.root = job.root or module_id
            if not job.alone:
                self._visit(job, module_id, referrer)
        elif job.alone or request.type != "require":
            self._fail(job, referrer, failure)
        # Else CommonJS re-exports from something that is not there: it fails, or not, when it runs.
        self._finish_if_complete(job)

    def _fail(self, job: LoadJob, referrer: str | None, failure: LoadFailure) -> None:
        if job.over:
            return
        job.over = True
        chain = "" if job.alone else self.chain(job, referrer)
        failure = LoadFailure(failure.name, failure.message + chain, failure.code, failure.stack)
        self._end(job, lambda: job.failed(failure))

    def _finish_if_complete(self, job: LoadJob) -> None:
        if job.waiting == 0 and not job.over:
            job.over = True
            if not job.alone:
                self.shelf.make_importable(iter(job.visited), self._kernel.run_commonjs)
            self._end(job, lambda: job.done(job))

    def _end(self, job: LoadJob, end: Callable[[], None]) -> None:
        if self._waiting_at_once and not job.at_once:
            self.ended.append(end)
        else:
            end()

    def chain(self, job: LoadJob, referrer: str | None) -> str:
        """``imported from`` lines, innermost first."""
        lines = []
        while referrer is not None:
            lines.append(f"\n    imported from {self._name_of(referrer)}")
            referrer = job.visited.get(referrer)
        return "".join(lines)

    def link_failure(self, job: LoadJob, message: str, filename: str, line: int, column: int) -> LoadFailure:
        """V8's link error with its place and with the imports that led there."""
        importer = self.shelf.ids_by_name.get(filename)
        chain = self.chain(job, job.visited.get(importer)) if importer is not None else ""
        hint = " (a type? then write `import type`)" if "does not provide an export" in message else ""
        text = f"{message}{hint}\n    imported by {filename}:{line}:{column}{chain}"
        return LoadFailure("SyntaxError", text, None, f"SyntaxError: {message}\n    at {filename}:{line}:{column}")

    def _name_of(self, module_id: str) -> str:
        info = self.shelf.info(module_id)
        return info.filename if info else module_id

    # ------------------------------------------------------------------ V8 asks
    def _on_dynamic(self, referrer: str, request: ModuleRequest, resolver: int) -> None:
        self.dynamic.append((referrer, request, resolver))

    def _meta_resolve(self, module_id: str, specifier: str) -> str:
        """``import.meta.resolve``: an import already seen by its answer, a path by arithmetic; it never loads."""
        target = self.modules.linked(module_id, ModuleRequest(specifier, ""))
        if target is not None:
            info = self.shelf.info(target)
            return (info.url if info else "") or target
        own = self.shelf.info(module_id)
        base = own.url if own else "file:///"
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
