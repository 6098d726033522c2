"""Where the Chromium of the machine is. ``scripts/chromium.sh`` installs one."""

from __future__ import annotations

import os
import shutil

__all__ = ["find_chromium"]

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_chromium() -> str:
    """The path; the environment variable ``ISOLATE_HOST_CHROMIUM`` decides when it is set. Raises ``FileNotFoundError``."""
    named = os.environ.get("ISOLATE_HOST_CHROMIUM")
    found = named or next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise FileNotFoundError("no Chromium: run scripts/chromium.sh as root, or name one in ISOLATE_HOST_CHROMIUM")
    return found
