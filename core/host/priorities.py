"""Guests that compute for long step back while others answer: the scheduler alone lets each of them have its whole slice first.

Nothing runs while no worker says anything. A worker's frames start a clock of ten looks a second; a second without frames of those who
answer quickly ends it, and everyone has the usual priority again. See docs/adr/0019-priorities.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from isolate_host.host.worker import Worker

__all__ = ["Priorities", "may_raise_priorities"]

_LOG = logging.getLogger("isolate_host.broker")
#: Seconds from one look to the next.
_WINDOW_S = 0.1
#: Processor time that a guest uses in a window before it counts as computing: a third, since on a full machine it gets no more.
_COMPUTING_S = 0.03
#: Processor time between two of its messages, from which on a guest counts as computing and not as answering.
_PACE_S = 0.005
#: A guest that stepped back and used less than this in a window rests.
_RESTING_S = 0.001
#: Windows of rest, or of quick answers, after which it comes forward: one that computes for each request pauses between two.
_REST_WINDOWS = 5
#: Windows without anybody to make room for, after which those who stepped back come forward again.
_CALM_WINDOWS = 10
#: The nice(2) value of who steps back. One that gets nothing at all counts as resting, and so comes forward for a window.
_BACK = 19


class _Guest:
    """What was seen of one worker."""

    __slots__ = ("back", "clock", "heard", "pid", "rested", "used")

    def __init__(self, worker: Worker, pid: int, usual: int, cores: set[int]) -> None:
        self.pid = pid
        # A process's own processor-time clock as clock_gettime(2) numbers it; reading it costs a system call and no file.
        self.clock = (~pid << 3) | 2
        self.used, self.heard = time.clock_gettime(self.clock), worker.heard
        self.rested = 0
        # A branch is born with the priority and the cores of the worker that it was forked from.
        self.back = os.getpriority(os.PRIO_PROCESS, pid) > usual or os.sched_getaffinity(pid) != cores

    def window(self, worker: Worker) -> tuple[float, int]:
        """Processor seconds used and messages heard since the last call. Raises ``OSError`` when the process is gone."""
        used, heard = time.clock_gettime(self.clock), worker.heard
        spent, said = used - self.used, heard - self.heard
        self.used, self.heard = used, heard
        return spent, said


class Priorities:
    """Of a broker's guests. Who steps back has the lowest priority, where it can be raised again, and leaves one core to the others."""

    def __init__(self) -> None:
        self._usual, self._cores = os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0)
        #: Without the first one, on which a kernel that packs its tasks puts them all.
        self._back_cores = self._cores - {min(self._cores)} or self._cores
        #: Whether a priority that was lowered can be raised again; asked once, when it first matters.
        self._permitted: bool | None = None
        self._closed = False
        self._guests: dict[Worker, _Guest | None] = {}
        self._clock: asyncio.TimerHandle | None = None
        self._calm = 0

    def watch(self, worker: Worker) -> None:
        """From now on until it ends."""
        self._guests[worker] = None
        worker.on_heard = self.stir
        worker.ended.add_done_callback(lambda _: self._guests.pop(worker, None))

    def stir(self) -> None:
        """A guest said something; there may be somebody to make room for."""
        # With one guest there is nobody who could be in another's way.
        if self._clock is None and len(self._guests) > 1 and not self._closed:
            self._clock = asyncio.get_running_loop().call_later(_WINDOW_S, self._look)

    def close(self) -> None:
        """Stop looking."""
        self._closed = True
        if self._clock is not None:
            self._clock.cancel()

    # ------------------------------------------------------------------ ten times a second, while somebody speaks
    def _look(self) -> None:
        self._clock = None
        computing, answering, silent = [], False, True
        for worker in list(self._guests):
            guest = self._known(worker)
            if guest is None:
                continue
            try:
                spent, said = guest.window(worker)
            except OSError:
                continue
            silent = silent and not said
            slow = spent > _PACE_S * max(said, 1)
            answering = answering or (said > 0 and not slow)
            guest.rested = guest.rested + 1 if spent < _RESTING_S or not slow else 0
            if slow and spent > _COMPUTING_S:
                computing.append((worker, guest))
            elif guest.back and guest.rested >= _REST_WINDOWS:
                self._place(worker, guest, back=False)
        self._calm = 0 if answering else self._calm + 1
        if answering:
            for worker, guest in computing:
                if not guest.back:
                    self._place(worker, guest, back=True)
        self._go_on(silent=silent)

    def _known(self, worker: Worker) -> _Guest | None:
        guest = self._guests.get(worker)
        if guest is None:
            pid = worker.pid_or_none()
            with contextlib.suppress(OSError):
                self._guests[worker] = guest = None if pid is None else _Guest(worker, pid, self._usual, self._cores)
        return guest

    def _go_on(self, *, silent: bool) -> None:
        back = [(worker, guest) for worker, guest in self._guests.items() if guest is not None and guest.back]
        if self._calm >= _CALM_WINDOWS:
            for worker, guest in back:
                self._place(worker, guest, back=False)
            back = []
        if not self._closed and (back or not silent):
            self._clock = asyncio.get_running_loop().call_later(_WINDOW_S, self._look)

    def _place(self, worker: Worker, guest: _Guest, *, back: bool) -> None:
        # Asked again at the last moment: the number of a process that is gone may soon be somebody else's.
        if worker.pid_or_none() != guest.pid:
            return
        # Of the main thread, which is the one that runs JavaScript: the watchdog stays as prompt as it was.
        with contextlib.suppress(OSError):
            os.sched_setaffinity(guest.pid, self._back_cores if back else self._cores)
            guest.back = back
            if self._may():
                os.setpriority(os.PRIO_PROCESS, guest.pid, _BACK if back else self._usual)

    def _may(self) -> bool:
        if self._permitted is None:
            self._permitted = may_raise_priorities()
            if not self._permitted:
                _LOG.info("guests that compute for long keep their priority: this process may not raise it again (RLIMIT_NICE, CAP_SYS_NICE)")
        return self._permitted


def may_raise_priorities() -> bool:
    """Whether this process may give back a priority that it took. Tried out on a thread, which in Linux has a priority of its own."""
    answers: list[bool] = []

    def try_it() -> None:
        thread = threading.get_native_id()
        usual = os.getpriority(os.PRIO_PROCESS, thread)
        try:
            os.setpriority(os.PRIO_PROCESS, thread, usual + 1)
            os.setpriority(os.PRIO_PROCESS, thread, usual)
            # At the lowest priority of all there is no step back, and nothing was tried.
            answers.append(usual < 19)
        except OSError:
            answers.append(False)

    thread = threading.Thread(target=try_it, name="isolate-host-priority")
    thread.start()
    thread.join()
    return answers == [True]
