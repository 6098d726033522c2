"""Native ES modules: graphs, cycles, live bindings, top-level await, dynamic import, JSON, import.meta."""

from __future__ import annotations

import posixpath

import pytest

from isolate_host.engine import Isolate, ModuleInfo, ModuleMap, ModuleRequest, ModuleSyntaxError
from tests.engine.conftest import Evaluator


class Graph:
    """A tiny loader over a dictionary of sources."""

    def __init__(self, isolate: Isolate, sources: dict[str, str]) -> None:
        self.isolate, self.sources = isolate, sources
        self.dynamic: list[tuple[str, ModuleRequest, int]] = []
        self.map = ModuleMap(isolate, lambda *asked: self.dynamic.append(asked), self.resolve)

    def resolve(self, module_id: str, specifier: str) -> str:
        if specifier.startswith("."):
            return posixpath.normpath(posixpath.join(posixpath.dirname(module_id), specifier))
        raise LookupError(f"bare specifier {specifier}")

    def load(self, module_id: str) -> None:
        if module_id in self.map:
            return
        info = ModuleInfo(module_id, f"file://{module_id}", module_id, posixpath.dirname(module_id))
        if module_id.endswith(".json"):
            self.map.add_json(info, self.sources[module_id].encode())
            return
        for request in self.map.add_source(info, self.sources[module_id].encode()):
            target = self.resolve(module_id, request.specifier)
            self.map.link(module_id, request, target)
            self.load(target)

    def run(self, module_id: str) -> str | None:
        """Evaluate; the error's text, or ``None``. The namespace is on ``globalThis.ns``."""
        self.load(module_id)
        isolate, handles = self.isolate, self.isolate.handles
        with handles.scope(), handles.try_catch() as caught:
            promise = self.map.evaluate(module_id, self.sources)
            if promise is None:
                return handles.display(caught.exception or 0)
            isolate.native.object_set(isolate.globals, isolate.context, handles.string(b"ns"), self.map.namespace(module_id))
        isolate.run_microtasks()
        return None


def test_a_graph_with_a_cycle_live_bindings_and_top_level_await(isolate: Isolate, js: Evaluator) -> None:
    graph = Graph(isolate, {
        "/c/a.js": "import { b, bump } from './b.js'; import data from './d.json' with { type: 'json' }; export const log = [b, data.k[1]]; bump(); log.push(b); await null; log.push('late')",
        "/c/b.js": "import { log } from './a.js'; export let b = 1; export function bump() { b++ } export const seen = () => log.length; await Promise.resolve()",
        "/c/d.json": '{"k": [1, 2]}',
    })
    assert graph.run("/c/a.js") is None
    assert js.run("JSON.stringify(ns.log)") == '[1,2,2,"late"]'


def test_siblings_with_top_level_await_run_side_by_side(isolate: Isolate, js: Evaluator) -> None:
    js.run("globalThis.order = []; 0")
    graph = Graph(isolate, {
        "/s/m.js": "import './x.js'; import './y.js'; order.push('m')",
        "/s/x.js": "order.push('x1'); await null; await null; order.push('x2')",
        "/s/y.js": "order.push('y1'); await null; order.push('y2')",
    })
    assert graph.run("/s/m.js") is None
    assert js.run("order.join()") == "x1,y1,y2,x2,m"


def test_import_meta(isolate: Isolate, js: Evaluator) -> None:
    graph = Graph(isolate, {"/meta/m.js": "export const m = import.meta; export const r = import.meta.resolve('./z.js'); export let bare; try { import.meta.resolve('pkg') } catch (e) { bare = e.name + e.message }"})
    assert graph.run("/meta/m.js") is None
    assert js.run("[ns.m.url, ns.m.filename, ns.m.dirname, ns.r, ns.bare].join()") == "file:///meta/m.js,/meta/m.js,/meta,/meta/z.js,TypeErrorbare specifier pkg"


def test_dynamic_import_from_modules_and_evaluations(isolate: Isolate, js: Evaluator) -> None:
    graph = Graph(isolate, {"/dyn/m.js": "globalThis.p = import('./lazy.js')", "/dyn/lazy.js": "export const lazy = 7"})
    assert graph.run("/dyn/m.js") is None
    js.repl("globalThis.q = import('./other.js'); 0", "/dyn/eval.ts")
    assert [(referrer, request.specifier) for referrer, request, _ in graph.dynamic] == [("/dyn/m.js", "./lazy.js"), ("/dyn/eval.ts", "./other.js")]
    graph.load("/dyn/lazy.js")
    with isolate.handles.scope(), isolate.handles.try_catch():
        graph.map.evaluate("/dyn/lazy.js", ())
        graph.map.settle(graph.dynamic[0][2], graph.map.namespace("/dyn/lazy.js"))
        graph.map.fail(graph.dynamic[1][2], isolate.native.type_error(isolate.handles.string(b"refused"), None))
    isolate.run_microtasks()
    js.run("p.then(n => { globalThis.lazy = n.lazy }); q.catch(e => { globalThis.no = String(e) }); 0")
    isolate.run_microtasks()
    assert js.run("[lazy, no].join()") == "7,TypeError: refused"


def test_link_errors_come_before_evaluation(isolate: Isolate, js: Evaluator) -> None:
    js.run("globalThis.ran = false; 0")
    graph = Graph(isolate, {"/l/m.js": "import { missing } from './n.js'; ran = true", "/l/n.js": "ran = true; export const other = 1"})
    assert "does not provide an export named 'missing'" in (graph.run("/l/m.js") or "")
    assert js.run("ran") == "false"


def test_evaluation_errors_reject_and_stay(isolate: Isolate, js: Evaluator) -> None:
    graph = Graph(isolate, {"/e/m.js": "throw new RangeError('in module')"})
    assert graph.run("/e/m.js") is None
    with isolate.handles.scope():
        entry = graph.map._by_id["/e/m.js"].handle
        assert "in module" in isolate.handles.display(isolate.native.module_exception(entry))


@pytest.mark.parametrize(("source", "line", "column"), [("export let a = 1;\nexport const = 3", 2, 14), ("import x from", 1, 14)])
def test_syntax_errors_say_where(isolate: Isolate, source: str, line: int, column: int) -> None:
    graph = Graph(isolate, {"/bad.js": source})
    with pytest.raises(ModuleSyntaxError) as caught:
        graph.load("/bad.js")
    assert (caught.value.failure.filename, caught.value.failure.line, caught.value.failure.column) == ("/bad.js", line, column)


def test_json_that_does_not_parse(isolate: Isolate) -> None:
    with pytest.raises(ModuleSyntaxError):
        Graph(isolate, {"/bad.json": "{nope"}).load("/bad.json")


def test_three_hundred_modules(isolate: Isolate, js: Evaluator) -> None:
    sources = {f"/many/{i}.js": f"import {{ v as p }} from './{i - 1}.js'; export const v = p + 1" for i in range(1, 300)}
    graph = Graph(isolate, {"/many/0.js": "export const v = 0", **sources})
    for i in range(300):
        graph.load(f"/many/{i}.js")
    assert graph.run("/many/299.js") is None
    assert js.run("ns.v") == "299"
