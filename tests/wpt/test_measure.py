"""The runner of web-platform-tests, on files of our own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import isolate_host as ih
from tests.support.trees import write_tree

from . import compare
from .catalog import find_cases
from .engines import Ours
from .server import echo_server

#: As much of testharness.js as the cases below need: it loads in one turn, and completes when the load has ended.
HARNESS = """
const tests = []; let pending = 0, loaded = false, complete = () => {};
const finish = () => { if (loaded && pending === 0) complete(tests, {status: 0, message: null}); };
globalThis.add_completion_callback = (callback) => { complete = callback; };
globalThis.test = (body, name) => { try { body(); tests.push({name, status: 0}); } catch (error) { tests.push({name, status: 1, message: String(error)}); } };
globalThis.promise_test = (body, name) => { pending++; body().then(() => tests.push({name, status: 0}), (error) => tests.push({name, status: 1, message: String(error)})).then(() => { pending--; finish(); }); };
globalThis.timeout = () => complete(tests, {status: 2, message: "timeout"});
Promise.resolve().then(() => { loaded = true; finish(); });
"""
CASE = """// META: global=window,worker
// META: timeout=long
// META: script=/common/help.js
// META: script=resources/more.js
// META: variant=?one
// META: variant=?two
test(() => { if (help + more !== 3) throw new Error("scripts"); }, "scripts of META");
test(() => { throw new Error(location.search); }, "fails");
promise_test(async () => { const data = await (await fetch("resources/data.json")).json(); if (data.x !== 1) throw new Error("data"); }, "resources");
"""


def checkout(root: Path) -> Path:
    files = {
        "resources/testharness.js": HARNESS, "common/help.js": "const help = 1;", "url/resources/more.js": "const more = 2;",
        "url/resources/data.json": '{"x": 1}', "url/a.any.js": CASE, "url/b.any.js": "syntax error", "url/serviceworker.any.js": "// META: global=serviceworker\n",
        "url/c.window.js": "", "elsewhere/d.any.js": "",
    }  # fmt: skip
    return write_tree(root, files)


def test_the_catalog_reads_what_a_file_asks_for(tmp_path: Path) -> None:
    first, second, third = find_cases(checkout(tmp_path))
    assert (first.path, second.path, third.path) == ("url/a.any.js?one", "url/a.any.js?two", "url/b.any.js")
    assert first.scripts == ("common/help.js", "url/resources/more.js", "url/a.any.js")
    assert (first.file, first.search, first.directory, first.seconds > third.seconds) == ("url/a.any.js", "?one", "url", True)
    assert [case.path for case in find_cases(tmp_path, ["url/b"])] == ["url/b.any.js"]


async def test_a_case_runs_in_a_locked_runtime(tmp_path: Path) -> None:
    case, _, broken = find_cases(checkout(tmp_path))
    async with echo_server() as port, ih.create_isolate_host(config=Ours.policy(tmp_path, port)) as host:
        ours = Ours(host, tmp_path, port)
        result = await ours.run(case)
        assert {name: status for name, status, _ in result["tests"]} == {"scripts of META": 0, "fails": 1, "resources": 0}
        assert result["tests"][1][2] == "Error: ?one"
        assert (await ours.run(broken))["tests"] == []


def results(*passed: str) -> str:
    return json.dumps({"url/a.any.js": {"status": 0, "message": "", "tests": [[name, int(name not in passed), ""] for name in "abcd"]}})


def test_the_measure_counts_what_two_of_three_pass(tmp_path: Path) -> None:
    for name, text in {"ours": results("a", "c"), "node": results("a", "b"), "deno": results("a", "b", "d"), "bun": results("c")}.items():
        (tmp_path / f"{name}.json").write_text(text)
    loaded = {name: compare.load(tmp_path / f"{name}.json") for name in ("ours", "node", "deno", "bun")}
    row = compare.compare(loaded)["url"]
    assert (row.total, row.passed["ours"], row.passed["node"], row.passed["deno"], row.passed["bun"]) == (2, 1, 2, 2, 0)
    assert compare.unexplained(loaded) == [("url/a.any.js", "b")]


def test_of_equal_names_all_must_pass(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"url/a.any.js": {"tests": [["same", 0, ""], ["same", 1, ""], ["other", 0, ""]]}}))
    assert compare.load(path) == {("url/a.any.js", "other")}


def test_every_expected_failure_has_a_reason() -> None:
    for entry in json.loads(compare.EXPECTED.read_text()):
        assert len(entry["reason"]) > 20
        for pattern in entry["subtests"]:
            for part in pattern.split(" :: "):
                re.compile(part)
    expected = json.loads(compare.EXPECTED.read_text())
    assert compare.explanation("wasm/jsapi/constructor/instantiate.any.js", "Synchronous options handling: Buffer argument", expected)
    assert compare.explanation("url/a.any.js", "x", expected) is None
