"""Where the modules of a runtime come from: a chain of sources, built with ``create_module_resolver()``."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from isolate_host.client.module_paths import access_denied, candidates, is_relative, join
from isolate_host.client.module_sources import SourceTree, VirtualModule, call_loader, virtual_file_loader
from isolate_host.client.module_types import Importer, Loader, ResolvedModule, read_result
from isolate_host.errors import PluginError
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
        self._mounts: dict[str, Path] = {}
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

    def mount_node_modules(self, virtual_mount: str, host_path: str | Path) -> Self:
        """Packages from npm, out of a ``node_modules`` folder of the host."""
        path = Path(host_path)
        if path.name != "node_modules":
            raise ValueError(f"host_path must be a folder called node_modules, not {str(host_path)!r}")
        self._mounts[join("/", virtual_mount)] = path
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
        self, specifier: str, importer: Importer | None = None, ctx: HostCallContext | None = None
    ) -> ResolvedModule | None:
        """Find one module; ``None`` when no source has it. Raises ``PolicyDenied`` for an escape, and whatever a loader raises."""
        by_name = self._virtual.get(specifier) or self._files.get(specifier)
        if by_name is not None:
            return await by_name.load(ctx)
        if importer is not None and importer.builtin:
            return None
        relative = is_relative(specifier)
        # Only what is a path gets one: a bare name must not be found by what it would be under the root.
        path = join(importer.resolve_dir if importer else "/", specifier) if relative or specifier.startswith("/") else None
        found = await self._by_path(path, ctx) if path is not None else await self._in_trees(specifier, ctx)
        return found or await self._last(specifier, path, importer, ctx)

    async def _by_path(self, path: str, ctx: HostCallContext | None) -> ResolvedModule | None:
        names = candidates(path)
        for table in (self._virtual, self._files):
            standing = {module.path: module for module in table.values()}
            for name in names:
                if name in standing:
                    return await standing[name].load(ctx)
        return await self._in_trees(path, ctx)

    async def _in_trees(self, specifier: str, ctx: HostCallContext | None) -> ResolvedModule | None:
        for tree in self._trees:
            relative = tree.match(specifier)
            if relative is not None:
                return await tree.load(relative, ctx)
        return None

    async def _last(
        self, specifier: str, path: str | None, importer: Importer | None, ctx: HostCallContext | None
    ) -> ResolvedModule | None:
        if self._fallback is not None:
            found = read_result(await call_loader(self._fallback, specifier, importer, ctx), path or specifier)
            if found is not None:
                return found
        if self._mounts and path is None:
            raise PluginError(
                f"cannot load {specifier!r}: npm packages need the node_modules support of the modules plugin",
                plugin="modules",
                hint="provide the module with virtual(), source_tree() or fallback()",
            )
        if path is not None and is_relative(specifier) and importer is not None:
            self._check_escape(specifier, path, importer)
        return None

    def _check_escape(self, specifier: str, path: str, importer: Importer) -> None:
        """A relative import that left its own tree and found nothing outside is told so, rather than "not found"."""
        for tree in self._trees:
            if tree.contains(importer.path) and not tree.contains(path):
                raise access_denied(specifier, f"the source tree {tree.prefix!r}")


def create_module_resolver() -> ModuleResolver:
    """An empty resolver; add sources with its chainable methods."""
    return ModuleResolver()
