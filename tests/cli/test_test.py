"""``isolate-host test`` as a user starts it."""

import json
import os
import pty
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("isolate-host")
FILES = {
    "src/add.ts": "export const add = (a: number, b: number): number => a + b;",
    "src/good.test.ts": 'import { add } from "./add";\ntest("adds", () => { expect(add(1, 2)).toBe(3) });\ntest.todo("later");\n',
    "src/deep/bad.test.ts": 'import { expect, test } from "vitest";\nimport { add } from "../add";\ntest("is # wrong", () => {\n  console.log("seen\\u0001");\n  expect(add(1, 1)).toBe(3);\n});\n',
    "src/load.spec.js": 'throw new Error("at the top");\n',
}


@pytest.fixture
def project(tmp_path):
    """A function that writes files: ``project("src/good.test.ts", other={"x.ts": "…"})``."""

    def write(*names, **others):
        texts = {name: FILES[name] for name in ("src/add.ts", *names)} | {name.replace("__", "/") + ".test.ts": text for name, text in others.items()}
        for name, text in texts.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)

    return write


@pytest.fixture
def run(tmp_path):
    def run(*args):
        return subprocess.run([COMMAND, "test", *args], capture_output=True, text=True, timeout=50, check=False, cwd=tmp_path)

    return run


def test_the_report_for_people(project, run):
    project("src/good.test.ts", "src/deep/bad.test.ts", "src/load.spec.js")
    done = run("src/**/*.test.ts", "src/load.spec.js", "--jobs", "1")
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    out = done.stdout
    assert "✓ src/good.test.ts (2 tests, 1 todo)" in out
    assert "✗ src/deep/bad.test.ts (1 test, 1 failed)" in out
    assert "Expected: 3\n      Received: 2\n          at /src/deep/bad.test.ts:5:21" in out
    assert "> 5 |   expect(add(1, 1)).toBe(3);" in out
    assert "Error: at the top" in out
    assert out.splitlines()[-3:-1] == ["Tests  1 failed, 1 passed, 1 todo (3)", "Files  2 failed, 1 passed (3)"]


def test_a_single_file_lists_its_tests_and_a_folder_is_searched(project, run):
    project("src/good.test.ts")
    done = run("src/good.test.ts")
    assert (done.returncode, "  ✓ adds\n  … later\n" in done.stdout) == (0, True)
    assert "Files  1 passed (1)" in run("src").stdout


