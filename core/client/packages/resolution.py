"""Node's resolution: from a specifier and the module that contains it to a file of a mount."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field

from isolate_host.client.module_paths import is_relative
from isolate_host.client.packages.files import MountedFiles
from isolate_host.client.packages.manifest import Manifest, PackageError
from isolate_host.client.packages.targets import exports_target, imports_target

__all__ = ["EMPTY", "Resolution", "split_name"]

#: Stands for the module that a ``browser`` field replaces by nothing.
EMPTY = "\0empty"
#: Packages whose only purpose is to load machine code.
_ADDON_LOADERS = ("bindings", "node-gyp-build", "node-pre-gyp", "@mapbox/node-pre-gyp", "node-gyp", "pkg-prebuilds", "prebuildify")


def split_name(specifier: str) -> tuple[str, str]:
    """Package name and subpath (``.`` or ``./…``) of a bare specifier. Raises ``PackageError``."""
    parts = specifier.split("/", 2 if specifier.startswith("@") else 1)
    length = 2 if specifier.startswith("@") else 1
    name, rest = "/".join(parts[:length]), parts[length] if len(parts) > length else ""
    if not name or len(parts) < length or name.startswith(".") or any(c in name for c in "\\%\0"):
        raise PackageError(f"{specifier!r} is not a valid package name", "ERR_INVALID_MODULE_SPECIFIER")
    return name, f"./{rest}" if rest else "."


@dataclass(slots=True)
class Resolution:
    """One batch of resolutions over all mounts. ``tried`` collects where the last package was looked for."""

    mounts: Sequence[MountedFiles]
    conditions: frozenset[str]
    tried: list[str] = field(default_factory=list)

    def mount_of(self, path: str) -> MountedFiles | None:
        """The mount in which ``path`` lies."""
        return next((mount for mount in self.mounts if mount.contains(path)), None)

    def resolve(self, specifier: str, importer: str | None, folder: str, kind: str) -> str | None:
        """Path of the module, ``EMPTY``, or ``None``. ``folder`` is that of the importer. Raises ``PackageError``.

        ``kind`` is ``require`` for CommonJS; it decides the conditions.
        """
        self.tried.clear()
        mount = self.mount_of(importer) if importer else None
        scope = mount.scope(posixpath.dirname(importer)) if mount and importer else None
        if is_relative(specifier) or specifier.startswith("/"):
            return self._by_path(specifier, folder, scope)
        if specifier.startswith("#"):
            return self._internal(specifier, scope, kind)
        if scope is not None and mount is not None:
            replaced = scope[1].browser.get(specifier)
            if replaced is not None and replaced != specifier:
                return self._replacement(replaced, scope[0], kind)
        return self._package(specifier, importer, folder, scope, kind)

    # ------------------------------------------------------------------ paths
    def _by_path(self, specifier: str, folder: str, scope: tuple[str, Manifest] | None) -> str | None:
        path = posixpath.normpath(specifier if specifier.startswith("/") else f"{folder}/{specifier}")
        path = "/" + path.lstrip("/") + ("/" if specifier.endswith(("/", "/.", "/..")) or specifier in (".", "..") else "")
        mount = self.mount_of(path)
        if mount is None:
            return None
        found = mount.search(path)
        if found is None:
            self.tried.append(f"{path} (also with the endings .js .json .mjs .cjs .ts, and as a folder)")
        elif scope is not None and found.startswith(scope[0] + "/"):
            return self._remapped(found, scope)
        return found

    def _remapped(self, found: str, scope: tuple[str, Manifest]) -> str:
        """``found``, or what the ``browser`` field of its own package puts in its place."""
        name = "." + found[len(scope[0]) :]
        for key in (name, posixpath.splitext(name)[0]):
            replaced = scope[1].browser.get(key, scope[1].browser.get(key[2:]) if "/" in key[2:] else None)
            if replaced is not None:
                return self._replacement(replaced, scope[0], "require") or found
        return found

    def _replacement(self, replaced: str | bool, folder: str, kind: str) -> str | None:
        if not isinstance(replaced, str):
            return EMPTY
        if not replaced.startswith("."):
            return self._package(replaced, f"{folder}/package.json", folder, None, kind)
        return self._in_package(replaced, folder)

    def _in_package(self, target: str, folder: str) -> str | None:
        """A file named relative to its package by the package itself; it may not leave it."""
        path = posixpath.normpath(f"{folder}/{target}")
        mount = self.mount_of(folder)
        if mount is None or not path.startswith(folder + "/"):
            raise PackageError(f"{folder}/package.json has the target {target!r}, which is not inside the package", "ERR_INVALID_PACKAGE_TARGET")
        return mount.search(path)

    # ------------------------------------------------------------------ names
    def _internal(self, specifier: str, scope: tuple[str, Manifest] | None, kind: str) -> str | None:
        if scope is None:
            raise PackageError(f"{specifier!r} means something only inside a package", "ERR_PACKAGE_IMPORT_NOT_DEFINED")
        folder, manifest = scope
        target = imports_target(manifest, specifier, self._conditions(kind), folder)
        if target.startswith("./"):
            return self._target_file(target, folder)
        return self._package(target, f"{folder}/package.json", folder, scope, kind)

    def _conditions(self, kind: str) -> frozenset[str]:
        # A bundler's "module" build is an ES module: what require() is to give must come from "require" or "default".
        return self.conditions - {"import", "module"} | {"require"} if kind == "require" else self.conditions

    def _package(self, specifier: str, importer: str | None, folder: str, scope: tuple[str, Manifest] | None, kind: str) -> str | None:
        name, subpath = split_name(specifier)
        if name in _ADDON_LOADERS and scope is not None:
            owner = scope[1].name or scope[0]
            message = f"package {owner!r} needs a native addon (it loads one with {name!r}), which cannot run in a sandbox"
            raise PackageError(message, "ERR_DLOPEN_DISABLED")
        if scope is not None and scope[1].name == name and scope[1].exports is not None:
            return self._entry(self.mount_of(scope[0]), scope[0], scope[1], subpath, kind)
        for mount, place in self.places(name, importer, folder):
            package = mount.folder(place)
            if package is None:
                self.tried.append(place)
                continue
            return self._entry(mount, package, mount.manifest(package), subpath, kind)
        return None

    def places(self, name: str, importer: str | None, folder: str) -> list[tuple[MountedFiles, str]]:
        """Where a package may lie, nearest first: above the importer, then in the mounts."""
        places: list[tuple[MountedFiles, str]] = []
        own = self.mount_of(importer) if importer else None
        if own is not None:
            while folder != own.mount and own.contains(folder):
                base = posixpath.basename(folder)
                places.append((own, f"{folder}/{name}" if base == "node_modules" else f"{folder}/node_modules/{name}"))
                folder = posixpath.dirname(folder)
            places.append((own, f"{own.mount}/{name}"))
        return places + [(mount, f"{mount.mount}/{name}") for mount in self._others(own, folder)]

    def _others(self, own: MountedFiles | None, folder: str) -> list[MountedFiles]:
        """The mounts besides ``own``: those beside a parent folder of the importer first, the nearest of them first."""
        others = [mount for mount in self.mounts if mount is not own]
        return sorted(others, key=lambda mount: -len(mount.mount) if f"{folder}/".startswith(posixpath.dirname(mount.mount).rstrip("/") + "/") else 1)

    def _entry(self, mount: MountedFiles | None, folder: str, manifest: Manifest | None, subpath: str, kind: str) -> str | None:
        if mount is None:
            return None
        if manifest is not None and manifest.exports is not None:
            return self._target_file(exports_target(manifest, subpath, self._conditions(kind), folder), folder)
        found = mount.main(folder, manifest) if subpath in (".", "./") else mount.search(posixpath.normpath(f"{folder}/{subpath}"))
        if found is None:
            what = "no main entry" if subpath == "." else f"no file {subpath}"
            self.tried.append(f"{folder} (a package with {what})")
        return found

    def _target_file(self, target: str, folder: str) -> str:
        path = posixpath.normpath(f"{folder}/{target}")
        mount = self.mount_of(path)
        found = mount.exact(path) if mount is not None and path.startswith(folder + "/") else None
        if found is None:
            raise PackageError(f"{folder}/package.json points to {target}, and there is no such file", "ERR_MODULE_NOT_FOUND")
        return found
