"""Guests that compute for long step back while others answer: the scheduler alone lets each of them have its whole slice first.

Nothing runs while no worker says anything. A worker's frames start a clock of ten looks a second; a second without frames of those who
answer quickly ends it, and everyone has the usual priority and every core again. See docs/adr/0019-priorities.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
import os
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from isolate_host.host.first_core import Demand, FirstCore

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


class _Place(enum.Enum):
    """Where a guest runs: on all cores, on all but the first at the lowest priority, or on the first one."""

    USUAL = enum.auto()
    BACK = enum.auto()
    FIRST = enum.auto()


class _Window(NamedTuple):
    """Of one guest: processor seconds that it used, how often it said something, and in how many frames."""

    spent: float
    said: int
    frames: int

    @property
    def slow(self) -> bool:
        """Whether it used much for what it said."""
        return self.spent > _PACE_S * max(self.said, 1)

    @property
    def answers(self) -> bool:
        """Whether others should make room for it."""
        return self.said > 0 and not self.slow

    @property
    def computes(self) -> bool:
        """Whether it should make room for others."""
        return self.slow and self.spent > _COMPUTING_S


class _Guest:
    """What was seen of one worker."""

    __slots__ = ("clock", "frames", "heard", "pid", "place", "rested", "used")

    def __init__(self, worker: Worker, pid: int, place: _Place) -> None:
        self.pid, self.place = pid, place
        # A process's own processor-time clock as clock_gettime(2) numbers it; reading it costs a system call and no file.
        self.clock = (~pid << 3) | 2
        self.used, self.heard, self.frames = time.clock_gettime(self.clock), worker.heard, worker.frames
        self.rested = 0

    def window(self, worker: Worker) -> _Window:
        """What it did since the last call. Raises ``OSError`` when the process is gone."""
        used, heard, frames = time.clock_gettime(self.clock), worker.heard, worker.frames
        window = _Window(used - self.used, heard - self.heard, frames - self.frames)
        self.used, self.heard, self.frames = used, heard, frames
        self.rested = self.rested + 1 if window.spent < _RESTING_S or not window.slow else 0
        return window


class _Seen(NamedTuple):
    worker: Worker
    guest: _Guest
    window: _Window


class Priorities:
    """Of a broker's guests. Who steps back has the lowest priority, where it can be raised again, and leaves one core to the others.

    ``own_process``: nothing but the broker runs in this process, so that its own cores may be chosen too.
    """

    def __init__(self, *, own_process: bool = False) -> None:
        self._usual = os.getpriority(os.PRIO_PROCESS, 0)
        cores = os.sched_getaffinity(0)
        # A kernel that packs its tasks puts them all on this one.
        first = {min(cores)}
        self._cores = {_Place.USUAL: cores, _Place.BACK: cores - first or cores, _Place.FIRST: first}
        self._first_core = FirstCore(cores, first) if own_process and len(cores) > 1 else None
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
        if self._first_core is not None:
            self._first_core.leave()

    # ------------------------------------------------------------------ ten times a second, while somebody speaks
    def _look(self) -> None:
        self._clock = None
        seen = list(self._windows())
        answering = [one for one in seen if one.window.answers]
        self._calm = 0 if answering else self._calm + 1
        self._come_forward()
        if answering:
            for worker, guest, window in seen:
                if window.computes:
                    self._put(worker, guest, _Place.BACK)
        if self._first_core is not None:
            self._share(self._first_core, answering)
        if not self._closed and (self._at(_Place.BACK) or any(one.window.said for one in seen)):
            self._clock = asyncio.get_running_loop().call_later(_WINDOW_S, self._look)

    def _windows(self) -> Iterator[_Seen]:
        for worker in list(self._guests):
            guest = self._known(worker)
            if guest is not None:
                with contextlib.suppress(OSError):
                    yield _Seen(worker, guest, guest.window(worker))

    def _known(self, worker: Worker) -> _Guest | None:
        guest = self._guests.get(worker)
        if guest is None:
            pid = worker.pid_or_none()
            with contextlib.suppress(OSError):
                self._guests[worker] = guest = None if pid is None else _Guest(worker, pid, self._found(pid))
        return guest

    def _found(self, pid: int) -> _Place:
        """A branch is born with the priority and the cores of the worker that it was forked from."""
        if os.getpriority(os.PRIO_PROCESS, pid) > self._usual:
            return _Place.BACK
        cores = os.sched_getaffinity(pid)
        return next((place for place, its in self._cores.items() if its == cores), _Place.USUAL)

    def _come_forward(self) -> None:
        """Who has rested; and everybody, when there was nobody to make room for."""
        for worker, guest in self._at(_Place.BACK):
            if guest.rested >= _REST_WINDOWS or self._calm >= _CALM_WINDOWS:
                self._put(worker, guest, _Place.USUAL)

    def _share(self, first_core: FirstCore, answering: list[_Seen]) -> None:
        """Who answers keeps to the first core while others fill the rest, and as long as one is enough."""
        windows = [one.window for one in answering]
        spent, reads, frames = sum(one.spent for one in windows), sum(one.said for one in windows), sum(one.frames for one in windows)
        crowded = len(self._at(_Place.BACK)) >= len(self._cores[_Place.BACK])
        if first_core.decide(crowded=crowded, demand=Demand(spent / _WINDOW_S, frames, reads)):
            for worker, guest, _ in answering:
                if guest.place is _Place.USUAL:
                    self._put(worker, guest, _Place.FIRST)
        else:
            # Also a branch that was born there and is only known now.
            for worker, guest in self._at(_Place.FIRST):
                self._put(worker, guest, _Place.USUAL)

    def _at(self, place: _Place) -> list[tuple[Worker, _Guest]]:
        return [(worker, guest) for worker, guest in self._guests.items() if guest is not None and guest.place is place]

    def _put(self, worker: Worker, guest: _Guest, place: _Place) -> None:
        # Asked again at the last moment: the number of a process that is gone may soon be somebody else's.
        if guest.place is place or worker.pid_or_none() != guest.pid:
            return
        # Of the main thread, which is the one that runs JavaScript: the watchdog stays as prompt as it was.
        with contextlib.suppress(OSError):
            os.sched_setaffinity(guest.pid, self._cores[place])
            guest.place, before = place, guest.place
            if _Place.BACK in (before, place) and self._may():
                os.setpriority(os.PRIO_PROCESS, guest.pid, _BACK if place is _Place.BACK else self._usual)

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
