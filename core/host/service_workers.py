"""Locked workers that serve the host itself: the TypeScript compiler's, which transpiles and checks the texts of strangers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from isolate_host.config.isolation import IsolationConfig
from isolate_host.errors import IsolateHostError, WorkerCrashed
from isolate_host.host.pool import WorkerPool
from isolate_host.host.template import Template
from isolate_host.host.worker import Worker, WorkerLimits
from isolate_host.wire.endpoint import Endpoint
from isolate_host.wire.frames import Frame

__all__ = ["ServiceWorkers"]

_WORKERS = 3


class _Service:
    """One worker and the endpoint that speaks to it."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.endpoint = Endpoint(worker.send, on_violation=worker.kill)
        worker.attach(self)

    def frame_received(self, frame: Frame) -> None:
        if not frame.header["t"].startswith("w."):
            self.endpoint.receive(frame)

    def worker_ended(self, error: IsolateHostError) -> None:
        self.endpoint.close(error)


class ServiceWorkers:
    """A few warm workers, so that one slow text does not hold up everybody's. The first call starts their zygote."""

    def __init__(
        self, name: str, template: Callable[[], Template], isolation: IsolationConfig, limits: WorkerLimits, *, most: int = _WORKERS
    ) -> None:
        self._name, self._template, self._isolation, self._limits = name, template, isolation, limits
        self._pool: WorkerPool | None = None
        self._idle: list[_Service] = []
        self._slots = asyncio.Semaphore(most)

    async def call(self, op: str, request: Any, seconds: float) -> Any:
        """The answer of a worker, which is to be checked: it has read hostile text.

        Raises ``TimeoutError`` after ``seconds`` (the worker is gone then) and what else ends a worker.
        """
        async with self._slots:
            service = await self._take()
            try:
                reply = await asyncio.wait_for(service.endpoint.call("compiler", op, request), seconds)
            except BaseException:
                # It may be busy with what nobody waits for, or in a state that nobody knows.
                service.worker.kill(WorkerCrashed(f"the {self._name} failed, was too slow, or is no longer needed"))
                raise
            else:
                self._idle.append(service)
                return reply

    async def _take(self) -> _Service:
        """A worker that nobody uses: a warm one, or a new one."""
        while self._idle:
            service = self._idle.pop()
            if not service.worker.ended.done():
                return service
        if self._pool is None:
            # No spares: a worker that has served stays and is used again.
            self._pool = WorkerPool(self._template(), self._isolation, spares=0)
        service = _Service(await self._pool.acquire(self._limits))
        await service.endpoint.request({"t": "init"}, body=b'{"caps":{"compiler":{"options":{}}},"absent":{},"cwd":"/"}')
        return service

    async def close(self) -> None:
        """Stop the workers and their zygote; nobody may be waiting for an answer any more."""
        for service in self._idle:
            service.worker.kill(WorkerCrashed(f"the {self._name} was stopped"))
        if self._pool is not None:
            await self._pool.close()