def test_a_report_that_cannot_be_written_is_told_before_the_tests_run(project, run, tmp_path):
    project("src/good.test.ts")
    done = run("src", "--reporter", "pretty", "--reporter", "junit=gone/out.xml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot write gone/out.xml: there is no folder gone" in done.stderr
    assert "cannot write src: Is a directory" in run("src", "--reporter", "tap=src").stderr


def test_a_filter_that_nothing_matches_is_told(project, run):
    project("src/good.test.ts")
    done = run("src", "--filter", "substracts")
    assert (done.returncode, done.stderr) == (0, "no test has a name that matches --filter 'substracts'\n")
    assert run("src", "--filter", "adds").stderr == ""


def test_reports_for_programs(project, run, tmp_path):
    project("src/good.test.ts", "src/deep/bad.test.ts", "src/load.spec.js")
    done = run("src", "--reporter", "tap", "--reporter", "junit=out.xml", "--reporter", "json=out.json", "--reporter", "pretty=out.txt")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "TAP version 14"
    assert lines[1] == "not ok 1 - src/deep/bad.test.ts > is \\# wrong"
    assert [line for line in lines if line.startswith(("ok", "1.."))] == ["ok 2 - src/good.test.ts > adds", f"ok 3 - src/good.test.ts > later # {'todo'.upper()}", "1..4"]
    assert lines.count("  ...") == 2

    root = ET.parse(tmp_path / "out.xml").getroot()
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"]) == ("3", "1", "1")
    bad = root.find("testsuite[@name='src/deep/bad.test.ts']")
    assert bad.find("testcase/failure").attrib["message"] == "expect(received).toBe(expected) // Object.is equality"
    assert bad.find("system-out").text == "seen�"
    assert root.find("testsuite[@name='src/load.spec.js']/testcase/error").text.endswith("at /src/load.spec.js:1:7")

    report = json.loads((tmp_path / "out.json").read_text())
    assert (report["success"], report["passed"], report["failed"], report["todo"], report["total"]) == (False, 1, 1, 1, 3)
    error = report["files"][0]["tests"][0]["errors"][0]
    assert (error["matcher_name"], error["expected"], error["actual"]) == ("toBe", 3, 2)
    assert "Tests  1 failed, 1 passed, 1 todo (3)" in (tmp_path / "out.txt").read_text()


def test_options_reach_the_tests(project, run):
    project(a='let n = 0; test("flaky", () => { if (!n++) throw 1 }); test("other", () => { throw 2 })', b='test("never", () => {})')
    assert run("a.test.ts", "--filter", "^flaky$", "--retry", "1").returncode == 0
    done = run("a.test.ts", "b.test.ts", "--bail", "--jobs", "1", "--verbose")
    assert done.returncode == 1
    assert "(not run: 1 test failed before it (bail))" in done.stdout
    assert "○ b.test.ts (not run: enough has failed)" in done.stdout
    assert "Files  1 failed, 1 not run (2)" in done.stdout
    shuffled = [run("a.test.ts", "--seed", "5", "--reporter", "json").stdout for _ in range(2)]
    order = [[test["name"] for test in json.loads(text)["files"][0]["tests"]] for text in shuffled]
    assert (order[0], json.loads(shuffled[0])["files"][0]["seed"]) == (order[1], 5)


def test_exit_codes(project, run, tmp_path):
    project(loop='test("a", () => { for (;;); }); test("b", () => {})', empty="1", memory='test("a", () => { const all = []; for (;;) all.push(new Array(1e5).fill(0.5)) })', top="for (;;);")
    done = run("loop.test.ts", "--timeout", "0.1")
    assert (done.returncode, "○ b (not run: the test ran longer than 0.1 s" in done.stdout) == (1, True)
    assert "the file has no test" in run("empty.test.ts").stdout
    assert run("memory.test.ts").returncode == 137
    (tmp_path / "host.yaml").write_text("version: 1\nsandboxes: {default: {limits: {timeout_s: 0.3}, policies: {tests: {}}}, none: {}}\n")
    assert run("top.test.ts", "--config", "host.yaml").returncode == 124
    done = run("empty.test.ts", "--config", "host.yaml", "--sandbox", "none")
    assert (done.returncode, "sandboxes.none.policies.tests" in done.stdout) == (1, True)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["nothing/**/*.ts"], "no test file matches nothing/**/*.ts"),
        (["a.test.ts", "--reporter", "dots"], "unknown reporter 'dots'"),
        (["a.test.ts", "--reporter", "tap", "--reporter", "json"], "only one reporter can write to stdout"),
        (["a.test.ts", "--sandbox", "x"], "--sandbox needs --config"),
        (["a.test.ts", "--retry", "-1"], "--retry must be between 0"),
        (["a.test.ts", "--timeout", "-1"], "--timeout must be positive"),
        ([], "the following arguments are required: FILE"),
    ],
)
def test_wrong_use(project, run, args, message):
    project(a='test("a", () => {})')
    done = run(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_watch_runs_again_when_a_file_changes(project, tmp_path):
    project("src/good.test.ts")
    command = [COMMAND, "test", "src/good.test.ts", "--watch"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr.readline() == "waiting for changes; Ctrl-C ends\n"
            (tmp_path / "src/add.ts").write_text("export const add = () => 0;")
            assert process.stderr.readline() == "waiting for changes; Ctrl-C ends\n"
        finally:
            process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
    assert ("1 passed, 1 todo" in out, "1 failed, 1 todo" in out) == (True, True)
    assert process.returncode == 130


def test_progress_and_colours_on_a_terminal(project, tmp_path):
    project(a="for (let i = 0; i < 3; i++) test(`t${i}`, () => new Promise((done) => setTimeout(done, 150)))")
    leader, follower = pty.openpty()
    process = subprocess.Popen([COMMAND, "test", "a.test.ts"], cwd=tmp_path, stdout=follower, stderr=follower, env={**os.environ, "TERM": "xterm"})
    os.close(follower)
    text = b""
    try:
        while chunk := os.read(leader, 4096):
            text += chunk
    except OSError:  # how a terminal says that nobody is left
        pass
    os.close(leader)
    assert process.wait(20) == 0
    assert b"\r\x1b[K0 of 1 files, 1 tests" in text
    assert "\x1b[32m✓\x1b[0m a.test.ts".encode() in text
