"""Operations that read."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Any, Final

from isolate_host.files.arguments import at, flag, natural, optional_natural
from isolate_host.files.desk import Desk
from isolate_host.files.failures import Refused, failure
from isolate_host.files.handles import Handle
from isolate_host.files.nodes import Entry, Info, must_be_file
from isolate_host.files.paths import Path, child
from isolate_host.files.reading import ReadStream, read_exactly
from isolate_host.wire.streams import ByteSource

__all__ = ["Looking"]

_PAGE: Final = 5000
#: Content up to this size comes with the answer; a stream would cost more than it carries.
_INLINE: Final = 256 * 1024
_SMALL: Final = 64 * 1024


class Looking:
    """``stat``, ``names``, ``file``, ``read``."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def stat(self, paths: Sequence[Path], args: Sequence[Any]) -> dict[str, Any]:
        """``stat(path, follow)``."""
        follow = at(args, 1) is None or flag(at(args, 1))
        mounts, path = self._desk.mounts, paths[0]
        facts = self._desk.tokens.describe(await self._desk.pool.run(lambda: mounts.stat(path, follow=follow)))
        mount = mounts.find(path)
        if mount is None or not mount.write:
            facts["mode"] &= ~0o222
        return facts

    async def names(self, paths: Sequence[Path], args: Sequence[Any]) -> list[list[str]]:
        """``names(path, after, resolve)``: the next page of names with their kinds; links as what they lead to, when ``resolve``."""
        path, resolve = paths[0], flag(at(args, 2))
        after = "" if at(args, 1) in (None, "") else child(at(args, 1))

        def work() -> list[list[str]]:
            entries = self._desk.mounts.names(path, after, _PAGE)
            return [[name, self._resolved(path, (name, kind)) if resolve else kind] for name, kind in entries]

        return await self._desk.pool.run(work)

    def _resolved(self, folder: Path, entry: Entry) -> str:
        """A link that leads nowhere, or out, is ``other``."""
        name, kind = entry
        if kind != "symlink":
            return kind
        try:
            return self._desk.mounts.stat((*folder, name)).kind
        except (OSError, Refused):
            return "other"

    async def file(self, paths: Sequence[Path], _args: Sequence[Any]) -> dict[str, Any]:
        """``file(path)``: what a File needs to know; with the content, when there is little."""

        def work() -> dict[str, Any]:
            handle, info = self._open(paths[0])
            try:
                data = read_exactly(handle, 0, info.size, info.identity) if info.size <= _SMALL else None
            finally:
                handle.get().close()
            return {"size": info.size, "mtime": info.mtime_ns // 1_000_000, "token": self._desk.tokens.version(info), "data": data}

        return await self._desk.pool.run(work)

    def _open(self, path: Path) -> tuple[Handle, Info]:
        store, inner = self._desk.mounts.place(path)
        if not inner:
            raise failure(errno.EISDIR)
        file = store.open_read(inner)
        try:
            info = file.info()
            must_be_file(info)
        except BaseException:
            file.close()
            raise
        return Handle(path, file, writer=False), info

    async def read(self, paths: Sequence[Path], args: Sequence[Any]) -> bytes | ByteSource:
        """``read(path, token, offset, length)``: bytes, or a stream when there are many; a token pins the version."""
        token, offset, length = at(args, 1), natural(at(args, 2) or 0), optional_natural(at(args, 3))
        desk = self._desk

        def work() -> bytes | tuple[int, Handle, int]:
            handle, info = self._open(paths[0])
            try:
                if token is not None and token != desk.tokens.version(info):
                    raise failure(errno.ESTALE, "the file was changed since it was looked at")
                end = info.size if length is None else min(info.size, offset + length)
                if end - offset > _INLINE:
                    return desk.handles.add(handle), handle, end
                data = read_exactly(handle, offset, max(0, end - offset), info.identity)
            except BaseException:
                handle.get().close()
                raise
            handle.get().close()
            return data

        found = await desk.pool.run(work, undo=lambda made: None if isinstance(made, bytes) else desk.handles.drop(made[0]))
        if isinstance(found, bytes):
            return found
        number, handle, end = found
        return ByteSource(ReadStream(handle, offset, end, desk.pool, lambda: desk.handles.drop(number)))
