"""``isolate-host test --coverage`` as a user starts it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("isolate-host")
GRADE = """export function grade(points: number): string {
  if (points > 90) {
    return "A";
  }
  return points > 20 ? "D" : "F";
}
"""


def checks(points, grade):
    return f'import {{ grade }} from "./grade";\ntest("{points}", () => {{ expect(grade({points})).toBe("{grade}") }});\n'


@pytest.fixture
def project(tmp_path):
    (tmp_path / "src").mkdir()
    for name, text in {"grade.ts": GRADE, "a.test.ts": checks(95, "A"), "b.test.ts": checks(1, "F")}.items():
        (tmp_path / "src" / name).write_text(text)
    return tmp_path


@pytest.fixture
def run(project):
    def run(*args):
        return subprocess.run([COMMAND, "test", *args], capture_output=True, text=True, timeout=100, check=False, cwd=project)

    return run


def test_one_table_for_all_files(run):
    done = run("src", "--coverage")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(
        "\nCoverage     | % Stmts | % Branch | % Funcs | % Lines | Uncovered lines\n"
        "------------ | ------- | -------- | ------- | ------- | ---------------\n"
        "All files    |     100 |       75 |     100 |     100\n"
        "src/grade.ts |     100 |       75 |     100 |     100\n"
    )
    assert "Coverage" not in run("src/a.test.ts").stdout


def test_reports_for_programs(run, project):
    done = run("src/a.test.ts", "--coverage-reporter", "lcov", "--coverage-reporter", "json=out/all.json", "--coverage-reporter", "text", "--reporter", "tap")
    assert done.returncode == 0
    assert (done.stdout.startswith("TAP version 14\n"), "Coverage" in done.stdout) == (True, False)
    assert "src/grade.ts |   66.66 |       25 |     100 |   66.66 | 5" in done.stderr
    lcov = (project / "coverage/lcov.info").read_text()
    assert lcov.splitlines() == [
        "TN:", "SF:src/grade.ts", "FN:1,grade", "FNDA:1,grade", "FNF:1", "FNH:1", "BRDA:2,0,0,1", "BRDA:2,0,1,0", "BRDA:5,1,0,0", "BRDA:5,1,1,0",
        "BRF:4", "BRH:1", "DA:2,1", "DA:3,1", "DA:5,0", "LF:3", "LH:2", "end_of_record",
    ]
    report = json.loads((project / "out/all.json").read_text())
    assert list(report) == [str(project / "src/grade.ts")]
    assert report[str(project / "src/grade.ts")]["s"] == {"0": 1, "1": 1, "2": 0}


def test_too_little_coverage_fails(run):
    good = run("src", "--coverage-threshold", "lines=100", "--coverage-threshold", "branches=75,functions=1")
    assert (good.returncode, good.stderr) == (0, "")
    bad = run("src", "--coverage-threshold", "branches=75.5")
    assert (bad.returncode, bad.stderr) == (1, "coverage of branches is 75 %, less than the 75.5 % of --coverage-threshold\n")


def test_files_are_chosen_and_what_did_not_run_to_its_end_is_named(run, project):
    (project / "src/loop.test.ts").write_text('test("x", () => { for (;;); })')
    done = run("src/a.test.ts", "src/loop.test.ts", "--timeout", "0.1", "--coverage-exclude", "**/grade.ts")
    assert (done.returncode, "grade.ts |" in done.stdout) == (1, False)
    assert "src/loop.test.ts is not in the coverage: the test ran longer than 0.1 s" in done.stdout


def test_files_of_a_sandbox_are_found_again(run, project):
    (project / "host.yaml").write_text(
        "version: 1\nsandboxes: {default: {policies: {tests: {}, modules: {source_trees: [{prefix: '@app/', root: ./src}]}}}}\n"
    )
    done = run("src", "--config", "host.yaml", "--coverage-include", "@app/*.ts")
    assert (done.returncode, done.stderr) == (0, "")
    assert "src/grade.ts |     100" in done.stdout


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--coverage-threshold", "lines"], "--coverage-threshold 'lines' is not understood"),
        (["--coverage-threshold", "line=80"], "the names are statements, branches, functions, lines"),
        (["--coverage-threshold", "lines=101"], "--coverage-threshold 'lines=101' is not understood"),
        (["--coverage-reporter", "html"], "unknown coverage reporter 'html'"),
    ],
)
def test_wrong_use(run, args, message):
    done = run("src", *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
