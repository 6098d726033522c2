"""A tree of files in memory. It ends with the runtime."""

from __future__ import annotations

import errno
import heapq
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from isolate_host.files.failures import failure
from isolate_host.files.ledger import Credit, Ledger, Quota, Usage
from isolate_host.files.nodes import DIRECTORY_MODE, FILE_MODE, Entry, Info, Mode, OpenFile, must_be_file
from isolate_host.files.paths import Path

__all__ = ["DirectoryNode", "FileNode", "Memory", "Node"]


@dataclass(slots=True)
class _Times:
    mtime_ns: int = field(default_factory=time.time_ns)
    atime_ns: int = field(default_factory=time.time_ns)
    ctime_ns: int = field(default_factory=time.time_ns)

    def touch(self) -> None:
        # Two writes within one tick of the clock are two versions all the same.
        self.mtime_ns = self.ctime_ns = max(time.time_ns(), self.ctime_ns + 1)


@dataclass(slots=True)
class FileNode:
    """Content; ``names`` is 0 when it was removed while open."""

    number: int
    data: bytearray = field(default_factory=bytearray)
    times: _Times = field(default_factory=_Times)
    names: int = 0

    def info(self) -> Info:
        t = self.times
        return Info("file", len(self.data), t.mtime_ns, t.atime_ns, t.ctime_ns, FILE_MODE, self.names, (0, self.number))


@dataclass(slots=True)
class DirectoryNode:
    """Entries by name."""

    number: int
    entries: dict[str, Node] = field(default_factory=dict)
    times: _Times = field(default_factory=_Times)

    def info(self) -> Info:
        t = self.times
        return Info("directory", 0, t.mtime_ns, t.atime_ns, t.ctime_ns, DIRECTORY_MODE, 1, (0, self.number))


Node = FileNode | DirectoryNode
N = TypeVar("N", FileNode, DirectoryNode)


class Memory:
    """Implements :class:`~isolate_host.files.nodes.Store`. One lock guards the tree."""

    def __init__(self, quota: Quota, key: str) -> None:
        self.lock = threading.RLock()
        self._ledger = Ledger(quota, Usage(), key)
        self._numbers = count(1)
        self.root = DirectoryNode(next(self._numbers))

    # -- looking -----------------------------------------------------------------------------------------------------

    def find(self, path: Path) -> Node | None:
        """``None`` = nothing there. Raises ``ENOTDIR`` for a path through a file."""
        node: Node | None = self.root
        for name in path:
            if node is None:
                return None
            if isinstance(node, FileNode):
                raise failure(errno.ENOTDIR)
            node = node.entries.get(name)
        return node

    def _get(self, path: Path) -> Node:
        node = self.find(path)
        if node is None:
            raise failure(errno.ENOENT)
        return node

    def _folder(self, path: Path) -> DirectoryNode:
        node = self._get(path)
        if isinstance(node, FileNode):
            raise failure(errno.ENOTDIR)
        return node

    def _parent(self, path: Path) -> tuple[DirectoryNode, str]:
        if not path:
            raise failure(errno.EBUSY, "this is the root of a mount")
        return self._folder(path[:-1]), path[-1]

    def stat(self, path: Path, *, follow: bool = True) -> Info:
        with self.lock:
            return self._get(path).info()

    def names(self, path: Path, after: str, count: int) -> list[Entry]:
        with self.lock:
            found = self._folder(path).entries
            names = heapq.nsmallest(count, (name for name in found if name > after))
            return [(name, found[name].info().kind) for name in names]

    # -- opening -----------------------------------------------------------------------------------------------------

    def open_read(self, path: Path) -> OpenFile:
        with self.lock:
            node = self._get(path)
            must_be_file(node.info())
            return _File(self, node, self._ledger, write=False)  # type: ignore[arg-type]

    def open_update(self, path: Path, mode: Mode) -> OpenFile:
        with self.lock:
            folder, name = self._parent(path)
            node = folder.entries.get(name)
            if node is None:
                if not mode.create:
                    raise failure(errno.ENOENT)
                node = self._add(folder, name, FileNode(next(self._numbers)))
            elif mode.create and mode.exclusive:
                raise failure(errno.EEXIST)
            if isinstance(node, DirectoryNode):
                raise failure(errno.EISDIR)
            opened = _File(self, node, self._ledger, write=True)
            if mode.truncate:
                opened.truncate(0)
            return opened

    def open_replace(self, path: Path, *, keep: bool, exclusive: bool) -> StagedNode:
        with self.lock:
            folder, name = self._parent(path)
            old = folder.entries.get(name)
            if isinstance(old, DirectoryNode):
                raise failure(errno.EISDIR)
            if old is not None and exclusive:
                raise failure(errno.EEXIST)
            staged = StagedNode(self, path, self._ledger, old, exclusive=exclusive, number=next(self._numbers))
            try:
                if keep and old is not None and old.data:
                    staged.pwrite(0, bytes(old.data))
            except BaseException:
                staged.close()
                raise
            return staged

    # -- changing ----------------------------------------------------------------------------------------------------

    def _add(self, folder: DirectoryNode, name: str, node: N) -> N:
        self._ledger.add_entry()
        folder.entries[name] = node
        folder.times.touch()
        if isinstance(node, FileNode):
            node.names = 1
        return node

    def place(self, path: Path, node: FileNode, *, exclusive: bool) -> int:
        """Put ``node`` where ``path`` says; the bytes that it replaced."""
        with self.lock:
            folder, name = self._parent(path)
            old = folder.entries.get(name)
            if isinstance(old, DirectoryNode):
                raise failure(errno.EISDIR)
            if old is None:
                self._add(folder, name, node)
                return 0
            if exclusive:
                raise failure(errno.EEXIST)
            old.names = 0
            node.names = 1
            folder.entries[name] = node
            folder.times.touch()
            return len(old.data)

    def mkdir(self, path: Path) -> None:
        with self.lock:
            if not path:
                raise failure(errno.EEXIST)
            folder, name = self._parent(path)
            if name in folder.entries:
                raise failure(errno.EEXIST)
            self._add(folder, name, DirectoryNode(next(self._numbers)))

    def unlink(self, path: Path) -> None:
        with self.lock:
            folder, name = self._parent(path)
            node = self._get(path)
            if isinstance(node, DirectoryNode):
                raise failure(errno.EISDIR)
            self._drop(folder, name, node)

    def rmdir(self, path: Path) -> None:
        with self.lock:
            folder, name = self._parent(path)
            node = self._folder(path)
            if node.entries:
                raise failure(errno.ENOTEMPTY)
            self._drop(folder, name, node)

    def remove_tree(self, path: Path) -> None:
        with self.lock:
            folder, name = self._parent(path)
            waiting: list[Node] = [self._get(path)]
            del folder.entries[name]
            folder.times.touch()
            while waiting:
                node = waiting.pop()
                if isinstance(node, DirectoryNode):
                    waiting.extend(node.entries.values())
                self._forget(node)

    def _drop(self, folder: DirectoryNode, name: str, node: Node) -> None:
        del folder.entries[name]
        folder.times.touch()
        self._forget(node)

    def _forget(self, node: Node) -> None:
        size = 0
        if isinstance(node, FileNode):
            node.names, size = 0, len(node.data)
        self._ledger.drop_entry(size)

    def rename(self, source: Path, target: Path) -> None:
        with self.lock:
            folder, name = self._parent(source)
            node = self._get(source)
            other, new_name = self._parent(target)
            if target[: len(source)] == source and target != source:
                raise failure(errno.EINVAL)
            old = other.entries.get(new_name)
            if old is node:
                return
            if old is not None:
                _check_exchange(node, old)
                self._drop(other, new_name, old)
            del folder.entries[name]
            other.entries[new_name] = node
            folder.times.touch()
            other.times.touch()

    def set_times(self, path: Path, atime_ns: int, mtime_ns: int) -> None:
        with self.lock:
            times = self._get(path).times
            times.touch()
            times.atime_ns, times.mtime_ns = atime_ns, mtime_ns

    def close(self) -> None:
        with self.lock:
            self.root = DirectoryNode(0)


