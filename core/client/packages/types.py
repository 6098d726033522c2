"""Declarations of packages: which ``.d.ts`` file an import means for a type checker, and all that this one refers to."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from isolate_host.client.module_paths import is_relative
from isolate_host.client.packages.builtins import is_builtin
from isolate_host.client.packages.files import MountedFiles
from isolate_host.client.packages.manifest import Manifest, PackageError
from isolate_host.client.packages.resolution import Resolution, split_name
from isolate_host.client.packages.targets import exports_target, imports_target
from isolate_host.errors import LimitExceeded

__all__ = ["TypesClosure", "TypesResolution", "read_types"]

#: Of one imported package, with everything that its declarations refer to.
_MAX_FILES: Final = 3000
_MAX_CHARACTERS: Final = 8 << 20
_CONDITIONS: Final = (frozenset({"types", "import", "default"}), frozenset({"types", "require", "default"}))
_ENDINGS: Final = (".d.ts", ".d.mts", ".d.cts")
_DECLARED_BY: Final = {
    ".js": ".d.ts", ".jsx": ".d.ts", ".ts": ".d.ts", ".tsx": ".d.ts", ".mjs": ".d.mts", ".mts": ".d.mts", ".cjs": ".d.cts", ".cts": ".d.cts",
}  # fmt: skip
#: ``typesVersions`` knows ranges; what packages write are lower bounds, and ``*``.
_LOWER_BOUND: Final = re.compile(r"\s*(?:\*|>=?\s*([0-5](?:\.\d+)*|6(?:\.0)*)(?:-\d+)?)\s*\Z")
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_NAME: Final = r"""["']([^"'\n\\]{1,500})["']"""
_IMPORTED: Final = re.compile(r"(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*" + _NAME)
#: ``types=`` is not followed: it is how packages ask for the globals of Node.js, which a guest has not.
_REFERENCED: Final = re.compile(r"^///\s*<reference\s+path\s*=\s*" + _NAME, re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TypesClosure:
    """``entry`` is the file that the import means. ``links`` says for each file what its imports mean. ``key`` names the whole by its content."""

    entry: str
    key: str
    files: dict[str, str]
    links: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class TypesResolution:
    """Finds declarations as TypeScript does for bundlers. What cannot be found has none: the error belongs to whoever really imports it."""

    base: Resolution

    def find(self, specifier: str, importer: str) -> str | None:
        """The declarations that ``specifier`` means in the file ``importer``."""
        try:
            return self._find(specifier, importer, posixpath.dirname(importer) or "/")
        except PackageError:
            return None

    def _find(self, specifier: str, importer: str, folder: str) -> str | None:
        own = self.base.mount_of(importer)
        if is_relative(specifier) or specifier.startswith("/"):
            return self._file(posixpath.normpath(f"{folder}/{specifier}")) if own is not None else None
        scope = own.scope(folder) if own is not None else None
        if specifier.startswith("#"):
            if scope is None:
                return None
            target = imports_target(scope[1], specifier, _CONDITIONS[0], scope[0])
            return self._file(posixpath.normpath(f"{scope[0]}/{target}")) if target.startswith("./") else self._package(target, importer, folder)
        if scope is not None and own is not None and scope[1].name == split_name(specifier)[0]:
            return self._entry(own, scope[0], split_name(specifier)[1])
        return None if is_builtin(specifier) else self._package(specifier, importer, folder)

    def _package(self, specifier: str, importer: str, folder: str) -> str | None:
        name, subpath = split_name(specifier)
        apart = f"@types/{name.removeprefix('@').replace('/', '__')}"
        for wanted in (name, apart):
            for mount, place in self.base.places(wanted, importer, folder):
                package = mount.folder(place)
                found = None if package is None else self._entry(mount, package, subpath)
                if found is not None:
                    return found
        return None

    def _entry(self, mount: MountedFiles, package: str, subpath: str) -> str | None:
        manifest = mount.manifest(package) or Manifest()
        if manifest.exports is not None:
            return next(filter(None, (self._exported(manifest, package, subpath, conditions) for conditions in _CONDITIONS)), None)
        if subpath not in (".", "./"):
            return self._file(posixpath.normpath(f"{package}/{_for_this_version(manifest, subpath[2:])}"))
        named = [name for name in (manifest.types, manifest.main, "index") if name is not None]
        return next(filter(None, (self._file(posixpath.normpath(f"{package}/{_for_this_version(manifest, name)}")) for name in named)), None)

    def _exported(self, manifest: Manifest, package: str, subpath: str, conditions: frozenset[str]) -> str | None:
        try:
            return self._file(posixpath.normpath(f"{package}/{exports_target(manifest, subpath, conditions, package)}"))
        except PackageError:
            return None

    def _file(self, path: str) -> str | None:
        """The declarations of what lies at ``path``: the file itself, those beside a script, those of a folder."""
        mount = self.base.mount_of(path)
        if mount is None:
            return None
        stem, ending = posixpath.splitext(path)
        names = [path] if path.endswith(_ENDINGS) else [*([stem + _DECLARED_BY[ending]] if ending in _DECLARED_BY else []), f"{path}.d.ts"]
        found = next(filter(None, map(mount.exact, names)), None)
        folder = mount.folder(path) if found is None else None
        if folder is None:
            return found if found is not None and found.endswith(_ENDINGS) else None
        manifest = mount.manifest(folder)
        if manifest is not None and manifest.types is not None:
            found = mount.exact(posixpath.normpath(f"{folder}/{manifest.types}"))
        found = found or mount.exact(f"{folder}/index.d.ts")
        return found if found is not None and found.endswith(_ENDINGS) else None


def _for_this_version(manifest: Manifest, name: str) -> str:
    """``name``, or where ``typesVersions`` has it for the compiler of this host."""
    for versions, paths in manifest.types_versions.items():
        if _LOWER_BOUND.match(versions) and isinstance(paths, dict):
            return _mapped(paths, posixpath.normpath(name))
    return name


def _mapped(paths: dict[str, Any], name: str) -> str:
    for pattern, targets in paths.items():
        target = targets[0] if isinstance(targets, list) and targets else None
        before, star, after = pattern.partition("*")
        if isinstance(target, str) and (name == pattern or (star and name.startswith(before) and name.endswith(after))):
            return target.replace("*", name[len(before) : len(name) - len(after)], 1)
    return name


def _references(text: str) -> Iterator[tuple[str, bool]]:
    for found in _REFERENCED.finditer(text):
        yield found[1], True
    for found in _IMPORTED.finditer(_COMMENT.sub("", text)):
        yield found[1], False


def read_types(resolution: TypesResolution, specifier: str, entry: str) -> TypesClosure:
    """``entry`` and everything that it refers to. Raises ``LimitExceeded`` when that is more than a check can carry."""
    files: dict[str, str] = {}
    links: dict[str, dict[str, str]] = {}
    pending, size, digest = [entry], 0, hashlib.sha256()
    while pending:
        path = pending.pop()
        mount = resolution.base.mount_of(path)
        if path in files or mount is None:
            continue
        try:
            text = files[path] = mount.text(path)
        except PackageError:
            continue
        size += len(text)
        if size > _MAX_CHARACTERS or len(files) > _MAX_FILES:
            message = f"the types of {specifier!r} are more than {_MAX_FILES} files or {_MAX_CHARACTERS >> 20} Mi characters"
            hint = f"import a part of the package, or declare what you use of it: declare module {specifier!r} {{ … }}"
            raise LimitExceeded(message, kind="payload", hint=hint)
        digest.update(f"{len(path)} {len(text)} {path}{text}".encode("utf-8", "surrogatepass"))
        for name, is_path in _references(text):
            target = resolution.find(f"./{name}" if is_path and not name.startswith((".", "/")) else name, path)
            if target is not None:
                pending.append(target)
                if not is_path:
                    links.setdefault(path, {})[name] = target
    digest.update(repr(sorted((path, sorted(found.items())) for path, found in links.items())).encode("utf-8", "surrogatepass"))
    return TypesClosure(entry, digest.hexdigest(), files, links)
