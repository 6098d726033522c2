"""Names of modules inside a guest.

Every module that a policy provides has one absolute name: ``@app/lib/a.ts`` is ``/@app/lib/a.ts``. A relative specifier is joined to the folder
of its importer, so relative imports work between all of them, whether they come from a folder or from the YAML.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

__all__ = ["candidates", "canonical", "is_relative", "language_of", "target"]

_LANGUAGES = {".ts": "ts", ".mts": "ts", ".cts": "ts", ".tsx": "tsx", ".js": "js", ".mjs": "js", ".cjs": "js", ".jsx": "jsx", ".json": "json"}
_PROBED = (".ts", ".tsx", ".mts", ".js", ".mjs", ".jsx", ".json")
#: TypeScript's habit: the specifier has the ending of the output, the file that of the source.
_SOURCE_OF = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".jsx": (".tsx",)}


def canonical(specifier: str) -> str:
    """The absolute name of a specifier that is not relative."""
    return posixpath.normpath("/" + specifier.lstrip("/"))


def is_relative(specifier: str) -> bool:
    """``./x``, ``../x``, ``.`` and ``..``."""
    return specifier in (".", "..") or specifier.startswith(("./", "../"))


def target(specifier: str, importer: Mapping[str, Any] | None) -> str:
    """The absolute name that ``specifier`` means in ``importer`` (``{"path", "resolve_dir"}``)."""
    if not is_relative(specifier):
        return canonical(specifier)
    folder = str((importer or {}).get("resolve_dir") or "/")
    return posixpath.normpath(posixpath.join("/", folder, specifier))


def candidates(path: str) -> list[str]:
    """The file names to try for ``path``, best first."""
    stem, ending = posixpath.splitext(path)
    sources = [stem + source for source in _SOURCE_OF.get(ending, ())]
    return [path, *sources, *(path + ending for ending in _PROBED), *(f"{path}/index{ending}" for ending in _PROBED)]


def language_of(filename: str) -> str | None:
    """``ts``, ``tsx``, ``js``, ``jsx`` or ``json`` by the ending; ``None`` when it says nothing."""
    return _LANGUAGES.get(posixpath.splitext(filename)[1])
