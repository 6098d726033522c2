"""The verbs that start no guest."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from isolate_host.cli import main

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests/config/cases"


def test_without_arguments_the_help_is_printed(capsys):
    assert main([]) == 2
    assert "check-config" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [["--help"], ["run", "--help"], ["plugin", "new", "--help"]])
def test_help(capsys, argv):
    assert main(argv) == 0
    assert capsys.readouterr().out.startswith("usage: isolate-host")


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["frobnicate"], "invalid choice: 'frobnicate'"),
        (["run"], "required: FILE"),
        (["run", "x.ts", "--sandbox", "a"], "--sandbox needs --config"),
        (["run", "-", "--input", "-"], "stdin cannot be both"),
        (["run", "no-such-file.ts"], "cannot read no-such-file.ts: No such file or directory"),
        (["check-config"], "no configuration file was given"),
        (["schema", "no-such-plugin"], "no installed plugin is called 'no-such-plugin'"),
        (["plugin"], "required: ACTION"),
        (["version", "--", "x"], "only run takes arguments after --"),
        (["plugin", "new", "Not-Good"], "not a possible name"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(capsys, monkeypatch, tmp_path, argv, text):
    monkeypatch.chdir(tmp_path)
    assert main(argv) == 2
    error = capsys.readouterr().err
    assert text in error
    assert error.startswith("isolate-host: ")
    assert "Traceback" not in error


def test_version(capsys):
    assert main(["version"]) == main(["--version"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == second
    assert first.startswith("isolate-host ")
    assert main(["version", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["python"] == sys.version.split()[0]


def test_check_config_reports_in_three_ways(capsys, monkeypatch):
    monkeypatch.chdir(CASES)
    assert main(["check-config", "minimal.good.yaml", "unknown-keys.bad.yaml"]) == 2
    assert capsys.readouterr().out.endswith("minimal.good.yaml, unknown-keys.bad.yaml: 6 errors, 0 warnings\n")
    assert main(["check-config", "--format", "json", "--config", "unknown-keys.bad.yaml"]) == 2
    report = json.loads(capsys.readouterr().out)
    assert (report["ok"], len(report["findings"])) == (False, 6)
    first = {"file": "unknown-keys.bad.yaml", "line": 2, "column": 1, "code": "config-unknown-key", "path": "sandbox", "severity": "error"}
    assert first.items() <= report["findings"][0].items()
    assert main(["check-config", "--format", "github", "unknown-keys.bad.yaml"]) == 2
    line = capsys.readouterr().out.splitlines()[0]
    assert line == "::error file=unknown-keys.bad.yaml,line=2,col=1,title=config-unknown-key::unknown key 'sandbox' (did you mean 'sandboxes'?)"


def test_check_config_takes_host_yaml_and_strictness(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("host.yaml").write_text("version: 1\ninclude: ['none-*.yaml']\n")
    assert main(["check-config"]) == 0
    assert "warning[include-empty]" in capsys.readouterr().out
    assert main(["check-config", "--strict"]) == 2
    Path("host.yaml").write_text("version: 1\n")
    capsys.readouterr()
    assert main(["check-config"]) == 0
    assert capsys.readouterr().out == "host.yaml: ok\n"


def test_show_config_hides_what_came_from_elsewhere(capsys, monkeypatch):
    monkeypatch.chdir(CASES)
    assert main(["show-config", "full.good.yaml"]) == 0
    text = capsys.readouterr().out
    assert "token: ${file:parts/token}" in text
    assert "a-token" not in text
    assert main(["show-config", "--json", "full.good.yaml"]) == 0
    assert json.loads(capsys.readouterr().out)["limits"]["memory_mb"] == 256
    assert main(["show-config", "--origins", "full.good.yaml"]) == 0
    assert "sandboxes.extra.policies" not in capsys.readouterr().out.splitlines()[0]
    assert main(["show-config", "--origins", "--json", "full.good.yaml"]) == 0
    rows = {row["path"]: (row["file"], row["line"]) for row in json.loads(capsys.readouterr().out)}
    assert rows["sandboxes.other.policies.modules.source_trees[0].prefix"] == ("parts/more.yaml", 6)


def test_wrong_configuration_is_told_without_a_traceback(capsys, monkeypatch):
    monkeypatch.chdir(CASES)
    for argv in (["show-config", "version.bad.yaml"], ["--config", "version.bad.yaml"], ["run", "--config", "version.bad.yaml", __file__]):
        assert main(argv) == 2
        error = capsys.readouterr().err
        assert error.startswith("1 error in the configuration\nversion.bad.yaml:1:1: error[config-version]")


def test_dry_run_starts_nothing(capsys, monkeypatch):
    monkeypatch.chdir(CASES)
    for argv in (["serve", "--dry-run", "--config", "full.good.yaml"], ["--config", "full.good.yaml", "--dry-run"]):
        assert main(argv) == 0
        assert capsys.readouterr().out == "would start: plugins console, modules, tools; sandboxes agent, extra, off, other\n"
    assert main(["serve", "--dry-run"]) == 0


def test_schema(capsys):
    assert main(["schema"]) == 0
    builtin = json.loads(capsys.readouterr().out)
    assert main(["schema", "--bundle"]) == 0
    everything = json.loads(capsys.readouterr().out)
    assert set(builtin["$defs"]) <= set(everything["$defs"])
    jsonschema.Draft202012Validator.check_schema(builtin)
    assert main(["schema", "tools"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "tools"


def test_plugins(capsys):
    assert main(["plugins", "--json"]) == 0
    assert {"console", "modules", "tools"} <= {plugin["name"] for plugin in json.loads(capsys.readouterr().out)}
    assert main(["plugins"]) == 0
    assert "console" in capsys.readouterr().out


def test_what_nobody_expected_leaves_a_report(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("isolate_host.cli.version.versions", dict)
    monkeypatch.setattr("isolate_host.cli.output.print_json", lambda _: 1 / 0)
    monkeypatch.setattr("isolate_host.cli.version.print_json", lambda _: 1 / 0)
    assert main(["version", "--json"]) == 3
    error = capsys.readouterr().err
    assert error.startswith("isolate-host: internal error: ZeroDivisionError: division by zero\n  hint: a report for the maintainers is in ")
    report = Path(error.split(" is in ")[1].strip())
    assert "ZeroDivisionError" in report.read_text()
    assert report.stat().st_mode & 0o777 == 0o600


def test_a_reader_that_goes_away_is_no_error():
    command = [Path(sys.executable).with_name("isolate-host"), "schema", "--bundle"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        error = process.stderr.read()
        assert process.wait(30) in (0, 141)
    assert error == b""


def test_python_dash_m(tmp_path):
    done = subprocess.run([sys.executable, "-m", "isolate_host", "version"], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
