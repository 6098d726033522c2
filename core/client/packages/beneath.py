"""Opening files beneath a folder. The kernel contains the walk (``openat2``), so no race and no link can lead it outside."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path
from typing import Self

__all__ = ["Beneath", "EscapeError"]

_OPENAT2 = 437
_NO_MAGICLINKS, _BENEATH = 0x02, 0x08
_BASE_FLAGS = os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
#: The kernel gives up with EAGAIN when a folder on the way was renamed at that moment.
_RACES = 16
_SYSCALL = ctypes.CDLL(None, use_errno=True).syscall
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)


class EscapeError(Exception):
    """A name leads out of the folder."""


def _openat2(folder: int, name: bytes, flags: int) -> int:
    how = (ctypes.c_uint64 * 3)(flags | _BASE_FLAGS, 0, _BENEATH | _NO_MAGICLINKS)
    for _ in range(_RACES):
        descriptor = int(_SYSCALL(_OPENAT2, folder, name, ctypes.byref(how), ctypes.sizeof(how)))
        if descriptor >= 0:
            return descriptor
        if ctypes.get_errno() != errno.EAGAIN:
            break
    code = ctypes.get_errno()
    raise OSError(code, os.strerror(code))


class Beneath:
    """A root folder and, optionally, the store to which links in it lead (pnpm). Both are opened anew for each batch of reads.

    Names are relative to the root. What lies in the store is named ``<alias>/…``: ``alias`` is the name of the store's folder.
    """

    def __init__(self, root: Path, store: Path | None) -> None:
        self._root_path, self._store_path = root, store
        self.alias = "" if store is None else store.name
        self._root = self._store = -1

    def __enter__(self) -> Self:
        self._root = os.open(self._root_path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._real_root = self._name_of(self._root)
        if self._store_path is not None:
            self._store = os.open(self._store_path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            self._real_store = self._name_of(self._store)
        return self

    def __exit__(self, *_exception: object) -> None:
        os.close(self._root)
        if self._store >= 0:
            os.close(self._store)
        self._root = self._store = -1

    @staticmethod
    def _name_of(descriptor: int) -> Path:
        return Path(f"/proc/self/fd/{descriptor}").readlink()

    def _place(self, name: str) -> tuple[int, str]:
        if self.alias and (name == self.alias or name.startswith(self.alias + "/")):
            return self._store, name[len(self.alias) + 1 :] or "."
        return self._root, name or "."

    def open(self, name: str, flags: int = os.O_RDONLY) -> int | None:
        """A descriptor; ``None`` when nothing has that name. Raises ``EscapeError``, and ``OSError`` for everything else."""
        folder, rest = self._place(name)
        try:
            return _openat2(folder, os.fsencode(rest), flags)
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            if error.errno == errno.EXDEV:
                raise EscapeError(name) from None
            raise

    def signature(self, name: str) -> tuple[int, ...] | None:
        """What changes when a file or folder does. ``name`` is one that :meth:`follow` gave: without links."""
        folder, rest = self._place(name)
        try:
            return signature_of(os.stat(rest, dir_fd=folder, follow_symlinks=False))
        except OSError:
            return None

    def follow(self, name: str) -> str | None:
        """The name without links of what the link ``name`` leads to; ``None`` for a dangling one. Raises ``EscapeError``, ``OSError``.

        This only finds a name. Reading it goes through :meth:`open` like any other, and is contained there.
        """
        folder, rest = self._place(name)
        try:
            descriptor = os.open(rest, os.O_PATH | os.O_CLOEXEC, dir_fd=folder)
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise
        try:
            real = self._name_of(descriptor)
        finally:
            os.close(descriptor)
        if real.is_relative_to(self._real_root):
            return "" if real == self._real_root else real.relative_to(self._real_root).as_posix()
        if self.alias and real.is_relative_to(self._real_store):
            return f"{self.alias}/{real.relative_to(self._real_store).as_posix()}"
        raise EscapeError(name)


def signature_of(info: os.stat_result) -> tuple[int, ...]:
    """Identity, times and size."""
    return (info.st_dev, info.st_ino, info.st_mtime_ns, info.st_ctime_ns, info.st_size)
