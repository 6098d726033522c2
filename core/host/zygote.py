"""The broker's end of a zygote: starts it, asks for forks, hears of deaths."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from isolate_host.config.isolation import IsolationConfig
from isolate_host.errors import IsolationUnavailable, WorkerCrashed
from isolate_host.host.forkgate import ForkGate
from isolate_host.host.layers import judge_layers
from isolate_host.host.template import Template
from isolate_host.worker import control

__all__ = ["Forked", "ZygoteProcess"]

_LOG = logging.getLogger("isolate_host.zygote")
_START_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 5.0
#: All that a zygote sees of the environment. Secrets in ours must not be where workers are forked from.
_ENVIRONMENT = {"PATH": "/nonexistent", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

#: A worker's pid inside of the namespace, and a pidfd.
Forked = tuple[int, int]


class ZygoteProcess:
    """One zygote. It lives until it is retired *and* its last worker has gone, because its death kills them."""

    def __init__(self, template: Template, isolation: IsolationConfig) -> None:
        self.template, self._isolation = template, isolation
        self.layers: dict[str, str] = {}
        self.warnings: list[str] = []
        self.forks = 0
        self.started_at = time.monotonic()
        self.alive = False
        #: True when the process went away by itself.
        self.lost = False
        self._retired = False
        self._next_id = 0
        self._waiting: dict[int, asyncio.Future[Forked]] = {}
        self._deaths: dict[int, Callable[[control.Exited | None], None]] = {}
        self._unclaimed: dict[int, control.Exited] = {}
        #: Through which its workers may fork; ``None``: they may not.
        self.gate: ForkGate | None = None

    # ------------------------------------------------------------------ life
    async def start(self) -> None:
        """Execute the zygote and wait until it is locked. Raises :class:`IsolationUnavailable`."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        plan = self.template.plan(self._isolation)
        try:
            self._process = await self._launch(theirs.fileno(), plan)
        except BaseException:
            ours.close()
            raise
        finally:
            os.close(plan)
            theirs.close()
        self._control = ours
        self._loop = asyncio.get_running_loop()
        self._hello: asyncio.Future[dict[str, str]] = self._loop.create_future()
        self._loop.add_reader(ours.fileno(), self._on_readable)
        try:
            self.layers = await asyncio.wait_for(self._hello, _START_TIMEOUT_S)
            self.warnings = judge_layers(self.layers, self._isolation)
        except TimeoutError:
            await self.stop()
            raise IsolationUnavailable(f"the zygote did not start within {_START_TIMEOUT_S:g} s", layers={}) from None
        except (IsolationUnavailable, asyncio.CancelledError):
            await self.stop()
            raise
        self.alive = True

    async def _launch(self, control_fd: int, plan_fd: int) -> subprocess.Popen[bytes]:
        launching = asyncio.ensure_future(asyncio.to_thread(self._execute, control_fd, plan_fd))
        try:
            return await asyncio.shield(launching)
        except asyncio.CancelledError:
            # A thread goes on. Descriptors that were closed meanwhile, and perhaps given out anew, would go to the zygote.
            await asyncio.wait({launching})
            process = launching.result()
            process.kill()
            await asyncio.to_thread(process.wait)
            raise

    def _execute(self, control_fd: int, plan_fd: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", "-m", "isolate_host.worker.zygote", str(control_fd), str(plan_fd)]
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module, an empty environment
            command, env=_ENVIRONMENT, pass_fds=(control_fd, plan_fd), stdin=subprocess.DEVNULL, cwd="/",
            process_group=0,  # Ctrl-C at a terminal is the broker's to answer
        )

    async def stop(self) -> None:
        """Close the control socket: the zygote leaves and takes its workers along. Returns when it is reaped."""
        self.alive = False
        if self._control.fileno() >= 0:
            self._loop.remove_reader(self._control.fileno())
            self._control.close()
        if self.gate is not None:
            self.gate.close()
        self._fail_waiting(WorkerCrashed("the zygote was stopped"))
        try:
            await asyncio.to_thread(self._process.wait, _STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
        self._report_all_dead()
        # One turn of the loop, in which the transports of those workers close.
        await asyncio.sleep(0)

    def _report_all_dead(self) -> None:
        """The zygote took its workers along, and nobody is left to reap and report them."""
        deaths, self._deaths = self._deaths, {}
        for report in deaths.values():
            report(None)

    @property
    def age_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started_at

    def retire(self) -> None:
        """Fork no more; stop when the last worker has gone."""
        self._retired = True
        self._stop_if_done()

    def _stop_if_done(self) -> None:
        if self._retired and not self._deaths and not self._waiting and self._control.fileno() >= 0:
            self._stopping = self._loop.create_task(self.stop())

    # ------------------------------------------------------------------ forks
    async def fork(
        self, *, memory: int | None, cpu_seconds: int | None, descriptors: list[int], spare: bool = False, attempt: str | None = None
    ) -> Forked:
        """Fork a worker that owns ``descriptors`` (channel, orders, last words); its pid inside and a pidfd."""
        self._next_id += 1
        request = self._next_id
        future: asyncio.Future[Forked] = self._loop.create_future()
        self._waiting[request] = future
        self.forks += 1
        order = control.ForkOrder(request, memory or 0, cpu_seconds or 0, spare, attempt or "")
        try:
            await self._send(order.pack(), descriptors)
        except OSError as error:
            self._waiting.pop(request, None)
            raise WorkerCrashed(f"the zygote is gone: {error}") from None
        try:
            return await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                # Forked in the very moment in which whoever asked gave up.
                self._disown(*future.result())
            raise

    def _disown(self, pid: int, pidfd: int) -> None:
        """Its channel is closed, so it leaves by itself; nobody will claim its exit report."""
        os.close(pidfd)
        self.on_death(pid, lambda _report: None)

    async def _send(self, message: bytes, descriptors: list[int]) -> None:
        while True:
            try:
                control.send(self._control, message, descriptors)
            except BlockingIOError:
                await self._writable()
            else:
                return

    async def _writable(self) -> None:
        """Wait until the control socket takes another message (a storm of forks fills its queue)."""
        ready = asyncio.Event()
        self._loop.add_writer(self._control.fileno(), ready.set)
        try:
            await ready.wait()
        finally:
            self._loop.remove_writer(self._control.fileno())

    def on_death(self, pid: int, report: Callable[[control.Exited | None], None]) -> None:
        """Call ``report`` once when the worker with this (inside) pid has been reaped; with ``None`` when it died with the zygote."""
        if pid in self._unclaimed:
            report(self._unclaimed.pop(pid))
        else:
            self._deaths[pid] = report

    # ------------------------------------------------------------------ reading
    def _on_readable(self) -> None:
        while self._control.fileno() >= 0:
            try:
                received = control.receive(self._control)
            except BlockingIOError:
                return
            if received is None:
                self._lost()
                return
            self._take(control.told(received[0]), received[1])

    def _take(self, message: control.Forked | control.Exited | dict[str, Any], descriptors: list[int]) -> None:
        if isinstance(message, control.Forked):
            future = self._waiting.pop(message.request, None)
            if future is None or future.cancelled():
                self._disown(message.pid, descriptors[0])
            else:
                future.set_result((message.pid, descriptors[0]))
        elif isinstance(message, control.Exited):
            report = self._deaths.pop(message.pid, None)
            if report is None:
                self._unclaimed[message.pid] = message
            else:
                report(message)
            self._stop_if_done()
        elif "hello" in message:
            if descriptors:
                self.gate = ForkGate(descriptors[0])
            self._hello.set_result(message["hello"])
        elif "failed" in message:
            self._hello.set_exception(IsolationUnavailable(f"the zygote cannot start: {message['failed']}", layers={}))

    def _lost(self) -> None:
        """The zygote died. Its workers die with it; each pending report is answered here."""
        self._loop.remove_reader(self._control.fileno())
        self._control.close()
        self.alive, self.lost = False, True
        error = WorkerCrashed("the zygote died")
        if not self._hello.done():
            self._hello.set_exception(IsolationUnavailable("the zygote died while it started", layers={}))
        self._fail_waiting(error)
        self._report_all_dead()
        self._stopping = self._loop.create_task(self.stop())
        _LOG.log(logging.DEBUG if self._retired else logging.ERROR, "zygote %s is gone", self.template.name)

    def _fail_waiting(self, error: Exception) -> None:
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(error)
