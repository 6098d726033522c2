"""What a files policy lacks so that refused calls pass, for ``isolate-host audit suggest``.

Guests chose the paths. Which folder of the host to show there is for people to say, so a suggestion never opens one: it is a tree in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from isolate_host.errors import PolicyDenied
from isolate_host.files.paths import Path, parse, text
from isolate_host.plugin import Refusal, Suggestion

__all__ = ["suggest_policy"]


def suggest_policy(refusals: Sequence[Refusal]) -> Suggestion:
    """A mount in memory for each folder outside of all mounts in which a guest wanted to write."""
    folders: set[Path] = set()
    left = []
    for refusal in refusals:
        folder, reason = _folder_of(refusal)
        if folder is None:
            left.append((refusal, reason))
        else:
            folders.add(folder)
    outermost = [folder for folder in sorted(folders) if not any(folder != other and folder[: len(other)] == other for other in folders)]
    mounts: list[dict[str, Any]] = [{"path": text(folder), "memory": True} for folder in outermost]
    return Suggestion({"mounts": mounts} if mounts else {}, left)


def _folder_of(refusal: Refusal) -> tuple[Path | None, str]:
    try:
        path = parse(refusal.value)
    except (PolicyDenied, OSError, TypeError):
        return None, "no policy opens this path"
    if not refusal.rule.endswith(".mounts"):
        return None, refusal.hint or refusal.rule
    if not path:
        return None, "it is the root: say yourself what is to be there"
    # What stands at the root and is to be changed is a folder, mostly.
    return path[:-1] or path, ""
