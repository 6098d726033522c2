"""The modules that a policy grants, as declarations. What they export is ``any``, but for packages that have types (``types.py``)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["declare_modules"]


def declare_modules(policy: Mapping[str, Any]) -> str:
    """``declare module "@app/*";`` for each tree, single module, mapped name and, if packages are mounted, for every other name.

    Where the one who asks gives the types of a package or the sources of a tree, those come first.
    """
    return "".join(f"declare module {json.dumps(name)};\n" for name in dict.fromkeys(_names(policy)))


def _names(policy: Mapping[str, Any]) -> Iterator[str]:
    yield from policy.get("virtual", {})
    for tree in policy.get("source_trees", ()):
        yield f"{tree['prefix'].rstrip('/')}/*"
    for imports in (policy.get("imports", {}), *policy.get("scopes", {}).values()):
        yield from (f"{key}*" if key.endswith("/") else key for key, target in imports.items() if target is not None)
    if policy.get("node_modules"):
        yield "*"
