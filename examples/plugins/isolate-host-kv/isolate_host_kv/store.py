"""The database. Every method blocks and is called in a thread."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

__all__ = ["Store"]

_TABLE = "CREATE TABLE IF NOT EXISTS kv (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"
_BUSY_S = 5.0


class Store:
    """Keys below ``prefix``."""

    def __init__(self, file: Path, prefix: str) -> None:
        self._prefix = prefix
        # One connection, used by one thread at a time: calls of a runtime may overlap.
        self._lock = threading.Lock()
        self._db = sqlite3.connect(file, timeout=_BUSY_S, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(_TABLE)

    def get(self, key: str) -> str | None:
        """The value, or ``None``."""
        row = self._one("SELECT value FROM kv WHERE key = ?", self._prefix + key)
        return None if row is None else str(row[0])

    def set(self, key: str, value: str, most: int) -> bool:
        """Store a value; false when it would be one key too many."""
        full = self._prefix + key
        # One statement: two runtimes that add a key at the same time cannot both take the last place.
        count = self._run(
            "INSERT INTO kv (key, value) SELECT :key, :value WHERE EXISTS (SELECT 1 FROM kv WHERE key = :key)"
            " OR (SELECT count(*) FROM kv WHERE substr(key, 1, :length) = :prefix) < :most"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            {"key": full, "value": value, "length": len(self._prefix), "prefix": self._prefix, "most": most},
        )
        return count > 0

    def delete(self, key: str) -> bool:
        """Remove a key; whether it was there."""
        return self._run("DELETE FROM kv WHERE key = :key", {"key": self._prefix + key}) > 0

    def after(self, start: str, last: str, count: int) -> list[tuple[str, str]]:
        """Up to ``count`` entries whose key starts with ``start`` and comes after ``last``, in order."""
        full = self._prefix + start
        query = "SELECT key, value FROM kv WHERE key > ? AND key >= ? AND substr(key, 1, ?) = ? ORDER BY key LIMIT ?"
        with self._lock:
            rows = self._db.execute(query, (self._prefix + last if last else "", full, len(full), full, count)).fetchall()
        return [(key[len(self._prefix) :], value) for key, value in rows]

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._db.close()

    def _one(self, query: str, value: str) -> tuple[str] | None:
        with self._lock:
            row: tuple[str] | None = self._db.execute(query, (value,)).fetchone()
        return row

    def _run(self, query: str, values: dict[str, object]) -> int:
        with self._lock:
            return self._db.execute(query, values).rowcount
