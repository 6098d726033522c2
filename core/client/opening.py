"""Lets one expression be awaited or entered: ``x = await make()`` and ``async with make() as x``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from types import TracebackType
from typing import Any, Generic, TypeVar

__all__ = ["Opening"]

T = TypeVar("T")


class Opening(Generic[T]):
    """Something that is about to be created. Nothing happens until it is awaited or entered.

    Awaiting gives the object, which the caller then has to close; ``async with`` closes it at the end of the block.
    """

    __slots__ = ("_close", "_make", "_value")

    def __init__(self, make: Callable[[], Awaitable[T]], close: Callable[[T], Awaitable[object]]) -> None:
        self._make = make
        self._close = close
        self._value: T | None = None

    def __await__(self) -> Generator[Any, None, T]:
        return self._make().__await__()

    async def __aenter__(self) -> T:
        self._value = await self._make()
        return self._value

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._value is not None:
            await self._close(self._value)
