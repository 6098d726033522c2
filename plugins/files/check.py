"""What can be wrong with a files policy beyond its schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from isolate_host.config import Finding, Where
from isolate_host.errors import PolicyDenied
from isolate_host.files.paths import parse, text

__all__ = ["check_policy"]

_SOURCES = ("root", "memory", "bound")


def check_policy(policy: Mapping[str, Any], where: Where) -> list[Finding]:
    """All findings."""
    seen: dict[str, int] = {}
    findings: list[Finding] = []
    for index, mount in enumerate(policy.get("mounts", ())):
        findings += _path(mount, index, seen, where)
        findings += _source(mount, index, where)
        findings += _together(mount, index, where)
    return findings


def _path(mount: Mapping[str, Any], index: int, seen: dict[str, int], where: Where) -> Iterator[Finding]:
    try:
        path = text(parse(mount["path"]))
    except (OSError, PolicyDenied) as error:
        yield where.finding("files-bad-path", f"{mount['path']!r} is no path: {error}", "mounts", index, "path")
        return
    if path in seen:
        message = f"{path!r} is mounted a second time (first in mounts[{seen[path]}])"
        yield where.finding("files-duplicate-path", message, "mounts", index, "path")
    seen.setdefault(path, index)


def _source(mount: Mapping[str, Any], index: int, where: Where) -> Iterator[Finding]:
    given = [key for key in _SOURCES if mount.get(key)]
    if len(given) != 1:
        message = f"a mount needs one of root, memory: true and bound: true, and has {' and '.join(given) or 'none'}"
        yield where.finding("files-bad-mount", message, "mounts", index, hint="root: ./data, memory: true, or bound: true")
    elif "root" in mount and not (where.base_dir / mount["root"]).is_dir():
        yield where.finding("files-no-root", f"{mount['root']!r} is not a folder", "mounts", index, "root", hint="make it, or correct the path")


def _together(mount: Mapping[str, Any], index: int, where: Where) -> Iterator[Finding]:
    limits = [key for key in ("quota", "max_files", "max_file_size") if key in mount]
    if mount.get("overlay") and "root" not in mount:
        yield where.finding("files-bad-mount", "overlay needs a root", "mounts", index, "overlay")
    if mount.get("bound") and limits:
        message = f"{limits[0]} has no effect where the caller's binding answers"
        yield where.finding("files-bad-mount", message, "mounts", index, limits[0], hint="limit the binding itself")
