"""Waits until files change: inotify, so that nothing is polled."""

from __future__ import annotations

import asyncio
import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from isolate_host.cli.output import CommandError

__all__ = ["FileWatch"]

_IN_CLOSE_WRITE, _IN_MOVED, _IN_CREATE, _IN_DELETE = 0x8, 0xC0, 0x100, 0x200
_IN_FOLDER, _OVERFLOW = 0x40000000, 0x4000
#: ``struct inotify_event``: watch, mask, cookie, length of the name.
_EVENT = struct.Struct("iIII")
_SUFFIXES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".jsx", ".tsx", ".json")
_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
_SKIPPED = {"node_modules", "__pycache__", "__snapshots__"}
#: Editors write several times; what comes within this is one change (seconds).
_QUIET_S = 0.05


class FileWatch:
    """The folders below ``roots``, without hidden ones and ``node_modules``. ``ignored``: names of files that the command itself writes."""

    def __init__(self, roots: Iterable[Path], ignored: Iterable[str]) -> None:
        self._ignored = set(ignored)
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor: int = self._libc.inotify_init1(_FLAGS)
        if self._descriptor < 0:
            raise CommandError(f"--watch: {os.strerror(ctypes.get_errno())}", "too many programs watch files: see fs.inotify.max_user_instances")
        self._roots = list(roots)
        self._add_all()

    def _add_all(self) -> None:
        for root in self._roots:
            for folder, names, _ in os.walk(root):
                names[:] = [name for name in names if not name.startswith(".") and name not in _SKIPPED]
                mask = _IN_CLOSE_WRITE | _IN_MOVED | _IN_CREATE | _IN_DELETE
                if self._libc.inotify_add_watch(self._descriptor, os.fsencode(folder), mask) < 0:
                    problem = os.strerror(ctypes.get_errno())
                    raise CommandError(f"--watch: {folder}: {problem}", "see fs.inotify.max_user_watches")

    async def changed(self) -> None:
        """Return when something has changed, and been quiet since."""
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()
        loop.add_reader(self._descriptor, woken.set)
        relevant = False
        try:
            while True:
                try:
                    async with asyncio.timeout(_QUIET_S if relevant else None):
                        await woken.wait()
                except TimeoutError:
                    break
                relevant = self._drain() or relevant
                woken.clear()
        finally:
            loop.remove_reader(self._descriptor)
        # A new folder has to be watched as well; those that are known are not added twice.
        self._add_all()

    def _drain(self) -> bool:
        """Read what was told; whether a test could depend on it."""
        try:
            told = os.read(self._descriptor, 1 << 16)
        except BlockingIOError:
            return False
        relevant, place = False, 0
        while place + _EVENT.size <= len(told):
            _, mask, _, length = _EVENT.unpack_from(told, place)
            name = os.fsdecode(told[place + _EVENT.size : place + _EVENT.size + length].rstrip(b"\0"))
            place += _EVENT.size + length
            relevant = relevant or bool(mask & _OVERFLOW) or (name not in self._ignored and (bool(mask & _IN_FOLDER) or name.endswith(_SUFFIXES)))
        return relevant

    def close(self) -> None:
        """Stop watching."""
        os.close(self._descriptor)
