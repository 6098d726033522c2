"""Bodies on their way, with their limits: nothing is read from either side before the other side wants it."""

from __future__ import annotations

import weakref
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from typing import Final, Self

from aiohttp import ClientError, ClientResponse

from isolate_host.errors import LimitExceeded
from isolate_host.plugins.fetch.decoding import Decoder
from isolate_host.plugins.fetch.limits import Place
from isolate_host.plugins.fetch.messages import NetworkFailure

__all__ = ["RequestBody", "ResponseBody", "check_request_size"]

#: Longer bodies cross as streams even when they are here already.
_SHORT: Final = 64 * 1024


class ResponseBody:
    """The decoded bytes of a response. Closing it, or forgetting it, closes the connection and frees the place."""

    def __init__(self, response: ClientResponse, place: Place, decoder: Decoder | None, limit: int | None, key: str) -> None:
        self._response, self._place, self._decoder, self._limit, self._key = response, place, decoder, limit, key
        self._pieces: Iterator[bytes] = iter(())
        self._count = 0
        self._done = False
        self._forgotten = weakref.finalize(self, _forget, response, place)
        self._forgotten.atexit = False

    def arrived(self) -> bytes | None:
        """The whole body when it is short and here already: a stream of its own would cost more than it carries."""
        content = self._response.content
        if self._decoder is not None or content.exception() is not None or not content.is_eof():
            return None
        data = content.read_nowait()
        if len(data) > _SHORT:
            self._pieces = iter((data,))
            return None
        try:
            self._counted(len(data))
        finally:
            self._close()
        return data

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await self._next()
        except BaseException:
            # The end, an error, or nobody waits any more: in each case it is over.
            self._close()
            raise

    async def _next(self) -> bytes:
        while not self._done:
            piece = next(self._pieces, None)
            if piece:
                self._counted(len(piece))
                return piece
            if piece is None:
                await self._read()
        raise StopAsyncIteration

    async def _read(self) -> None:
        chunk = await _received(self._response)
        if chunk:
            self._pieces = iter((chunk,)) if self._decoder is None else self._decoder.feed(chunk)
            return
        self._done = True
        if self._decoder is not None:
            self._decoder.finish()

    def _counted(self, size: int) -> None:
        self._count += size
        if self._limit is not None and self._count > self._limit:
            message = f"the response has more than {self._limit} bytes"
            raise LimitExceeded(message, kind="fetch_response", hint=f"raise {self._key}.max_response_bytes")

    async def aclose(self) -> None:
        """Stop here."""
        self._close()

    def _close(self) -> None:
        self._done = True
        self._pieces = iter(())
        if self._forgotten.detach() is not None:
            self._response.close()
            self._place.leave()


def _forget(response: ClientResponse, place: Place) -> None:
    response.close()
    place.abandon()


async def _received(response: ClientResponse) -> bytes:
    try:
        return await response.content.readany()
    except TimeoutError:
        raise NetworkFailure("the server stopped sending", "ETIMEDOUT") from None
    except (ClientError, OSError) as error:
        raise NetworkFailure("the connection was lost before the end of the response", "ECONNRESET") from error


class RequestBody:
    """Counts what is sent. ``error`` is what the source failed with, which the HTTP client would hide in one of its own."""

    def __init__(self, source: AsyncIterable[bytes], limit: int | None, key: str) -> None:
        self._source, self._limit, self._key = source, limit, key
        self.error: Exception | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        count = 0
        try:
            async for chunk in self._source:
                count += len(chunk)
                check_request_size(count, self._limit, self._key)
                yield chunk
        except Exception as error:
            self.error = error
            raise
        finally:
            # The server may answer before it has read everything: then the guest need not produce the rest.
            close = getattr(self._source, "aclose", None)
            if close is not None:
                await close()


def check_request_size(size: int, limit: int | None, key: str) -> None:
    """Raises ``LimitExceeded``."""
    if limit is not None and size > limit:
        message = f"the request body has more than {limit} bytes"
        raise LimitExceeded(message, kind="fetch_request", hint=f"raise {key}.max_request_bytes")
