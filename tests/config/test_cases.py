"""Every ``cases/*.good.yaml`` is accepted, and every ``cases/*.bad.yaml`` gives exactly the findings beside it.

Adding a check means adding a file; ``ISOLATE_HOST_WRITE_EXPECTED=1`` writes the text beside it, to be read before it is committed.
"""

import os
from pathlib import Path

import pytest

from isolate_host.config import check_config
from isolate_host.config.report import TextReporter
from isolate_host.plugin import PluginRegistry

CASES = Path(__file__).parent / "cases"
ENVIRON = {"CASE_SECRET": "do-not-print", "HOME": "/home/someone"}


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch):
    monkeypatch.chdir(CASES)


def check(name):
    return check_config(name, PluginRegistry(), environ=ENVIRON)


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("*.good.yaml")))
def test_good(name):
    loaded, findings = check(name)
    assert findings == []
    assert loaded is not None


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("*.bad.yaml")))
def test_bad(name):
    loaded, findings = check(name)
    report = TextReporter().render([Path(name)], findings) + "\n"
    expected = CASES / name.replace(".yaml", ".txt")
    if os.environ.get("ISOLATE_HOST_WRITE_EXPECTED"):
        expected.write_text(report)
    assert report == expected.read_text()
    assert loaded is None
    assert "do-not-print" not in report
