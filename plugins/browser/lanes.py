"""The client's end of browsers that guests pass on to their children: each child has a session beside its parent's, in its parent's limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from isolate_host.client.answering import AnswererRequest, GuestPort
from isolate_host.errors import LimitExceeded
from isolate_host.plugins.browser.handler import BrowserOperation
from isolate_host.wire.context import HostCallContext

__all__ = ["ClientLanes"]

#: Of one runtime. Its guest code, which says when a child is gone, may forget to.
_MAX_LANES: Final = 1000
Handler = Callable[[BrowserOperation], Awaitable[Any]]


@dataclass(slots=True)
class _Lane:
    """A child. ``last`` is its latest coming or going: each waits for the one before."""

    last: asyncio.Future[Any] | None = None
    attached: bool = False


class ClientLanes:
    """The children of one runtime, by the number that the broker gave each."""

    def __init__(self, handler: Handler, port: GuestPort, request: AnswererRequest) -> None:
        # The files of the parent are not lent with its browser; functions for files that came with the browser are.
        self._handler, self._port, self._request = handler, port, replace(request, files=None)
        self._lanes: dict[int, _Lane] = {}

    async def call(self, args: list[Any], ctx: HostCallContext) -> Any:
        """Answer what a child asks."""
        match args:
            case [int() as number, str() as op, list() as values] if op not in ("attach", "detach", "close", "note"):
                await asyncio.shield(self._attached(number))
                return await self._handler(BrowserOperation(op, values, self._name(number), ctx))
        raise LookupError("unknown operation")

    def note(self, args: list[Any]) -> None:
        """What a child says, or that it has gone. Nothing is known of one that never asked for anything."""
        match args:
            case [int() as number, "note" as op, list() as values] if number in self._lanes:
                self._then(self._lanes[number], BrowserOperation(op, values, self._name(number)))
            case [int() as number, "detach" | "close" as op, _] if number in self._lanes:
                self._leave(number, op)

    def close(self) -> list[asyncio.Future[Any]]:
        """The parent has gone, and its children with it."""
        return [self._leave(number, "close") for number in list(self._lanes)]

    def _leave(self, number: int, op: str) -> asyncio.Future[Any]:
        lane = self._lanes[number]
        lane.attached = False
        if op == "close":
            del self._lanes[number]
        return self._then(lane, BrowserOperation(op, [], self._name(number)))

    def _name(self, number: int) -> str:
        return f"{self._request.runtime_id}/{number}"

    def _attached(self, number: int) -> asyncio.Future[Any]:
        lane = self._lanes.get(number)
        if lane is None:
            if len(self._lanes) >= _MAX_LANES:
                raise LimitExceeded(f"{_MAX_LANES} children have the browser", kind="browser_children", hint="dispose of some")
            lane = self._lanes[number] = _Lane()
        if lane.attached and lane.last is not None:
            return lane.last
        lane.attached = True
        port, parent = _LanePort(self._port, number), self._request.runtime_id
        return self._then(lane, BrowserOperation("attach", [], self._name(number), port=port, request=self._request, parent_id=parent))

    def _then(self, lane: _Lane, operation: BrowserOperation) -> asyncio.Future[Any]:
        former = lane.last
        task = asyncio.ensure_future(self._after(former, operation))
        task.add_done_callback(_ignore)
        if operation.op != "note":
            lane.last = task
        return task

    async def _after(self, former: asyncio.Future[Any] | None, operation: BrowserOperation) -> None:
        if former is not None and not former.done():
            await asyncio.wait([former])
        await self._handler(operation)


class _LanePort:
    """The way to the child's guest script, through its parent's."""

    def __init__(self, port: GuestPort, lane: int) -> None:
        self._port, self._lane = port, lane

    async def call(self, op: str, *args: Any) -> Any:
        return await self._port.call("laneCall", self._lane, op, list(args))

    def note(self, op: str, *args: Any) -> None:
        self._port.note("laneNote", self._lane, op, list(args))


def _ignore(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()
