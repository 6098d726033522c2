"""Several trees as one: each path belongs to the mount with the longest prefix; the folders above mounts are shown and cannot change."""

from __future__ import annotations

import errno
import stat
from collections.abc import Sequence
from dataclasses import dataclass

from isolate_host.errors import PolicyDenied
from isolate_host.files.failures import failure
from isolate_host.files.nodes import DIRECTORY_MODE, Entry, Info, Store
from isolate_host.files.paths import Path, text

__all__ = ["Mount", "Mounts"]


@dataclass(frozen=True, slots=True)
class Mount:
    """``store`` is ``None`` when somebody else answers for what is below ``path``. ``key`` is the policy key of the mount."""

    path: Path
    store: Store | None
    write: bool
    key: str


class Mounts:
    """Where paths lead. ``key`` names the policy key under which mounts stand."""

    def __init__(self, mounts: Sequence[Mount], key: str) -> None:
        self._mounts = sorted(mounts, key=lambda mount: -len(mount.path))
        self._key = key

    def find(self, path: Path) -> Mount | None:
        """The mount that ``path`` belongs to."""
        for mount in self._mounts:
            if path[: len(mount.path)] == mount.path:
                return mount
        return None

    def place(self, path: Path) -> tuple[Store, Path]:
        """The store and the path in it. Raises ``ENOENT``, and ``EXDEV`` where somebody else answers."""
        mount = self.find(path)
        if mount is not None and mount.store is None:
            raise failure(errno.EXDEV)
        if mount is None or mount.store is None:
            raise failure(errno.ENOENT, f"no such file or directory: no mount covers it ({self._known()})")
        return mount.store, path[len(mount.path) :]

    def to_change(self, path: Path) -> tuple[Store, Path]:
        """The same for an operation that changes something. Raises ``PolicyDenied`` outside of all mounts."""
        mount = self.find(path)
        if mount is None:
            raise self.denied(text(path), f"no mount covers it ({self._known()})", self._key, f"add a mount to {self._key}")
        return self.place(path)

    def check_free(self, path: Path) -> None:
        """Nothing is mounted at or below ``path``. Raises ``EBUSY``."""
        if any(mount.path[: len(path)] == path for mount in self._mounts):
            raise failure(errno.EBUSY, "it is, or contains, the root of a mount")

    def denied(self, value: str, why: str, rule: str, hint: str | None = None) -> PolicyDenied:
        """The error."""
        return PolicyDenied(f"access denied to {value}: {why}", capability="files", value=value, rule=rule, hint=hint)

    def _known(self) -> str:
        return "there are " + ", ".join(sorted(text(mount.path) for mount in self._mounts)) if self._mounts else "there are none"

    # -- folders above mounts ----------------------------------------------------------------------------------------

    def mounted_below(self, path: Path) -> set[str]:
        """Names in the folder ``path`` that lead to mounts."""
        depth = len(path)
        return {mount.path[depth] for mount in self._mounts if len(mount.path) > depth and mount.path[:depth] == path}

    def stat(self, path: Path, *, follow: bool = True) -> Info:
        """Of whatever is there."""
        if self.find(path) is None and (not path or self.mounted_below(path)):
            return Info("directory", 0, 0, 0, 0, stat.S_IFDIR | (DIRECTORY_MODE & 0o555), 1, (0, hash(path) & 0xFFFFFFFF))
        store, inner = self.place(path)
        return store.stat(inner, follow=follow)

    def names(self, path: Path, after: str, count: int) -> list[Entry]:
        """Entries of a folder, mounts included."""
        mounted = {name for name in self.mounted_below(path) if name > after}
        found: dict[str, Entry] = {name: (name, "directory") for name in mounted}
        if self.find(path) is not None or not (found or not path or self.mounted_below(path)):
            store, inner = self.place(path)
            for entry in store.names(inner, after, count):
                found.setdefault(entry[0], entry)
        return sorted(found.values())[:count]

    def close(self) -> None:
        """Close all stores."""
        for mount in self._mounts:
            if mount.store is not None:
                mount.store.close()