def _check_exchange(node: Node, old: Node) -> None:
    if isinstance(old, FileNode):
        if isinstance(node, DirectoryNode):
            raise failure(errno.ENOTDIR)
    elif isinstance(node, FileNode):
        raise failure(errno.EISDIR)
    elif old.entries:
        raise failure(errno.ENOTEMPTY)


class _File:
    """An open file of a :class:`Memory`."""

    def __init__(self, owner: Memory, node: FileNode, ledger: Ledger, *, write: bool) -> None:
        self._owner, self._node, self._ledger, self._write = owner, node, ledger, write

    def pread(self, offset: int, size: int) -> bytes:
        with self._owner.lock:
            return bytes(memoryview(self._node.data)[offset : offset + size])

    def _resize(self, old: int, new: int) -> None:
        if self._node.names:
            self._ledger.grow(old, new, new - old)
        elif new > old:
            raise failure(errno.ESTALE, "the file was removed")

    def pwrite(self, offset: int | None, data: Any) -> int:
        if not self._write:
            raise failure(errno.EBADF)
        with self._owner.lock:
            content = self._node.data
            old = len(content)
            start = old if offset is None else offset
            end = start + len(data)
            if len(data):
                if end > old:
                    self._resize(old, end)
                _ensure(content, start)
                content[start:end] = data
                self._node.times.touch()
            return len(data)

    def truncate(self, size: int) -> None:
        if not self._write:
            raise failure(errno.EBADF)
        with self._owner.lock:
            content = self._node.data
            self._resize(len(content), size)
            _ensure(content, size)
            del content[size:]
            self._node.times.touch()

    def info(self) -> Info:
        with self._owner.lock:
            return self._node.info()

    def set_times(self, atime_ns: int, mtime_ns: int) -> None:
        if not self._write:
            raise failure(errno.EBADF)
        with self._owner.lock:
            self._node.times.touch()
            self._node.times.atime_ns, self._node.times.mtime_ns = atime_ns, mtime_ns

    def sync(self) -> None:
        return

    def close(self) -> None:
        return


def _ensure(content: bytearray, size: int) -> None:
    """Zeros up to ``size``."""
    if size > len(content):
        content.extend(bytes(size - len(content)))


class StagedNode(_File):
    """New content that has no name yet."""

    def __init__(self, owner: Memory, path: Path, ledger: Ledger, old: FileNode | None, *, exclusive: bool, number: int) -> None:
        super().__init__(owner, FileNode(number), ledger, write=True)
        self._path, self._exclusive = path, exclusive
        self._credit = Credit(ledger, None if old is None else (0, old.number), 0 if old is None else len(old.data))
        self._open = True

    def _resize(self, old: int, new: int) -> None:
        self._credit.resize(old, new)

    def commit(self) -> None:
        try:
            replaced = self._owner.place(self._path, self._node, exclusive=self._exclusive)
        except BaseException:
            self.close()
            raise
        self._open = False
        self._credit.settle(len(self._node.data), replaced)

    def close(self) -> None:
        if self._open:
            self._open = False
            self._credit.refund()
