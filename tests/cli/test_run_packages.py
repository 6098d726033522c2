"""``isolate-host run`` and the packages of the program."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.packages import write_tree

COMMAND = Path(sys.executable).with_name("isolate-host")
FILES = {
    "project/node_modules/left/index.js": "module.exports = (text) => `<${text}`",
    "project/app/main.ts": "import left from 'left';\nimport { name } from './lib/name.ts';\nconsole.log(left(name) as string);",
    "project/app/lib/name.ts": "export const name: string = 'x'",
}
YAML = """
version: 1
sandboxes:
  default:
    policies:
      console: {}
      modules: {source_trees: [{prefix: /app/, root: project/app}]%s}
"""


@pytest.fixture
def run(tmp_path):
    write_tree(tmp_path, FILES)

    def run(*args, file="project/app/main.ts"):
        command = [COMMAND, "run", tmp_path / file, *args]
        return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, cwd=tmp_path)

    return run


def test_the_nearest_folder_is_found(run):
    done = run()
    assert (done.stdout, done.stderr, done.returncode) == ("<x\n", "", 0)


def test_a_nearer_folder_wins(run, tmp_path):
    write_tree(tmp_path, {"project/app/node_modules/left/index.js": "module.exports = (text) => `nearer ${text}`"})
    assert run().stdout == "nearer x\n"


def test_a_workspace_with_its_store_above(run, tmp_path):
    write_tree(tmp_path, {"node_modules/.pnpm/left@2/node_modules/left/index.js": "module.exports = (text) => `stored ${text}`"})
    (tmp_path / "project/app/node_modules").mkdir()
    (tmp_path / "project/app/node_modules/left").symlink_to("../../../node_modules/.pnpm/left@2/node_modules/left")
    assert run().stdout == "stored x\n"


def test_a_policy_that_names_it(run, tmp_path):
    (tmp_path / "host.yaml").write_text(YAML % ", node_modules: [{mount: /node_modules, root: project/node_modules}]")
    done = run("--config", "host.yaml")
    assert (done.stdout, done.stderr) == ("<x\n", "")


def test_a_policy_that_does_not_is_obeyed_and_named(run, tmp_path):
    (tmp_path / "host.yaml").write_text(YAML % "")
    done = run("--config", "host.yaml")
    assert (done.stdout, done.returncode) == ("", 1)
    assert "Cannot find module 'left'" in done.stderr
    assert "hint: the program's packages are in" in done.stderr
    assert "sandboxes.default.policies.modules.node_modules" in done.stderr


def test_an_absent_package_is_no_matter_of_the_policy(run, tmp_path):
    write_tree(tmp_path, {"project/app/main.ts": "import 'absent'"})
    (tmp_path / "host.yaml").write_text(YAML % ", node_modules: [{mount: /node_modules, root: project/node_modules}]")
    for args in ([], ["--config", "host.yaml"]):
        done = run(*args)
        assert "tried /node_modules/absent" in done.stderr
        assert "hint" not in done.stderr
