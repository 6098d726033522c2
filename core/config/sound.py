"""The part of the data that a schema did not refuse, so that one mistake does not hide the others."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from isolate_host.config.nodes import Path

__all__ = ["sound_part"]


def sound_part(data: dict[str, Any], refused: Iterable[Path]) -> dict[str, Any]:
    """``data`` without the sections, limits and policy blocks in which a ``refused`` path lies."""
    sound = copy.deepcopy(data)
    for path in refused:
        *above, last = _unit(path) or ("",)
        holder: Any = sound
        for part in above:
            holder = holder.get(part) if isinstance(holder, dict) else None
        if isinstance(holder, dict):
            holder.pop(last, None)
    return sound


def _unit(path: Path) -> Path:
    """The smallest part that is checked by itself."""
    if path[:1] == ("sandboxes",):
        return path[: 4 if path[2:3] == ("policies",) else 3]
    return path[: 2 if path[:1] == ("app_servers",) else 1]
