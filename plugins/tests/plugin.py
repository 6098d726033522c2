"""Host side of the tests of one runtime: passes on what happens, and ends the worker when test code never gives control back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from isolate_host.errors import IsolateHostError, LimitExceeded
from isolate_host.plugin import Capability, CapabilityRequest, GuestCall

__all__ = ["Tests"]

_DEFAULT_MAX_TESTS = 10_000
#: A test that only awaits ends itself when its time is over; who has not said so this much later is stuck (seconds).
_GRACE_S = 1.0
#: An honest framework sends a few hundred KiB at a time; more would keep the broker from its other guests.
_MAX_NOTE = 2 << 20
#: Pieces of test code that may run at the same time.
_MAX_STAGES = 1000


class Tests(Capability):
    """Forwards ``collected`` and ``progress`` to whoever runs the tests. Their content is the guest's word and decides nothing here but when to stop it."""

    #: Not a class of tests, whatever pytest thinks of the name.
    __test__ = False

    def __init__(self, request: CapabilityRequest) -> None:
        self._guest = request.guest
        self._key = request.key
        self._max_tests: int = request.policy.get("max_tests", _DEFAULT_MAX_TESTS)
        self._longest: float | None = request.policy.get("timeout_s")
        self._collected = 0
        self._stages: dict[str, asyncio.TimerHandle] = {}
        self.guest_options = {
            "maxTests": self._max_tests,
            "snapshotHint": "give snapshots= to run(), or use isolate-host test, which keeps them beside the test file",
        }

    def note(self, call: GuestCall) -> None:
        """``collected`` (run, nodes) and ``progress`` (run, events). What is malformed is dropped: nobody waits for it."""
        if call.op not in ("collected", "progress"):
            return
        if call.size > _MAX_NOTE:
            self._guest.kill(LimitExceeded(f"a report of more than {_MAX_NOTE >> 20} MiB about tests", kind="payload"))
            return
        try:
            arguments = call.peek()
        except IsolateHostError:
            return
        if len(arguments) != 2 or not isinstance(arguments[1], list):
            return
        if call.op == "collected":
            self._count(arguments[1])
        else:
            for event in arguments[1]:
                if isinstance(event, list) and event:
                    self._follow(event)
        call.forward_note()

    def _count(self, nodes: list[Any]) -> None:
        self._collected += len(nodes)
        # Suites count too: whoever keeps the list has to bound it.
        if self._collected > 2 * self._max_tests:
            message = f"the guest registered more than {self._max_tests} tests"
            self._guest.kill(LimitExceeded(message, kind="tests", hint=f"raise {self._key}.max_tests"))

    def _follow(self, event: Sequence[Any]) -> None:
        kind, key = event[0], _key(event[1]) if len(event) > 1 else ""
        if kind == "runStart":
            self._collected = 0
        elif kind in ("rest", "testEnd"):
            self._disarm(key)
        elif kind == "stage" and len(event) >= 4:
            self._disarm(key)
            self._arm(key, event[2][:300] if isinstance(event[2], str) else "a test", event[3])

    def _arm(self, key: str, what: str, asked: Any) -> None:
        seconds = asked if isinstance(asked, (int, float)) and not isinstance(asked, bool) and 0 < asked < 1e9 else None
        limits = [value for value in (seconds, self._longest) if value is not None]
        if not limits:
            return
        if len(self._stages) >= _MAX_STAGES:
            self._guest.kill(LimitExceeded(f"more than {_MAX_STAGES} tests run at the same time", kind="tests"))
            return
        limit = min(limits)
        self._stages[key] = asyncio.get_running_loop().call_later(limit + _GRACE_S, self._stuck, what, limit)

    def _disarm(self, key: str) -> None:
        timer = self._stages.pop(key, None)
        if timer is not None:
            timer.cancel()

    def _stuck(self, what: str, seconds: float) -> None:
        message = f"{what} ran longer than {seconds:g} s and never gave control back"
        hint = "look for a loop that does not end, or raise the timeout of the test"
        self._guest.kill(LimitExceeded(message, kind="test_time", hint=hint))

    async def aclose(self) -> None:
        """Stop watching."""
        for key in list(self._stages):
            self._disarm(key)


def _key(value: Any) -> str:
    """A test's number, which ends tell as a number and stages as text."""
    if isinstance(value, str):
        return value[:40]
    return str(value) if type(value) is int and 0 <= value < 1 << 53 else ""
