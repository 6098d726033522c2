"""Paths as guests write them. They never reach the kernel as one string: see :mod:`isolate_host.files.beneath`."""

from __future__ import annotations

import errno
import os
from typing import Any, Final

from isolate_host.errors import PolicyDenied
from isolate_host.files.failures import failure

__all__ = ["RESERVED", "Path", "child", "parse", "text"]

#: Names below the root of a mount. Empty = the root itself.
Path = tuple[str, ...]

_MAX_BYTES: Final = 4096
_MAX_NAME: Final = 255
#: Files that wait to take their final name begin like this; guests can neither see nor make such names.
RESERVED: Final = ".isolate-host."


def parse(value: Any) -> Path:
    """The names of an absolute path. ``.`` and empty ones go; ``..`` is resolved as text and must not climb above ``/``.

    Raises ``TypeError``, ``OSError`` (``EINVAL``, ``ENAMETOOLONG``) and ``PolicyDenied``.
    """
    if type(value) is not str:
        raise TypeError("a path must be a string")
    if not value.startswith("/") or "\0" in value:
        raise failure(errno.EINVAL, "a path must be absolute and without NUL")
    try:
        size = len(os.fsencode(value))
    except UnicodeEncodeError:
        raise failure(errno.EINVAL, "a path must be well-formed text") from None
    if size >= _MAX_BYTES:
        raise failure(errno.ENAMETOOLONG)
    names: list[str] = []
    for name in value.split("/"):
        if name == "..":
            if not names:
                raise PolicyDenied("access denied: the path climbs above /", capability="files", value=value, rule="paths stay below /")
            names.pop()
        elif name not in ("", "."):
            names.append(_checked(name, value))
    return tuple(names)


def _checked(name: str, whole: str) -> str:
    if len(name) > _MAX_NAME // 4 and len(name.encode()) > _MAX_NAME:
        raise failure(errno.ENAMETOOLONG)
    if name.startswith(RESERVED):
        message = f"access denied: names that begin with {RESERVED} are reserved"
        raise PolicyDenied(message, capability="files", value=whole, rule="reserved names")
    return name


def child(name: Any) -> str:
    """One name within a folder, from a guest. Raises ``TypeError`` and ``OSError``."""
    if type(name) is not str:
        raise TypeError("a name must be a string")
    if name in ("", ".", "..") or "/" in name:
        raise failure(errno.EINVAL, "not a name")
    return parse(f"/{name}")[0]


def text(path: Path) -> str:
    """For messages."""
    return "/" + "/".join(path)
