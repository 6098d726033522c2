"""What signals tell the daemon."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from isolate_host.daemon.notify import sd_notify
from isolate_host.errors import IsolateHostError

__all__ = ["Orders", "first_of"]

_logger = logging.getLogger("isolate_host.daemon")


class Orders:
    """Signal handlers for the time of a ``with`` block: SIGTERM and SIGINT set :attr:`stop`, once more :attr:`now`; SIGHUP calls ``reload``."""

    def __init__(self, reload: Callable[[], Awaitable[None]] | None) -> None:
        self._reload = reload
        self._reloads: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        #: End in order.
        self.stop = asyncio.Event()
        #: End at once.
        self.now = asyncio.Event()

    def __enter__(self) -> Self:
        self._loop.add_signal_handler(signal.SIGTERM, self._end)
        self._loop.add_signal_handler(signal.SIGINT, self._end)
        self._loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self._loop.remove_signal_handler(number)

    def _end(self) -> None:
        (self.now if self.stop.is_set() else self.stop).set()

    def _hang_up(self) -> None:
        task = self._loop.create_task(self._do_reload())
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)

    async def _do_reload(self) -> None:
        """Reload, and go on with the old configuration when that fails."""
        if self._reload is None:
            _logger.info("SIGHUP: nothing to reload")
            return
        sd_notify("RELOADING=1")
        try:
            await self._reload()
        except IsolateHostError as error:
            _logger.error("reload failed, the old configuration stays: %s", error)  # noqa: TRY400 (findings, not a traceback)
        finally:
            sd_notify("READY=1")


async def first_of(*waits: Awaitable[object]) -> None:
    """Wait for the first to finish and cancel the others. Raises what the first raised."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
