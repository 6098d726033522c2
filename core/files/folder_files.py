"""Open files of a folder of the host: read, written in place, or staged to replace another all at once."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Callable
from typing import Any

from isolate_host.files.failures import failure
from isolate_host.files.ledger import Credit, Ledger
from isolate_host.files.nodes import Info, info_of
from isolate_host.files.paths import RESERVED

__all__ = ["PlacedFile", "ReadFile", "StagedFile", "stage"]

_COPY = 1024 * 1024


class ReadFile:
    """A file to read from."""

    def __init__(self, descriptor: int) -> None:
        self._fd = descriptor

    def pread(self, offset: int, size: int) -> bytes:
        return os.pread(self._fd, size, offset)

    def pwrite(self, offset: int | None, data: Any) -> int:
        raise failure(errno.EBADF)

    def truncate(self, size: int) -> None:
        raise failure(errno.EBADF)

    def set_times(self, atime_ns: int, mtime_ns: int) -> None:
        raise failure(errno.EBADF)

    def info(self) -> Info:
        return info_of(os.fstat(self._fd))

    def sync(self) -> None:
        os.fsync(self._fd)

    def close(self) -> None:
        os.close(self._fd)


class _Writable(ReadFile):
    """Growth is paid for before it happens, so that no moment has more than the quota allows."""

    def __init__(self, descriptor: int, ledger: Ledger) -> None:
        super().__init__(descriptor)
        self._ledger = ledger

    def _resize(self, old: int, new: int) -> None:
        raise NotImplementedError

    def pwrite(self, offset: int | None, data: Any) -> int:
        view = memoryview(data)
        with self._ledger.usage.lock:
            old = os.fstat(self._fd).st_size
            start = old if offset is None else offset
            end = start + len(view)
            if end > old and view:
                self._extend(old, end)
        try:
            self._write_all(start, view)
        except OSError:
            self._retreat(old, end)
            raise
        return len(view)

    def _extend(self, old: int, end: int) -> None:
        self._resize(old, end)
        try:
            os.ftruncate(self._fd, end)
        except OSError:
            self._resize(end, old)
            raise

    def _retreat(self, old: int, end: int) -> None:
        """The disk is full: what was not written is no part of the file."""
        with self._ledger.usage.lock:
            if end > old and os.fstat(self._fd).st_size == end:
                os.ftruncate(self._fd, old)
                self._resize(end, old)

    def _write_all(self, start: int, view: memoryview) -> None:
        while view:
            count = os.pwrite(self._fd, view, start)
            start += count
            view = view[count:]

    def truncate(self, size: int) -> None:
        with self._ledger.usage.lock:
            old = os.fstat(self._fd).st_size
            if size > old:
                self._extend(old, size)
            elif size < old:
                os.ftruncate(self._fd, size)
                self._resize(old, size)

    def set_times(self, atime_ns: int, mtime_ns: int) -> None:
        os.utime(self._fd, ns=(atime_ns, mtime_ns))


class PlacedFile(_Writable):
    """A file that is written where it is."""

    def _resize(self, old: int, new: int) -> None:
        if os.fstat(self._fd).st_nlink:
            self._ledger.grow(old, new, new - old)
        elif new > old:
            # Nobody would count it any more.
            raise failure(errno.ESTALE, "the file was removed")


class StagedFile(_Writable):
    """Content without a name, until ``commit`` puts it in the place of the old one. Nothing is left of it otherwise,
    not even when this process is killed: the file system itself forgets a file without a name.
    """

    def __init__(self, descriptor: int, ledger: Ledger, credit: Credit, place: Callable[[StagedFile], int | None]) -> None:
        super().__init__(descriptor, ledger)
        self._credit = credit
        self._place = place
        self._open = True

    @property
    def descriptor(self) -> int:
        """For linking it in."""
        return self._fd

    def _resize(self, old: int, new: int) -> None:
        self._credit.resize(old, new)

    def commit(self) -> None:
        """Raises what keeps it from its place; it is closed in any case."""
        try:
            replaced = self._place(self)
            size = os.fstat(self._fd).st_size
        except BaseException:
            self.close()
            raise
        self._credit.settle(size, replaced or 0)
        self._finish()

    def close(self) -> None:
        if self._open:
            self._credit.refund()
            self._finish()

    def _finish(self) -> None:
        self._open = False
        os.close(self._fd)


class NamedStage:
    """The name that staged content has meanwhile, on file systems that cannot do without."""

    def __init__(self, folder: int) -> None:
        self.folder, self.name = folder, f"{RESERVED}{secrets.token_hex(8)}"

    def open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(self.name, flags, 0o644, dir_fd=self.folder)

    def link(self, descriptor: int) -> None:
        """Give the nameless file this name."""
        os.link(f"/proc/self/fd/{descriptor}", self.name, dst_dir_fd=self.folder, follow_symlinks=True)

    def remove(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.name, dir_fd=self.folder)


def stage(folder: int) -> int:
    """A file without a name in ``folder``."""
    return os.open(".", os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o644, dir_fd=folder)


def copy_into(source: int, target: StagedFile) -> None:
    """The content of one file into a new one; what is not there (holes) stays away."""
    size = os.fstat(source).st_size
    offset = 0
    while offset < size:
        try:
            offset = os.lseek(source, offset, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:
                break
            raise
        chunk = os.pread(source, _COPY, offset)
        if not chunk:
            break
        target.pwrite(offset, chunk)
        offset += len(chunk)
    if os.fstat(target.descriptor).st_size < size:
        target.truncate(size)
