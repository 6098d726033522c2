"""Blocking work on a few threads of its own: the event loop that serves all runtimes never waits for a disk."""

from __future__ import annotations

import asyncio
import contextvars
import errno
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from isolate_host.errors import LimitExceeded
from isolate_host.files.failures import failure

__all__ = ["WorkPool"]

T = TypeVar("T")


class WorkPool:
    """Threads of one runtime; they start when they are needed. More than ``pending`` jobs at a time are refused."""

    def __init__(self, threads: int, pending: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="files")
        self._limit = pending
        self._pending = 0
        self._lock = threading.Lock()
        self._closed = False

    async def run(self, work: Callable[[], T], *, undo: Callable[[T], object] | None = None) -> T:
        """Do ``work`` on a thread. ``undo`` takes the result when nobody waits for it any more. Raises ``LimitExceeded``."""
        if self._closed:
            raise failure(errno.EBADF)
        if self._pending >= self._limit:
            message = f"more than {self._limit} file operations wait at the same time"
            raise LimitExceeded(message, kind="files_pending", hint="await some of them first")
        with self._lock:
            self._pending += 1
        job = self._threads.submit(contextvars.copy_context().run, work)
        job.add_done_callback(self._done)
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            if undo is not None:
                job.add_done_callback(lambda done: _undo(done, undo))
            raise

    def _done(self, _job: Future[Any]) -> None:
        with self._lock:
            self._pending -= 1

    async def aclose(self) -> None:
        """Wait for what runs; what waits will not run."""
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(None, lambda: self._threads.shutdown(cancel_futures=True))


def _undo(job: Future[Any], undo: Callable[[Any], object]) -> None:
    if not job.cancelled() and job.exception() is None:
        undo(job.result())
