"""Host side of the modules of one runtime."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isolate_host.client.module_types import Importer, ModuleMissingError
from isolate_host.client.modules import ModuleResolver, create_module_resolver
from isolate_host.plugin import Capability, CapabilityRequest, GuestCall
from isolate_host.plugin.context import HostCallContext
from isolate_host.plugins.modules.tree import FolderLoader

__all__ = ["Modules", "resolver_of"]


class Modules(Capability):
    """Answers ``resolve(specifier, importer, type)``.

    Order: the policy's own modules (``virtual``, then files, source trees and packages, as in ``create_module_resolver``), then whatever
    resolver the caller bound. The policy comes first so that a caller cannot put another module in the place of one that the policy provides.

    A module is ``{"id", "source", "filename", "resolve_dir", "static", "language"}``; ``id`` is its absolute path in the guest. Those out of
    packages also have ``format``, ``links`` and ``extra`` (see ``ResolvedModule``).
    """

    def __init__(self, request: CapabilityRequest) -> None:
        self._bound = request.binding is not None
        self._resolver = _shared_resolver(request)

    async def handle(self, call: GuestCall) -> Any:
        """Answer from the policy; else let the caller's resolver answer. ``None`` = no such module."""
        if call.op != "resolve":
            raise LookupError(f"unknown operation {call.op!r}")
        arguments = call.arguments()
        importer, kind = arguments[1] if len(arguments) > 1 else None, arguments[2] if len(arguments) > 2 else ""
        try:
            found = await self.resolve(arguments[0], importer, kind, ctx=call.ctx)
        except ModuleMissingError:
            # The caller may have it. When not, its answer, too, is that there is none.
            if not self._bound:
                raise
            found = None
        if found is not None or not self._bound:
            return found
        return await call.forward()

    async def resolve(
        self, specifier: str, importer: Mapping[str, Any] | None = None, kind: str = "", ctx: HostCallContext | None = None
    ) -> dict[str, Any] | None:
        """The module that the policy provides for ``specifier``, or ``None``. Raises ``PolicyDenied`` for a name that leads out of a folder."""
        if not isinstance(specifier, str):
            raise TypeError("a module specifier must be a string")
        found = await self._resolver.resolve(specifier, Importer.from_wire(importer), ctx, kind)
        return None if found is None else found.to_wire()


def _shared_resolver(request: CapabilityRequest) -> ModuleResolver:
    """The resolver of this policy, made once: it knows the packages that it read for other runtimes, and notices when they change."""
    known = request.shared.get(request.key)
    if known is not None and known[:2] == (request.policy, request.base_dir):
        shared: ModuleResolver = known[2]
        return shared
    resolver = resolver_of(request.policy, request.base_dir, request.key)
    request.shared[request.key] = (request.policy, request.base_dir, resolver)
    return resolver


def resolver_of(policy: Mapping[str, Any], base_dir: Path, key: str) -> ModuleResolver:
    """The resolver that a policy describes.

    Raises ``ValueError`` for two modules at the same path, a folder that is not there, and an import map that makes no sense.
    """
    resolver = create_module_resolver()
    for specifier, module in policy.get("virtual", {}).items():
        options = {"source": module} if isinstance(module, str) else dict(module)
        if "file" in options:
            resolver.virtual_file(specifier, base_dir / options.pop("file"), **options)
        else:
            resolver.virtual(specifier, options.pop("source"), **options)
    for tree in policy.get("source_trees", ()):
        resolver.source_tree(tree["prefix"], FolderLoader(base_dir / tree["root"], f"{key}.source_trees"))
    for mount in policy.get("node_modules", ()):
        store = mount.get("store")
        resolver.mount_node_modules(
            mount["mount"], base_dir / mount["root"], store=None if store is None else base_dir / store, conditions=policy.get("conditions", ())
        )
    return resolver.import_map(policy.get("imports"), policy.get("scopes"))
