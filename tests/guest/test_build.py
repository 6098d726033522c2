"""The committed bundles are what the sources build to."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUEST = ROOT / "core/guest"
BUILT = [GUEST / "dist/guest.js", GUEST / "dist/compiler.js", ROOT / "plugins/console/guest.js", ROOT / "plugins/tools/guest.js"]

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (GUEST / "node_modules").is_dir(), reason="building needs Node.js and `npm ci` in core/guest"
)


@needs_node
def test_no_drift() -> None:
    before = [hashlib.sha256(path.read_bytes()).hexdigest() for path in BUILT]
    subprocess.run(["node", "build.mjs"], cwd=GUEST, check=True, capture_output=True)
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in BUILT] == before


def test_bundles_carry_no_machine_paths() -> None:
    for path in BUILT:
        text = path.read_text(encoding="utf-8")
        assert str(ROOT) not in text


def test_the_lock_pins_exactly() -> None:
    package = json.loads((GUEST / "package.json").read_text())
    lock = json.loads((GUEST / "package-lock.json").read_text())
    wanted = package["dependencies"] | package["devDependencies"]
    assert all(version[0].isdigit() for version in wanted.values())
    assert all(lock["packages"][f"node_modules/{name}"]["version"] == version for name, version in wanted.items())
    assert not any("resolved" in entry for entry in lock["packages"].values())


def test_bundled_packages_are_listed() -> None:
    listed = {item["name"]: item["version"] for item in json.loads((GUEST / "THIRD_PARTY.json").read_text())["bundled"]}
    assert listed == json.loads((GUEST / "package.json").read_text())["dependencies"]
