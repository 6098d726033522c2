"""The worker's part of CommonJS: what ``require`` finds, the functions of modules, and ES modules that are required."""

from __future__ import annotations

import json
from typing import Any

from isolate_host.engine import Isolate, TryCatch, describe_failure
from isolate_host.worker.failures import LoadFailure, error_of
from isolate_host.worker.graph import GraphLoader, LoadJob

__all__ = ["CommonJs", "link_error"]

_PENDING, _FULFILLED = 0, 1


def link_error(isolate: Isolate, loader: GraphLoader, job: LoadJob, caught: TryCatch) -> int:
    """Local of the error that V8 raised while linking, completed by place and import chain."""
    native, handles = isolate.native, isolate.handles
    message = caught.message
    if not message:
        return error_of(isolate, LoadFailure("Error", "the module cannot be evaluated"))
    failure = describe_failure(isolate, caught, handles.display(native.message_resource(message)))
    return error_of(isolate, loader.link_failure(job, failure.message, failure.filename, failure.line, failure.column))


class CommonJs:
    """Implements the kernel's ``CommonJsHost``: called from guest code in the middle of a turn, so nothing here may raise.

    ``require`` is synchronous. What the host did not send beforehand is asked for here and now: the worker waits for the answer
    like for any frame, and the guest, whose thread this is, waits with it.
    """

    def __init__(self, isolate: Isolate, loader: GraphLoader) -> None:
        self._isolate, self._loader = isolate, loader

    def find(self, referrer: str, specifier: str) -> int | None:
        """See ``CommonJsHost``."""
        target, failure = self._loader.find_now(referrer, specifier)
        return self._isolate.handles.string(json.dumps(self._found(target, failure)).encode())

    def _found(self, target: str, failure: LoadFailure | None) -> list[Any]:
        if failure is not None:
            return ["error", {"name": failure.name, "message": failure.message, "code": failure.code, "stack": failure.stack}]
        info = self._loader.shelf.info(target)
        filename, folder = (info.filename, info.dirname) if info else (target, "")
        return [self._loader.shelf.kind(target), target, filename, folder]

    def function(self, module_id: str) -> int | None:
        """See ``CommonJsHost``."""
        return self._loader.shelf.function(module_id)

    def text(self, module_id: str) -> int | None:
        """See ``CommonJsHost``."""
        return self._isolate.handles.string(self._loader.shelf.text(module_id))

    def evaluate(self, module_id: str) -> int | None:
        """See ``CommonJsHost``."""
        job, failure = self._loader.load_now(module_id)
        error = error_of(self._isolate, failure) if failure is not None else self._link(job)
        if error is not None:
            return self._throw(error)
        native, modules = self._isolate.native, self._loader.modules
        promise = modules.evaluate(module_id, job.visited)
        if promise is None:
            return None
        state = native.promise_state(promise)
        if state == _FULFILLED:
            return modules.namespace(module_id)
        # Whoever called require() hears of it: it is not unhandled.
        native.promise_mark_handled(promise)
        if state == _PENDING:
            return self._throw(self._refusal(job, "ERR_REQUIRE_ASYNC_MODULE", "it, or a module that it imports, awaits at its top level"))
        return self._throw(native.promise_result(promise))

    def _link(self, job: LoadJob) -> int | None:
        """Local of the error that keeps the graph from being evaluated synchronously."""
        modules = self._loader.modules
        if any(item in modules and modules.is_running(item) for item in job.visited):
            return self._refusal(job, "ERR_REQUIRE_CYCLE_MODULE", "a module of its graph is just being evaluated")
        with self._isolate.handles.try_catch() as caught:
            if not modules.link_graph(job.root):
                return link_error(self._isolate, self._loader, job, caught)
        if modules.is_async(job.root):
            return self._refusal(job, "ERR_REQUIRE_ASYNC_MODULE", "it, or a module that it imports, awaits at its top level; use import()")
        return None

    def _refusal(self, job: LoadJob, code: str, why: str) -> int:
        return error_of(self._isolate, LoadFailure("Error", f"Cannot require() the ES module {job.root}: {why}", code))

    def _throw(self, error: int) -> int | None:
        """Always ``None``: what a callback gives when an exception is pending."""
        self._isolate.native.throw_exception(self._isolate.pointer, error)
        return None
