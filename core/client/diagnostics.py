"""The result of ``diagnostics()``: usable at once, and more complete when awaited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any

__all__ = ["Diagnostics"]


class Diagnostics(dict[str, Any]):
    """What this side knows, by key or by attribute. Awaiting it asks the broker as well.

    >>> Diagnostics({"runtimes": 2}).runtimes
    2
    """

    def __init__(self, known: dict[str, Any], ask: Callable[[], Awaitable[dict[str, Any]]] | None = None) -> None:
        super().__init__(known)
        self._ask = ask

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __await__(self) -> Generator[Any, None, Diagnostics]:
        return self._complete().__await__()

    async def _complete(self) -> Diagnostics:
        told = {} if self._ask is None else await self._ask()
        # What this side counts itself is newer than what the broker could tell.
        return Diagnostics({**told, **self})
