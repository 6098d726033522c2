"""Where the machine has Chromium, and ffmpeg for its videos. ``scripts/chromium.sh`` installs both."""

from __future__ import annotations

import json
import os
import shutil
from importlib.resources import files
from pathlib import Path

__all__ = ["find_chromium", "place_encoder"]

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_chromium() -> str:
    """The path; the environment variable ``ISOLATE_HOST_CHROMIUM`` decides when it is set. Raises ``FileNotFoundError``."""
    named = os.environ.get("ISOLATE_HOST_CHROMIUM")
    found = named or next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise FileNotFoundError("no Chromium: run scripts/chromium.sh as root, or name one in ISOLATE_HOST_CHROMIUM")
    return found


def place_encoder(folder: Path) -> None:
    """Put the machine's ffmpeg where Playwright looks for its own when ``PLAYWRIGHT_BROWSERS_PATH`` names ``folder``."""
    known = json.loads(files("playwright").joinpath("driver/package/browsers.json").read_text(encoding="utf-8"))["browsers"]
    revision = next(item["revision"] for item in known if item["name"] == "ffmpeg")
    program = shutil.which("ffmpeg")
    if program is None:
        raise FileNotFoundError("no ffmpeg: run scripts/chromium.sh as root")
    (folder / f"ffmpeg-{revision}").mkdir()
    (folder / f"ffmpeg-{revision}" / "ffmpeg-linux").symlink_to(program)
