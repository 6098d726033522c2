"""A folder of the host, read without ever leaving it."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from isolate_host.plugins.modules.names import candidates

__all__ = ["OutsideError", "SourceTree", "read_regular"]

_MAX_BYTES = 32 * 1024 * 1024
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG)


class OutsideError(Exception):
    """A name leads out of the folder."""


class SourceTree:
    """Files below ``root`` under names below ``prefix`` (absolute, without the final slash)."""

    def __init__(self, prefix: str, root: Path) -> None:
        self.prefix = prefix
        self._root = root.resolve()

    def covers(self, name: str) -> bool:
        """True when ``name`` lies below the prefix, on a path boundary."""
        return name == self.prefix or name.startswith(self.prefix.rstrip("/") + "/")

    def find(self, name: str) -> tuple[str, str] | None:
        """The full name and the text of the file that ``name`` means; ``None`` when there is none. Raises :class:`OutsideError`."""
        relative = name[len(self.prefix) :].lstrip("/")
        for candidate in candidates(relative):
            text = read_regular(self._root / candidate, self._root) if candidate else None
            if text is not None:
                return f"{self.prefix.rstrip('/')}/{candidate}", text
        return None


def read_regular(file: Path, root: Path | None = None) -> str | None:
    """The text of a regular file; ``None`` when there is none.

    With ``root`` the file that was really opened must lie below it. That is asked of the open descriptor: a check of the path
    beforehand could be outrun by someone who swaps a folder for a symbolic link.
    """
    if "\0" in str(file):
        return None
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise
    info = os.fstat(descriptor)
    if stat.S_ISDIR(info.st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as stream:
        if root is not None and not Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to(root):
            raise OutsideError("it is a link that leads outside")
        if not stat.S_ISREG(info.st_mode):
            raise OutsideError("it is not a regular file")
        if info.st_size > _MAX_BYTES:
            raise OSError(errno.EFBIG, f"larger than {_MAX_BYTES} bytes", str(file.name))
        return stream.read(_MAX_BYTES).decode("utf-8")
