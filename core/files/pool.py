"""Blocking work on a few threads of its own: the event loop that serves all runtimes never waits for a disk."""

from __future__ import annotations

import asyncio
import contextvars
import errno
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final, TypeVar

from isolate_host.errors import LimitExceeded
from isolate_host.files.failures import failure

__all__ = ["WorkPool"]

T = TypeVar("T")
#: When what waits has waited this long (seconds), one more thread helps. Most work is done sooner, and threads that take turns with
#: the interpreter's lock cost more than they bring.
_PATIENCE: Final = 0.002


class _Job:
    __slots__ = ("context", "error", "future", "result", "undo", "work")

    def __init__(self, work: Callable[[], Any], future: asyncio.Future[Any], undo: Callable[[Any], object] | None) -> None:
        self.work, self.future, self.undo = work, future, undo
        self.context = contextvars.copy_context()
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.context.run(self.work)
        except BaseException as error:  # noqa: BLE001 -- it belongs to whoever waits
            self.error = error

    def settle(self) -> bool:
        """Tell whoever waits; false when nobody does."""
        if self.future.done():
            return False
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)
        return True


class WorkPool:
    """Threads of one runtime, which start when they are needed; with ``eager``, one for each job that would wait.

    More than ``pending`` jobs at a time are refused.
    """

    def __init__(self, threads: int, pending: int, *, eager: bool = False) -> None:
        self._most, self._limit, self._eager = threads, pending, eager
        self._lock = threading.Lock()
        self._wake = threading.Semaphore(0)
        self._jobs: deque[_Job] = deque()
        self._done: deque[_Job] = deque()
        self._threads: list[threading.Thread] = []
        self._busy = self._idle = self._pending = 0
        self._timer: asyncio.TimerHandle | None = None
        self._telling = self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self, work: Callable[[], T], *, undo: Callable[[T], object] | None = None) -> T:
        """Do ``work`` on a thread. ``undo`` takes the result when nobody waits for it any more. Raises ``LimitExceeded``."""
        if self._closed:
            raise failure(errno.EBADF)
        if self._pending >= self._limit:
            message = f"more than {self._limit} file operations wait at the same time"
            raise LimitExceeded(message, kind="files_pending", hint="await some of them first")
        loop = self._loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._pending += 1
        self._add(_Job(work, future, undo), loop)
        return await future

    def _add(self, job: _Job, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._jobs.append(job)
            if self._busy == 0 or (self._eager and self._busy < self._most):
                self._rouse()
                return
        if self._timer is None and self._busy < self._most:
            self._timer = loop.call_later(_PATIENCE, self._overdue)

    def _rouse(self) -> None:
        """One thread more works. The lock is held."""
        self._busy += 1
        if self._idle:
            self._idle -= 1
            self._wake.release()
            return
        thread = threading.Thread(target=self._work, name="files", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _overdue(self) -> None:
        self._timer = None
        with self._lock:
            if not self._jobs or self._busy >= self._most:
                return
            self._rouse()
        if self._loop is not None:
            self._timer = self._loop.call_later(_PATIENCE, self._overdue)

    # -- on the threads ----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._lock:
                job = self._jobs.popleft() if self._jobs else None
                if job is None:
                    self._busy -= 1
                    if self._closed:
                        return
                    self._idle += 1
            if job is None:
                self._wake.acquire()
                continue
            job.run()
            self._done.append(job)
            # Set back before the results are taken: whoever comes too late for these asks again.
            if not self._telling:
                self._telling = True
                self._tell()

    def _tell(self) -> None:
        try:
            assert self._loop is not None  # noqa: S101 -- there is a job, so run() was called
            self._loop.call_soon_threadsafe(self._deliver)
        except RuntimeError:
            # The loop is closed, and nobody waits any more.
            self._undo_all()

    def _undo_all(self) -> None:
        while self._done:
            job = self._done.popleft()
            if job.undo is not None and job.error is None:
                job.undo(job.result)

    def _deliver(self) -> None:
        self._telling = False
        while self._done:
            job = self._done.popleft()
            self._pending -= 1
            if not job.settle() and job.undo is not None and job.error is None:
                job.undo(job.result)

    async def aclose(self) -> None:
        """Wait for what runs; what waits will not run."""
        with self._lock:
            self._closed = True
            waiting, self._jobs = list(self._jobs), deque()
            # Those that sleep find that it is over.
            self._busy += self._idle
            for _ in range(self._idle):
                self._wake.release()
            self._idle = 0
        for job in waiting:
            job.future.cancel()
        if self._timer is not None:
            self._timer.cancel()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        self._deliver()
