"""npm packages from the registry, pinned by the lock file next to this one. Installed once; never skipped."""

import fcntl
import json
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
_STAMP = HERE / "node_modules" / ".installed"


def _require_node() -> None:
    """Node.js and npm, from the distribution when they are not there."""
    if shutil.which("node") and shutil.which("npm"):
        return
    if shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-q", "nodejs", "npm"], check=False, capture_output=True)
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.fail("tests/packages compare with Node.js: install Node.js 20 or newer, and npm", pytrace=False)


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The folder with the packages."""
    _require_node()
    lock = (HERE / "package-lock.json").read_text()
    with (HERE / ".install-lock").open("w") as guard:
        # Several test processes may start at once.
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not _STAMP.is_file() or _STAMP.read_text() != lock:
            command = ["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error"]
            done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.fail(f"npm ci failed in tests/packages:\n{done.stderr[:2000]}", pytrace=False)
            _STAMP.write_text(lock)
    return HERE / "node_modules"


@pytest.fixture(scope="session")
def in_node(node_modules: Path) -> dict[str, dict[str, object]]:
    """What each use script exports in Node.js."""
    done = subprocess.run(["node", HERE / "run_in_node.mjs"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
