"""What the compiler said before: bounded in memory, and on disk so that the next process starts warm."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

__all__ = ["CompileCache", "cache_key", "default_cache_folder"]

_MEMORY_BYTES = 64 << 20
_DISK_BYTES = 256 << 20
#: The disk is swept after this many writes, not at each.
_SWEEP_EVERY = 256


def default_cache_folder() -> Path | None:
    """``$XDG_CACHE_HOME/isolate-host/compile``; ``None`` when there is no home to keep it in."""
    base = os.environ.get("XDG_CACHE_HOME") or (f"{os.environ['HOME']}/.cache" if os.environ.get("HOME") else None)
    return Path(base) / "isolate-host" / "compile" if base and Path(base).is_absolute() else None


def cache_key(compiler: str, kind: str, source: bytes) -> str:
    """Names an outcome by everything that decides it: the compiler's own text, the kind of file, the source."""
    return hashlib.sha256(b"\0".join((compiler.encode(), kind.encode(), source))).hexdigest()


class CompileCache:
    """Outcomes by key. The folder is private (0700); a file that does not parse is ignored and replaced."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._memory: OrderedDict[str, tuple[int, dict[str, Any]]] = OrderedDict()
        self._size = 0
        self._writes = 0

    def get(self, key: str) -> dict[str, Any] | None:
        """The outcome, or ``None``."""
        found = self._memory.get(key)
        if found is not None:
            self._memory.move_to_end(key)
            return found[1]
        outcome = self._read(key)
        if outcome is not None:
            self._remember(key, outcome)
        return outcome

    def put(self, key: str, outcome: dict[str, Any]) -> None:
        """Keep an outcome."""
        self._remember(key, outcome)
        if self._folder is not None:
            with contextlib.suppress(OSError):
                self._write(self._folder, key, outcome)

    def _remember(self, key: str, outcome: dict[str, Any]) -> None:
        size = len(outcome.get("code") or "") + len(outcome.get("map") or "") + 200
        self._memory[key] = (size, outcome)
        self._size += size
        while self._size > _MEMORY_BYTES:
            _, (dropped, _outcome) = self._memory.popitem(last=False)
            self._size -= dropped

    # ------------------------------------------------------------------ disk
    def _read(self, key: str) -> dict[str, Any] | None:
        if self._folder is None:
            return None
        try:
            outcome = json.loads((self._folder / key[:2] / f"{key}.json").read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return outcome if isinstance(outcome, dict) and isinstance(outcome.get("code"), str) else None

    def _write(self, folder: Path, key: str, outcome: dict[str, Any]) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shelf = folder / key[:2]
        shelf.mkdir(mode=0o700, exist_ok=True)
        # Written beside and renamed: a reader never sees half a file.
        descriptor, name = tempfile.mkstemp(dir=shelf)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(outcome, file)
        Path(name).replace(shelf / f"{key}.json")
        self._writes += 1
        if self._writes % _SWEEP_EVERY == 1:
            self._sweep(folder)

    def _sweep(self, folder: Path) -> None:
        """Delete the oldest files until the folder is within its bound."""
        files = [(info.stat().st_mtime, info.stat().st_size, info) for info in folder.glob("*/*")]
        total = sum(size for _, size, _ in files)
        for _, size, path in sorted(files, key=lambda item: item[0]):
            if total <= _DISK_BYTES:
                return
            with contextlib.suppress(OSError):
                path.unlink()
            total -= size
