"""Tools for ``tools-python.yaml``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isolate_host.plugin.context import HostCallContext


def greet(name: str) -> str:
    """A greeting."""
    return f"Hello, {name}!"


async def word_count(text: str, ctx: HostCallContext) -> dict[str, int | str]:
    """How many words ``text`` has. The parameter called ``ctx`` says who asks."""
    return {"words": len(text.split()), "asked_by": ctx.sandbox or "nobody"}


async def countdown(start: int) -> AsyncIterator[int]:
    """Numbers down to one, each when the guest asks for it."""
    for number in range(start, 0, -1):
        yield number
