"""``make demo`` shows what it promises."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "examples/demo"


def load(name):
    spec = importlib.util.spec_from_file_location(f"demo_{name}", DEMO / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What it prints, started from a folder that has nothing to do with it."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    command = [sys.executable, "-W", "error", DEMO / "run.py"]
    done = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, timeout=50, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert not list(elsewhere.iterdir())
    return done.stdout


def test_the_report(shown):
    assert "17975 requests (Success" in shown
    assert "25 lines skipped" in shown
    assert re.search(r"^route +requests +MB +4xx +5xx +p50 ms +p95 ms +p99 ms$", shown, re.MULTILINE)
    assert re.search(r"^/api/v1/items/:id +\d{4} +[\d.]+ +\d\.\d % +\d\.\d % +\d+ +\d+ +\d{4}$", shown, re.MULTILINE)
    assert re.search(r"^incident: [\d.]+ % of \d+ requests failed between 14:00 and 14:30$", shown, re.MULTILINE)
    assert "suspect: 198.51.100.77 asked 189 times" in shown


def test_the_three_that_misbehave(shown):
    denied, stopped, contained = shown.strip().splitlines()[-3:]
    assert denied.startswith("denied ")
    assert denied.endswith("it needs sandboxes.report.policies.tools.allow")
    assert stopped.startswith("stopped ")
    assert stopped.endswith("the evaluation ran longer than 0.5 s")
    assert contained.startswith("contained ")
    assert "memory limit of 64 MiB exceeded" in contained
    assert contained.endswith("its neighbour answers 42")


def test_the_input_is_large_and_always_the_same(tmp_path):
    access_log = load("access_log")
    for name in ("one", "two"):
        access_log.write_access_log(tmp_path / name / "access.log")
    one, two = ((tmp_path / name / "access.log").read_bytes() for name in ("one", "two"))
    assert one == two
    assert len(one) >= 1_000_000
    assert one.count(b"\n") == access_log.LINES


def test_it_fails_when_an_expectation_does(monkeypatch):
    monkeypatch.syspath_prepend(DEMO)
    run = load("run")
    with pytest.raises(SystemExit) as failed:
        run.expect("lines", 1, 2)
    assert failed.value.code == "the demonstration failed: lines: 1, not 2"
