"""Snapshots of ``isolate-host test``: in ``__snapshots__``, in the test file itself, and in files of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from isolate_host.cli.testing.inline import with_snapshots, write_inline
from isolate_host.cli.testing.snapshots import read_snapshots, write_snapshots
from isolate_host.client.test_results import InlineSnapshot

COMMAND = Path(sys.executable).with_name("isolate-host")
STORED = 'test("s", () => { expect(VALUE).toMatchSnapshot() })\n'


@pytest.fixture
def run(tmp_path):
    def run(code, *args, ci=""):
        if code is not None:
            (tmp_path / "a.test.ts").write_text(code)
        environment = {**os.environ, "CI": ci}
        return subprocess.run([COMMAND, "test", "a.test.ts", *args], capture_output=True, text=True, timeout=50, check=False, cwd=tmp_path, env=environment)

    return run


@pytest.fixture
def stored(tmp_path):
    return tmp_path / "__snapshots__" / "a.test.ts.snap"


def test_new_ones_are_stored_and_different_ones_only_on_update(run, stored):
    done = run(STORED.replace("VALUE", '{ text: `a\\`${"$"}{b}\\\\` }'))
    assert (done.returncode, "Snapshots  1 written\n" in done.stdout) == (0, True)
    assert "Snapshots  1 passed\n" in run(None, "--ci").stdout
    different = STORED.replace("VALUE", "1")
    done = run(different)
    assert (done.returncode, "the snapshot 's 1' does not match (--update accepts the new one)" in done.stdout) == (1, True)
    assert run(None, "-u").returncode == 0
    assert stored.read_text().endswith("\nexports[`s 1`] = `1`;\n")


@pytest.mark.parametrize(("args", "ci"), [(["--ci"], ""), ([], "true"), (["--no-ci"], "true"), ([], "false")])
def test_in_ci_nothing_new_is_written(run, stored, args, ci):
    written = "--no-ci" in args or ci == "false"
    done = run(STORED.replace("VALUE", "1"), *args, ci=ci)
    assert (done.returncode, stored.exists()) == ((0, True) if written else (1, False))
    assert ("the snapshot 's 1' is not stored, and new ones are not written in this run" in done.stdout) is not written


def test_obsolete_ones_are_told_and_removed_on_update(run, stored, tmp_path):
    both = STORED.replace("VALUE", "1") + 'test("t", () => { expect(2).toMatchSnapshot("why") })\n'
    assert run(both).returncode == 0
    # A test that did not run asks for nothing, and yet has its snapshots.
    assert "obsolete" not in run(None, "--filter", "^s$").stdout
    assert "obsolete" not in run(both.replace('test("t"', 'test.skip("t"')).stdout
    done = run(STORED.replace("VALUE", "1"), "--reporter", "pretty", "--reporter", "json=out.json")
    assert "    obsolete snapshot: t: why 1\n" in done.stdout
    assert "Snapshots  1 passed, 1 obsolete (--update removes them)\n" in done.stdout
    assert json.loads((tmp_path / "out.json").read_text())["files"][0]["snapshots"]["obsolete"] == ["t: why 1"]
    assert "Snapshots  1 passed, 1 removed\n" in run(None, "-u").stdout
    assert "why" not in stored.read_text()
    run('test("s", () => {})', "-u")
    assert not stored.exists()


def test_snapshots_of_tests_that_are_no_more(run, stored):
    run(STORED.replace("VALUE", "1"))
    orphan = stored.with_name("gone.test.ts.snap")
    orphan.write_text("")
    assert "obsolete (--update removes it): __snapshots__/gone.test.ts.snap" in run(None).stderr
    assert "removed __snapshots__/gone.test.ts.snap" in run(None, "-u").stderr
    assert (orphan.exists(), stored.exists()) == (False, True)


def test_a_place_that_cannot_be_written_fails_the_file(run, tmp_path):
    (tmp_path / "__snapshots__").write_text("no folder")
    done = run(STORED.replace("VALUE", "1"))
    assert done.returncode in (1, 2)
    assert "__snapshots__/a.test.ts.snap" in done.stdout + done.stderr
    assert (tmp_path / "__snapshots__").read_text() == "no folder"


INLINE = """import { expect, test } from "vitest";
test("i", async () => {
  const t: string = "😀"; expect({ t, "`": "${x}\\\\" }).toMatchInlineSnapshot();
  expect({ n: 1, at: Date.now() }).toMatchInlineSnapshot({ at: expect.any(Number) });
  await expect(Promise.resolve(["done"])).resolves.toMatchInlineSnapshot(/* none */);
\texpect(() => { throw new Error("b") }).toThrowErrorMatchingInlineSnapshot(
  );
  for (const i of [1, 1]) expect([i]).toMatchInlineSnapshot();
});
"""


def test_inline_ones_are_written_into_the_file(run, tmp_path):
    done = run(INLINE)
    assert (done.returncode, "Snapshots  6 written\n" in done.stdout) == (0, True)
    text = (tmp_path / "a.test.ts").read_text()
    assert '.toMatchInlineSnapshot(`\n    {\n      "\\`": "\\${x}\\\\",\n      "t": "😀",\n    }\n  `);' in text
    assert '({ at: expect.any(Number) }, `\n    {\n      "at": Any<Number>,\n      "n": 1,\n    }\n  `);' in text
    assert 'toThrowErrorMatchingInlineSnapshot(`"b"`);' in text
    assert "Snapshots  6 passed\n" in run(None, "--ci").stdout
    changed = text.replace('"done"', '"other"', 1)
    assert "the inline snapshot does not match" in run(changed).stdout
    assert (tmp_path / "a.test.ts").read_text() == changed
    assert run(None, "-u").returncode == 0
    assert (tmp_path / "a.test.ts").read_text() == text.replace('"done"', '"other"')


def test_inline_ones_that_have_no_one_value_or_no_place_fail(run, tmp_path):
    (tmp_path / "help.ts").write_text("export const check = (value: unknown) => { expect(value).toMatchInlineSnapshot() };\n")
    code = 'import { check } from "./help";\ntest("loop", () => { for (const i of [1, 2]) expect(i).toMatchInlineSnapshot() });\n'
    done = run(code + 'test("elsewhere", () => check(1));\ntest("odd", () => expect(1)["toMatchInlineSnapshot"]());\n')
    assert "missing (it is not written: the same call has had another value); paste this:" in done.stdout
    # The call through `check` is in the file, but is no call of the matcher.
    assert "a.test.ts:3: the inline snapshot could not be written: its call is not understood" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x.M()", "x.M(`1`)"),
        ("x.M ( 'old' )", "x.M ( `1` )"),
        ("x.M(`o${')'}ld`, )", "x.M(`1`, )"),
        ("x.M(\n// no ) here\n'a\\'b')", "x.M(\n// no ) here\n`1`)"),
        ("x.M({a: [')', f(1, 2)]})", "x.M({a: [')', f(1, 2)]}, `1`)"),
        ("x.M({a: 1}, `old`)", "x.M({a: 1}, `1`)"),
        ("x.M('a' + b)", None),
        ("x.M(a, b)", None),
        ("x.M(`open", None),
        ("x.M[0]", None),
        ("x.N()", None),
    ],
)
def test_calls_are_rewritten_where_they_are_understood(before, after):
    name = "toMatchInlineSnapshot"
    found = with_snapshots(before.replace("M", name), [InlineSnapshot(1, 3, name, "1")])
    assert found == ((before if after is None else after).replace("M", name), [1] if after is None else [])
    assert with_snapshots(before, [InlineSnapshot(9, 1, name, "1")]) == (before, [9])


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path):
    file = tmp_path / "a.test.ts"
    file.write_bytes("\ufeffx.toMatchInlineSnapshot()\r\n".encode())
    snapshot = InlineSnapshot(1, 3, "toMatchInlineSnapshot", "1")
    assert "has changed meanwhile" in write_inline(file, "x.toMatchInlineSnapshot()", [snapshot])[0]
    assert write_inline(file, "x.toMatchInlineSnapshot()\r\n", [snapshot]) == []
    assert file.read_bytes() == "\ufeffx.toMatchInlineSnapshot(`1`)\r\n".encode()


OWN = 'test("f", async () => { await expect(VALUE).toMatchFileSnapshot("./out/deep/x.txt") })\n'


def test_files_of_their_own_need_a_folder(run, tmp_path):
    code, file = OWN.replace("VALUE", '"text\\n"'), tmp_path / "out/deep/x.txt"
    done = run(code)
    assert (done.returncode, file.exists()) == (1, False)
    assert "toMatchFileSnapshot may not use /out/deep/x.txt: EACCES: permission denied (files.read is not granted" in done.stdout
    assert "isolate-host test --file-snapshots FOLDER grants one" in done.stdout
    assert "Snapshots  1 written" in run(None, "--file-snapshots", "out").stdout
    assert file.read_text() == "text\n"
    assert "Snapshots  1 passed" in run(None, "--file-snapshots", "out", "--ci").stdout
    done = run(OWN.replace("VALUE", "{ a: 1 }"), "--file-snapshots", "out")
    assert "the snapshot file /out/deep/x.txt does not match (--update accepts the new content)" in done.stdout
    # With --ci nothing may be written there, whatever the test does.
    sneaky = 'import fs from "node:fs/promises"; test("w", async () => { await fs.writeFile("/out/deep/x.txt", "other") })'
    done = run(sneaky, "--file-snapshots", "out", "--ci")
    assert (done.returncode, "create_file_bindings(allow_write)" in done.stdout, file.read_text()) == (1, True, "text\n")
    assert run(OWN.replace("VALUE", "{ a: 1 }"), "--file-snapshots", "out", "-u").returncode == 0
    assert file.read_text() == '{\n  "a": 1,\n}'


def test_wrong_use_of_file_snapshots(run, tmp_path):
    assert "is not below" in run("", "--file-snapshots", "/etc").stderr
    (tmp_path / "host.yaml").write_text("version: 1\nsandboxes: {default: {policies: {tests: {}}}}\n")
    assert "--file-snapshots is for tests without a configuration" in run("", "--file-snapshots", "out", "--config", "host.yaml").stderr


def test_snapshot_files_keep_what_is_written(tmp_path):
    texts = {"a `b` 1": "x`${y}\\n", "c 1": "one\ntwo", "d\n 1": "\n", "e 1": "", "f 1": "\nlines\n"}
    file = tmp_path / "x.test.ts"
    assert write_snapshots(file, texts) is True
    assert read_snapshots(file) == texts
    assert write_snapshots(file, texts) is False
