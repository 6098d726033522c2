"""Byte streams with credit (protocol §4): a slow consumer stops the producer, wherever it is."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, Self

from isolate_host.errors import IsolateHostError, ProtocolError

__all__ = ["CHUNK", "WINDOW", "ByteSource", "ByteStream", "Inflow", "Outflow"]

#: Bytes that may be in flight without having been credited.
WINDOW = 1024 * 1024
#: Largest chunk of one ``sd`` frame.
CHUNK = 256 * 1024


class Inflow:
    """The consumer's end: what arrived and was not read yet, never more than the window."""

    __slots__ = ("_allowed", "_buffer", "_consumed", "_ended", "_error", "_grant", "_waiters")

    def __init__(self, grant: Callable[[int], None]) -> None:
        self._grant = grant
        self._buffer: deque[bytes] = deque()
        self._allowed = WINDOW
        self._consumed = 0
        self._ended = False
        self._error: BaseException | None = None
        self._waiters: deque[asyncio.Future[None]] = deque()

    def data(self, chunk: bytes) -> None:
        """A chunk arrived. Raises ``ProtocolError`` when the producer had no credit for it."""
        self._allowed -= len(chunk)
        if self._allowed < 0:
            raise ProtocolError("a stream overran its credit")
        # Empty chunks cost no credit, so they must not take memory either.
        if chunk and not self._ended:
            self._buffer.append(chunk)
            self._wake()

    def end(self, error: BaseException | None = None) -> None:
        """No more data; ``error`` tells why, when that was no proper end."""
        if not self._ended:
            self._ended = True
            self._error = error
            self._wake()

    async def take(self) -> bytes | None:
        """The next chunk, or ``None`` at the end. Raises the producer's error."""
        while not self._buffer:
            if self._ended:
                if self._error is not None:
                    raise self._error
                return None
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter
        chunk = self._buffer.popleft()
        self._consumed += len(chunk)
        if self._consumed >= WINDOW // 2 and not self._ended:
            self._allowed += self._consumed
            self._grant(self._consumed)
            self._consumed = 0
        return chunk

    def _wake(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)


class ByteStream:
    """A stream of bytes from the other side: ``async for chunk in stream``, or ``await stream.read()``.

    One consumer reads at its own pace; the producer waits. Raises the producer's error when that failed.
    """

    __slots__ = ("__weakref__", "_cancel", "_inflow")

    def __init__(self, inflow: Inflow, cancel: Callable[[Any], None]) -> None:
        self._inflow = inflow
        self._cancel = cancel

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        chunk = await self._inflow.take()
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    async def read(self) -> bytes:
        """Everything that is left, in one piece. Reads without a limit: mind who sends."""
        return b"".join([chunk async for chunk in self])

    async def cancel(self, reason: Any = None) -> None:
        """Tell the producer to stop; what was not read is dropped."""
        self._cancel(reason)
        self._inflow.end()

    async def aclose(self) -> None:
        """The same as :meth:`cancel`, under the name that ``contextlib.aclosing`` uses."""
        await self.cancel()


class ByteSource:
    """Marks an iterable of bytes, plain or async, to cross as a stream instead of piece by piece.

    >>> source = ByteSource([b"one", b"two"])
    """

    __slots__ = ("chunks",)

    def __init__(self, chunks: Iterable[bytes] | AsyncIterable[bytes]) -> None:
        self.chunks = chunks

    async def _plain(self, chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    def iterate(self) -> AsyncIterator[bytes]:
        """The chunks, asynchronously."""
        return aiter(self.chunks) if isinstance(self.chunks, AsyncIterable) else self._plain(self.chunks)


class Outflow:
    """The producer's end: a task that sends what the credit allows.

    ``send`` takes ``data``, ``end`` or ``abort`` and its argument; ``drain`` waits while the transport is full.
    """

    __slots__ = ("_chunks", "_credit", "_drain", "_send", "_task", "_waiter")

    def __init__(
        self, chunks: AsyncIterator[bytes], send: Callable[[str, Any], None], drain: Callable[[], Awaitable[None]] | None
    ) -> None:
        self._chunks = chunks
        self._credit = WINDOW
        self._send = send
        self._drain = drain
        self._waiter: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin. Sends nothing before the event loop's next turn, so the frame that announces the stream goes first."""
        self._task = asyncio.get_running_loop().create_task(self._pump())

    def credit(self, count: int) -> None:
        """The consumer takes ``count`` more bytes."""
        self._credit = min(self._credit + count, 2**53)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def cancel(self) -> None:
        """The consumer lost interest or is gone."""
        if self._task is not None:
            self._task.cancel()

    async def _pump(self) -> None:
        try:
            async for chunk in self._chunks:
                await self._write(memoryview(chunk).cast("B"))
            self._send("end", None)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 (whatever the producer raises is the consumer's to see)
            self._send("abort", error)
        finally:
            close = getattr(self._chunks, "aclose", None)
            if close is not None:
                await close()

    async def _write(self, data: memoryview) -> None:
        while data:
            while self._credit <= 0:
                self._waiter = asyncio.get_running_loop().create_future()
                await self._waiter
            size = min(len(data), self._credit, CHUNK)
            self._credit -= size
            self._send("data", bytes(data[:size]))
            data = data[size:]
            if self._drain is not None:
                await self._drain()


def stream_failure(error: Any) -> BaseException:
    """The exception for the error value of an ``sx`` message, which may be no error at all."""
    return error if isinstance(error, BaseException) else IsolateHostError(f"the stream failed: {error}")
