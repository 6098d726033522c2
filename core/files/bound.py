"""Files of any object that has the eight operations: ``read_file write_file unlink readdir mkdir rmdir stat rename``.

Each is called as ``operation(path…, ctx)`` on the event loop, plain or async; one that is missing makes what needs it fail.
"""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import CancelledError, Future
from contextvars import ContextVar
from typing import Any, Final

from isolate_host.errors import IsolateHostError, LimitExceeded
from isolate_host.files.failures import failure
from isolate_host.files.nodes import DIRECTORY_MODE, FILE_MODE, Entry, Info, Kind, Mode, must_be_file
from isolate_host.files.paths import RESERVED, Path, text

__all__ = ["CALLING", "OPERATION_NAMES", "BoundStore"]

OPERATION_NAMES: Final = ("read_file", "write_file", "unlink", "readdir", "mkdir", "rmdir", "stat", "rename")
#: The context of the call that is being answered, for the operations' last argument.
CALLING: Final[ContextVar[Any]] = ContextVar("files_calling", default=None)
#: These objects have no positions: a file that is written in pieces is held in memory meanwhile.
_MOST: Final = 64 * 1024 * 1024
_ERRORS: Final[dict[type[BaseException], int]] = {
    FileNotFoundError: errno.ENOENT, FileExistsError: errno.EEXIST, IsADirectoryError: errno.EISDIR, NotADirectoryError: errno.ENOTDIR,
    PermissionError: errno.EACCES, KeyError: errno.ENOENT,
}


