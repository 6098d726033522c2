"""A private folder for sockets: unix socket paths are short."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.support.fetching import serve

__all__ = ["folder", "serve"]


@pytest.fixture
def folder():
    path = Path(tempfile.mkdtemp(prefix="ih-"))
    path.chmod(0o700)
    yield path
    shutil.rmtree(path, ignore_errors=True)
