"""How much a guest may fetch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from isolate_host.errors import LimitExceeded

__all__ = ["FetchLimits", "Throttle"]

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """The keys of the policy that are numbers. ``None`` = no limit."""

    #: Of one body, after decompression.
    max_response_bytes: int | None = 256 * _MIB
    max_request_bytes: int | None = 256 * _MIB
    requests_per_second: float | None = None
    concurrent: int = 16
    #: Until the head of the response is there, redirects and the wait for a free place included.
    timeout_s: float | None = 60.0
    #: Between two pieces of a body.
    idle_timeout_s: float | None = 60.0
    max_websockets: int = 16
    #: Of a WebSocket, either way, after decompression.
    max_message_bytes: int = 4 * _MIB

    @classmethod
    def read(cls, policy: Mapping[str, Any]) -> FetchLimits:
        """From a policy block."""
        return cls(**{field.name: policy[field.name] for field in fields(cls) if field.name in policy})


class Throttle:
    """Counts requests: how fast they come, and how many are under way until the last byte of their bodies."""

    def __init__(self, limits: FetchLimits, key: str) -> None:
        self._rate, self._key = limits.requests_per_second, key
        self._tokens = self._burst = max(1.0, self._rate or 0.0)
        self._filled = time.monotonic()
        self._places = asyncio.Semaphore(limits.concurrent)

    def count(self) -> None:
        """Take note of a request. Raises ``LimitExceeded`` when there were too many of late."""
        if self._rate is None:
            return
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        if self._tokens < 1:
            message = f"more than {self._rate:g} requests per second"
            raise LimitExceeded(message, kind="fetch_rate", hint=f"wait, or raise {self._key}.requests_per_second")
        self._tokens -= 1

    async def enter(self) -> Place:
        """Wait for a place among the requests that are under way."""
        await self._places.acquire()
        return Place(self._places)


class Place:
    """One request under way."""

    __slots__ = ("_loop", "_places")

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places: asyncio.Semaphore | None = places
        self._loop = asyncio.get_running_loop()

    def leave(self) -> None:
        """It is over; a second call does nothing."""
        places, self._places = self._places, None
        if places is not None:
            places.release()

    def abandon(self) -> None:
        """The same for what was forgotten. Garbage is collected on every thread, and in the middle of everything."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.leave)
