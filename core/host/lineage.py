"""A runtime and those that its guest code created: what they have of it, and that none outlives it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from isolate_host.errors import Disposed
from isolate_host.plugin import Capability

if TYPE_CHECKING:
    from isolate_host.host.runtime import BrokerRuntime

__all__ = ["Admit", "Family", "Lineage", "free", "scope_of"]

#: Asked before an isolate is made; may raise. What it returns is called when that isolate is gone.
Admit = Callable[[], Callable[[], None]]


def free() -> Callable[[], None]:
    """Nobody counts."""
    return lambda: None


def scope_of(parent: BrokerRuntime) -> str:
    """Owner of the sessions of its children: no client is called so, and no other runtime."""
    return f"\0runtime:{parent.id}"


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a child comes from. ``capabilities`` are its parent's, of which it may get those in ``lent``."""

    parent: BrokerRuntime
    capabilities: Mapping[str, Capability]
    lent: frozenset[str] = frozenset()

    def binding(self, name: str) -> Mapping[str, Any] | None:
        """What the client of the tree's root bound under ``name``, when each in between lent it on."""
        spec = self.parent.spec
        return spec.bindings.get(name) if spec.lineage is None or name not in spec.lineage.lent else spec.lineage.binding(name)

    @property
    def scope(self) -> str:
        """Owner of the child's sessions."""
        return scope_of(self.parent)


class Family:
    """The children of one runtime, until they and theirs are gone. Once :meth:`end` was called there will be no more."""

    def __init__(self) -> None:
        self._children: dict[BrokerRuntime, asyncio.Task[None]] = {}
        self._over = False

    def adopt(self, child: BrokerRuntime) -> None:
        """One more; :meth:`check` came before, and nothing in between waited."""
        self._children[child] = asyncio.get_running_loop().create_task(self._watch(child))

    async def _watch(self, child: BrokerRuntime) -> None:
        await asyncio.shield(child.ended)
        await child.family.ended()
        del self._children[child]

    def check(self) -> None:
        """Raises ``Disposed`` when the parent has ended, or is about to."""
        if self._over:
            raise Disposed("the runtime has ended")

    def end(self) -> None:
        """The parent ends, for whatever reason: so do all, and theirs, at once."""
        self._over = True
        for child in list(self._children):
            child.end(Disposed("the runtime that created it has ended"))

    async def ended(self) -> None:
        """Wait until the last process of all descendants is gone."""
        if self._children:
            await asyncio.wait(list(self._children.values()))
