"""The quota of a tree of runtimes: who creates one takes a place in every ledger from here to the root."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from isolate_host.errors import LimitExceeded
from isolate_host.plugins.nested.terms import Terms

__all__ = ["Ledger"]

_LIMITS = {"runtime": "max_runtimes", "server": "max_app_servers"}


class Ledger:
    """Counts the live descendants of one runtime. Its parent's counts them, too."""

    def __init__(self, terms: Terms, key: str, parent: Ledger | None) -> None:
        self._terms, self._key, self._parent = terms, key, parent
        self._used: Counter[str] = Counter()
        #: Isolates of each app server: it takes one place, however many are being replaced.
        self._servers: Counter[str] = Counter()

    @property
    def used(self) -> dict[str, int]:
        """How many of each kind live."""
        return {"runtimes": self._used["runtime"], "servers": self._used["server"]}

    def take(self, kind: str, server: str | None = None) -> Callable[[], None]:
        """A place for a ``runtime``, or for one isolate of ``server``; call the result to give it back, once.

        Raises ``LimitExceeded`` naming value and limit, and then nothing is taken anywhere.
        """
        self._check(kind, server)
        self._count(kind, server, 1)

        def give_back() -> None:
            self._count(kind, server, -1)

        return give_back

    def _check(self, kind: str, server: str | None) -> None:
        if self._parent is not None:
            self._parent._check(kind, server)  # noqa: SLF001 (one of its own kind)
        if server is not None and self._servers[server]:
            return
        for name, used in ((_LIMITS[kind], self._used[kind]), ("max_total_resources", self._used.total())):
            limit: int = getattr(self._terms, name)
            if used >= limit:
                raise LimitExceeded(
                    f"a nested host may have {limit} ({name}) in its whole tree, and this would be number {used + 1}",
                    kind="nested", hint=f"dispose some first, or raise {self._key}.{name}",
                )

    def _count(self, kind: str, server: str | None, change: int) -> None:
        if self._parent is not None:
            self._parent._count(kind, server, change)  # noqa: SLF001 (one of its own kind)
        if server is not None:
            before = self._servers[server]
            self._servers[server] += change
            if not self._servers[server]:
                del self._servers[server]
            if min(before, before + change) > 0:
                return
        self._used[kind] += change
