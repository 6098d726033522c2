"""Operations on files that a guest has open."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from isolate_host.files.arguments import PIECE, at, flag, natural, octets, one_of, optional_natural
from isolate_host.files.desk import Desk
from isolate_host.files.failures import failure
from isolate_host.files.handles import Handle
from isolate_host.files.nodes import Mode, OpenFile, Staged, must_be_file
from isolate_host.files.operations import OPEN_MODES
from isolate_host.files.paths import Path

__all__ = ["Opened"]

T = TypeVar("T")


class Opened:
    """``open``, ``pread``, ``pwrite``, ``truncate``, ``fstat``, ``sync``, ``close``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def open(self, paths: Sequence[Path], args: Sequence[Any]) -> dict[str, Any]:
        """``open(path, mode, exclusive)``: a number for the other operations."""
        path, mode, exclusive = paths[0], one_of(at(args, 1), OPEN_MODES), flag(at(args, 2))
        handles = self._desk.handles
        handles.check_room()
        writer = mode != "r"

        def work() -> dict[str, Any]:
            if writer:
                handles.lock(path, exclusive=exclusive)
            try:
                file = self._open(path, mode)
            except BaseException:
                if writer:
                    handles.release(path)
                raise
            handle = Handle(path, file, writer=writer, append=mode[0] == "a", readable=mode == "r" or "+" in mode)
            try:
                size = file.info().size
                return {"id": handles.add(handle), "size": size}
            except BaseException:
                handles.unlock(handle)
                file.close()
                raise

        return await self._desk.pool.run(work, undo=lambda made: handles.drop(made["id"]))

    def _open(self, path: Path, mode: str) -> OpenFile:
        if mode == "r":
            store, inner = self._desk.mounts.place(path)
            if not inner:
                raise failure(errno.EISDIR)
            file = store.open_read(inner)
            must_be_file(file.info())
            return file
        store, inner = self._desk.mounts.to_change(path)
        if not inner:
            raise failure(errno.EISDIR)
        if mode in ("replace", "keep"):
            return store.open_replace(inner, keep=mode == "keep", exclusive=False)
        create = mode != "r+"
        return store.open_update(inner, Mode(write=True, create=create, exclusive="x" in mode, truncate="w" in mode))

    async def _with(self, paths: Sequence[Path], args: Sequence[Any], work: Callable[[Handle, OpenFile], T]) -> T:
        """Do ``work`` with the open file that the guest means."""
        handle = self._desk.handles.get(at(args, 1), paths[0])

        def locked() -> T:
            with handle.lock:
                return work(handle, handle.get())

        return await self._desk.pool.run(locked)

    async def pread(self, paths: Sequence[Path], args: Sequence[Any]) -> bytes:
        """``pread(path, id, offset, length)``."""
        offset, length = natural(at(args, 2)), natural(at(args, 3), PIECE)

        def work(handle: Handle, file: OpenFile) -> bytes:
            if not handle.readable:
                raise failure(errno.EBADF)
            return file.pread(offset, length)

        return await self._with(paths, args, work)

    async def pwrite(self, paths: Sequence[Path], args: Sequence[Any]) -> int:
        """``pwrite(path, id, offset, bytes)``: all of them; without an offset, and in the modes ``a``, at the end."""
        offset, data = optional_natural(at(args, 2)), octets(at(args, 3))
        return await self._with(paths, args, lambda handle, file: file.pwrite(None if handle.append else offset, data))

    async def truncate(self, paths: Sequence[Path], args: Sequence[Any]) -> None:
        """``truncate(path, id, size)``; without a number, the file of that path."""
        size = natural(at(args, 2))
        if at(args, 1) is not None:
            return await self._with(paths, args, lambda _handle, file: file.truncate(size))

        def work() -> None:
            store, inner = self._desk.mounts.to_change(paths[0])
            self._desk.handles.check_unlocked(paths[0])
            file = store.open_update(inner, Mode(write=True))
            try:
                file.truncate(size)
            finally:
                file.close()

        return await self._desk.pool.run(work)

    async def fstat(self, paths: Sequence[Path], args: Sequence[Any]) -> dict[str, Any]:
        """``fstat(path, id)``."""
        return self._desk.tokens.describe(await self._with(paths, args, lambda _handle, file: file.info()))

    async def sync(self, paths: Sequence[Path], args: Sequence[Any]) -> None:
        """``sync(path, id)``: down to the disk."""
        await self._with(paths, args, lambda _handle, file: file.sync())

    async def close(self, paths: Sequence[Path], args: Sequence[Any]) -> None:
        """``close(path, id, keep)``: what was staged takes its place, unless ``keep`` is false."""
        number, keep = at(args, 1), at(args, 2) is None or flag(at(args, 2))
        handles = self._desk.handles
        handle = handles.get(number, paths[0])

        def work() -> None:
            try:
                with handle.lock:
                    file = handle.get()
                    if keep and isinstance(file, Staged):
                        handle.file = None
                        file.commit()
            finally:
                handles.drop(number)

        await self._desk.pool.run(work)
