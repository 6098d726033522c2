"""Files that a guest has open: numbered, bounded, and none left when the runtime ends."""

from __future__ import annotations

import errno
import secrets
import threading
from typing import Any

from isolate_host.errors import LimitExceeded
from isolate_host.files.failures import failure
from isolate_host.files.nodes import OpenFile
from isolate_host.files.paths import Path

__all__ = ["Handle", "Handles"]


class Handle:
    """One open file. Its lock is held by whoever works with it, so that it is not closed under his hands."""

    __slots__ = ("append", "file", "lock", "path", "readable", "writer")

    def __init__(self, path: Path, file: OpenFile, *, writer: bool, append: bool = False, readable: bool = True) -> None:
        self.path, self.writer, self.append, self.readable = path, writer, append, readable
        self.file: OpenFile | None = file
        self.lock = threading.Lock()

    def get(self) -> OpenFile:
        """The file. The lock is held. Raises ``EBADF``."""
        if self.file is None:
            raise failure(errno.EBADF)
        return self.file


class Handles:
    """The table of one runtime. Numbers are never used twice, so an old one finds nothing."""

    def __init__(self, limit: int, key: str) -> None:
        self._limit, self._key = limit, key
        self._lock = threading.Lock()
        self._table: dict[int, Handle] = {}
        # A guest may still have numbers of a former owner of its session: they must not fit.
        self._last = secrets.randbits(48)
        self._closed = False
        #: Paths that something new is on its way to; -1 = nobody else may write.
        self._writers: dict[Path, int] = {}

    def __len__(self) -> int:
        return len(self._table)

    def check_room(self) -> None:
        """Before something is opened. Raises ``LimitExceeded``."""
        if len(self._table) >= self._limit:
            raise LimitExceeded(
                f"more than {self._limit} files are open at the same time", kind="files_open", hint=f"close some, or raise {self._key}.max_open",
            )

    def add(self, handle: Handle) -> int:
        """Its number. Raises ``LimitExceeded``, and ``EBADF`` when the runtime has ended."""
        with self._lock:
            self.check_room()
            if self._closed:
                raise failure(errno.EBADF)
            self._last += 1
            self._table[self._last] = handle
            return self._last

    def get(self, number: Any, path: Path) -> Handle:
        """The handle ``number`` of the file ``path``: both come from the guest. Raises ``EBADF``."""
        handle = self._table.get(number) if type(number) is int else None
        if handle is None or handle.path != path:
            raise failure(errno.EBADF)
        return handle

    def drop(self, number: int) -> None:
        """Forget it, and close it unless somebody did."""
        with self._lock:
            handle = self._table.pop(number, None)
        if handle is None:
            return
        self.unlock(handle)
        with handle.lock:
            file, handle.file = handle.file, None
        if file is not None:
            file.close()

    def close(self) -> None:
        """Drop all. What was not committed never was."""
        with self._lock:
            self._closed = True
            numbers = list(self._table)
        for number in numbers:
            self.drop(number)

    # -- who writes --------------------------------------------------------------------------------------------------

    def lock(self, path: Path, *, exclusive: bool) -> None:
        """Somebody will write ``path``. Raises ``EBUSY`` when that excludes, or is excluded."""
        with self._lock:
            present = self._writers.get(path, 0)
            if present < 0 or (exclusive and present):
                raise failure(errno.EBUSY, "another writer has the file open")
            self._writers[path] = -1 if exclusive else present + 1

    def release(self, path: Path) -> None:
        """One writer less."""
        with self._lock:
            left = self._writers.get(path, 0) - 1
            if left > 0:
                self._writers[path] = left
            else:
                self._writers.pop(path, None)

    def unlock(self, handle: Handle) -> None:
        """Its writer is done."""
        if handle.writer:
            handle.writer = False
            self.release(handle.path)

    def check_unlocked(self, path: Path) -> None:
        """Nobody writes at or below ``path``. Raises ``EBUSY``."""
        with self._lock:
            if any(other[: len(path)] == path for other in self._writers):
                raise failure(errno.EBUSY, "a writer has the file, or one in the folder, open")
