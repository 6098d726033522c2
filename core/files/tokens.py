"""What a guest is told of a file. Numbers of the host's devices and inodes are no business of his: he gets marks to compare."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from isolate_host.files.nodes import Info

__all__ = ["Tokens"]

_MILLISECOND = 1_000_000


class Tokens:
    """Marks of one runtime; another's say nothing here."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)

    def _mark(self, numbers: tuple[int, ...], size: int) -> bytes:
        return hashlib.blake2b(repr(numbers).encode(), key=self._key, digest_size=size).digest()

    def version(self, info: Info) -> str:
        """Changes when the content may have changed."""
        return self._mark((*info.file, info.mtime_ns, info.size), 12).hex()

    def describe(self, info: Info) -> dict[str, Any]:
        """The facts, for the guest. Times are milliseconds since 1970."""
        return {
            "kind": info.kind,
            "size": info.size,
            "mtime": info.mtime_ns / _MILLISECOND,
            "atime": info.atime_ns / _MILLISECOND,
            "ctime": info.ctime_ns / _MILLISECOND,
            "mode": info.mode,
            "nlink": info.nlink,
            "ino": int.from_bytes(self._mark(info.file, 6)),
        }
