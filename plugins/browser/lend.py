"""A bound browser that guest code passes on: what its child asks goes to the caller in the child's own lane, and comes back in it.

All of it passes through the parent's guest, which may do what its children may; a child can neither name a lane nor hear of another one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any, Final, cast

from isolate_host.errors import Disposed, IsolateHostError
from isolate_host.plugin import Capability, CapabilityRequest, GuestCall, GuestPort
from isolate_host.plugin.context import HostCallContext

__all__ = ["Lanes", "LentBrowser"]

#: What the browser may say to a child.
_NOTES: Final = frozenset({"event", "state"})


class Lane:
    """One isolate to which a browser was lent. It lies in the isolate's estate: the next owner of a child's session goes on in it."""

    def __init__(self, lanes: Lanes, number: int) -> None:
        self.lanes, self.number = lanes, number
        #: The child's guest, while it has an owner.
        self.port: GuestPort | None = None

    async def call(self, op: str, args: list[Any]) -> Any:
        """Have the caller answer."""
        return await self.lanes.guest.call("relay", self.number, op, args)

    def note(self, op: str, args: list[Any]) -> None:
        """Something that wants no answer. A parent that is ending passes nothing on, and takes its children along."""
        with contextlib.suppress(IsolateHostError):
            self.lanes.guest.note("relayNote", self.number, op, args)

    async def aclose(self) -> None:
        """The isolate is gone: what it opened is closed."""
        self.port = None
        self.note("close", [])
        self.lanes.end(self)


class Lanes:
    """Those of one parent and of all who have the browser from it, at any depth. ``guest`` is the parent's."""

    def __init__(self, guest: GuestPort) -> None:
        self.guest = guest
        self._lanes: dict[int, Lane] = {}
        self._number = 0

    def open(self) -> Lane:
        """One more. How many there are is the matter of the quota of children."""
        self._number += 1
        lane = self._lanes[self._number] = Lane(self, self._number)
        return lane

    def end(self, lane: Lane) -> None:
        """It is closed."""
        self._lanes.pop(lane.number, None)

    def find(self, call: GuestCall) -> Lane:
        """The lane that a call of the parent's guest names. Raises ``LookupError``."""
        number = (call.peek() or [None])[0]
        lane = self._lanes.get(number) if type(number) is int else None
        if lane is None:
            raise LookupError("no child has the browser under this number")
        return lane

    async def ask(self, lane: Lane, args: list[Any]) -> Any:
        """The browser asks a function of the child: a route, a binding. Raises what that throws."""
        match args:
            case [_, "callback", [int() as number, list() as values]] if lane.port is not None:
                return await lane.port.call("callback", number, values)
        raise Disposed("the guest that gave this function has gone")

    def tell(self, lane: Lane, args: list[Any]) -> None:
        """The browser tells the child something."""
        match args:
            case [_, str() as op, list() as values] if op in _NOTES and lane.port is not None:
                lane.port.note(op, *values)


class LentBrowser(Capability):
    """What the child has."""

    def __init__(self, request: CapabilityRequest, lanes: Lanes) -> None:
        left = cast("Lane | None", request.estate.get("browser lane"))
        if left is None or left.lanes is not lanes:
            left = lanes.open()
            request.estate.keep("browser lane", left)
        self._lane, self._lanes = left, lanes
        self._lane.port = request.guest

    async def call(self, op: str, args: Sequence[Any], ctx: HostCallContext) -> Any:
        """All of it is for whoever answers the parent."""
        return await self._lane.call(op, list(args))

    def note(self, call: GuestCall) -> None:
        """Subscriptions, and what the guest gives back."""
        with contextlib.suppress(IsolateHostError):
            self._lane.note("note", [call.op, call.arguments()])

    def lend(self, request: CapabilityRequest) -> Capability:
        """A child of the child has a lane beside this one."""
        return LentBrowser(request, self._lanes)

    async def aclose(self) -> None:
        """The owner has gone: nobody answers routes. What he opened is the isolate's."""
        self._lane.port = None
        self._lane.note("detach", [])
