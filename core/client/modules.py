"""Where the modules of a runtime come from: a chain of sources, built with ``create_module_resolver()``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from isolate_host.client.import_map import ImportMap
from isolate_host.client.module_paths import access_denied, candidates, is_relative, join
from isolate_host.client.module_sources import SourceTree, VirtualModule, call_loader, virtual_file_loader
from isolate_host.client.module_types import Importer, Loader, ModuleMissingError, ResolvedModule, read_result
from isolate_host.client.packages import NodeModules
from isolate_host.wire.context import HostCallContext

__all__ = ["ModuleResolver", "create_module_resolver"]


class ModuleResolver:
    """Finds modules, in this order: ``virtual``, ``virtual_file``, source trees, ``node_modules``, ``fallback``.

    Every module has an absolute path. A relative import is joined to the importer's folder and then looked up by that path, whatever kind
    of source the importer came from and wherever the other module lives; the suffix may be left out (``.ts .tsx .mts .js
    .jsx .mjs .json`` and ``/index.*`` are tried, and ``./x.js`` finds ``x.ts``). Loaders may be sync or async.

    >>> resolver = create_module_resolver().virtual("@/env", "export const mode = 'sandbox'")
    """

    def __init__(self) -> None:
        self._virtual: dict[str, VirtualModule] = {}
        self._files: dict[str, VirtualModule] = {}
        self._trees: list[SourceTree] = []
        self._packages = NodeModules()
        self._map = ImportMap()
        self._fallback: Loader | None = None

    # -- building ----------------------------------------------------------------------------------------------------

    def virtual(
        self,
        specifier: str,
        source: str | Loader,
        *,
        filename: str | None = None,
        resolve_dir: str | None = None,
        static: bool = False,
    ) -> Self:
        """One module under an exact specifier. ``source`` is text, or a function (optionally of the context) that returns it.

        ``filename`` (a base name) and ``resolve_dir`` say where it stands: for stack traces, for its relative imports, and for the
        relative imports of others. Without them that follows from the specifier (``@/env`` stands at ``/@/env``).
        Registering a specifier again replaces it. Raises ``ValueError`` when another module stands at the same path.
        """
        self._register(self._virtual, VirtualModule.create(specifier, source, filename, resolve_dir, static=static))
        return self

    def virtual_file(
        self,
        specifier: str,
        host_path: str | Path,
        *,
        filename: str | None = None,
        resolve_dir: str | None = None,
        static: bool = False,
    ) -> Self:
        """The same with a file of the host, read anew at each resolution. The guest never learns ``host_path``."""
        loader, name = virtual_file_loader(specifier, host_path, filename)
        self._register(self._files, VirtualModule.create(specifier, loader, name, resolve_dir, static=static))
        return self

    def source_tree(self, prefix: str, loader: Loader) -> Self:
        """Every module under ``prefix`` (``@app/`` or ``/app/src/``): ``loader(relative_path, ctx)`` returns its source or ``None``.

        ``prefix`` matches whole path segments; the longest that matches wins. The path handed to the loader is normalised and
        never climbs: a specifier that would is refused (``PolicyDenied``).
        """
        if not callable(loader):
            raise TypeError(f"the loader of a source tree must be callable, not {type(loader).__name__}")
        tree = SourceTree(prefix, loader)
        self._trees = sorted([*(t for t in self._trees if t.root != tree.root), tree], key=lambda t: -len(t.root))
        return self

    def mount_node_modules(
        self, virtual_mount: str, host_path: str | Path, *, store: str | Path | None = None, conditions: Iterable[str] = ()
    ) -> Self:
        """Packages from npm, out of a ``node_modules`` folder of the host: Node's resolution, CommonJS included, run in the guest.

        ``virtual_mount`` is where the guest sees the folder (``/node_modules``). Links in it may lead to inside the folder, or to
        inside ``store`` (the virtual store of pnpm, when that lies elsewhere). ``conditions`` are added to those under which ``exports``
        are chosen. Raises ``ValueError`` when the folder does not exist or is not called ``node_modules``.
        """
        path = Path(host_path)
        if path.name != "node_modules":
            raise ValueError(f"host_path must be a folder called node_modules, not {str(host_path)!r}")
        for folder in (path, store):
            if folder is not None and not Path(folder).is_dir():
                raise ValueError(f"{str(folder)!r} is not a folder")
        mount = join("/", virtual_mount)
        if mount == "/":
            raise ValueError("virtual_mount must not be the root of the module space")
        self._packages.mount(mount, path, None if store is None else Path(store), conditions)
        return self

    def import_map(
        self, imports: Mapping[str, str | None] | None = None, scopes: Mapping[str, Mapping[str, str | None]] | None = None
    ) -> Self:
        """Give specifiers another meaning: everywhere (``imports``), or for modules below a path (``scopes``).

        As in the HTML standard: a key that ends with a slash maps all that begin with it, the longest key wins, ``None`` forbids. Relative
        keys and addresses start at ``/``; an address may also be the name of a package. A second call replaces the first map.
        """
        self._map = ImportMap.create(imports or {}, scopes or {})
        return self

    def fallback(self, loader: Loader) -> Self:
        """The last resort: ``loader(specifier, importer, ctx)`` with the specifier as written; ``None`` = not found."""
        if not callable(loader):
            raise TypeError(f"the fallback must be callable, not {type(loader).__name__}")
        self._fallback = loader
        return self

    def _register(self, table: dict[str, VirtualModule], module: VirtualModule) -> None:
        for other in (*self._virtual.values(), *self._files.values()):
            if other.path == module.path and other.specifier != module.specifier:
                raise ValueError(f"modules {other.specifier!r} and {module.specifier!r} both stand at {module.path!r}: give another filename")
        table[module.specifier] = module

    # -- resolving ---------------------------------------------------------------------------------------------------

    async def resolve(
        self, specifier: str, importer: Importer | None = None, ctx: HostCallContext | None = None, kind: str = ""
    ) -> ResolvedModule | None:
        """Find one module; ``None`` when no source has it. ``kind`` is ``require`` for CommonJS, else the import's ``type``.

        Raises ``PolicyDenied`` for an escape, ``LookupError`` for a package that cannot be used, and whatever a loader raises.
        """
        folder = importer.resolve_dir if importer else "/"
        mapped = self._map.apply(specifier, importer.path if importer else None, folder)
        by_name = self._virtual.get(mapped) or self._files.get(mapped)
        if by_name is not None:
            return await by_name.load(ctx)
        if importer is not None and importer.builtin and mapped == specifier:
            return None
        # Only what is a path gets one: a bare name must not be found by what it would be under the root.
        path = join(folder, mapped) if is_relative(mapped) or mapped.startswith("/") else None
        found = await self._by_path(path, ctx) if path is not None else await self._in_trees(mapped, ctx)
        return found or await self._in_packages(mapped, importer, kind) or await self._last(mapped, path, importer, ctx, kind)

    async def _in_packages(self, specifier: str, importer: Importer | None, kind: str) -> ResolvedModule | None:
        return await self._packages.resolve(specifier, importer, kind) if self._packages and ":" not in specifier else None

    async def _by_path(self, path: str, ctx: HostCallContext | None) -> ResolvedModule | None:
        names = candidates(path)
        for table in (self._virtual, self._files):
            standing = {module.path: module for module in table.values()}
            for name in names:
                if name in standing:
                    return await standing[name].load(ctx)
        # A tree may stand around a mount (one with the prefix "/" does): the files of packages are read by the mount's rules.
        return None if self._packages.contains(path) else await self._in_trees(path, ctx)

    async def _in_trees(self, specifier: str, ctx: HostCallContext | None) -> ResolvedModule | None:
        for tree in self._trees:
            relative = tree.match(specifier)
            if relative is not None:
                return await tree.load(relative, ctx)
        return None

    async def _last(
        self, specifier: str, path: str | None, importer: Importer | None, ctx: HostCallContext | None, kind: str
    ) -> ResolvedModule | None:
        if self._fallback is not None:
            found = read_result(await call_loader(self._fallback, specifier, importer, ctx), path or specifier)
            if found is not None:
                return found
        if path is not None and is_relative(specifier) and importer is not None:
            self._check_escape(specifier, path, importer)
        if self._packages:
            await self._explain(specifier, importer, kind)
        return None

    async def _explain(self, specifier: str, importer: Importer | None, kind: str) -> None:
        """Say where a package was looked for."""
        why = await self._packages.why_not(specifier, importer, kind)
        if why:
            raise ModuleMissingError(f"Cannot find module '{specifier}': {why}")

    def _check_escape(self, specifier: str, path: str, importer: Importer) -> None:
        """A relative import that left its own tree and found nothing outside is told so, rather than "not found"."""
        for tree in self._trees:
            if tree.contains(importer.path) and not tree.contains(path):
                raise access_denied(specifier, f"the source tree {tree.prefix!r}")


def create_module_resolver() -> ModuleResolver:
    """An empty resolver; add sources with its chainable methods."""
    return ModuleResolver()
