"""The contents of a folder as modules need them: listings, texts and manifests, kept while the files stay the same."""

from __future__ import annotations

import errno
import os
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path

from isolate_host.client.packages.beneath import Beneath, EscapeError, signature_of
from isolate_host.client.packages.manifest import Manifest, PackageError

__all__ = ["Folder", "Kept", "Reading"]

_MAX_FILE = 32 << 20
_MAX_MANIFEST = 1 << 20
_MAX_ENTRIES = 100_000
#: What one folder may keep in memory, by size of texts and by number of listed names.
_MAX_KEPT_BYTES, _MAX_KEPT_NAMES = 128 << 20, 1_000_000
#: A change so soon after the last would carry the same time stamp, so what is younger is not kept (nanoseconds).
_YOUNG_NS = 50_000_000

Signature = tuple[int, ...]


@dataclass(slots=True)
class _Listing:
    signature: Signature | None
    kinds: dict[str, str]


@dataclass(slots=True)
class _Text:
    signature: Signature | None
    text: str
    manifest: Manifest | None = None


@dataclass(slots=True)
class Kept:
    """What is known of a folder. ``signatures`` says for each name what it looked like when it was read."""

    listings: dict[str, _Listing] = field(default_factory=dict)
    texts: dict[str, _Text] = field(default_factory=dict)
    links: dict[str, str | None] = field(default_factory=dict)
    size: int = 0
    names: int = 0

    def clear(self) -> None:
        """Forget everything."""
        self.listings.clear()
        self.texts.clear()
        self.links.clear()
        self.size = self.names = 0


class Folder:
    """One mounted ``node_modules`` folder. :meth:`reading` opens it for a batch; only one batch at a time may use it."""

    def __init__(self, root: Path, store: Path | None) -> None:
        self._root, self._store = root, store
        self.kept = Kept()

    def reading(self, label: str) -> Reading:
        """Open it. ``label`` is its name in the guest, for messages. Raises ``OSError`` when the folder is gone."""
        if self.kept.size > _MAX_KEPT_BYTES or self.kept.names > _MAX_KEPT_NAMES:
            self.kept.clear()
        return Reading(Beneath(self._root, self._store), self.kept, label)


