"""THIRD_PARTY.md says what is shipped."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_it_is_up_to_date():
    done = subprocess.run([sys.executable, ROOT / "scripts/third_party.py", "--check"], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
