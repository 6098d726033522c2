"""``node_modules`` folders of the host as a source of modules."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from isolate_host.client.module_types import Importer, ResolvedModule
from isolate_host.client.packages.builtins import BUILTINS, is_builtin
from isolate_host.client.packages.closure import empty_module, module_at, read_ahead
from isolate_host.client.packages.files import MountedFiles
from isolate_host.client.packages.folder import Folder, Signature
from isolate_host.client.packages.manifest import PackageError
from isolate_host.client.packages.resolution import EMPTY, Resolution
from isolate_host.client.packages.types import TypesClosure, TypesResolution, read_types

__all__ = ["CONDITIONS", "NodeModules"]

#: The conditions of ``exports`` that hold in a guest, besides those that the caller adds.
CONDITIONS = frozenset({"workerd", "worker", "edge-light", "import", "module", "default"})
_MAX_CLOSURES = 200
#: Packages whose declarations are kept.
_MAX_TYPES = 24
#: Characters of all modules in the graphs that are kept.
_MAX_CLOSURE_CHARACTERS = 64 << 20


class _Closure:
    """A graph that was read ahead, and what every file and folder that it depends on looked like then."""

    __slots__ = ("module", "seen", "size")

    def __init__(self, module: ResolvedModule, seen: dict[str, dict[str, Signature | None]]) -> None:
        self.module, self.seen = module, seen
        self.size = sum(len(item.source) for item in (module, *module.extra))


class NodeModules:
    """All mounts of one resolver. Thread-safe: a batch has them to itself."""

    def __init__(self) -> None:
        self._folders: dict[str, Folder] = {}
        self.conditions = CONDITIONS
        self._lock = threading.Lock()
        self._closures: OrderedDict[str, _Closure] = OrderedDict()
        self._size = 0
        self._types: OrderedDict[str, tuple[TypesClosure, dict[str, dict[str, Signature | None]]]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._folders)

    def mount(self, mount: str, root: Path, store: Path | None, conditions: Iterable[str]) -> None:
        """Add a folder at the absolute path ``mount`` of the guest."""
        self._folders[mount] = Folder(root, store)
        self.conditions |= frozenset(conditions)
        # The longest first: a mount may lie inside another.
        self._folders = dict(sorted(self._folders.items(), key=lambda item: -len(item[0])))

    def contains(self, path: str) -> bool:
        """Whether the absolute ``path`` lies in a mount."""
        return any(path == mount or path.startswith(mount + "/") for mount in self._folders)

    async def resolve(self, specifier: str, importer: Importer | None, kind: str) -> ResolvedModule | None:
        """The module and all that it needs; ``None`` when it is none of ours. Raises ``LookupError`` with what is wrong."""
        return await asyncio.to_thread(self._resolve, specifier, importer, kind)

    def _resolve(self, specifier: str, importer: Importer | None, kind: str) -> ResolvedModule | None:
        with self._lock, self._batch() as resolution:
            try:
                path = resolution.resolve(specifier, importer.path if importer else None, importer.resolve_dir if importer else "/", kind)
                if path == EMPTY:
                    return empty_module(next(iter(self._folders)))
                return None if path is None else self._with_closure(resolution, path)
            except PackageError as error:
                raise _Unusable(str(error), error.code) from None

    # ------------------------------------------------------------------ declarations
    def types(self, specifier: str, importer: str) -> TypesClosure | None:
        """The declarations of what ``specifier`` means in ``importer``, a path of the guest; ``None`` when there are none. Reads files.

        Raises ``LimitExceeded`` when they are more than a check can carry, ``LookupError`` when a mount cannot be opened.
        """
        with self._lock, self._batch() as resolution:
            finder = TypesResolution(resolution)
            entry = finder.find(specifier, importer)
            known = None if entry is None else self._types.get(entry)
            if known is not None and all(mount.reading.unchanged(known[1][mount.mount]) for mount in resolution.mounts):
                self._types.move_to_end(known[0].entry)
                return known[0]
            if entry is None:
                return None
            found = read_types(finder, specifier, entry)
            self._types[entry] = (found, {mount.mount: mount.reading.seen() for mount in resolution.mounts})
            if len(self._types) > _MAX_TYPES:
                self._types.popitem(last=False)
            return found

    async def why_not(self, specifier: str, importer: Importer | None, kind: str) -> str:
        """Where a module was looked for in vain, for the message."""
        return await asyncio.to_thread(self._why_not, specifier, importer, kind)

    def _why_not(self, specifier: str, importer: Importer | None, kind: str) -> str:
        if specifier.startswith("node:"):
            return ""
        if is_builtin(specifier):
            return f"{specifier!r} is a module of Node.js, and no policy grants it (policies.node)"
        with self._lock, self._batch() as resolution:
            try:
                resolution.resolve(specifier, importer.path if importer else None, importer.resolve_dir if importer else "/", kind)
            except PackageError as error:
                return str(error)
            return "tried " + ", ".join(resolution.tried[:12]) if resolution.tried else ""

    @contextmanager
    def _batch(self) -> Iterator[Resolution]:
        with ExitStack() as stack:
            mounts = []
            for mount, folder in self._folders.items():
                reading = folder.reading(mount)
                try:
                    reading.open()
                except OSError as error:
                    raise _Unusable(f"the folder of {mount} cannot be opened ({error.strerror})", "ERR_MODULE_LOAD") from None
                stack.callback(reading.close)
                mounts.append(MountedFiles(mount, reading))
            yield Resolution(mounts, self.conditions)

    # ------------------------------------------------------------------ graphs that were read before
    def _with_closure(self, resolution: Resolution, path: str) -> ResolvedModule:
        known = self._closures.get(path)
        if known is not None and all(mount.reading.unchanged(known.seen[mount.mount]) for mount in resolution.mounts):
            self._closures.move_to_end(path)
            return known.module
        module = read_ahead(resolution, module_at(resolution, path), BUILTINS)
        self._keep(path, _Closure(module, {mount.mount: mount.reading.seen() for mount in resolution.mounts}))
        return module

    def _keep(self, path: str, closure: _Closure) -> None:
        old = self._closures.pop(path, None)
        self._size -= old.size if old else 0
        self._closures[path] = closure
        self._size += closure.size
        while len(self._closures) > _MAX_CLOSURES or (self._size > _MAX_CLOSURE_CHARACTERS and len(self._closures) > 1):
            self._size -= self._closures.popitem(last=False)[1].size


class _Unusable(LookupError):
    """Found, and cannot be used; ``code`` reaches the guest's error."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code
