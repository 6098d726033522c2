"""Serving what Python leases to the other side: functions, awaitables, iterators."""

from __future__ import annotations

import asyncio
import inspect
import io
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from isolate_host.wire.errors import as_error
from isolate_host.wire.kinds import UNDEFINED

__all__ = ["Exported", "exported_form"]


class Exported(Protocol):
    """Serves one reference."""

    tag: str

    def use(self, mode: str | None, args: Sequence[Any]) -> Any:
        """Do what a ``ref`` message asks; the result may be awaitable. Raises ``TypeError`` for a mode it lacks."""

    def forget(self) -> Awaitable[object] | None:
        """The last lease is gone. Returns cleanup to run, or ``None``."""


class _Function:
    __slots__ = ("_function",)
    tag = "fn"

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def use(self, mode: str | None, args: Sequence[Any]) -> Any:
        if mode is not None:
            raise TypeError(f"a function has no {mode}")
        return self._function(*args)

    def forget(self) -> None:
        return None


class _Promise:
    __slots__ = ("_future", "_ours")
    tag = "pr"

    def __init__(self, awaitable: Awaitable[Any]) -> None:
        # A coroutine starts now, as a promise does; it is ours to cancel when nobody can ask for it any more.
        self._ours = not asyncio.isfuture(awaitable)
        self._future = asyncio.ensure_future(awaitable)
        self._future.add_done_callback(lambda future: future.cancelled() or future.exception())

    def use(self, mode: str | None, args: Sequence[Any]) -> Any:
        if mode != "await":
            raise TypeError("a promise can only be awaited")
        # A caller that loses interest must not cancel the work that others wait for.
        return asyncio.shield(self._future)

    def forget(self) -> None:
        if self._ours:
            self._future.cancel()


class _Iterator:
    """An async or plain iterator. Requests queue, as they do at a JavaScript async generator."""

    __slots__ = ("_finished", "_iterator", "_lock")
    tag = "it"

    def __init__(self, iterator: Any) -> None:
        self._iterator = iterator
        self._lock = asyncio.Lock()
        self._finished = False

    async def use(self, mode: str | None, args: Sequence[Any]) -> Any:
        if mode not in ("next", "return", "throw"):
            raise TypeError("an iterator is no function")
        argument = args[0] if args else None
        async with self._lock:
            if mode == "return":
                await self._close()
                return {"done": True, "value": argument}
            if self._finished:
                if mode == "throw":
                    raise as_error(argument)
                return {"done": True, "value": UNDEFINED}
            try:
                value = await (self._throw(as_error(argument)) if mode == "throw" else self._next(argument))
            except (StopAsyncIteration, StopIteration) as end:
                self._finished = True
                return {"done": True, "value": end.args[0] if end.args else UNDEFINED}
            except BaseException:
                self._finished = True
                raise
            return {"done": False, "value": value}

    async def _next(self, argument: Any) -> Any:
        iterator = self._iterator
        if hasattr(iterator, "__anext__"):
            if argument is not None and hasattr(iterator, "asend"):
                return await iterator.asend(argument)
            return await iterator.__anext__()
        try:
            return iterator.send(argument) if argument is not None and hasattr(iterator, "send") else next(iterator)
        except StopIteration as end:
            # A coroutine cannot raise StopIteration.
            raise StopAsyncIteration(*end.args) from None

    async def _throw(self, error: BaseException) -> Any:
        if hasattr(self._iterator, "athrow"):
            return await self._iterator.athrow(error)
        if hasattr(self._iterator, "throw"):
            try:
                return self._iterator.throw(error)
            except StopIteration:
                raise StopAsyncIteration from None
        raise error

    async def _close(self) -> None:
        self._finished = True
        if hasattr(self._iterator, "aclose"):
            await self._iterator.aclose()
        elif hasattr(self._iterator, "close"):
            self._iterator.close()

    def forget(self) -> Awaitable[object] | None:
        return None if self._finished else self.use("return", ())


def exported_form(value: Any) -> Callable[[], Exported] | None:
    """How to serve ``value`` by reference, or ``None`` when it is not a function, an awaitable or an iterator.

    Classes and open files are refused: nobody means to hand those to guest code.
    """
    if isinstance(value, (type, io.IOBase)):
        return None
    if inspect.isawaitable(value):
        return lambda: _Promise(value)
    kind = type(value)
    if hasattr(kind, "__anext__") or hasattr(kind, "__next__"):
        return lambda: _Iterator(value)
    if hasattr(kind, "__aiter__"):
        return lambda: _Iterator(aiter(value))
    return (lambda: _Function(value)) if callable(value) else None
