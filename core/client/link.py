"""The seam between the public objects and a broker, wherever that runs."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Protocol

from isolate_host.errors import IsolateHostError
from isolate_host.wire.frames import Frame

__all__ = ["Channel", "Link", "Sink"]


class Sink(Protocol):
    """The client's end of one runtime. The link calls it on the event loop."""

    def receive(self, frame: Frame) -> None:
        """A frame came from the guest or about it. Must not raise."""

    def ended(self, error: IsolateHostError | None) -> None:
        """The runtime is gone; ``None`` = because this client disposed it."""


class Channel(Protocol):
    """One live runtime as the client sees it."""

    #: ``id``, ``isolation`` (effective layers), and what else the broker tells at creation.
    info: dict[str, Any]

    def send(self, frame: Frame) -> None:
        """Send towards the guest. Never blocks; frames to a runtime that has ended are dropped."""

    async def drain(self) -> None:
        """Wait while the way to the guest is full."""

    async def dispose(self, hard: bool, reason: str | None) -> None:
        """End the runtime. ``hard`` does not wait for guest code and keeps nothing."""

    async def settled(self) -> None:
        """Wait until the guest has nothing left to do."""

    async def fork(self, spec: dict[str, Any], sink: Sink) -> Channel:
        """A runtime for ``sink`` with the same heap. ``spec`` has ``bindings`` and ``key``. Raises what refused it."""

    async def coverage(self, params: dict[str, Any]) -> Any:
        """``{"op": "start"}``: count what guest code runs.

        ``{"op": "take", "include": globs, "exclude": globs, "skip": names}``: the report on it since.
        """

    def diagnostics(self) -> Awaitable[dict[str, Any]]:
        """What the broker knows about it."""


class Link(Protocol):
    """A connection to one broker."""

    #: Whether sessions outlive this link (a daemon's do).
    keeps_sessions: bool

    @property
    def connected(self) -> bool:
        """True while the broker can be reached."""

    async def control(self, op: str, params: dict[str, Any]) -> Any:
        """One question to the broker; plain JSON both ways."""

    async def open(self, kind: str, spec: dict[str, Any], sink: Sink, *, start: bool = True) -> Channel:
        """Create a runtime of ``kind``. Raises what refused it. Without ``start`` no daemon is started for it."""

    async def close(self) -> None:
        """End the connection and every runtime on it."""
