"""The isolates of one app server: as many as wanted, the least busy one first, replaced when they are lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from isolate_host.client.log_text import log_text
from isolate_host.client.replica import Replica
from isolate_host.errors import IsolateHostError

__all__ = ["Replicas"]

_logger = logging.getLogger(__name__)
#: One that dies younger than this (seconds) delays its successor, each time twice as long.
_YOUNG_S = 1.0
_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.05, 5.0


class Replicas:
    """Opens up to ``wanted`` isolates with ``open_one`` when somebody asks, and keeps that number."""

    def __init__(self, open_one: Callable[[int], Awaitable[Replica]], wanted: int) -> None:
        self._open_one, self.wanted = open_one, wanted
        self._live: list[Replica] = []
        self._started = 0
        self._opening: asyncio.Task[None] | None = None
        self._retiring: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None
        self._delay = 0.0
        self._born: dict[Replica, float] = {}
        self.reloads = 0
        self.last_error: IsolateHostError | None = None

    def __len__(self) -> int:
        return len(self._live)

    @property
    def live(self) -> list[Replica]:
        """Those that take requests."""
        return list(self._live)

    @property
    def reloading(self) -> bool:
        """Whether isolates are being opened."""
        return self._opening is not None

    def pick(self) -> Replica | None:
        """The least busy one; ``None`` while there is none."""
        live = self._live
        if len(live) == 1:
            return live[0]
        return min(live, key=lambda replica: replica.load, default=None)

    async def ready(self) -> Replica:
        """The same, opening isolates first when there is none. Raises what keeps them from starting."""
        while (replica := self.pick()) is None:
            await asyncio.shield(self._fill())
        return replica

    # ------------------------------------------------------------------ opening
    def _fill(self) -> asyncio.Task[None]:
        """Open what is missing; everybody who asks meanwhile waits for the same."""
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open_missing())
            self._opening.add_done_callback(self._opened)
        return self._opening

    def _opened(self, task: asyncio.Task[None]) -> None:
        self._opening = None
        if not task.cancelled() and task.exception() is not None:
            _logger.warning("an app server cannot start: %s", log_text(task.exception()))

    async def _open_missing(self) -> None:
        if self._delay:
            await asyncio.sleep(self._delay)
        while len(self._live) < self.wanted:
            fresh = await self._open_all(self.wanted - len(self._live))
            self._live += [replica for replica in fresh if replica.alive]

    async def _open_all(self, count: int) -> list[Replica]:
        """All or none."""
        numbers = range(self._started + 1, self._started + count + 1)
        self._started += count
        results = await asyncio.gather(*(self._open_one(number) for number in numbers), return_exceptions=True)
        fresh = [item for item in results if isinstance(item, Replica)]
        failures = [item for item in results if isinstance(item, BaseException)]
        if failures:
            await asyncio.gather(*(replica.dispose("another one failed") for replica in fresh))
            if isinstance(failures[0], IsolateHostError):
                self.last_error = failures[0]
            raise failures[0]
        now = asyncio.get_running_loop().time()
        self._born.update(dict.fromkeys(fresh, now))
        return fresh

    # ------------------------------------------------------------------ losing
    def lost(self, replica: Replica) -> None:
        """One has ended by itself, or cannot answer any more: open another, unless it was on its way out."""
        born = self._born.pop(replica, None)
        if replica not in self._live:
            return
        self._live.remove(replica)
        self.last_error = replica.ended
        self.reloads += 1
        young = born is not None and asyncio.get_running_loop().time() - born < _YOUNG_S
        self._delay = min(max(self._delay * 2, _FIRST_DELAY_S), _LONGEST_DELAY_S) if young and self._delay_counts() else 0.0
        _logger.warning("an app server's isolate was lost and is replaced: %s", log_text(replica.ended))
        self._fill()

    def _delay_counts(self) -> bool:
        # The first loss is healed at once; only a program that dies again and again is slowed down.
        return self.reloads > 1

    def discard(self, replica: Replica, reason: str) -> None:
        """It lives and is of no use: end it, and open another."""
        if replica in self._live:
            self.lost(replica)
            self._retire([replica], 0.0, reason)

    # ------------------------------------------------------------------ reload and end
    async def reload(self, reason: str, drain_s: float) -> None:
        """New isolates first; then the old ones finish what they have, for ``drain_s`` seconds at most. Raises, and changes nothing, when the
        new ones do not start. Who asks while one waits for its turn gets that one.
        """
        if self._following is None:
            self._following = asyncio.get_running_loop().create_task(self._reload(reason, drain_s))
        await asyncio.shield(self._following)

    async def _reload(self, reason: str, drain_s: float) -> None:
        async with self._turn:
            if self._opening is not None:
                await asyncio.gather(self._opening, return_exceptions=True)
            # What is asked for from here on may be newer than what is read now.
            self._following = None
            fresh = await self._open_all(self.wanted)
            old, self._live = self._live, [replica for replica in fresh if replica.alive]
            self.reloads += 1
            self._retire(old, drain_s, reason)

    def _retire(self, replicas: list[Replica], drain_s: float, reason: str) -> None:
        for replica in replicas:
            replica.retired = True
            self._born.pop(replica, None)
            task = asyncio.get_running_loop().create_task(replica.retire(drain_s, reason))
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    async def close(self, reason: str, drain_s: float = 0.0) -> None:
        """End all; a later :meth:`ready` opens new ones."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        old, self._live = self._live, []
        self._retire(old, drain_s, reason)
        while self._retiring:
            await asyncio.gather(*self._retiring, return_exceptions=True)
        self._delay = 0.0
