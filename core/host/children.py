"""How the broker lets a plugin create runtimes on behalf of a guest."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from isolate_host.errors import PolicyDenied, ProtocolError
from isolate_host.host.lineage import Admit, Lineage, scope_of
from isolate_host.host.runtime import BrokerRuntime
from isolate_host.host.sessions import SessionRegistry
from isolate_host.host.spec import RuntimeSpec, read_child_spec

if TYPE_CHECKING:
    from isolate_host.client.link import Sink
    from isolate_host.errors import IsolateHostError
    from isolate_host.host.grants import Grants
    from isolate_host.wire.frames import Frame

__all__ = ["ChildDoor"]

_LOG = logging.getLogger("isolate_host.plugins")
#: Bytes of a child after which it is looked whether its parent keeps up.
_LOOK_EVERY = 1 << 20

OpenChild = Callable[[RuntimeSpec, dict[str, Any], "Sink", Admit], Awaitable[BrokerRuntime]]


class ChildDoor:
    """Implements ``isolate_host.plugin.ChildHost`` for one runtime."""

    def __init__(
        self, parent: BrokerRuntime, grants: Grants, open_child: OpenChild, sessions: SessionRegistry, hello: Callable[[], dict[str, Any]]
    ) -> None:
        self._parent, self._grants, self._open, self._sessions, self.hello = parent, grants, open_child, sessions, hello

    async def open(self, kind: str, spec: dict[str, Any], sink: Sink, *, admit: Admit, lent: Sequence[str] = ()) -> BrokerRuntime:
        """See ``ChildHost.open``."""
        if kind not in ("runtime", "server"):
            raise ProtocolError(f"there are no children of kind {kind!r}")
        parent = self._parent
        parent.family.check()
        lineage = Lineage(parent, self._grants.capabilities, frozenset(lent))
        throttled = _Throttled(sink, parent)
        try:
            child = await self._open(read_child_spec(spec, parent.spec, lineage, kind), spec, throttled, admit)
        except PolicyDenied as error:
            parent.denied(error)
            raise
        throttled.child = child
        return child

    async def dispose_session(self, key: str, reason: str | None) -> bool:
        """See ``ChildHost.dispose_session``."""
        return await self._sessions.dispose((scope_of(self._parent), key), reason)


class _Throttled:
    """Passes the frames of a child on, and stops reading from it while its parent has more than enough to read: memory stays bounded."""

    def __init__(self, sink: Sink, parent: BrokerRuntime) -> None:
        self._sink, self._parent = sink, parent
        self.child: BrokerRuntime | None = None
        self._passed = 0
        self._waiting: asyncio.Task[None] | None = None

    def receive(self, frame: Frame) -> None:
        self._passed += len(frame.body) + sum(len(segment) for segment in frame.segments)
        if self._passed >= _LOOK_EVERY and self._waiting is None and self.child is not None:
            self.child.pause()
            self._waiting = asyncio.get_running_loop().create_task(self._resume(self.child))
        self._sink.receive(frame)

    async def _resume(self, child: BrokerRuntime) -> None:
        await self._parent.drain()
        self._passed, self._waiting = 0, None
        child.resume()

    def ended(self, error: IsolateHostError | None) -> None:
        try:
            self._sink.ended(error)
        except Exception:  # noqa: BLE001
            # A plugin's code; the end of a runtime must not stop half-way.
            _LOG.exception("the owner of a child failed to take note of its end")
