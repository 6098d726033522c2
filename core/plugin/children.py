"""What a plugin gets to create runtimes on behalf of guest code: children of the runtime that its capability serves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from isolate_host.wire.frames import Frame

__all__ = ["ChildHost", "ChildSink"]


class ChildSink(Protocol):
    """Who speaks for a child, as a client does for its runtime: ``isolate_host.client.link.Sink``."""

    def receive(self, frame: Frame) -> None:
        """A frame came from the child, or about it."""

    def ended(self, error: Any) -> None:
        """The child is gone."""


class ChildHost(Protocol):
    """Creates children of one runtime.

    The core holds what must hold whatever the plugin does: a child has its parent's sandbox and none of its powers but those that are lent;
    none of its limits is above the parent's; it ends before or with the parent, however that ends; its sessions are found by nobody else.
    """

    async def open(
        self, kind: str, spec: dict[str, Any], sink: ChildSink, *, admit: Callable[[], Callable[[], None]], lent: Sequence[str] = ()
    ) -> Any:
        """A child of ``kind`` (``runtime`` or ``server``) as a ``Channel``; ``spec`` is that of ``isolate_host.client.link.Link.open``.

        ``admit`` is called before a new isolate is made and may raise; what it returns is called once, when that isolate is gone or was
        never there. A session that waits for its owner is no new isolate. ``lent`` names capabilities of the parent that the child gets
        (:meth:`Capability.lend`). Raises ``PolicyDenied`` for what the parent does not have, ``Disposed`` when it has ended.
        """

    async def dispose_session(self, key: str, reason: str | None) -> bool:
        """End a session that a child of this runtime made; false when there is none of that name."""

    def hello(self) -> dict[str, Any]:
        """What a client learns when it connects: ``plugins`` and ``isolation``."""
