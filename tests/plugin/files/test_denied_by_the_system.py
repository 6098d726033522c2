"""What the operating system denies to the host is a typed error for a guest, without a path of the host. Also where tests run as root."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("denied_by_the_system.py")


def test_permission_denied_by_the_system(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name in ("closed", "fixed"):
        (root / name).mkdir(parents=True)
    (root / "secret.txt").write_text("secret")
    (root / "closed/inner.txt").write_text("secret")
    (root / "fixed/old.txt").write_text("old")
    for name, mode in {"secret.txt": 0, "fixed/old.txt": 0o400, "fixed": 0o500, "closed": 0}.items():
        (root / name).chmod(mode)
    try:
        done = subprocess.run([sys.executable, str(PROGRAM), str(root)], capture_output=True, text=True, timeout=120, check=False)
    finally:
        for name in ("closed", "fixed"):
            (root / name).chmod(0o700)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    for name in ("nodeRead", "nodeList", "inside", "nodeCreate", "remove", "update"):
        assert found[name][:2] == ["Error", "EACCES"], (name, found[name])
        assert found[name][2].startswith("EACCES: permission denied"), found[name]
    for name in ("read", "list", "create"):
        assert (found[name][0], found[name][2]) == ("NotAllowedError", "Permission denied"), (name, found[name])
    assert str(tmp_path) not in done.stdout
    assert found["fine"] is None
    assert (root / "mine.txt").read_text() == "new"
    assert (root / "fixed/old.txt").read_text() == "old"
    assert [path.name for path in (root / "fixed").iterdir()] == ["old.txt"]
