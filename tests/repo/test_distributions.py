"""Distributions of others: the example plugin and a new project, each installed and run with its own tests."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from isolate_host.cli.plugin_new import create_project

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def installed(tmp_path):
    """A function that installs a project beside this environment and returns the environment variables that make it visible."""

    def install(project):
        target = tmp_path / "site"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", target, project]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return {**os.environ, "PYTHONPATH": str(target)}

    return install


def run(*command, env, cwd):
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=240, check=False)


def run_its_tests(project, env):
    done = run(BIN / "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", env=env, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr


def test_kv_is_a_plugin_like_any_other(installed, tmp_path):
    project = tmp_path / "isolate-host-kv"
    shutil.copytree(ROOT / "examples/plugins/isolate-host-kv", project)
    env = installed(project)
    listed = json.loads(run(BIN / "isolate-host", "plugins", "--json", env=env, cwd=tmp_path).stdout)
    kv = next(plugin for plugin in listed if plugin["name"] == "kv")
    assert (kv["distribution"], kv["builtin"], kv["schema_id"], kv["problem"]) == ("isolate-host-kv 0.1.0", False, "urn:isolate-host-kv:policy:v1", None)

    (tmp_path / "host.yaml").write_text("version: 1\nsandboxes: {default: {policies: {console: {}, kv: {file: kv.sqlite, write: true, kees: 3}}}}\n")
    done = run(BIN / "isolate-host", "check-config", env=env, cwd=tmp_path)
    assert "host.yaml:2:82: error[policy-unknown-key]: kv: unknown key 'kees' (did you mean 'keys'?)" in done.stdout

    (tmp_path / "host.yaml").write_text("version: 1\nsandboxes: {default: {policies: {console: {}, kv: {file: kv.sqlite, write: true}}}}\n")
    (tmp_path / "main.ts").write_text("await kv.set('a', {n: 1}); console.log(await kv.get('a'))")
    done = run(BIN / "isolate-host", "run", "--config", "host.yaml", "main.ts", env=env, cwd=tmp_path)
    assert (done.stdout, done.returncode) == ("{ n: 1 }\n", 0), done.stderr
    run_its_tests(project, env)


def test_a_new_project_works_as_it_is(installed, tmp_path):
    project = create_project("word-clock", tmp_path)
    names = {str(path.relative_to(project)) for path in project.rglob("*") if path.is_file()}
    assert names == {
        "README.md",
        "pyproject.toml",
        "tests/test_word_clock.py",
        *(f"isolate_host_word_clock/{name}" for name in ("__init__.py", "plugin.py", "policy.schema.json", "guest.js", "types.d.ts")),
    }
    assert "$" not in (project / "pyproject.toml").read_text()
    env = installed(project)
    run_its_tests(project, env)
    done = run(BIN / "ruff", "check", "--isolated", "--select", "E,F,UP,B", "--line-length", "150", ".", env=env, cwd=project)
    assert done.returncode == 0, done.stdout
