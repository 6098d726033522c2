"""Evaluation requests: REPL scripts, entry modules, ``import()``, and what goes wrong with each."""

from __future__ import annotations

import json
from typing import Any

from isolate_host.engine import (
    Isolate,
    ModuleInfo,
    ModuleRequest,
    ModuleSyntaxError,
    SyntaxFailure,
    TryCatch,
    describe_failure,
    evaluate_repl,
    run_script,
)
from isolate_host.worker.channel import Channel, RawFrame, pack_frame
from isolate_host.worker.commonjs import CommonJs, link_error
from isolate_host.worker.failures import LoadFailure, error_of
from isolate_host.worker.graph import OWNER_GONE, GraphLoader, LoadJob
from isolate_host.worker.kernel import Kernel
from isolate_host.worker.shelf import MODULE_SIGNS

__all__ = ["Evaluator"]

#: ``import()`` resolves to the namespace once the evaluation has settled.
_THEN_NAMESPACE = b"(() => { const { apply } = Reflect, { then } = Promise.prototype; return (p, ns) => apply(then, p, [() => ns]); })()"


class Evaluator:
    """Answers ``w.eval`` and ``w.mods`` frames and finishes dynamic imports."""

    def __init__(self, isolate: Isolate, kernel: Kernel, channel: Channel) -> None:
        self._isolate, self._kernel, self._channel = isolate, kernel, channel
        self.loader = GraphLoader(isolate, channel, kernel)
        kernel.commonjs = CommonJs(isolate, self.loader)
        self._entries = 0
        with isolate.handles.scope():
            self._then_namespace = isolate.handles.globalize(run_script(isolate, _THEN_NAMESPACE, "isolate-host:import"))

    # ------------------------------------------------------------------ frames
    def evaluate(self, header: dict[str, Any], frame: RawFrame) -> bool:
        """Start an evaluation; false when the watchdog ended it. The answer is sent by guest code when it settles."""
        source, segments = frame.body_and_segments()
        if segments:
            self._kernel.add_source_map(header["filename"], bytes(segments[0]))
        if header["mode"] == "module":
            self._evaluate_module(header, source)
            return True
        with self._isolate.handles.scope(), self._isolate.handles.try_catch() as caught:
            promise = evaluate_repl(self._isolate, source, header["filename"])
            if promise is not None:
                self._kernel.settle(header["id"], header.get("p", 0), promise, None, header.get("show", 0))
                return True
            if caught.terminated:
                return False
            failure = _inside(describe_failure(self._isolate, caught, header["filename"]), source)
        if header["mode"] == "auto" and failure.message in MODULE_SIGNS:
            self._evaluate_module(header, source)
        else:
            self._refuse(header, failure)
        return True

    def finish_dynamic_imports(self) -> None:
        """Start loading what ``import()`` asked for in this turn."""
        while self.loader.dynamic:
            referrer, request, resolver = self.loader.dynamic.pop(0)
            if request.type not in ("", "json"):
                self._fail_import(resolver, LoadFailure("TypeError", f"Import attribute type '{request.type}' is not supported"))
                continue
            self._start_import(referrer, request, resolver)

    def _start_import(self, referrer: str, request: ModuleRequest, resolver: int) -> None:
        self.loader.start_import(
            referrer, request,
            done=lambda job: self._finish_import(job, resolver),
            failed=lambda failure: self._fail_import(resolver, failure),
        )

    def abandon(self) -> None:
        """The owner has gone: modules on their way will not come. Their promises reject."""
        self.loader.abandon()
        self.loader.finish_jobs()
        while self.loader.dynamic:
            _, _, resolver = self.loader.dynamic.pop(0)
            self._fail_import(resolver, OWNER_GONE)

    # ------------------------------------------------------------------ entry modules
    def _evaluate_module(self, header: dict[str, Any], source: bytes) -> None:
        self._entries += 1
        filename = header["filename"]
        # Each evaluation is a module of its own, also when the file name was used before.
        info = ModuleInfo(f"{filename}#{self._entries}", f"file://{filename}", filename, filename.rpartition("/")[0] or "/")
        try:
            self.loader.add_root(info, source)
        except ModuleSyntaxError as error:
            self._refuse(header, error.failure)
            return
        request, peer, show = header["id"], header.get("p", 0), header.get("show", 0)
        self.loader.start(
            info.id,
            done=lambda job: self._run_entry(job, request, peer, show),
            failed=lambda failure: self._reject_entry(request, peer, failure),
        )

    def _run_entry(self, job: LoadJob, request: int, peer: int, show: int) -> None:
        handles, modules = self._isolate.handles, self.loader.modules
        with handles.scope(), handles.try_catch() as caught:
            promise = modules.evaluate(job.root, job.visited)
            if promise is not None:
                self._kernel.settle(request, peer, promise, modules.namespace(job.root), show)
            elif not caught.terminated:
                self._settle_rejected(request, peer, self._link_error(job, caught))

    def _reject_entry(self, request: int, peer: int, failure: LoadFailure) -> None:
        with self._isolate.handles.scope():
            self._settle_rejected(request, peer, self._error(failure))

    def _settle_rejected(self, request: int, peer: int, error: int) -> None:
        native, context = self._isolate.native, self._isolate.context
        resolver = native.resolver_new(context)
        promise = native.resolver_promise(resolver)
        self._kernel.settle(request, peer, promise, None)
        native.resolver_reject(resolver, context, error)

    # ------------------------------------------------------------------ import()
    def _finish_import(self, job: LoadJob, resolver: int) -> None:
        handles, modules = self._isolate.handles, self.loader.modules
        with handles.scope(), handles.try_catch() as caught:
            linked = modules.link_graph(job.root)
            promise = modules.evaluate(job.root, job.visited) if linked else None
            if promise is None:
                if not caught.terminated:
                    # A module of the host's making (the face of CommonJS) throws; all others give a promise that is rejected.
                    error = caught.exception if linked else None
                    modules.fail(resolver, error or self._link_error(job, caught))
                return
            namespace = self._isolate.call(self._then_namespace, promise, modules.namespace(job.root))
            if namespace is not None:
                modules.settle(resolver, namespace)

    def _fail_import(self, resolver: int, failure: LoadFailure) -> None:
        with self._isolate.handles.scope():
            self.loader.modules.fail(resolver, self._error(failure))

    # ------------------------------------------------------------------ errors
    def _error(self, failure: LoadFailure) -> int:
        return error_of(self._isolate, failure)

    def _link_error(self, job: LoadJob, caught: TryCatch) -> int:
        return link_error(self._isolate, self.loader, job, caught)

    def _refuse(self, header: dict[str, Any], failure: SyntaxFailure) -> None:
        reply = {
            "t": "w.syntax", "id": header["id"], "message": failure.message, "line": failure.line,
            "column": failure.column, "end": failure.end_column, "source": failure.source_line[:1000],
        }
        if "p" in header:
            reply["p"] = header["p"]
        self._channel.send(pack_frame(json.dumps(reply, separators=(",", ":")).encode(), b""))


def _inside(failure: SyntaxFailure, source: bytes) -> SyntaxFailure:
    """An error at the end of input lies in the ``sourceURL`` line that was added; point at the end of the real text."""
    lines = source.decode("utf-8", "replace").split("\n")
    if failure.line <= len(lines):
        return failure
    # Not by a utf-16 codec: that would be imported on first use, and nothing can be opened here any more.
    column = sum(2 if ord(character) > 0xFFFF else 1 for character in lines[-1]) + 1
    return SyntaxFailure(failure.message, failure.filename, len(lines), column, column, lines[-1])
