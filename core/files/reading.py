"""Content on its way to a guest: pulled from the disk as the guest reads."""

from __future__ import annotations

import asyncio
import errno
import weakref
from collections.abc import Callable
from typing import Final, Self

from isolate_host.files.failures import failure
from isolate_host.files.handles import Handle
from isolate_host.files.pool import WorkPool

__all__ = ["ReadStream", "read_exactly"]

#: Bytes that one visit to the disk brings; one such piece waits while the one before is sent.
_PIECE: Final = 1024 * 1024


class ReadStream:
    """The bytes from ``offset`` to ``end``, of the version that was there at the beginning. Forgetting it closes the file."""

    def __init__(self, handle: Handle, offset: int, end: int, pool: WorkPool, drop: Callable[[], None]) -> None:
        self._handle, self._offset, self._end, self._pool = handle, offset, end, pool
        self._identity = handle.get().info().identity
        self._next: asyncio.Task[bytes] | None = None
        self._finish = weakref.finalize(self, drop)
        self._finish.atexit = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await (self._next or self._read())
            self._next = None
            if not piece:
                raise StopAsyncIteration
            if self._offset < self._end:
                self._next = asyncio.get_running_loop().create_task(self._read())
            return piece
        except BaseException:
            await self.aclose()
            raise

    async def _read(self) -> bytes:
        start = self._offset
        if start >= self._end:
            return b""
        self._offset = min(start + _PIECE, self._end)
        handle, identity, size = self._handle, self._identity, self._offset - start
        return await self._pool.run(lambda: read_exactly(handle, start, size, identity))

    async def aclose(self) -> None:
        """Stop here."""
        waiting, self._next = self._next, None
        if waiting is not None:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        self._offset = self._end
        self._finish()


def read_exactly(handle: Handle, offset: int, size: int, identity: tuple[int, ...]) -> bytes:
    """``size`` bytes of the version ``identity``. Raises ``ESTALE`` when somebody has written meanwhile."""
    with handle.lock:
        file = handle.get()
        pieces = []
        left = size
        while left > 0:
            piece = file.pread(offset, left)
            if not piece:
                break
            pieces.append(piece)
            offset += len(piece)
            left -= len(piece)
        if left or not _same(file.info().identity, identity):
            raise failure(errno.ESTALE, "the file was changed while it was read")
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _same(found: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    """Whether the content is the same. Being renamed or removed changes the time of change only, and no content."""
    return found[:3] == expected[:3] and found[4] == expected[4]
