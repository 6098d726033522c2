"""A folder of the host, read without ever leaving it."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from pathlib import Path

from isolate_host.errors import PolicyDenied

__all__ = ["FolderLoader"]

_MAX_BYTES = 32 * 1024 * 1024
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP)


class FolderLoader:
    """Loader of a source tree: ``await loader("lib/a.ts")`` is the text of that file, or ``None``.

    ``rule`` names the policy key, for the message when a name leads outside.
    """

    def __init__(self, root: Path, rule: str) -> None:
        self._root = root.resolve()
        self._rule = rule

    async def __call__(self, relative: str) -> str | None:
        return await asyncio.to_thread(self._read, relative)

    def _read(self, relative: str) -> str | None:
        try:
            descriptor = os.open(self._root / relative, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise LookupError(f"module file {relative!r} cannot be read ({error.strerror})") from None
        try:
            return self._read_open(descriptor, relative)
        finally:
            os.close(descriptor)

    def _read_open(self, descriptor: int, relative: str) -> str | None:
        """Looks at what was opened: a check of the path beforehand could be outrun by someone who swaps a folder for a link."""
        info = os.fstat(descriptor)
        if stat.S_ISDIR(info.st_mode):
            return None
        if not Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to(self._root):
            raise self._denied(relative, "is a link that leads outside")
        if not stat.S_ISREG(info.st_mode):
            raise self._denied(relative, "is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            raw = stream.read(_MAX_BYTES + 1)
        if len(raw) > _MAX_BYTES:
            raise LookupError(f"module file {relative!r} is larger than {_MAX_BYTES} bytes")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise LookupError(f"module file {relative!r} is not UTF-8 text") from None

    def _denied(self, relative: str, why: str) -> PolicyDenied:
        message = f"access denied: module file {relative!r} {why}"
        return PolicyDenied(message, capability="modules", value=relative, rule=self._rule, hint=f"see {self._rule}")
