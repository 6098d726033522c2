"""Operations that change the tree."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Any, Final

from isolate_host.files.arguments import PIECE, at, flag, natural, octets, one_of
from isolate_host.files.desk import Desk
from isolate_host.files.failures import Refused, failure
from isolate_host.files.nodes import Info, Kind, Mode, OpenFile
from isolate_host.files.paths import Path, text

__all__ = ["Changing"]

_WRITE_MODES: Final = frozenset({"w", "wx", "a", "ax"})
_KINDS: Final = frozenset({"file", "directory"})
_REMOVABLE: Final = frozenset({"file", "directory", "any"})
_MILLISECOND: Final = 1_000_000


class Changing:
    """``get``, ``write``, ``times``, ``mkdir``, ``remove``, ``rename``, ``copy``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def get(self, paths: Sequence[Path], args: Sequence[Any]) -> None:
        """``get(path, kind, create)``: make sure that a file or folder is there."""
        kind: Kind = "file" if one_of(at(args, 1), _KINDS) == "file" else "directory"
        create = flag(at(args, 2))
        await self._desk.pool.run(lambda: self._get(paths[0], kind, create=create))

    def _get(self, path: Path, kind: Kind, *, create: bool) -> None:
        found = self._desk.look(path)
        if found is None and create:
            store, inner = self._desk.mounts.to_change(path)
            try:
                if kind == "directory":
                    store.mkdir(inner)
                else:
                    store.open_update(inner, Mode(write=True, create=True, exclusive=True)).close()
            except FileExistsError:
                # Somebody was faster, or it is a link that leads nowhere.
                found = self._desk.look(path)
            else:
                return
        if found is None:
            raise failure(errno.ENOENT)
        if found.kind not in _KINDS:
            raise Refused("it is neither a file nor a folder")
        self._desk.must_be(found, kind)

    async def write(self, paths: Sequence[Path], args: Sequence[Any]) -> None:
        """``write(path, bytes, mode)``: a whole file, all at once; or more at its end."""
        path, data, mode = paths[0], octets(at(args, 1)), one_of(at(args, 2), _WRITE_MODES)
        await self._desk.pool.run(lambda: self._write(path, data, mode))

    def _write(self, path: Path, data: bytes, mode: str) -> None:
        store, inner = self._desk.mounts.to_change(path)
        if not inner:
            raise failure(errno.EISDIR)
        self._desk.handles.lock(path, exclusive=False)
        try:
            if mode[0] == "a":
                file: OpenFile = store.open_update(inner, Mode(write=True, create=True, exclusive="x" in mode))
                try:
                    file.pwrite(None, data)
                finally:
                    file.close()
                return
            staged = store.open_replace(inner, keep=False, exclusive="x" in mode)
            try:
                staged.pwrite(0, data)
            except BaseException:
                staged.close()
                raise
            staged.commit()
        finally:
            self._desk.handles.release(path)

    async def times(self, paths: Sequence[Path], args: Sequence[Any]) -> None:
        """``times(path, id, atime, mtime)`` in milliseconds."""
        atime_ns, mtime_ns = natural(at(args, 2)) * _MILLISECOND, natural(at(args, 3)) * _MILLISECOND
        path = paths[0]
        if max(atime_ns, mtime_ns) >= 2**63:
            raise failure(errno.EINVAL, "the time lies too far ahead")
        handle = None if at(args, 1) is None else self._desk.handles.get(at(args, 1), path)

        def work() -> None:
            if handle is not None:
                with handle.lock:
                    return handle.get().set_times(atime_ns, mtime_ns)
            store, inner = self._desk.mounts.to_change(path)
            return store.set_times(inner, atime_ns, mtime_ns)

        await self._desk.pool.run(work)

    async def mkdir(self, paths: Sequence[Path], args: Sequence[Any]) -> str | None:
        """``mkdir(path, recursive)``: the first folder that it made, when recursive."""
        recursive = flag(at(args, 1))
        return await self._desk.pool.run(lambda: self._mkdir(paths[0], recursive=recursive))

    def _mkdir(self, path: Path, *, recursive: bool) -> str | None:
        mounts = self._desk.mounts
        if not recursive:
            if mounts.find(path) is None and self._desk.look(path) is not None:
                raise failure(errno.EEXIST)
            store, inner = mounts.to_change(path)
            store.mkdir(inner)
            return None
        first = len(path)
        while first and (found := self._desk.look(path[:first])) is None:
            first -= 1
        if first and found is not None:
            self._desk.must_be(found, "directory")
        for end in range(first + 1, len(path) + 1):
            store, inner = mounts.to_change(path[:end])
            store.mkdir(inner)
        return text(path[: first + 1]) if first < len(path) else None

    async def remove(self, paths: Sequence[Path], args: Sequence[Any]) -> None:
        """``remove(path, kind, recursive)``."""
        kind, recursive = one_of(at(args, 1), _REMOVABLE), flag(at(args, 2))
        await self._desk.pool.run(lambda: self._remove(paths[0], kind, recursive=recursive))

    def _remove(self, path: Path, kind: str, *, recursive: bool) -> None:
        mounts = self._desk.mounts
        store, inner = mounts.to_change(path)
        found: Info = mounts.stat(path, follow=False)
        is_folder = found.kind == "directory"
        if kind != "any" and is_folder != (kind == "directory"):
            raise failure(errno.EISDIR if is_folder else errno.ENOTDIR)
        mounts.check_free(path)
        self._desk.handles.check_unlocked(path)
        if not is_folder:
            store.unlink(inner)
        elif recursive:
            store.remove_tree(inner)
        else:
            store.rmdir(inner)

    async def rename(self, paths: Sequence[Path], _args: Sequence[Any]) -> None:
        """``rename(from, to)``, within one mount."""
        await self._desk.pool.run(lambda: self._rename(*paths))

    def _rename(self, source: Path, target: Path) -> None:
        mounts = self._desk.mounts
        store, inner = mounts.to_change(source)
        other, new = mounts.to_change(target)
        if store is not other:
            raise failure(errno.EXDEV)
        mounts.check_free(source)
        mounts.check_free(target)
        self._desk.handles.check_unlocked(source)
        self._desk.handles.check_unlocked(target)
        store.rename(inner, new)

    async def copy(self, paths: Sequence[Path], args: Sequence[Any]) -> None:
        """``copy(from, to, exclusive)``: one file, also from one mount to another."""
        exclusive = flag(at(args, 2))
        await self._desk.pool.run(lambda: self._copy(paths[0], paths[1], exclusive=exclusive))

    def _copy(self, source: Path, target: Path, *, exclusive: bool) -> None:
        mounts = self._desk.mounts
        store, inner = mounts.place(source)
        other, new = mounts.to_change(target)
        if not inner or not new:
            raise failure(errno.EISDIR)
        self._desk.handles.check_unlocked(target)
        file = store.open_read(inner)
        try:
            staged = other.open_replace(new, keep=False, exclusive=exclusive)
            try:
                offset = 0
                while chunk := file.pread(offset, PIECE):
                    staged.pwrite(offset, chunk)
                    offset += len(chunk)
            except BaseException:
                staged.close()
                raise
            staged.commit()
        finally:
            file.close()
