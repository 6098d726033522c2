"""How much of a mount is used, and how much may be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from isolate_host.errors import LimitExceeded

__all__ = ["Ledger", "Quota", "Usage"]

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Quota:
    """``None`` = no limit."""

    bytes: int | None = None
    files: int | None = None
    file_size: int | None = None


class Usage:
    """What lies in one tree. All who write there through this host share it, whatever limits each has.

    ``measure`` counts what is there already: once, when somebody first writes under a limit.
    """

    def __init__(self, measure: Callable[[], tuple[int, int]] | None = None) -> None:
        self.lock = threading.RLock()
        self.bytes = self.files = 0
        self._measure = measure
        #: Files whose present size is lent to whoever replaces them: the old content goes when the new one comes.
        self.lent: set[Key] = set()

    def begin(self) -> None:
        """Count, if that was not done yet. The lock is held."""
        measure, self._measure = self._measure, None
        if measure is not None:
            try:
                self.bytes, self.files = measure()
            except BaseException:
                self._measure = measure
                raise


class Ledger:
    """One mount's limits over a tree's usage. ``key`` names the policy block, for hints."""

    def __init__(self, quota: Quota, usage: Usage, key: str) -> None:
        self.quota, self.usage, self._key = quota, usage, key
        self._counts = quota.bytes is not None or quota.files is not None

    def grow(self, old: int, new: int, charged: int) -> None:
        """A file gets from ``old`` to ``new`` bytes, of which ``charged`` more count. Raises ``LimitExceeded``."""
        limit = self.quota.file_size
        if limit is not None and new > max(old, limit):
            raise self._exceeded(f"a file may have {limit} bytes", "files_file_size", "max_file_size")
        if not self._counts:
            return
        with self.usage.lock:
            self.usage.begin()
            limit = self.quota.bytes
            if charged > 0 and limit is not None and self.usage.bytes + charged > limit:
                raise self._exceeded(f"all files together may have {limit} bytes", "files_bytes", "quota")
            self.usage.bytes += charged

    def shrink(self, count: int) -> None:
        """``count`` bytes are free again."""
        if self._counts:
            with self.usage.lock:
                self.usage.begin()
                self.usage.bytes -= count

    def add_entry(self) -> None:
        """A file or folder more. Raises ``LimitExceeded``; take it back with :meth:`drop_entry` when it does not come to be."""
        if not self._counts:
            return
        with self.usage.lock:
            self.usage.begin()
            limit = self.quota.files
            if limit is not None and self.usage.files >= limit:
                raise self._exceeded(f"there may be {limit} files and folders", "files_count", "max_files")
            self.usage.files += 1

    def drop_entry(self, size: int = 0) -> None:
        """One is gone, and its bytes."""
        if self._counts:
            with self.usage.lock:
                self.usage.begin()
                self.usage.files -= 1
                self.usage.bytes -= size

    def prepare(self) -> None:
        """Count before a change, so that what is about to change is not counted with it."""
        if self._counts:
            with self.usage.lock:
                self.usage.begin()

    def _exceeded(self, message: str, kind: str, name: str) -> LimitExceeded:
        return LimitExceeded(f"the quota is used up: {message}", kind=kind, hint=f"remove files, or raise {self._key}.{name}")


class Credit:
    """What one file on its way costs: the size of the one that it replaces is free, for the first who replaces it."""

    def __init__(self, ledger: Ledger, replaced: Key | None, size: int) -> None:
        self._ledger = ledger
        self._charged = 0
        self._key: Key | None = None
        self._free = 0
        usage = ledger.usage
        with usage.lock:
            ledger.prepare()
            if replaced is not None and replaced not in usage.lent:
                usage.lent.add(replaced)
                self._key, self._free = replaced, size

    def resize(self, old: int, new: int) -> None:
        """Raises ``LimitExceeded``."""
        charged = max(0, new - self._free)
        self._ledger.grow(old, new, charged - self._charged)
        self._charged = charged

    def settle(self, size: int, replaced: int) -> None:
        """The new file has taken its place; ``replaced`` bytes went."""
        self._ledger.shrink(replaced + self._charged - size)
        self._charged = 0
        self._release()

    def refund(self) -> None:
        """It never was."""
        self._ledger.shrink(self._charged)
        self._charged = 0
        self._release()

    def _release(self) -> None:
        if self._key is not None:
            with self._ledger.usage.lock:
                self._ledger.usage.lent.discard(self._key)
            self._key = None
