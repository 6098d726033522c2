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
#: A guest that stepped back and used less than this in a window has come to rest.
_RESTING_S = 0.001
#: Windows without anybody to make room for, after which those who stepped back come forward again.
_CALM_WINDOWS = 10
#: How far: a tenth of the weight of the others (each step of nice(2) is a fifth). Further, and a busy neighbour could starve it.
_STEPS_BACK = 10


class _Guest:
    """What was seen of one worker."""

    __slots__ = ("back", "clock", "heard", "pid", "used")

    def __init__(self, worker: Worker, pid: int, usual: int) -> None:
        self.pid = pid
        # A process's own processor-time clock as clock_gettime(2) numbers it; reading it costs a system call and no file.
        self.clock = (~pid << 3) | 2
        self.used, self.heard = time.clock_gettime(self.clock), worker.heard
        # A branch is born with the priority of the worker that it was forked from.
        self.back = os.getpriority(os.PRIO_PROCESS, pid) > usual

    def window(self, worker: Worker) -> tuple[float, int]:
        """Processor seconds used and messages heard since the last call. Raises ``OSError`` when the process is gone."""
        used, heard = time.clock_gettime(self.clock), worker.heard
        spent, said = used - self.used, heard - self.heard
        self.used, self.heard = used, heard
        return spent, said


class Priorities:
    """Of a broker's guests. ``permitted``: whether a priority that was lowered can be raised again (asked once, when it first matters)."""

    def __init__(self, permitted: bool | None = None) -> None:
        self._usual = os.getpriority(os.PRIO_PROCESS, 0)
        self._permitted = permitted
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
        if self._clock is None and len(self._guests) > 1 and self._permitted is not False:
            self._clock = asyncio.get_running_loop().call_later(_WINDOW_S, self._look)

    def close(self) -> None:
        """Stop looking."""
        self._permitted = False
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
            if slow and spent > _COMPUTING_S:
                computing.append((worker, guest))
            elif guest.back and (spent < _RESTING_S or not slow):
                self._place(worker, guest, back=False)
        self._calm = 0 if answering else self._calm + 1
        if answering:
            for worker, guest in computing:
                if not guest.back and self._may():
                    self._place(worker, guest, back=True)
        self._go_on(silent=silent)

    def _known(self, worker: Worker) -> _Guest | None:
        guest = self._guests.get(worker)
        if guest is None:
            pid = worker.pid_or_none()
            with contextlib.suppress(OSError):
                self._guests[worker] = guest = None if pid is None else _Guest(worker, pid, self._usual)
        return guest

    def _go_on(self, *, silent: bool) -> None:
        back = [(worker, guest) for worker, guest in self._guests.items() if guest is not None and guest.back]
        if self._calm >= _CALM_WINDOWS:
            for worker, guest in back:
                self._place(worker, guest, back=False)
            back = []
        if self._permitted is not False and (back or not silent):
            self._clock = asyncio.get_running_loop().call_later(_WINDOW_S, self._look)

    def _place(self, worker: Worker, guest: _Guest, *, back: bool) -> None:
        # Asked again at the last moment: the number of a process that is gone may soon be somebody else's.
        if worker.pid_or_none() != guest.pid:
            return
        with contextlib.suppress(OSError):
            # The main thread's, which is the one that runs JavaScript. The watchdog stays as prompt as it was.
            os.setpriority(os.PRIO_PROCESS, guest.pid, min(19, self._usual + (_STEPS_BACK if back else 0)))
            guest.back = back

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
