"""Which file of a mount a path means, and what kind of module it is."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from isolate_host.client.packages.folder import Reading
from isolate_host.client.packages.manifest import Manifest, PackageError

__all__ = ["MountedFiles"]

_ENDINGS = (".js", ".json", ".node", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".jsx")
#: TypeScript writes './x.js' for what is x.ts on disk.
_SOURCE_OF = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}
_FORMATS = {".mjs": "module", ".mts": "module", ".cjs": "commonjs", ".cts": "commonjs", ".json": "json"}
_NOT_CODE = (".wasm", ".css", ".scss", ".html", ".svg", ".png", ".map")
_MAX_SEGMENTS = 128


@dataclass(slots=True)
class MountedFiles:
    """Files of one mount in one batch, by their absolute path in the guest."""

    mount: str
    reading: Reading

    def contains(self, path: str) -> bool:
        """Whether ``path`` lies in the mount."""
        return path == self.mount or path.startswith(self.mount + "/")

    def relative(self, path: str) -> str:
        """``path`` as a name in the folder."""
        return path[len(self.mount) + 1 :]

    def _real(self, path: str, kind: str) -> str | None:
        """The path without links, if there is a file (``f``) or folder (``d``)."""
        name = self.relative(path)
        if name.count("/") > _MAX_SEGMENTS or len(name) > 4096 or "\0" in name:
            return None
        at = self.reading.real(name)
        if at is None or at[1] != kind:
            return None
        return f"{self.mount}/{at[0]}" if at[0] else self.mount

    def folder(self, path: str) -> str | None:
        """The folder at ``path``, without links."""
        return self._real(path, "d")

    def manifest(self, folder: str) -> Manifest | None:
        """The ``package.json`` of a folder that :meth:`folder` gave."""
        return self.reading.manifest(self.relative(folder))

    def text(self, path: str) -> str:
        """The text of a file."""
        return self.reading.text(self.relative(path))

    # ------------------------------------------------------------------ from a path to a file
    def exact(self, path: str) -> str | None:
        """The file at ``path``, or its TypeScript source."""
        stem, ending = posixpath.splitext(path)
        for name in (path, *(stem + other for other in _SOURCE_OF.get(ending, ()))):
            found = self._real(name, "f")
            if found is not None:
                return found
        return None

    def search(self, path: str) -> str | None:
        """The file that ``require(path)`` means: as written, with an ending, or the index of a folder."""
        if not path.endswith("/"):
            found = self.exact(path) or next(filter(None, (self._real(path + ending, "f") for ending in _ENDINGS)), None)
            if found is not None:
                return found
        folder = self.folder(path.rstrip("/"))
        return None if folder is None else self.main(folder, self.manifest(folder))

    def main(self, folder: str, manifest: Manifest | None) -> str | None:
        """The entry of a folder without ``exports``."""
        if manifest is not None and manifest.main:
            path = posixpath.normpath(f"{folder}/{manifest.main}")
            if not path.startswith(folder):
                message = f"{folder}/package.json has the main entry {manifest.main!r}, which is not inside the package"
                raise PackageError(message, "ERR_INVALID_PACKAGE_TARGET")
            found = None if path == folder else self._file_or_index(path)
            if found is not None:
                return found
        return self._index(folder)

    def _file_or_index(self, path: str) -> str | None:
        found = self.exact(path) or next(filter(None, (self._real(path + ending, "f") for ending in _ENDINGS)), None)
        if found is None and (folder := self.folder(path)) is not None:
            found = self._index(folder)
        return found

    def _index(self, folder: str) -> str | None:
        return next(filter(None, (self._real(f"{folder}/index{ending}", "f") for ending in _ENDINGS)), None)

    # ------------------------------------------------------------------ packages
    def scope(self, path: str) -> tuple[str, Manifest] | None:
        """Folder and manifest of the package that the file or folder ``path`` belongs to."""
        folder = path
        while self.contains(folder) and posixpath.basename(folder) != "node_modules" and folder != self.mount:
            manifest = self.manifest(folder) if self._real(folder, "d") == folder else None
            if manifest is not None:
                return folder, manifest
            folder = posixpath.dirname(folder)
        return None

    def format(self, path: str) -> str:
        """``module``, ``commonjs``, ``json``, or ``detect`` when only the text can tell. Raises ``PackageError`` for what is no module."""
        ending = posixpath.splitext(path)[1]
        if ending == ".node":
            raise PackageError(f"{path} is a native addon: machine code of packages does not run in a sandbox", "ERR_DLOPEN_DISABLED")
        if ending in _NOT_CODE:
            raise PackageError(f"{path} is not a module: files ending in {ending} cannot be imported", "ERR_UNKNOWN_FILE_EXTENSION")
        if ending in _FORMATS:
            return _FORMATS[ending]
        scope = self.scope(posixpath.dirname(path))
        declared = scope[1].type if scope else None
        if ending in (".ts", ".tsx"):
            return declared or "module"
        return declared or "detect"