class BoundStore:
    """Implements :class:`~isolate_host.files.nodes.Store`. ``call(name, arguments)`` runs on ``loop``."""

    def __init__(self, call: Callable[[str, tuple[Any, ...], Any], Coroutine[Any, Any, Any]], loop: asyncio.AbstractEventLoop) -> None:
        self._call, self._loop = call, loop
        self._waiting: set[Future[Any]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def ask(self, name: str, *arguments: Any) -> Any:
        """What the object answers. Its errors become errors of files; what else it raises reaches the guest as it is."""
        with self._lock:
            if self._closed:
                raise failure(errno.EBADF)
            asked = asyncio.run_coroutine_threadsafe(self._call(name, arguments, CALLING.get()), self._loop)
            self._waiting.add(asked)
        try:
            return asked.result()
        except CancelledError:
            raise failure(errno.ECANCELED) from None
        except IsolateHostError:
            raise
        except (OSError, KeyError) as error:
            number = error.errno if isinstance(error, OSError) else None
            raise failure(number or _ERRORS.get(type(error), errno.EIO)) from None
        finally:
            with self._lock:
                self._waiting.discard(asked)

    # -- looking -----------------------------------------------------------------------------------------------------

    def stat(self, path: Path, *, follow: bool = True) -> Info:
        if not path:
            return Info("directory", 0, 0, 0, 0, DIRECTORY_MODE, 1, (0, 0))
        return _info(self.ask("stat", text(path)), path)

    def names(self, path: Path, after: str, count: int) -> list[Entry]:
        found = sorted(self._entry(path, item) for item in self.ask("readdir", text(path)))
        return [entry for entry in found if entry[0] > after and not entry[0].startswith(RESERVED)][:count]

    def _entry(self, folder: Path, item: Any) -> Entry:
        if isinstance(item, (tuple, list)) and len(item) == 2:
            return str(item[0]), _kind(item[1])
        name = item if isinstance(item, str) else str(_field(item, "name"))
        if isinstance(item, str):
            return name, self.stat((*folder, name)).kind
        return name, _kind(item)

    def _look(self, path: Path) -> Info | None:
        try:
            return self.stat(path)
        except FileNotFoundError:
            return None

    # -- content -----------------------------------------------------------------------------------------------------

    def content(self, path: Path) -> bytearray:
        """The whole of a file."""
        data = self.ask("read_file", text(path))
        raw = data.encode() if isinstance(data, str) else data
        if not isinstance(raw, (bytes, bytearray, memoryview)):
            raise TypeError(f"read_file must return bytes, not {type(data).__name__}")
        return bytearray(raw)

    def open_read(self, path: Path) -> _Buffer:
        info = self.stat(path)
        must_be_file(info)
        return _Buffer(self, path, self.content(path), info)

    def open_update(self, path: Path, mode: Mode) -> _Buffer:
        found = self._look(path)
        if found is None and not mode.create:
            raise failure(errno.ENOENT)
        if found is not None and mode.create and mode.exclusive:
            raise failure(errno.EEXIST)
        if found is not None:
            must_be_file(found)
        data = bytearray() if found is None or mode.truncate else self.content(path)
        # A new file is there at once, as it would be on a disk.
        if found is None or mode.truncate:
            self.ask("write_file", text(path), b"")
        return _Updated(self, path, data, None)

    def open_replace(self, path: Path, *, keep: bool, exclusive: bool) -> _Replacing:
        found = self._look(path)
        if found is not None:
            must_be_file(found)
            if exclusive:
                raise failure(errno.EEXIST)
        data = self.content(path) if keep and found is not None else bytearray()
        return _Replacing(self, path, data, None)

    # -- changing ----------------------------------------------------------------------------------------------------

    def mkdir(self, path: Path) -> None:
        if self._look(path) is not None:
            raise failure(errno.EEXIST)
        self.ask("mkdir", text(path))

    def unlink(self, path: Path) -> None:
        must_be_file(self.stat(path))
        self.ask("unlink", text(path))

    def rmdir(self, path: Path) -> None:
        if self.names(path, "", 1):
            raise failure(errno.ENOTEMPTY)
        self.ask("rmdir", text(path))

    def remove_tree(self, path: Path) -> None:
        for name, kind in self.names(path, "", 1 << 30):
            if kind == "directory":
                self.remove_tree((*path, name))
            else:
                self.ask("unlink", text((*path, name)))
        self.ask("rmdir", text(path))

    def rename(self, source: Path, target: Path) -> None:
        self.stat(source)
        self.ask("rename", text(source), text(target))

    def set_times(self, path: Path, atime_ns: int, mtime_ns: int) -> None:
        raise failure(errno.ENOTSUP)

    def close(self) -> None:
        """Whoever still waits is told to stop."""
        with self._lock:
            self._closed = True
            waiting = list(self._waiting)
        for asked in waiting:
            asked.cancel()


class _Buffer:
    """The content of one file, in memory."""

    def __init__(self, store: BoundStore, path: Path, data: bytearray, info: Info | None) -> None:
        self._store, self._path, self._data = store, path, data
        now = time.time_ns()
        self._info = info or Info("file", 0, now, now, now, FILE_MODE, 1, (0, hash(path) & 0xFFFFFFFF))

    def pread(self, offset: int, size: int) -> bytes:
        return bytes(memoryview(self._data)[offset : offset + size])

    def pwrite(self, offset: int | None, data: Any) -> int:
        raise failure(errno.EBADF)

    def truncate(self, size: int) -> None:
        raise failure(errno.EBADF)

    def info(self) -> Info:
        old = self._info
        return Info("file", len(self._data), old.mtime_ns, old.atime_ns, old.ctime_ns, old.mode, old.nlink, old.file)

    def set_times(self, atime_ns: int, mtime_ns: int) -> None:
        raise failure(errno.ENOTSUP)

    def sync(self) -> None:
        return

    def close(self) -> None:
        self._data = bytearray()


class _Written(_Buffer):
    _dirty = False

    def _fit(self, size: int) -> None:
        if size > _MOST:
            raise LimitExceeded(f"a file may have {_MOST} bytes", kind="files_file_size", hint="files of a custom binding are held in memory")

    def pwrite(self, offset: int | None, data: Any) -> int:
        start = len(self._data) if offset is None else offset
        self._fit(start + len(data))
        if start > len(self._data):
            self._data.extend(bytes(start - len(self._data)))
        self._data[start : start + len(data)] = data
        self._dirty = True
        return len(data)

    def truncate(self, size: int) -> None:
        self._fit(size)
        self._data.extend(bytes(max(0, size - len(self._data))))
        del self._data[size:]
        self._dirty = True

    def _flush(self) -> None:
        self._store.ask("write_file", text(self._path), bytes(self._data))
        self._dirty = False


class _Updated(_Written):
    """Written in place: others see it after ``sync`` or ``close``."""

    def sync(self) -> None:
        if self._dirty:
            self._flush()

    def close(self) -> None:
        try:
            self.sync()
        finally:
            super().close()


class _Replacing(_Written):
    """Written when it is committed."""

    def commit(self) -> None:
        try:
            self._flush()
        finally:
            self.close()


def _field(value: Any, *names: str) -> Any:
    for name in names:
        found = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
        if found is not None:
            return found
    return None


def _truth(value: Any, *names: str) -> bool:
    found = _field(value, *names)
    return bool(found() if callable(found) else found)


def _kind(value: Any) -> Kind:
    told = value if isinstance(value, str) else _field(value, "kind", "type")
    folder = told in ("directory", "dir") or (told is None and _truth(value, "is_directory", "isDirectory", "is_dir"))
    return "directory" if folder else "file"


def _info(value: Any, path: Path) -> Info:
    """From an ``os.stat_result``, or what has ``kind`` or ``is_directory``, ``size``, and ``mtime_ms`` or ``mtime`` (in seconds)."""
    number = (0, hash(path) & 0xFFFFFFFF)
    if isinstance(value, os.stat_result):
        kind: Kind = "directory" if stat.S_ISDIR(value.st_mode) else "file"
        return Info(kind, value.st_size, value.st_mtime_ns, value.st_atime_ns, value.st_ctime_ns, value.st_mode, value.st_nlink, number)
    if value is None:
        raise failure(errno.ENOENT)
    kind = _kind(value)
    milliseconds = _field(value, "mtime_ms", "mtimeMs", "last_modified", "lastModified")
    seconds = _field(value, "mtime")
    moment = int(milliseconds * 1e6) if milliseconds is not None else int((seconds or 0) * 1e9)
    size = _field(value, "size") or 0
    mode = DIRECTORY_MODE if kind == "directory" else FILE_MODE
    return Info(kind, int(size), moment, moment, moment, mode, 1, number)
