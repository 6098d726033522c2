"""Plain functions off the event loop."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

__all__ = ["in_threads", "run_in_thread"]


async def run_in_thread(function: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """Run ``function`` in a thread of its own.

    Not a pool: a function that never returns would take a place in it for good and keep the interpreter from ending.
    How many run at the same time is bounded by ``limits.ops_in_flight``.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    context = contextvars.copy_context()

    def deliver(result: Any, error: BaseException | None) -> None:
        if future.done():  # nobody waits any more
            return
        if error is None:
            future.set_result(result)
        elif isinstance(error, StopIteration):  # a future refuses it
            future.set_exception(RuntimeError("the function raised StopIteration"))
        else:
            future.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            result = context.run(function, *args, **named)
        except BaseException as caught:  # noqa: BLE001 -- it belongs to the caller, as it would without a thread
            error = caught
        if not loop.is_closed():
            loop.call_soon_threadsafe(deliver, result, error)

    threading.Thread(target=run, name=f"tool-{getattr(function, '__name__', 'call')}", daemon=True).start()
    return await future


async def in_threads(steps: Generator[Any, Any, Any]) -> AsyncGenerator[Any, Any]:
    """A plain generator as an async one: each step runs in a thread."""
    end = object()
    try:
        while (item := await run_in_thread(next, steps, end)) is not end:
            yield item
    finally:
        await run_in_thread(steps.close)
