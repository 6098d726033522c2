"""Paths of modules: every module has an absolute POSIX path in one virtual space, and relative imports walk in it."""

from __future__ import annotations

import posixpath
from typing import Literal

from isolate_host.errors import PolicyDenied

__all__ = ["EXTENSIONS", "access_denied", "candidates", "is_relative", "join", "language_of", "normalise", "path_of"]

Language = Literal["ts", "tsx", "js", "jsx", "json"]

#: Suffixes that an import may leave out, in the order of preference.
EXTENSIONS = (".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs", ".json")
_LANGUAGES: dict[str, Language] = {
    ".ts": "ts", ".mts": "ts", ".cts": "ts", ".tsx": "tsx", ".js": "js", ".mjs": "js", ".cjs": "js", ".jsx": "jsx", ".json": "json",
}  # fmt: skip
# TypeScript writes './x.js' for what is x.ts on disk.
_SOURCE_OF = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".jsx": (".tsx",)}


def is_relative(specifier: str) -> bool:
    """True for ``./x``, ``../x``, ``.`` and ``..``."""
    return specifier in (".", "..") or specifier.startswith(("./", "../"))


def access_denied(specifier: str, rule: str) -> PolicyDenied:
    """The error for a specifier that climbs out of where it may look."""
    return PolicyDenied(f"Access denied: module {specifier!r} leaves {rule}", capability="modules", value=specifier, rule=rule)


def normalise(relative: str, specifier: str, rule: str) -> str:
    """``relative`` without ``.`` and ``..``. Raises ``PolicyDenied`` when it climbs above its start, or hides a way to.

    >>> normalise("lib/./../util.ts", "@app/lib/./../util.ts", "the source tree '@app/'")
    'util.ts'
    """
    # A loader that maps the path to a file system may read a backslash as a separator and a NUL as the end.
    if "\\" in relative or "\0" in relative:
        raise access_denied(specifier, rule)
    parts: list[str] = []
    for part in relative.split("/"):
        if part == "..":
            if not parts:
                raise access_denied(specifier, rule)
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def join(directory: str, specifier: str) -> str:
    """The absolute path of a relative or absolute ``specifier`` as seen from ``directory``. Raises ``PolicyDenied``."""
    path = specifier if specifier.startswith("/") else f"{directory}/{specifier}"
    return "/" + normalise(path, specifier, "the root of the module space")


def path_of(specifier: str, filename: str | None, resolve_dir: str | None) -> str:
    """Where a module stands: ``resolve_dir/filename``, each taken from the specifier when absent. A bare one stands at the root."""
    own = "/" + posixpath.normpath("/" + specifier).lstrip("/")
    directory = posixpath.dirname(own) if resolve_dir is None else posixpath.normpath("/" + resolve_dir)
    return posixpath.join("/" + directory.lstrip("/"), posixpath.basename(own) if filename is None else filename)


def candidates(path: str) -> list[str]:
    """The paths to try for an import of ``path``: as written first, then with the suffixes that people leave out."""
    stem, suffix = posixpath.splitext(path)
    if suffix in _SOURCE_OF:
        return [path, *(stem + other for other in _SOURCE_OF[suffix])]
    if suffix in _LANGUAGES:
        return [path]
    return [path, *(path + extension for extension in EXTENSIONS), *(f"{path}/index{extension}" for extension in EXTENSIONS)]


def language_of(path: str, otherwise: Language = "ts") -> Language:
    """The language by suffix; TypeScript, which includes JavaScript, when there is none that is known."""
    return _LANGUAGES.get(posixpath.splitext(path)[1], otherwise)
