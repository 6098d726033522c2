"""A folder of the host. Every access starts at its descriptor and is walked by the kernel below it."""

from __future__ import annotations

import contextlib
import errno
import heapq
import os
import stat
import weakref
from collections.abc import Iterator
from pathlib import Path as HostPath

from isolate_host.files.beneath import Opener, opener_for
from isolate_host.files.failures import Refused, failure
from isolate_host.files.folder_files import PlacedFile, ReadFile, StagedFile
from isolate_host.files.ledger import Ledger, Quota, Usage
from isolate_host.files.nodes import Entry, Info, Kind, Mode, OpenFile, info_of, must_be_file
from isolate_host.files.paths import RESERVED, Path
from isolate_host.files.placement import Placement
from isolate_host.files.walk import measure_tree, remove_below

__all__ = ["Folder"]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY
_OPEN = os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class Folder:
    """Implements :class:`~isolate_host.files.nodes.Store`.

    Links are followed while they stay inside, but never written through at the end of a path. Pipes, devices and sockets are refused
    without opening them. A file of several names that belongs to somebody else than the folder does is refused: it may be a link, made by
    somebody who could not read it himself, to a file outside.
    """

    def __init__(self, root: HostPath, quota: Quota, usage: Usage, key: str, opener: Opener | None = None) -> None:
        self._root = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        # As long as somebody can use it, nobody else may get its number.
        self._finish = weakref.finalize(self, os.close, self._root)
        self._finish.atexit = False
        self._owner = os.fstat(self._root).st_uid
        self._opener = opener_for(self._root) if opener is None else opener
        self._ledger = Ledger(quota, usage, key)

    @staticmethod
    def usage_of(root: HostPath) -> Usage:
        """Counts the tree when it is first asked."""

        def measure() -> tuple[int, int]:
            folder = os.open(root, _FOLDER | os.O_CLOEXEC)
            try:
                return measure_tree(folder)
            finally:
                os.close(folder)

        return Usage(measure)

    # -- looking -----------------------------------------------------------------------------------------------------

    def stat(self, path: Path, *, follow: bool = True) -> Info:
        found = self._open(path, os.O_PATH | (0 if follow else os.O_NOFOLLOW))
        try:
            return info_of(os.fstat(found))
        finally:
            os.close(found)

    def names(self, path: Path, after: str, count: int) -> list[Entry]:
        folder = self._open(path, _FOLDER)
        try:
            with os.scandir(folder) as found:
                entries = ((entry.name, _kind(entry)) for entry in found if entry.name > after and _speakable(entry.name))
                return heapq.nsmallest(count, entries)
        finally:
            os.close(folder)

    def _open(self, path: Path, flags: int) -> int:
        return self._opener(self._root, path, flags)

    @contextlib.contextmanager
    def _parent(self, path: Path) -> Iterator[tuple[int, str]]:
        """The folder that the last name of ``path`` stands in."""
        if not path:
            raise failure(errno.EBUSY, "this is the root of a mount")
        folder = self._open(path[:-1], os.O_PATH | os.O_DIRECTORY)
        try:
            yield folder, path[-1]
        finally:
            os.close(folder)

    def _look(self, folder: int, name: str) -> os.stat_result | None:
        try:
            return os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    # -- opening -----------------------------------------------------------------------------------------------------

    def open_read(self, path: Path) -> OpenFile:
        seen = self._open(path, os.O_PATH)
        try:
            return ReadFile(self._reopen(seen, os.O_RDONLY))
        finally:
            os.close(seen)

    def _reopen(self, seen: int, flags: int) -> int:
        """What was looked at, and nothing that took its place since; looking opened nothing, so a device has noticed nothing."""
        info = os.fstat(seen)
        must_be_file(info_of(info))
        self._check_ordinary(info)
        return os.open(f"/proc/self/fd/{seen}", flags | _OPEN)

    def _check_ordinary(self, info: os.stat_result) -> None:
        if stat.S_ISLNK(info.st_mode):
            raise Refused("it is a link, and files are not written through links")
        if not stat.S_ISREG(info.st_mode):
            raise Refused("it is no ordinary file")
        if info.st_nlink > 1 and info.st_uid != self._owner:
            raise Refused("it is a hard link to a file of another owner")

    def open_update(self, path: Path, mode: Mode) -> OpenFile:
        with self._parent(path) as (folder, name):
            old = self._look(folder, name)
            if old is None:
                return self._create(folder, name, mode)
            if mode.create and mode.exclusive:
                raise failure(errno.EEXIST)
        seen = self._open(path, os.O_PATH | os.O_NOFOLLOW)
        try:
            info = os.fstat(seen)
            descriptor = self._reopen(seen, os.O_RDWR)
        finally:
            os.close(seen)
        if info.st_nlink > 1:
            os.close(descriptor)
            raise Refused("it has several names, and is only replaced, never written in place")
        placed = PlacedFile(descriptor, self._ledger)
        if mode.truncate:
            placed.truncate(0)
        return placed

    def _create(self, folder: int, name: str, mode: Mode) -> OpenFile:
        if not mode.create:
            raise failure(errno.ENOENT)
        self._ledger.add_entry()
        try:
            descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | _OPEN, 0o644, dir_fd=folder)
        except BaseException:
            self._ledger.drop_entry()
            raise
        return PlacedFile(descriptor, self._ledger)

    def open_replace(self, path: Path, *, keep: bool, exclusive: bool) -> StagedFile:
        if not path:
            raise failure(errno.EISDIR)
        folder = self._open(path[:-1], os.O_PATH | os.O_DIRECTORY)
        content: int | None = None
        try:
            old = self._look(folder, path[-1])
            if old is not None:
                must_be_file(info_of(old))
                self._check_ordinary(old)
                if keep:
                    content = self._reopen_at(folder, path[-1])
        except BaseException:
            os.close(folder)
            raise
        try:
            return Placement(folder, path[-1], self._ledger, exclusive=exclusive).begin(old, content)
        finally:
            if content is not None:
                os.close(content)

    def _reopen_at(self, folder: int, name: str) -> int:
        seen = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        try:
            return self._reopen(seen, os.O_RDONLY)
        finally:
            os.close(seen)

    # -- changing ----------------------------------------------------------------------------------------------------

    def mkdir(self, path: Path) -> None:
        if not path:
            raise failure(errno.EEXIST)
        with self._parent(path) as (folder, name):
            self._ledger.add_entry()
            try:
                os.mkdir(name, 0o755, dir_fd=folder)
            except BaseException:
                self._ledger.drop_entry()
                raise

    def unlink(self, path: Path) -> None:
        with self._parent(path) as (folder, name):
            old = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISDIR(old.st_mode):
                raise failure(errno.EISDIR)
            self._ledger.prepare()
            os.unlink(name, dir_fd=folder)
            self._ledger.drop_entry(_freed(old))

    def rmdir(self, path: Path) -> None:
        with self._parent(path) as (folder, name):
            self._ledger.prepare()
            os.rmdir(name, dir_fd=folder)
            self._ledger.drop_entry()

    def remove_tree(self, path: Path) -> None:
        with self._parent(path) as (folder, name):
            self._ledger.prepare()
            readable = os.open(".", _FOLDER | os.O_CLOEXEC, dir_fd=folder)
            try:
                for gone in remove_below(readable, name):
                    self._ledger.drop_entry(_freed(gone))
            finally:
                os.close(readable)

    def rename(self, source: Path, target: Path) -> None:
        with self._parent(source) as (folder, name), self._parent(target) as (other, new_name):
            moved = os.stat(name, dir_fd=folder, follow_symlinks=False)
            old = self._look(other, new_name)
            if old is not None and (old.st_dev, old.st_ino) == (moved.st_dev, moved.st_ino):
                return
            self._ledger.prepare()
            os.rename(name, new_name, src_dir_fd=folder, dst_dir_fd=other)
            if old is not None:
                self._ledger.drop_entry(_freed(old))

    def set_times(self, path: Path, atime_ns: int, mtime_ns: int) -> None:
        seen = self._open(path, os.O_PATH)
        try:
            if not stat.S_ISDIR(os.fstat(seen).st_mode):
                self._check_ordinary(os.fstat(seen))
            os.utime(f"/proc/self/fd/{seen}", ns=(atime_ns, mtime_ns))
        finally:
            os.close(seen)

    def close(self) -> None:
        self._finish()


def _freed(info: os.stat_result) -> int:
    """Bytes that go with one name."""
    return info.st_size if stat.S_ISREG(info.st_mode) and info.st_nlink <= 1 else 0


def _speakable(name: str) -> bool:
    """Names that are no UTF-8 cannot be told, and those of staged files are nobody's."""
    return not name.startswith(RESERVED) and (name.isascii() or _encodes(name))


def _encodes(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return "symlink"
    if entry.is_dir(follow_symlinks=False):
        return "directory"
    return "file" if entry.is_file(follow_symlinks=False) else "other"
