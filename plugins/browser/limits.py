"""How much a guest may do with a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from isolate_host.errors import LimitExceeded

__all__ = ["BrowserLimits", "Meter"]

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BrowserLimits:
    """The keys of the policy that are numbers, all for one runtime. ``None`` = no limit."""

    max_contexts: int = 8
    max_pages: int = 32
    #: The longest that one action may take, whatever the guest asks for.
    timeout_s: float = 120.0
    #: Requests of all pages together, over the whole life of the runtime.
    max_requests: int | None = None
    #: Bytes that pages received, likewise.
    max_total_bytes: int | None = 1024 * _MIB
    #: One file, read or written: an upload, a screenshot, a video …
    max_file_bytes: int = 64 * _MIB
    #: Of a screenshot, width times height in pixels of the device.
    max_screenshot_pixels: int = 64_000_000
    max_websockets: int = 16
    max_message_bytes: int = 4 * _MIB
    #: Entries that diagnostics keep of a kind, the latest ones.
    max_events: int = 1000

    @classmethod
    def read(cls, policy: Mapping[str, Any]) -> Self:
        """From a policy block."""
        return cls(**{field.name: policy[field.name] for field in fields(cls) if field.name in policy})


class Meter:
    """Counts what pages ask for and get."""

    def __init__(self, limits: BrowserLimits, key: str) -> None:
        self._limits, self._key = limits, key
        self.requests = 0
        self.bytes = 0
        #: Open at the moment.
        self.websockets = 0

    def request(self) -> None:
        """One more. Raises ``LimitExceeded``."""
        self.requests += 1
        if self._limits.max_requests is not None and self.requests > self._limits.max_requests:
            self._exceeded(f"the pages made more than {self._limits.max_requests} requests", "browser_requests", "max_requests")
        self.received(0)

    def received(self, count: int) -> None:
        """So many more bytes. Raises ``LimitExceeded``."""
        self.bytes += count
        if self._limits.max_total_bytes is not None and self.bytes > self._limits.max_total_bytes:
            self._exceeded(f"the pages received more than {self._limits.max_total_bytes} bytes", "browser_bytes", "max_total_bytes")

    def _exceeded(self, message: str, kind: str, name: str) -> None:
        raise LimitExceeded(message, kind=kind, hint=f"raise {self._key}.{name}")