class Reading:
    """One batch of reads: everything is checked against the disk at its first use in the batch, and then believed."""

    def __init__(self, beneath: Beneath, kept: Kept, label: str) -> None:
        self._beneath, self._kept, self._label = beneath, kept, label
        self._checked: set[str] = set()

    def open(self) -> Reading:
        """Begin."""
        self._beneath.__enter__()
        return self

    def close(self) -> None:
        """End."""
        self._beneath.__exit__()

    # ------------------------------------------------------------------ names
    def real(self, name: str) -> tuple[str, str] | None:
        """``(name without links, "f" or "d")``, or ``None`` when there is nothing of use. Raises ``PackageError`` for an escape."""
        if name == "":
            return "", "d"
        parent, _, base = name.rpartition("/")
        at = self.real(parent)
        if at is None or at[1] != "d":
            return None
        place = f"{at[0]}/{base}" if at[0] else base
        if place == self._beneath.alias:
            return place, "d"
        kind = self._kinds(at[0]).get(base)
        if kind == "l":
            return self._through_link(place)
        return None if kind is None else (place, kind)

    def _through_link(self, place: str) -> tuple[str, str] | None:
        if place not in self._checked or place not in self._kept.links:
            self._checked.add(place)
            self._kept.links[place] = self._follow(place)
        target = self._kept.links[place]
        if target is None:
            return None
        return self.real(target)

    def _follow(self, place: str) -> str | None:
        try:
            return self._beneath.follow(place)
        except EscapeError:
            raise self._escape(place) from None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise PackageError(f"{self._label}/{place} is a circular symbolic link", "ERR_MODULE_LINK_LOOP") from None
            raise self._unreadable(place, error) from None

    def _kinds(self, folder: str) -> dict[str, str]:
        """Names in a folder (without links): ``f``, ``d``, ``l``; others are left out."""
        known = self._kept.listings.get(folder)
        if known is not None and (folder in self._checked or self._same(folder, known.signature)):
            self._checked.add(folder)
            return known.kinds
        kinds, signature = self._list(folder)
        self._kept.names += len(kinds) - (len(known.kinds) if known else 0)
        self._kept.listings[folder] = _Listing(signature, kinds)
        self._checked.add(folder)
        return kinds

    def _same(self, name: str, signature: Signature | None) -> bool:
        return signature is not None and self._beneath.signature(name) == signature

    def _list(self, folder: str) -> tuple[dict[str, str], Signature | None]:
        descriptor = self._open(folder, os.O_RDONLY | os.O_DIRECTORY)
        if descriptor is None:
            return {}, None
        try:
            signature = _settled(os.fstat(descriptor))
            kinds: dict[str, str] = {}
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    kind = "l" if entry.is_symlink() else "d" if entry.is_dir() else "f" if entry.is_file() else None
                    if kind is not None:
                        kinds[entry.name] = kind
                    if len(kinds) > _MAX_ENTRIES:
                        raise PackageError(f"{self._label}/{folder} has more than {_MAX_ENTRIES} entries", "ERR_MODULE_LOAD")
            return kinds, signature
        finally:
            os.close(descriptor)

    # ------------------------------------------------------------------ contents
    def text(self, name: str) -> str:
        """The text of a file (a name without links). Raises ``PackageError``."""
        return self._text(name, _MAX_FILE).text

    def manifest(self, folder: str) -> Manifest | None:
        """The ``package.json`` of a folder (a name without links); ``None`` without one. Raises ``PackageError`` when it is malformed."""
        place = f"{folder}/package.json" if folder else "package.json"
        at = self.real(place)
        if at is None or at[1] != "f":
            return None
        entry = self._text(at[0], _MAX_MANIFEST)
        if entry.manifest is None:
            entry.manifest = Manifest.parse(entry.text, f"{self._label}/{place}")
        return entry.manifest

    def _text(self, name: str, limit: int) -> _Text:
        known = self._kept.texts.get(name)
        if known is not None and (name in self._checked or self._same(name, known.signature)):
            self._checked.add(name)
            return known
        descriptor = self._open(name, os.O_RDONLY)
        if descriptor is None:
            raise PackageError(f"{self._label}/{name} is gone", "ERR_MODULE_NOT_FOUND")
        try:
            entry = self._read(descriptor, name, limit)
        finally:
            os.close(descriptor)
        self._kept.size += len(entry.text) - (len(known.text) if known else 0)
        self._kept.texts[name] = entry
        self._checked.add(name)
        return entry

    def _read(self, descriptor: int, name: str, limit: int) -> _Text:
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode):
            raise PackageError(f"{self._label}/{name} is not a regular file", "ERR_MODULE_LOAD")
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise PackageError(f"{self._label}/{name} is larger than {limit} bytes", "ERR_MODULE_LOAD")
        try:
            return _Text(_settled(info), raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
        except UnicodeDecodeError:
            raise PackageError(f"{self._label}/{name} is not UTF-8 text", "ERR_MODULE_LOAD") from None

    # ------------------------------------------------------------------ what a batch has seen
    def seen(self) -> dict[str, Signature | None]:
        """Every folder and file that this batch looked at, with its signature."""
        kept = self._kept
        entries = {name: kept.listings.get(name) or kept.texts.get(name) for name in self._checked}
        return {name: entry.signature for name, entry in entries.items() if entry is not None}

    def unchanged(self, seen: dict[str, Signature | None]) -> bool:
        """Whether all of it still looks the same."""
        return all(self._same(name, signature) for name, signature in seen.items())

    # ------------------------------------------------------------------ errors
    def _open(self, name: str, flags: int) -> int | None:
        try:
            return self._beneath.open(name, flags)
        except EscapeError:
            raise self._escape(name) from None
        except OSError as error:
            raise self._unreadable(name, error) from None

    def _escape(self, name: str) -> PackageError:
        where = f"the folder of {self._label}" + (" and its store" if self._beneath.alias else "")
        hint = "" if self._beneath.alias else "; if it leads to the store of a package manager, name that folder as the store of the mount"
        return PackageError(f"{self._label}/{name} is a symbolic link that leads out of {where}{hint}", "ERR_ACCESS_DENIED")

    def _unreadable(self, name: str, error: OSError) -> PackageError:
        return PackageError(f"{self._label}/{name} cannot be read ({error.strerror})", "ERR_MODULE_LOAD")


def _settled(info: os.stat_result) -> Signature | None:
    """The signature, unless the file is so young that its next change could not be told from this one."""
    return None if abs(time.time_ns() - info.st_mtime_ns) < _YOUNG_NS else signature_of(info)
