"""The way from a browser session to its guest, which may be gone, or not keep up."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from isolate_host.errors import Disposed, IsolateHostError

__all__ = ["GuestLine", "Port"]

_LOG = logging.getLogger("isolate_host.browser")
#: Events under way that the guest has not seen. A page can make them faster than any guest reads.
_MAX_UNSEEN = 10_000


class Port(Protocol):
    """What both a capability (``GuestPort``) and a client's answerer have."""

    async def call(self, op: str, *args: Any) -> Any:
        """Call a handler of the guest script."""

    def note(self, op: str, *args: Any) -> None:
        """The same, without an answer."""


class GuestLine:
    """Sends events and calls to the guest that is attached at the moment; between two owners of a session to nobody."""

    def __init__(self) -> None:
        self._port: Port | None = None
        self._unseen = 0
        #: Events that were dropped because the guest did not keep up.
        self.dropped = 0
        self._on_detach: list[Callable[[], object]] = []

    @property
    def attached(self) -> bool:
        """Whether a guest listens."""
        return self._port is not None

    def attach(self, port: Port) -> None:
        """A guest listens from now on."""
        self._port, self._unseen = port, 0

    def detach(self) -> None:
        """The guest, or its owner, has gone."""
        self._port = None
        listeners, self._on_detach = self._on_detach, []
        for listener in listeners:
            listener()

    def on_detach(self, listener: Callable[[], object]) -> None:
        """Call ``listener`` when the guest that is attached now has gone."""
        self._on_detach.append(listener)

    def event(self, *args: Any) -> bool:
        """An event that a guest asked for; dropped, and counted, when it has not seen thousands before. False when it was not sent."""
        if self._unseen >= _MAX_UNSEEN:
            self.dropped += 1
            return False
        self._unseen += 1
        return self._note("event", *args)

    def state(self, described: list[Any]) -> None:
        """What the guest mirrors has changed. Not dropped: it is sent once for each change that the browser reports."""
        self._note("state", described)

    def young(self, number: int) -> None:
        """A page is new. The guest says ``grown`` when its code had its turn with it."""
        self.state([{"o": number, "y": True}])

    def _note(self, op: str, *args: Any) -> bool:
        if self._port is None:
            return False
        try:
            self._port.note(op, *args)
        except Disposed:
            return False
        except IsolateHostError:
            _LOG.warning("an event of the browser could not be sent", exc_info=True)
            return False
        return True

    def seen(self, count: Any) -> None:
        """The guest has taken so many events."""
        if type(count) is int and count > 0:
            self._unseen = max(0, self._unseen - count)

    def call(self, number: int, args: list[Any]) -> Awaitable[Any]:
        """Call the guest's function of that number. Raises what it throws, and ``Disposed`` when nobody is there."""
        if self._port is None:
            raise Disposed("the guest that gave this function has gone")
        return self._port.call("callback", number, args)
