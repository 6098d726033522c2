"""Watches the time that a guest runs without an evaluation: timers, callbacks, event listeners.

The worker says when it goes idle and when its next timer is due. Busy longer than ``timeout_s`` is the same offence as in an
evaluation. One timer handle a runtime, moved only when it fires: a turn costs two assignments.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from isolate_host.errors import ExecutionTimeout

__all__ = ["Supervisor"]


class Supervisor:
    """``expire`` is called at most once. ``excused`` says whether an evaluation, which has its own limit, explains the business."""

    def __init__(self, timeout_s: float | None, excused: Callable[[], bool], expire: Callable[[ExecutionTimeout], None]) -> None:
        self._timeout, self._excused, self._expire = timeout_s, excused, expire
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        #: Loop time at which the guest began, or will begin, to run; ``None`` = it waits for us.
        self._busy_since: float | None = None
        self.sent = 0

    @property
    def busy(self) -> bool:
        """Whether the guest runs, as far as is known."""
        return self._busy_since is not None and self._busy_since <= self._loop.time()

    def frame_sent(self) -> None:
        """The guest got something to do."""
        self.sent += 1
        if self._busy_since is None or self._busy_since > self._loop.time():
            self._begin(self._loop.time())

    def idle(self, seen: int, wake_ms: float | None) -> bool:
        """The worker waits, having seen ``seen`` frames; true when none of ours is still on its way."""
        if seen != self.sent:
            return False
        if wake_ms is None:
            self._busy_since = None
        else:
            self._begin(self._loop.time() + wake_ms / 1000)
        return True

    def _begin(self, when: float) -> None:
        self._busy_since = when
        if self._timeout is not None and self._handle is None:
            self._handle = self._loop.call_at(when + self._timeout, self._check)

    def _check(self) -> None:
        self._handle = None
        if self._busy_since is None or self._timeout is None:
            return
        if self._excused():
            # From the end of the evaluation on, the guest has its full time again.
            self._handle = self._loop.call_later(self._timeout, self._check)
            return
        due = self._busy_since + self._timeout
        if self._loop.time() < due:
            self._handle = self._loop.call_at(due, self._check)
            return
        self._expire(
            ExecutionTimeout(
                f"guest code ran longer than {self._timeout:g} s outside an evaluation (a timer or a callback)", timeout_s=self._timeout,
                hint="raise limits.timeout_s, or do less in one turn",
            )
        )

    def close(self) -> None:
        """Stop watching."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._timeout = None
