"""What the README shows works when it is pasted."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.markdown import ROOT, blocks_of, write_files

BIN = Path(sys.executable).parent


@pytest.fixture
def paste(tmp_path):
    """A function that runs a command in a folder that holds the files of the README."""
    write_files("README.md", tmp_path)

    def run(*command):
        env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=50, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    return run


def programs():
    """Each program with what the README says that it prints."""
    blocks = blocks_of("README.md")
    return [(block.name, after.text) for block, after in itertools.pairwise(blocks) if block.language == "python" and after.language == "text"]


@pytest.mark.parametrize(("name", "shown"), programs(), ids=[name for name, _ in programs()])
def test_python(paste, name, shown):
    done = paste("python", "-W", "error", name)
    assert (done.stdout, done.stderr) == (shown, "")


def test_each_way_is_shown():
    assert [name for name, _ in programs()][:4] == ["example.py", "server.py", "tests.py", "session.py"]
    assert all(f"**{number}. " in (ROOT / "README.md").read_text() for number in range(1, 6))


def test_command_line(paste):
    script = [block.text for block in blocks_of("README.md") if block.language == "sh" and "isolate-host" in block.text]
    assert len(script) == 1
    done = paste("bash", "-euc", script[0])
    checked, counted, stopped = done.stdout.splitlines()
    assert checked == "host.yaml: ok"
    assert counted.startswith("seconds since 1970: ")
    assert stopped == "stopped, exit code 124"


def test_make_has_what_the_first_lines_name():
    makefile = (ROOT / "Makefile").read_text()
    for line in blocks_of("README.md")[0].text.splitlines():
        target = line.split("#")[0].split()[1]
        assert f"\n{target}:" in makefile


def test_examples_are_short():
    """One screen each: a Python program, or a policy with its program."""
    lines = {block.name: block.text.count("\n") for block in blocks_of("README.md")}
    assert max(count for name, count in lines.items() if name and name.endswith(".py")) <= 20
    assert lines["host.yaml"] + lines["main.ts"] <= 15
