"""Watches the time that a guest runs without an evaluation: timers, callbacks, event listeners.

A worker reports when its next timer is due; for the rest the broker asks. So a turn costs one assignment here: only when
``timeout_s`` has passed since the last frame or timer does a ping find out whether the guest still runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from isolate_host.errors import ExecutionTimeout

__all__ = ["Supervisor"]


#: A worker that is idle answers a ping at once; this is for a machine under load (seconds).
_ANSWER_S = 0.5


class Supervisor:
    """``expire`` is called at most once. ``excused``: an evaluation, which has its own limit, explains that the guest is busy."""

    def __init__(
        self, timeout_s: float | None, excused: Callable[[], bool], ping: Callable[[], None], expire: Callable[[ExecutionTimeout], None]
    ) -> None:
        self._timeout, self._excused, self._ping, self._expire = timeout_s, excused, ping, expire
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        #: Loop time at which the guest began, or will begin, to run last.
        self._began = 0.0
        #: The number of the frame that asked and waits for its answer; 0 = none.
        self._asked = 0
        self._asking: list[asyncio.Future[float | None]] = []
        self._turning: list[tuple[int, asyncio.Future[None]]] = []
        self._sent = 0

    def frame_sent(self) -> None:
        """The guest got something to do."""
        self._sent += 1
        if self._timeout is not None:
            self._watch(self._loop.time())

    def idle(self, seen: int, wake_ms: float | None) -> bool:
        """The worker waits, having seen ``seen`` frames; true when none of ours is still on its way."""
        if self._asked and seen >= self._asked:
            self._asked = 0
            if seen == self._sent:
                self._cancel()
        turned = [future for number, future in self._turning if seen >= number]
        self._turning = [item for item in self._turning if seen < item[0]]
        for future in turned:
            if not future.done():
                future.set_result(None)
        if seen != self._sent:
            return False
        self._answer(wake_ms)
        if wake_ms is not None and self._timeout is not None:
            self._watch(self._loop.time() + wake_ms / 1000)
        return True

    async def outlook(self) -> float | None:
        """Milliseconds until the next timer of a guest that is idle now; ``None`` = it waits for us, or it has ended."""
        asked: asyncio.Future[float | None] = self._loop.create_future()
        self._asking.append(asked)
        self._ask()
        return await asked

    async def turned(self) -> None:
        """Wait until the guest has come to the end of a turn, however much waits for it by then."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._ask()
        self._turning.append((self._sent, future))
        await future

    def _ask(self) -> None:
        self._sent += 1
        self._ping()

    def _answer(self, wake_ms: float | None) -> None:
        asking, self._asking = self._asking, []
        for future in asking:
            if not future.done():
                future.set_result(wake_ms)

    def _watch(self, began: float) -> None:
        self._began = began
        if self._handle is None and self._timeout is not None:
            self._handle = self._loop.call_at(began + self._timeout, self._check)

    def _check(self) -> None:
        self._handle = None
        if self._timeout is None:
            return
        due = self._began + self._timeout
        if self._excused():
            # From the end of the evaluation on, the guest has its full time again.
            self._handle = self._loop.call_later(self._timeout, self._check)
        elif self._asked:
            self._expire(self._error(self._timeout))
        elif self._began > (now := self._loop.time()):
            # A timer that is due later.
            self._handle = self._loop.call_at(due, self._check)
        else:
            # Ask also while frames go on being sent: a guest that is kept busy must come to the end of a turn all the same. What it
            # got last may take its full time.
            self._ask()
            self._asked = self._sent
            self._handle = self._loop.call_at(max(due, now + _ANSWER_S), self._check)

    @staticmethod
    def _error(timeout_s: float) -> ExecutionTimeout:
        return ExecutionTimeout(
            f"guest code ran longer than {timeout_s:g} s outside an evaluation (a timer or a callback)", timeout_s=timeout_s,
            hint="raise limits.timeout_s, or do less in one turn",
        )

    def _cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def close(self) -> None:
        """Stop watching."""
        self._cancel()
        self._answer(None)
        turning, self._turning = self._turning, []
        for _, future in turning:
            if not future.done():
                future.set_result(None)
        self._timeout = None
