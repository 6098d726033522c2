"""One V8 for this test process: it can be initialised only once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from isolate_host.engine import Isolate, evaluate_repl, new_isolate, run_script

_ISOLATES: list[Isolate] = []


@pytest.fixture(scope="session")
def _engine() -> Isolate:
    return new_isolate()


@pytest.fixture
def isolate(_engine: Isolate) -> Iterator[Isolate]:
    yield _engine


class Evaluator:
    """Short forms for tests."""

    def __init__(self, isolate: Isolate) -> None:
        self.isolate = isolate

    def run(self, code: str) -> str:
        """A script's completion value as text."""
        with self.isolate.handles.scope():
            return self.isolate.handles.display(run_script(self.isolate, code.encode(), "test.js"))

    def repl(self, code: str, filename: str = "/test.js") -> str:
        """The outcome of a REPL evaluation as JSON text, ``pending``, or the rejection's stack."""
        isolate, handles = self.isolate, self.isolate.handles
        with handles.scope(), handles.try_catch() as caught:
            promise = evaluate_repl(isolate, code.encode(), filename)
            if promise is None:
                return "terminated" if caught.terminated else "syntax"
            isolate.native.object_set(isolate.globals, isolate.context, handles.string(b"pr"), promise)
        self.run("out = 'pending'; pr.then(v => { out = JSON.stringify(v) }, e => { out = 'rejected ' + (e?.stack ?? e) }); 0")
        isolate.run_microtasks()
        return self.run("out")


@pytest.fixture
def js(isolate: Isolate) -> Evaluator:
    return Evaluator(isolate)
