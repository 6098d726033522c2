"""The ``node_modules`` folder that belongs to a program, and what to say when the program may not use it."""

from __future__ import annotations

from pathlib import Path

from isolate_host.client.modules import ModuleResolver
from isolate_host.config import SandboxConfig
from isolate_host.errors import GuestError

__all__ = ["mount_nearest", "nearest_node_modules", "packages_hint"]

_MISSING = ("Cannot find module ", "Cannot import ", "Cannot load module ")


def nearest_node_modules(file: Path) -> Path | None:
    """The folder that Node.js would look in first for packages of ``file``."""
    parents = file.resolve().parents
    return next((parent / "node_modules" for parent in parents if parent.name != "node_modules" and (parent / "node_modules").is_dir()), None)


def mount_nearest(resolver: ModuleResolver, file: Path) -> None:
    """Let the program import the packages that are installed for it, if there are any."""
    nearest = nearest_node_modules(file)
    if nearest is not None:
        resolver.mount_node_modules("/node_modules", nearest, store=_store_above(nearest))


def _store_above(folder: Path) -> Path | None:
    """The store that pnpm keeps for a workspace, when it is not that of the folder itself."""
    if (folder / ".pnpm").is_dir():
        return None
    stores = (parent / "node_modules" / ".pnpm" for parent in folder.parents[1:])
    return next((store for store in stores if store.is_dir()), None)


def packages_hint(error: GuestError, file: Path, sandbox: SandboxConfig) -> str | None:
    """Why a package that is installed could not be imported: the policy does not name its folder."""
    nearest = nearest_node_modules(file)
    if nearest is None or not error.message.startswith(_MISSING):
        return None
    modules = sandbox.policies.get("modules")
    mounts = modules.policy.get("node_modules", ()) if modules else ()
    if modules and any((modules.base_dir / mount["root"]).resolve() == nearest.resolve() for mount in mounts):
        return None
    key = f"sandboxes.{sandbox.name}.policies.modules.node_modules"
    return f"the program's packages are in {nearest}, which the policy does not allow; add {{mount: /node_modules, root: {nearest}}} to {key}"
