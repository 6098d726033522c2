"""How long a tool may take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from typing import Any, TypeVar

from isolate_host.errors import LimitExceeded

__all__ = ["TimedGenerator", "within"]

T = TypeVar("T")


async def within(awaitable: Awaitable[T], seconds: float | None, tool: str) -> T:
    """Await with a time limit; ``LimitExceeded`` names the tool."""
    expiry = asyncio.timeout(seconds)
    try:
        async with expiry:
            return await awaitable
    except TimeoutError:
        if not expiry.expired():  # the tool's own
            raise
        raise LimitExceeded(f"tool {tool!r} took longer than {seconds:g} s", kind="tool_time") from None


class TimedGenerator(AsyncGenerator[Any, Any]):
    """An async generator whose every step has a time limit."""

    def __init__(self, inner: AsyncGenerator[Any, Any], seconds: float, tool: str) -> None:
        self._inner = inner
        self._seconds = seconds
        self._tool = tool

    async def asend(self, value: Any) -> Any:
        return await within(self._inner.asend(value), self._seconds, self._tool)

    async def athrow(self, *error: Any) -> Any:
        return await within(self._inner.athrow(*error), self._seconds, self._tool)

    async def aclose(self) -> None:
        await within(self._inner.aclose(), self._seconds, self._tool)
