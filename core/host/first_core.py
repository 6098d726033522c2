"""The first core for those who answer, while guests that compute fill all the others.

A kernel that looks for room puts a task that wakes beside one of the lowest priority, as if that core were free; there the task may wait
for the next tick, milliseconds for an answer of microseconds. Whoever keeps to a core of its own never waits there.
See docs/adr/0019-priorities.md.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Demand", "FirstCore"]

#: Frames of a guest that are read at once: from so many on nobody waits for the single one, and throughput counts. It needs every core.
_FEW, _MANY = 4, 8
#: Processor seconds a second of the guests that answer: from so many on, the broker's share of one core would be too small.
_LITTLE, _MUCH = 0.5, 0.7
#: What starts a process that inherits the cores of the thread it is started from.
_STARTS = frozenset({"subprocess.Popen", "os.posix_spawn", "os.fork", "os.forkpty"})


class Demand(NamedTuple):
    """Of the guests that answer, in one window: ``cores`` that they used, ``frames`` that they sent, ``reads`` that it took."""

    cores: float
    frames: int
    reads: int


class FirstCore:
    """Of a broker that has its process to itself; made in the thread of its event loop.

    ``cores``: all that the broker may use. ``first``: those that are left to it and to guests that answer.
    """

    def __init__(self, cores: set[int], first: set[int]) -> None:
        self._cores, self._first = cores, first
        self._loop_thread = threading.get_native_id()
        #: Whether the broker keeps to it now.
        self.kept = False
        sys.addaudithook(self._before_a_start)

    def decide(self, *, crowded: bool, demand: Demand) -> bool:
        """Whether who answers keeps to the first core until the next window. ``crowded``: the others are full of guests that compute."""
        frames, used = (_MANY, _MUCH) if self.kept else (_FEW, _LITTLE)
        if crowded and demand.frames <= frames * demand.reads and demand.cores <= used:
            # Each time: starting a process undoes it. The core may have been taken from us meanwhile; then nobody keeps to it.
            with contextlib.suppress(OSError):
                os.sched_setaffinity(self._loop_thread, self._first)
                self.kept = True
                return True
        self.leave()
        return False

    def leave(self) -> None:
        """All cores for every thread of this process: those that were started meanwhile were born with the first one."""
        if self.kept:
            self.kept = False
            for thread in Path("/proc/self/task").iterdir():
                with contextlib.suppress(OSError):
                    os.sched_setaffinity(int(thread.name), self._cores)

    def _before_a_start(self, event: str, _: tuple[Any, ...]) -> None:
        # An audit hook, because plugins and their libraries start processes too: a browser would keep to one core for its life.
        if self.kept and event in _STARTS:
            # What is raised here would keep the process from being started.
            with contextlib.suppress(OSError):
                os.sched_setaffinity(0, self._cores)
