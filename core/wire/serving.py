"""One request of the other side, from its arrival to its one reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from isolate_host.wire.abort import AbortController, AbortSignal
from isolate_host.wire.context import HostCallContext

if TYPE_CHECKING:
    from isolate_host.wire.frames import Frame

__all__ = ["DEFERRED", "IncomingCall", "RawReply"]

#: What a call handler returns when it will use :meth:`IncomingCall.answer` later.
DEFERRED = object()

#: Work that looked at its signal gets this long (seconds) to stop by itself before its task is cancelled.
GRACE = 0.25


@dataclass(frozen=True, slots=True)
class RawReply:
    """A result that is encoded already and is passed on unchanged. ``ok`` is false when it is an error value."""

    body: bytes
    segments: Sequence[bytes] = ()
    ok: bool = True


class IncomingCall:
    """A ``call``, ``note`` or ``ref`` that the other side sent."""

    __slots__ = ("_controller", "_decode", "_reply", "answered", "context", "frame", "key", "on_abort", "task")

    def __init__(
        self, frame: Frame, key: tuple[int, int], decode: Callable[[Frame], Any], reply: Callable[[IncomingCall, Any], None] | None = None
    ) -> None:
        self.frame = frame
        #: (party, id): the two id spaces of forwarded and direct calls may overlap.
        self.key = key
        self._decode = decode
        self._reply = reply
        self._controller: AbortController | None = None
        #: Called when the other side loses interest in a deferred answer.
        self.on_abort: Callable[[], None] | None = None
        #: Set by a handler that made a context for the call: its signal is then the one that aborts.
        self.context: HostCallContext | None = None
        self.task: asyncio.Task[None] | None = None
        self.answered = False

    @property
    def header(self) -> dict[str, Any]:
        """The header as it arrived. From a guest this is hostile input; only ``t`` and ``id`` were checked, ``cap`` and ``op`` are text."""
        return self.frame.header

    @property
    def signal(self) -> AbortSignal:
        """Aborts when the other side cancels the call or is gone. Made on first use."""
        if self.context is not None:
            return self.context.signal
        if self._controller is None:
            self._controller = AbortController()
        return self._controller.signal

    def arguments(self) -> list[Any]:
        """The decoded arguments. Decode once: each decoding counts the leases of functions again.

        Raises ``MarshalError`` or ``ProtocolError``.
        """
        value = self._decode(self.frame)
        return value if type(value) is list else [] if value is None else [value]

    def answer(self, outcome: Any) -> None:
        """Reply to a call whose handler returned :data:`DEFERRED`: a value, a :class:`RawReply`, or an exception."""
        if self._reply is not None:
            self._reply(self, outcome)

    def abort(self, reason: Any) -> None:
        """Stop the work: tell its signal, then cancel its task (after a moment, if it had asked for the signal)."""
        if self.on_abort is not None:
            self.on_abort()
        listened = self._controller is not None
        if self._controller is not None:
            self._controller.abort(reason)
        if self.context is not None:
            listened = self.context.abort(reason)
        task = self.task
        if task is None or task.done():
            return
        if listened:
            asyncio.get_running_loop().call_later(GRACE, task.cancel)
        else:
            task.cancel()
