"""The declarations of the packages that a policy mounts, for checks of guest code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isolate_host.client.packages import NodeModules
from isolate_host.plugin import PackageTypes

__all__ = ["find_types"]


def find_types(policy: Mapping[str, Any], base_dir: Path, shared: dict[str, Any], imports: Sequence[tuple[str, str]]) -> list[PackageTypes]:
    """Those of every import that has any. What was read before is believed while the files stay the same. Raises ``LimitExceeded``."""
    mounted = policy.get("node_modules", ())
    if not mounted:
        return []
    taken = {*policy.get("virtual", {}), *policy.get("imports", {})}
    key = f"types {mounted!r} {base_dir}"
    packages: NodeModules | None = shared.get(key)
    if packages is None:
        packages = shared[key] = NodeModules()
        for mount in mounted:
            store = mount.get("store")
            packages.mount(mount["mount"], base_dir / mount["root"], None if store is None else base_dir / store, ())
    found = ((name, importer, packages.types(name, importer)) for name, importer in imports if name not in taken)
    return [PackageTypes(name, importer, types.entry, types.key, types.files, types.links) for name, importer, types in found if types is not None]
