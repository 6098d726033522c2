"""Walks through whole trees, of any depth: never a path of the kernel, never a descriptor for each level."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Generator, Iterator
from typing import Final

from isolate_host.files.failures import failure

__all__ = ["measure_tree", "remove_below"]

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class _Descent:
    """A place in a tree. Going up again is checked: somebody may have moved the folder while we were in it."""

    def __init__(self, folder: int) -> None:
        self.folder = os.open(".", _FOLDER, dir_fd=folder)
        self._above: list[tuple[str, tuple[int, int]]] = []

    def down(self, name: str) -> None:
        here = _identity(self.folder)
        below = os.open(name, _FOLDER, dir_fd=self.folder)
        self._above.append((name, here))
        os.close(self.folder)
        self.folder = below

    def up(self) -> str:
        """Back to the folder that we came from; the name of the one we were in."""
        name, expected = self._above.pop()
        above = os.open("..", _FOLDER, dir_fd=self.folder)
        os.close(self.folder)
        self.folder = above
        if _identity(above) != expected:
            raise failure(errno.EBUSY, "a folder was moved while it was read")
        return name

    @property
    def at_top(self) -> bool:
        return not self._above

    def close(self) -> None:
        os.close(self.folder)


def _identity(folder: int) -> tuple[int, int]:
    found = os.fstat(folder)
    return found.st_dev, found.st_ino


def _entries(folder: int) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as found:
        for entry in found:
            try:
                yield entry.name, entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue


def measure_tree(folder: int) -> tuple[int, int]:
    """Bytes of all files below ``folder``, and how many entries there are. Links are not followed; other file systems count."""
    size = count = 0
    place = _Descent(folder)
    waiting: list[list[str]] = []
    try:
        while True:
            below: list[str] = []
            for name, info in _entries(place.folder):
                count += 1
                if stat.S_ISREG(info.st_mode):
                    size += info.st_size
                elif stat.S_ISDIR(info.st_mode):
                    below.append(name)
            waiting.append(below)
            while not _entered(place, waiting[-1]):
                waiting.pop()
                if place.at_top:
                    return size, count
                place.up()
    finally:
        place.close()


def _entered(place: _Descent, names: list[str]) -> bool:
    """Into the next folder of ``names`` that is still there. One that the host itself may not enter has nothing for a guest either."""
    while names:
        try:
            place.down(names.pop())
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
        return True
    return False


def remove_below(folder: int, name: str) -> Iterator[os.stat_result]:
    """Remove the folder ``name`` with all that is in it; gives what each removed entry was, the children first."""
    place = _Descent(folder)
    try:
        place.down(name)
        while True:
            inner = yield from _clear(place.folder)
            if inner is not None:
                place.down(inner)
                continue
            info = os.fstat(place.folder)
            os.rmdir(place.up(), dir_fd=place.folder)
            yield info
            if place.at_top:
                return
    finally:
        place.close()


def _clear(folder: int) -> Generator[os.stat_result, None, str | None]:
    """Remove the files of one folder; returns the name of a folder in it, or ``None`` when it is empty."""
    for name, info in list(_entries(folder)):
        if stat.S_ISDIR(info.st_mode):
            return name
        os.unlink(name, dir_fd=folder)
        yield info
    return None
