"""Copy on write: a tree that is only read below, and above it, in memory, what a guest has changed."""

from __future__ import annotations

import errno
import threading
from typing import Any

from isolate_host.files.failures import Refused, failure
from isolate_host.files.memory import Memory
from isolate_host.files.nodes import Entry, Info, Mode, OpenFile, Staged, Store, must_be_file
from isolate_host.files.paths import Path

__all__ = ["Overlay"]

_PAGE = 1000
_CHUNK = 1024 * 1024


class Overlay:
    """Implements :class:`~isolate_host.files.nodes.Store`.

    ``_gone`` has the paths whose lower part is hidden (whiteouts): removed, or replaced by something else above.
    """

    def __init__(self, lower: Store, upper: Memory) -> None:
        self._lower, self._upper = lower, upper
        self._gone: set[Path] = set()
        self._lock = threading.RLock()

    # -- which of the two ----------------------------------------------------------------------------------------------

    def _hidden(self, path: Path) -> bool:
        return any(path[:end] in self._gone for end in range(len(path) + 1))

    def _above(self, path: Path) -> bool:
        """Whether the upper tree answers for ``path``. A file above a folder of the path hides what is below it."""
        return self._upper.find(path) is not None

    def _below(self, path: Path, *, follow: bool = True) -> Info | None:
        if self._hidden(path):
            return None
        try:
            return self._lower.stat(path, follow=follow)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def stat(self, path: Path, *, follow: bool = True) -> Info:
        with self._lock:
            if self._above(path):
                return self._upper.stat(path)
            if self._hidden(path):
                raise failure(errno.ENOENT)
            return self._lower.stat(path, follow=follow)

    def names(self, path: Path, after: str, count: int) -> list[Entry]:
        with self._lock:
            if self.stat(path).kind != "directory":
                raise failure(errno.ENOTDIR)
            above = dict(self._upper.names(path, after, count)) if self._above(path) else {}
            if self._below_is_folder(path):
                for name, kind in self._lower_names(path, after, count):
                    above.setdefault(name, kind)
            return sorted(above.items())[:count]

    def _below_is_folder(self, path: Path) -> bool:
        found = self._below(path)
        return found is not None and found.kind == "directory"

    def _lower_names(self, path: Path, after: str, count: int) -> list[Entry]:
        """The next ``count`` that are not hidden."""
        found: list[Entry] = []
        while len(found) < count:
            page = self._lower.names(path, after, _PAGE)
            found += [entry for entry in page if (*path, entry[0]) not in self._gone]
            if len(page) < _PAGE:
                break
            after = page[-1][0]
        return found[:count]

    # -- opening -----------------------------------------------------------------------------------------------------

    def open_read(self, path: Path) -> OpenFile:
        with self._lock:
            if self._above(path):
                return self._upper.open_read(path)
            if self._hidden(path):
                raise failure(errno.ENOENT)
            return self._lower.open_read(path)

    def _raise_folder(self, path: Path) -> None:
        """The folder ``path`` and those above it, in the upper tree: it exists in either."""
        for end in range(1, len(path) + 1):
            part = path[:end]
            if not self._above(part):
                if self.stat(part).kind != "directory":
                    raise failure(errno.ENOTDIR)
                self._upper.mkdir(part)

    def _raise_file(self, path: Path) -> None:
        """A copy of the lower file, with its time."""
        with_time = self._lower.open_read(path)
        try:
            info = with_time.info()
            staged = self._upper.open_replace(path, keep=False, exclusive=True)
            try:
                _copy(with_time, staged)
                staged.set_times(info.atime_ns, info.mtime_ns)
            except BaseException:
                staged.close()
                raise
            staged.commit()
        finally:
            with_time.close()

    def _checked(self, path: Path) -> Info | None:
        """What is at ``path`` now; a link of the lower tree is not written through."""
        if self._above(path):
            return self._upper.stat(path)
        found = self._below(path, follow=False)
        if found is not None and found.kind not in ("file", "directory"):
            raise Refused("it is no ordinary file")
        return found

    def open_update(self, path: Path, mode: Mode) -> OpenFile:
        with self._lock:
            found = self._prepare(path)
            if found is not None and mode.create and mode.exclusive:
                raise failure(errno.EEXIST)
            if found is not None and not self._above(path) and not mode.truncate:
                self._raise_file(path)
            elif found is None and not mode.create:
                raise failure(errno.ENOENT)
            return self._upper.open_update(path, Mode(write=True, create=True, truncate=mode.truncate))

    def _prepare(self, path: Path) -> Info | None:
        if not path:
            raise failure(errno.EISDIR)
        found = self._checked(path)
        if found is not None:
            must_be_file(found)
        self._raise_folder(path[:-1])
        return found

    def open_replace(self, path: Path, *, keep: bool, exclusive: bool) -> Staged:
        with self._lock:
            found = self._prepare(path)
            if found is not None and exclusive:
                raise failure(errno.EEXIST)
            staged = self._upper.open_replace(path, keep=keep and self._above(path), exclusive=exclusive)
            if found is None or not keep or self._above(path):
                return staged
            try:
                source = self._lower.open_read(path)
                try:
                    _copy(source, staged)
                finally:
                    source.close()
            except BaseException:
                staged.close()
                raise
            return staged

    # -- changing ----------------------------------------------------------------------------------------------------

    def mkdir(self, path: Path) -> None:
        with self._lock:
            if not path or self._checked(path) is not None:
                raise failure(errno.EEXIST)
            self._raise_folder(path[:-1])
            self._upper.mkdir(path)

    def unlink(self, path: Path) -> None:
        with self._lock:
            must_be_file(self.stat(path, follow=False))
            if self._above(path):
                self._upper.unlink(path)
            self._hide(path)

    def rmdir(self, path: Path) -> None:
        with self._lock:
            if self.names(path, "", 1):
                raise failure(errno.ENOTEMPTY)
            self.remove_tree(path)

    def remove_tree(self, path: Path) -> None:
        with self._lock:
            if not path:
                raise failure(errno.EBUSY, "this is the root of a mount")
            self.stat(path, follow=False)
            if self._above(path):
                self._upper.remove_tree(path)
            self._hide(path)

    def _hide(self, path: Path) -> None:
        """What the lower tree has at ``path`` is not there any more. Whiteouts within are covered by this one."""
        found = self._below(path, follow=False)
        if found is None:
            return
        if found.kind == "directory":
            self._gone = {other for other in self._gone if other[: len(path)] != path}
        self._gone.add(path)

    def rename(self, source: Path, target: Path) -> None:
        with self._lock:
            if not source or not target:
                raise failure(errno.EBUSY, "this is the root of a mount")
            found = self._checked(source)
            if found is None:
                raise failure(errno.ENOENT)
            if source == target:
                return
            if target[: len(source)] == source:
                raise failure(errno.EINVAL)
            self._clear_target(found, target)
            self._raise_tree(source, found)
            self._raise_folder(target[:-1])
            self._hide(target)
            self._upper.rename(source, target)
            self._hide(source)

    def _clear_target(self, moved: Info, target: Path) -> None:
        old = self._checked(target)
        if old is None:
            return
        if moved.kind == "directory":
            if old.kind != "directory":
                raise failure(errno.ENOTDIR)
            self.rmdir(target)
        else:
            must_be_file(old)

    def _raise_tree(self, path: Path, found: Info) -> None:
        """Everything below ``path`` into the upper tree: a folder cannot be in both under different names."""
        self._raise_folder(path[:-1])
        waiting = [(path, found.kind)]
        while waiting:
            here, kind = waiting.pop()
            if kind == "file":
                if not self._above(here):
                    self._raise_file(here)
            elif kind == "directory":
                self._raise_folder(here)
                waiting += self._children(here)
            else:
                raise Refused("there is a link or another special file in it, which cannot be moved")

    def _children(self, path: Path) -> list[tuple[Path, Any]]:
        found: list[tuple[Path, Any]] = []
        after = ""
        while page := self.names(path, after, _PAGE):
            found += [((*path, name), kind) for name, kind in page]
            after = page[-1][0]
        return found

    def set_times(self, path: Path, atime_ns: int, mtime_ns: int) -> None:
        with self._lock:
            found = self._checked(path)
            if found is None:
                raise failure(errno.ENOENT)
            if found.kind == "directory":
                self._raise_folder(path)
            elif not self._above(path):
                self._raise_folder(path[:-1])
                self._raise_file(path)
            self._upper.set_times(path, atime_ns, mtime_ns)

    def close(self) -> None:
        self._lower.close()
        self._upper.close()


def _copy(source: OpenFile, target: OpenFile) -> None:
    offset = 0
    while chunk := source.pread(offset, _CHUNK):
        target.pwrite(offset, chunk)
        offset += len(chunk)
