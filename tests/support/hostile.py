"""Starts workers that an attacker controls (see ``hostile_zygote.py``)."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from isolate_host.config import IsolationConfig
from isolate_host.errors import IsolateHostError
from isolate_host.guest import read_bundle
from isolate_host.host.template import Template
from isolate_host.host.worker import Worker, WorkerLimits, spawn_worker
from isolate_host.host.zygote import ZygoteProcess
from isolate_host.wire.frames import Frame

__all__ = ["Attacker", "HostileZygote"]

_SCRIPT = Path(__file__).with_name("hostile_zygote.py")
_LIMITS = WorkerLimits(64, 20, 8 << 20)


class HostileZygote(ZygoteProcess):
    """A zygote of the product, its workers' loop replaced. ``user`` runs it as that uid, ``container`` where
    no namespace can be had.
    """

    def __init__(self, isolation: IsolationConfig | None = None, *, user: int | None = None, container: bool = False) -> None:
        super().__init__(Template("hostile", (("kernel", read_bundle()),), forkable=True), isolation or IsolationConfig())
        self._user, self._container = user, container

    def _execute(self, control_fd: int, plan_fd: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", str(_SCRIPT), str(control_fd), str(plan_fd)]
        environment = {"PATH": "/nonexistent", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        command += ["-" if self._user is None else str(self._user), "container" if self._container else "host"]
        return subprocess.Popen(command, env=environment, pass_fds=(control_fd, plan_fd), stdin=subprocess.DEVNULL, cwd="/")

    async def attacker(self) -> Attacker:
        """A fresh compromised worker."""
        return Attacker(await spawn_worker(self, _LIMITS))


class Attacker:
    """One compromised worker: :meth:`run` gives what the code assigned to ``result`` (as ``repr``), or how the worker died."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.frames: asyncio.Queue[Frame] = asyncio.Queue()
        worker.attach(self)

    def frame_received(self, frame: Frame) -> None:
        self.frames.put_nowait(frame)

    def worker_ended(self, error: IsolateHostError) -> None:
        pass

    async def run(self, code: str, timeout_s: float = 10.0) -> str | IsolateHostError:
        self.worker.send(Frame({"t": "attack"}, code.encode()))
        answer = asyncio.ensure_future(self.frames.get())
        ended = asyncio.ensure_future(asyncio.shield(self.worker.ended))
        done, _ = await asyncio.wait({answer, ended}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        if answer in done:
            ended.cancel()
            return answer.result().body.decode()
        answer.cancel()
        return ended.result() if ended in done else "no answer"

    async def end(self) -> None:
        self.worker.kill(IsolateHostError("the test is over"))
        await self.worker.ended
