"""What a policy decides about one path, for ``isolate-host explain``. Looks at no file: whether there is one is not said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from isolate_host.errors import PolicyDenied
from isolate_host.files.paths import Path, parse, text
from isolate_host.plugin import Explanation

__all__ = ["explain_policy"]

_VALUE: Final = re.compile(r"(?:(?P<op>read|write)\s+)?(?P<path>/.*)", re.DOTALL)
_BOUND: Final = "the files that the caller binds answer, and may refuse more"


def explain_policy(policy: Mapping[str, Any], value: str) -> Explanation:
    """``value`` is an absolute path as the guest sees it, with ``write`` before it when it is to be changed."""
    match = _VALUE.fullmatch(value.strip())
    if match is None:
        return Explanation(False, "that is no path: write /a/path, or write /a/path")
    try:
        path = parse(match["path"])
    except PolicyDenied as error:
        return Explanation(False, error.message)
    except OSError as error:
        return Explanation(False, str(error))
    mounts: Sequence[Mapping[str, Any]] = policy.get("mounts", ())
    if not mounts:
        return Explanation(True, "without mounts there is what the caller binds", notes=(_BOUND,))
    return _decide(mounts, path, write=match["op"] == "write")


def _decide(mounts: Sequence[Mapping[str, Any]], path: Path, *, write: bool) -> Explanation:
    places = {parse(mount["path"]): index for index, mount in enumerate(mounts)}
    covering = [place for place in places if path[: len(place)] == place]
    if not covering:
        if not write and any(place[: len(path)] == path for place in places):
            return Explanation(True, "it is a folder above a mount, of which a guest sees the way to the mount", ("mounts",))
        return Explanation(False, "no mount covers it", ("mounts",), f"add {{path: {text(path[:1])}, …}} to mounts")
    index = places[max(covering, key=len)]
    mount = mounts[index]
    if write and not mount.get("write", mount.get("overlay", False) or mount.get("memory", False)):
        grant = "set write: true there, or overlay: true to let guests change a copy in memory"
        return Explanation(False, f"{mount['path']} is mounted for reading only", ("mounts", index), grant)
    return Explanation(True, f"it lies in the mount {mount['path']}", ("mounts", index), notes=tuple(_notes(mount, write=write)))


def _notes(mount: Mapping[str, Any], *, write: bool) -> Iterator[str]:
    if mount.get("bound"):
        yield _BOUND
    if write and mount.get("overlay"):
        yield "the change stays in memory and ends with the runtime (overlay: true)"
    if write and mount.get("memory"):
        yield "the file is in memory and ends with the runtime (memory: true)"
    for key, what in (("quota", "bytes of all files together"), ("max_files", "files and folders"), ("max_file_size", "bytes of one file")):
        if write and key in mount:
            yield f"{key} limits the {what} to {mount[key]}"
