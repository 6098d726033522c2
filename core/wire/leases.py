"""Leased references: who owns what, who still holds it (protocol §3, *Leases*)."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from isolate_host.errors import LimitExceeded, ProtocolError

__all__ = ["DEFAULT_MAX_LEASES", "HeldTable", "OwnedTable"]

#: Live references that one owner hands out before it refuses more.
DEFAULT_MAX_LEASES = 10_000
# A drop frame's header must stay far below 64 KiB.
_DROPS_PER_FRAME = 2000

E = TypeVar("E")
P = TypeVar("P")


class _Owned(Generic[E]):
    __slots__ = ("count", "served", "target")

    def __init__(self, target: Any, served: E) -> None:
        self.target = target
        self.served = served
        self.count = 0


class OwnedTable(Generic[E]):
    """The owner's side: object ↔ id and how many leases the other side holds. One object keeps one id while it is leased."""

    __slots__ = ("_by_id", "_entries", "_limit", "_next")

    def __init__(self, limit: int = DEFAULT_MAX_LEASES) -> None:
        self._entries: dict[int, _Owned[E]] = {}
        self._by_id: dict[int, int] = {}
        self._limit = limit
        self._next = 1

    def __len__(self) -> int:
        return len(self._entries)

    def lease(self, target: Any, wrap: Callable[[], E]) -> tuple[int, E]:
        """Add one lease of ``target``; returns its id and what serves it, which ``wrap()`` makes the first time.

        Raises ``LimitExceeded`` (``references``).
        """
        reference = self._by_id.get(id(target))
        if reference is None:
            if len(self._entries) >= self._limit:
                raise LimitExceeded(
                    f"more than {self._limit} functions, promises and iterators are in use by the other side",
                    kind="references",
                    hint="close references that are no longer needed",
                )
            reference = self._next
            self._next += 1
            self._entries[reference] = _Owned(target, wrap())
            self._by_id[id(target)] = reference
        entry = self._entries[reference]
        entry.count += 1
        return reference, entry.served

    def get(self, reference: int) -> E | None:
        """What serves ``reference``; ``None`` when it was given back."""
        entry = self._entries.get(reference)
        return None if entry is None else entry.served

    def target(self, reference: int) -> Any:
        """The object itself. Raises ``LookupError`` when it was given back."""
        return self._entries[reference].target

    def release(self, reference: int, count: int) -> E | None:
        """Take back ``count`` leases; returns what served the object when that was the last one."""
        entry = self._entries.get(reference)
        if entry is None:
            return None
        entry.count -= count
        if entry.count > 0:
            return None
        del self._entries[reference]
        del self._by_id[id(entry.target)]
        return entry.served

    def clear(self) -> list[E]:
        """Forget everything; returns what served the objects."""
        served = [entry.served for entry in self._entries.values()]
        self._entries.clear()
        self._by_id.clear()
        return served


class _Held(weakref.ref[P]):
    """A weak reference to a proxy that knows which leases it stands for."""

    __slots__ = ("count", "reference")

    count: int
    reference: int


class HeldTable(Generic[P]):
    """The holder's side: one proxy for each reference, and the leases to give back when it is collected.

    Collection may happen on any thread and anywhere in the middle of other work, so it only notes the debt; the frame is sent from
    the event loop, many references at a time.
    """

    __slots__ = ("_debts", "_entries", "_loop", "_scheduled", "_send_drop")

    def __init__(self, send_drop: Callable[[list[list[int]]], None]) -> None:
        self._entries: dict[int, _Held[P]] = {}
        self._debts: list[list[int]] = []
        self._scheduled = False
        self._send_drop = send_drop
        self._loop: asyncio.AbstractEventLoop | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def receive(self, reference: int, kind: type[P], make: Callable[[int], P]) -> P:
        """Count one more lease and return the proxy. Raises ``ProtocolError`` when it was of another kind before."""
        held = self._entries.get(reference)
        proxy = None if held is None else held()
        if held is None or proxy is None:
            if self._loop is None:
                self._loop = asyncio.get_running_loop()
            proxy = make(reference)
            # In the middle of a garbage collection a proxy can be dead and not yet reported: its leases pass to the new one.
            inherited = 0 if held is None else held.count
            held = _Held(proxy, self._collected)
            held.reference = reference
            held.count = inherited
            self._entries[reference] = held
        elif type(proxy) is not kind:
            raise ProtocolError(f"reference {reference} changed its kind")
        held.count += 1
        return proxy

    def give_back(self, reference: int) -> None:
        """Give back every lease of ``reference`` now, because its proxy was closed."""
        held = self._entries.pop(reference, None)
        if held is not None:
            self._owe(reference, held.count)

    def clear(self) -> None:
        """Forget everything without telling the other side, which is gone."""
        self._entries.clear()
        self._debts.clear()

    def _collected(self, held: weakref.ref[P]) -> None:
        if isinstance(held, _Held) and self._entries.get(held.reference) is held:
            del self._entries[held.reference]
            self._owe(held.reference, held.count)

    def _owe(self, reference: int, count: int) -> None:
        self._debts.append([reference, count])
        if not self._scheduled and self._loop is not None:
            self._scheduled = True
            # A closed loop means that the connection is closed as well.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._flush)

    def _flush(self) -> None:
        self._scheduled = False
        debts, self._debts = self._debts, []
        for start in range(0, len(debts), _DROPS_PER_FRAME):
            self._send_drop(debts[start : start + _DROPS_PER_FRAME])
