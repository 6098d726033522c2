"""Keeps locked workers ready, and replaces zygotes before they grow old."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict, deque

from isolate_host.config.isolation import IsolationConfig
from isolate_host.errors import Disposed, IsolateHostError, WorkerCrashed
from isolate_host.host.canary import run_canary
from isolate_host.host.template import Template
from isolate_host.host.worker import Worker, WorkerLimits, spawn_worker
from isolate_host.host.zygote import ZygoteProcess

__all__ = ["WorkerPool"]

_LOG = logging.getLogger("isolate_host.pool")
#: Spares are kept for this many different sets of limits, the least recently used going first.
_PROFILES = 4
#: Before a spare is replaced, while there are others (seconds): an app's first answer takes half as long.
_BREATHER_S = 0.02

_Key = tuple[float | None, float | None, int | None]


class WorkerPool:
    """Workers of one template. The first :meth:`acquire` starts the zygote."""

    def __init__(self, template: Template, isolation: IsolationConfig, *, spares: int | None = None) -> None:
        self.template, self._isolation = template, isolation
        self._spares_wanted = isolation.zygote.spares if spares is None else spares
        self._zygote: ZygoteProcess | None = None
        #: When a worker was last asked for (the loop's seconds), and whether that was the first time in a while.
        self._asked, self._calm = 0.0, False
        self._retired: list[ZygoteProcess] = []
        self._starting: asyncio.Task[ZygoteProcess] | None = None
        self._refilling: dict[_Key, asyncio.Task[None]] = {}
        self._spares: OrderedDict[_Key, deque[Worker]] = OrderedDict()
        self._canary_timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        self._closed = False
        self.broken: IsolateHostError | None = None

    # ------------------------------------------------------------------ what users call
    async def start(self) -> None:
        """Start the zygote and let the canary try it. Raises :class:`IsolationUnavailable`."""
        await self._current()

    async def acquire(self, limits: WorkerLimits) -> Worker:
        """A locked worker that nobody used before. Raises ``IsolationUnavailable``, ``WorkerCrashed``, ``Disposed``."""
        if self._closed:
            raise Disposed("the host was closed")
        if self.broken is not None:
            raise self.broken
        now = asyncio.get_running_loop().time()
        self._calm, self._asked = now - self._asked > _BREATHER_S, now
        waiting = self._spares.get(limits.key)
        while waiting:
            worker = waiting.popleft()
            if not worker.ended.done():
                self._refill(limits)
                return worker
        worker = await self._spawn(limits)
        self._refill(limits)
        return worker

    def retire(self) -> None:
        """Make no more workers; the zygote goes when the last one that is in use has gone. :meth:`close` may follow."""
        self._closed = True
        if self._canary_timer is not None:
            self._canary_timer.cancel()
        for task in self._refilling.values():
            task.cancel()
        self._drop_spares()
        if self._zygote is not None:
            self._zygote.retire()

    async def close(self) -> None:
        """Kill the spares and stop every zygote; no process of this pool is left."""
        self._closed = True
        if self._canary_timer is not None:
            self._canary_timer.cancel()
        starting = {self._starting} if self._starting is not None else set()
        pending = [*self._tasks, *self._refilling.values(), *starting]
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        self._drop_spares()
        zygotes = [*self._retired, *([self._zygote] if self._zygote else [])]
        await asyncio.gather(*(zygote.stop() for zygote in zygotes))

    def layers(self) -> dict[str, str]:
        """The effective isolation layers; empty before the start."""
        return dict(self._zygote.layers) if self._zygote else {}

    def warnings(self) -> list[str]:
        """Layers that are off although the policy would have them."""
        return list(self._zygote.warnings) if self._zygote else []

    def spare_count(self) -> int:
        """Workers that wait to be used."""
        return sum(len(waiting) for waiting in self._spares.values())

    # ------------------------------------------------------------------ workers
    async def _spawn(self, limits: WorkerLimits, *, spare: bool = False) -> Worker:
        zygote = await self._current()
        try:
            worker = await spawn_worker(zygote, limits, spare=spare)
        except WorkerCrashed:
            if zygote.alive or self._closed:
                raise
            # The zygote died between two forks: once more, with a new one.
            worker = await spawn_worker(await self._current(), limits, spare=spare)
        self._rotate_if_old()
        return worker

    def _refill(self, limits: WorkerLimits) -> None:
        """Bring the spares for these limits back to the wanted number, in the background."""
        if self._spares_wanted <= 0 or self._closed:
            return
        waiting = self._spares.setdefault(limits.key, deque())
        self._spares.move_to_end(limits.key)
        while len(self._spares) > _PROFILES:
            _, forgotten = self._spares.popitem(last=False)
            _discard(forgotten)
        if limits.key not in self._refilling and len(waiting) < self._spares_wanted:
            self._refilling[limits.key] = asyncio.get_running_loop().create_task(self._fill(limits, waiting))

    async def _fill(self, limits: WorkerLimits, waiting: deque[Worker]) -> None:
        try:
            if waiting and self._calm:
                # One worker was taken, not many: there is no hurry, and whoever took it has the processor for its first steps.
                await asyncio.sleep(_BREATHER_S)
            await self._spawn_spares(limits, waiting)
        finally:
            # Here and not in a callback of the task: between its end and the callback, an acquire would take a spare
            # and believe that it is being replaced.
            self._refilling.pop(limits.key, None)

    async def _spawn_spares(self, limits: WorkerLimits, waiting: deque[Worker]) -> None:
        while len(waiting) < self._spares_wanted and not self._closed:
            try:
                worker = await self._spawn(limits, spare=True)
            except IsolateHostError as error:
                _LOG.warning("no spare worker: %s", error)
                return
            if self._spares.get(limits.key) is waiting and not self._closed:
                waiting.append(worker)
            else:
                worker.kill(Disposed("spare no longer needed"))
                return

    def _drop_spares(self) -> None:
        for waiting in self._spares.values():
            _discard(waiting)
        self._spares.clear()

    # ------------------------------------------------------------------ zygotes
    async def _current(self) -> ZygoteProcess:
        if self._zygote is not None and self._zygote.alive:
            return self._zygote
        if self._starting is None:
            self._starting = asyncio.get_running_loop().create_task(self._start_zygote())
            self._starting.add_done_callback(self._started)
        return await asyncio.shield(self._starting)

    async def _start_zygote(self) -> ZygoteProcess:
        zygote = ZygoteProcess(self.template, self._isolation)
        await zygote.start()
        try:
            if self._isolation.canary.at_start:
                await run_canary(zygote)
        except BaseException:
            await zygote.stop()
            raise
        return zygote

    def _started(self, task: asyncio.Task[ZygoteProcess]) -> None:
        self._starting = None
        if task.cancelled() or task.exception() is not None:
            return
        old, self._zygote = self._zygote, task.result()
        if old is not None and old.alive:
            self._retired.append(old)
            # Spares would keep the old zygote alive, and with it the address layout that rotation is to end.
            self._drop_spares()
            old.retire()
        self._retired = [zygote for zygote in self._retired if zygote.alive]
        self._schedule_canary()

    def _rotate_if_old(self) -> None:
        """Start a successor in the background; until it is ready the old one goes on serving."""
        zygote, limits = self._zygote, self._isolation.zygote
        if zygote is None or self._starting is not None or self._closed:
            return
        if zygote.forks >= limits.max_forks or zygote.age_s >= limits.max_age_s:
            self._starting = asyncio.get_running_loop().create_task(self._start_zygote())
            self._starting.add_done_callback(self._started)

    # ------------------------------------------------------------------ canary
    def _schedule_canary(self) -> None:
        every = self._isolation.canary.every_s
        if self._canary_timer is not None:
            self._canary_timer.cancel()
        if every is not None and not self._closed:
            self._canary_timer = asyncio.get_running_loop().call_later(every, self._send_canary)

    def _send_canary(self) -> None:
        task: asyncio.Task[object] = asyncio.get_running_loop().create_task(self._recheck())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _recheck(self) -> None:
        zygote = self._zygote
        if zygote is not None and zygote.alive:
            try:
                await run_canary(zygote)
            except WorkerCrashed:
                # It went away meanwhile; the next one is tried at its start.
                pass
            except IsolateHostError as error:
                _LOG.critical("the canary got out: %s", error)
                self.broken = error
                return
        self._schedule_canary()


def _discard(workers: deque[Worker]) -> None:
    for worker in workers:
        with contextlib.suppress(OSError):
            worker.kill(Disposed("spare no longer needed"))
    workers.clear()
