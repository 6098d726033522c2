"""What the checks of the repository share."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def tracked():
    """Files that git knows or would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    files = [Path(name) for name in names if name and (ROOT / name).is_file()]
    if not files:
        pytest.skip("not a git checkout")
    return files


@pytest.fixture(scope="session")
def sources(tracked):
    """Path to syntax tree of every Python file of the package."""
    found = [path for path in tracked if path.suffix == ".py" and path.parts[0] in ("core", "plugins")]
    return {path: ast.parse((ROOT / path).read_text(encoding="utf-8")) for path in found}
