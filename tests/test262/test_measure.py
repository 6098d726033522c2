"""The runner of test262, on files of our own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import isolate_host as ih
from tests.support.trees import write_tree

from . import compare
from .catalog import Case, find_cases
from .engines import Ours

HARNESS = {
    "assert.js": "function assert(fine) { if (!fine) throw new Test262Error('assert'); }",
    "sta.js": "function Test262Error(message) { this.message = message; } function $DONOTEVALUATE() { throw 'evaluated'; }",
    "doneprintHandle.js": "function $DONE(error) { print(error ? 'Test262:AsyncTestFailure:' + error.message : 'Test262:AsyncTestComplete'); }",
    "more.js": "var more = 1;",
}
MODULE, IMPORT = "language/module-code", "language/expressions/dynamic-import"
#: Path → front matter, text, and what is wrong with it in each mode ("" for a pass).
TESTS = {
    f"{MODULE}/good.js": ("flags: [module]\nincludes: [more.js]", "import { x } from './x_FIXTURE.js'; import * as self from './good.js'; assert(x === more); export const y = self;", {"module": ""}),
    f"{MODULE}/bad.js": ("flags: [module]", "assert(false);", {"module": "Test262Error: assert"}),
    f"{MODULE}/syntax.js": ("flags: [module]\nnegative:\n  phase: parse\n  type: SyntaxError", "$DONOTEVALUATE(); const const;", {"module": ""}),
    f"{MODULE}/link.js": ("flags: [module]\nnegative:\n  phase: resolution\n  type: SyntaxError", "$DONOTEVALUATE(); import { z } from './x_FIXTURE.js';", {"module": ""}),
    f"{MODULE}/wrong.js": ("flags: [module]\nnegative:\n  phase: runtime\n  type: TypeError", "x;", {"module": "expected TypeError, got ReferenceError: x is not defined"}),
    f"{MODULE}/none.js": ("flags: [module]\nnegative:\n  phase: runtime\n  type: TypeError", "", {"module": "expected TypeError in phase runtime"}),
    f"{MODULE}/top-level-await/t.js": ("flags: [module, async]", "await 1; $DONE();", {"module": ""}),
    f"{IMPORT}/both.js": ("flags: [async]", "import('./x_FIXTURE.js').then(({ x }) => assert(x === 1)).then($DONE, $DONE); var strict = !this;", {"script": "", "strict": ""}),
    f"{IMPORT}/late.js": ("flags: [async, noStrict]", "with ({}) {} import('./x_FIXTURE.js').then(() => assert(false)).then($DONE, $DONE);", {"script": "Test262:AsyncTestFailure:assert"}),
    f"{IMPORT}/strict.js": ("flags: [onlyStrict]\nnegative:\n  phase: parse\n  type: SyntaxError", "$DONOTEVALUATE(); with ({}) {}", {"strict": ""}),
    f"{IMPORT}/loose.js": ("description: a rejection that nobody handles is no failure", "import('');", {"script": "", "strict": ""}),
}  # fmt: skip


def checkout(root: Path) -> Path:
    files = {f"harness/{name}": text for name, text in HARNESS.items()}
    files |= {f"test/{path}": f"/*---\n{meta}\n---*/\n{text}" for path, (meta, text, _) in TESTS.items()}
    files |= {f"test/{folder}/x_FIXTURE.js": "export const x = 1;" for folder in (MODULE, IMPORT)}
    return write_tree(root, files)


def test_the_catalog_reads_what_a_file_asks_for(tmp_path: Path) -> None:
    cases = list(find_cases(checkout(tmp_path)))
    assert {case.path: {other.mode for other in cases if other.path == case.path} for case in cases} == {path: set(modes) for path, (*_, modes) in TESTS.items()}
    [good] = find_cases(tmp_path, [f"{MODULE}/good"])
    assert good == Case(f"{MODULE}/good.js", "module", ("assert.js", "sta.js", "more.js"), is_async=False, negative=None)
    assert next(case for case in cases if case.is_async).harness == ("assert.js", "sta.js", "doneprintHandle.js")
    assert next(case for case in cases if "await" in case.path).directory == f"{MODULE}/top-level-await"


async def test_each_case_runs_in_a_locked_runtime(tmp_path: Path) -> None:
    cases = list(find_cases(checkout(tmp_path)))
    async with ih.create_isolate_host() as host:
        ours = Ours(host, tmp_path)
        assert {case.name: await ours.run(case) for case in cases} == {f"{path} {mode}": what for path, (*_, modes) in TESTS.items() for mode, what in modes.items()}


def test_the_measure_counts_what_all_references_pass() -> None:
    names = [f"{MODULE}/{letter}.js module" for letter in "abcd"]
    older, newer = dict(zip(names, ("", "", "x", ""), strict=True)), dict(zip(names, ("", "", "", "x"), strict=True))
    ours = {names[0]: "", names[2]: "wrong"}
    assert compare.misses(ours, [older, newer]) == {names[1]: "did not run"}
    assert compare.table(ours, [older, newer])[-1] == "| together | 1 of 2 | 50.0% |"


def test_every_expected_failure_has_a_reason() -> None:
    for entry in json.loads(compare.EXPECTED.read_text()):
        assert len(entry["reason"]) > 20
        for pattern in entry["cases"]:
            re.compile(pattern)
    assert compare.explanation("language/expressions/import.meta/syntax/goal-script.js strict")
    assert compare.explanation(f"{MODULE}/a.js module") is None
