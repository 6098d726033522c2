"""What all kinds of storage have in common. Everything here blocks, and is called on threads only."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from isolate_host.files.failures import failure
from isolate_host.files.paths import Path

__all__ = ["DIRECTORY_MODE", "FILE_MODE", "Entry", "Info", "Kind", "Mode", "OpenFile", "Staged", "Store", "info_of", "must_be_file"]

Kind = Literal["file", "directory", "symlink", "other"]
FILE_MODE = stat.S_IFREG | 0o644
DIRECTORY_MODE = stat.S_IFDIR | 0o755


@dataclass(frozen=True, slots=True)
class Info:
    """What is known of one entry. ``identity`` changes when the content may have."""

    kind: Kind
    size: int
    mtime_ns: int
    atime_ns: int
    ctime_ns: int
    mode: int
    nlink: int
    #: Which file it is; two handles of one file have the same.
    file: tuple[int, int]

    @property
    def identity(self) -> tuple[int, ...]:
        """Equal as long as nobody has written."""
        return (*self.file, self.mtime_ns, self.ctime_ns, self.size)


@dataclass(frozen=True, slots=True)
class Mode:
    """How a file is opened in place."""

    write: bool = False
    create: bool = False
    exclusive: bool = False
    truncate: bool = False


Entry = tuple[str, Kind]


class OpenFile(Protocol):
    """An open file. ``pread`` gives less than asked for only at the end."""

    def pread(self, offset: int, size: int) -> bytes: ...
    def pwrite(self, offset: int | None, data: Any) -> int:
        """Write all of ``data``; ``None`` = at the end."""

    def truncate(self, size: int) -> None: ...
    def info(self) -> Info: ...
    def sync(self) -> None: ...
    def set_times(self, atime_ns: int, mtime_ns: int) -> None: ...
    def close(self) -> None: ...


@runtime_checkable
class Staged(OpenFile, Protocol):
    """New content on its way: nobody sees it before ``commit``; closed without one, it never was."""

    def commit(self) -> None: ...


class Store(Protocol):
    """A tree of files. Paths are relative to its root."""

    def stat(self, path: Path, *, follow: bool = True) -> Info: ...
    def names(self, path: Path, after: str, count: int) -> list[Entry]:
        """The next ``count`` entries by name, those behind ``after``."""

    def open_read(self, path: Path) -> OpenFile: ...
    def open_update(self, path: Path, mode: Mode) -> OpenFile: ...
    def open_replace(self, path: Path, *, keep: bool, exclusive: bool) -> Staged: ...
    def mkdir(self, path: Path) -> None: ...
    def unlink(self, path: Path) -> None: ...
    def rmdir(self, path: Path) -> None: ...
    def remove_tree(self, path: Path) -> None: ...
    def rename(self, source: Path, target: Path) -> None: ...
    def set_times(self, path: Path, atime_ns: int, mtime_ns: int) -> None: ...
    def close(self) -> None: ...


def info_of(found: os.stat_result) -> Info:
    """From the kernel's answer."""
    mode = found.st_mode
    kind: Kind = "file" if stat.S_ISREG(mode) else "directory" if stat.S_ISDIR(mode) else "symlink" if stat.S_ISLNK(mode) else "other"
    return Info(
        kind, found.st_size if kind == "file" else 0, found.st_mtime_ns, found.st_atime_ns, found.st_ctime_ns, mode & 0o170777,
        found.st_nlink, (found.st_dev, found.st_ino),
    )


def must_be_file(info: Info) -> None:
    """Raises ``EISDIR`` for a folder."""
    if info.kind == "directory":
        raise failure(errno.EISDIR)
