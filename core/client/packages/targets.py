"""The ``exports`` and ``imports`` fields: which file of the package a subpath means (Node's ESM resolution algorithm)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from isolate_host.client.packages.manifest import Manifest, PackageError

__all__ = ["exports_target", "imports_target"]

#: Segments with which a target would leave the package; also in their percent-encoded spellings.
_BAD_SEGMENT = re.compile(r"(^|[\\/])(\.\.?|%2e|\.%2e|%2e\.|%2e%2e|node_modules)([\\/]|$)", re.IGNORECASE)
#: A key of ``exports`` that is a number would be read as the index of an array.
_INDEX = re.compile(r"0|[1-9]\d*")
_MAX_DEPTH = 50
_NOTHING = object()


def exports_target(manifest: Manifest, subpath: str, conditions: Collection[str], label: str) -> str:
    """The relative path (``./…``) behind ``subpath`` (``.`` or ``./…``). ``label`` is the package's folder in the guest. Raises ``PackageError``."""
    exports = _as_subpaths(manifest.exports, label)
    target = _match(exports, subpath, conditions, label, imports=False)
    if target is None or target is _NOTHING:
        allowed = ", ".join(sorted(key for key, value in exports.items() if value is not None)[:12]) or "nothing"
        what = "has no main entry" if subpath == "." else f"does not export {subpath!r}"
        tried = ", ".join(sorted(conditions))
        raise PackageError(f"package {label} {what}: its exports are {allowed} (conditions {tried})", "ERR_PACKAGE_PATH_NOT_EXPORTED")
    return str(target)


def imports_target(manifest: Manifest, specifier: str, conditions: Collection[str], label: str) -> str:
    """What ``#specifier`` of a package means: ``./…``, or the name of another package. Raises ``PackageError``."""
    if specifier == "#" or specifier.startswith("#/"):
        raise PackageError(f"{specifier!r} is not a valid internal import", "ERR_INVALID_MODULE_SPECIFIER")
    target = _match(manifest.imports, specifier, conditions, label, imports=True)
    if target is None or target is _NOTHING:
        raise PackageError(f"package {label} has no import {specifier!r}", "ERR_PACKAGE_IMPORT_NOT_DEFINED")
    return str(target)


def _as_subpaths(exports: Any, label: str) -> Mapping[str, Any]:
    """``exports`` in its long form. A mixture of subpaths and conditions is refused."""
    if not isinstance(exports, dict):
        return {".": exports}
    dotted = [key.startswith(".") for key in exports]
    if not any(dotted):
        return {".": exports}
    if not all(dotted):
        raise PackageError(f"{label}/package.json mixes subpaths and conditions in exports", "ERR_INVALID_PACKAGE_CONFIG")
    return exports


def _match(table: Mapping[str, Any], key: str, conditions: Collection[str], label: str, *, imports: bool) -> Any:
    if key in table and "*" not in key and not key.endswith("/"):
        return _target(table[key], "", conditions, label, imports=imports)
    best, rest = "", ""
    for pattern in table:
        before, star, after = pattern.partition("*")
        if not star or "*" in after or not key.startswith(before) or key == before:
            continue
        if (not after or (key.endswith(after) and len(key) >= len(pattern))) and _is_better(pattern, best):
            best, rest = pattern, key[len(before) : len(key) - len(after)]
    return _target(table[best], rest, conditions, label, imports=imports) if best else _NOTHING


def _is_better(pattern: str, best: str) -> bool:
    """The longer part before the star wins, then the longer pattern."""
    return not best or (pattern.index("*"), len(pattern)) > (best.index("*"), len(best))


def _target(target: Any, rest: str, conditions: Collection[str], label: str, *, imports: bool, depth: int = 0) -> Any:
    """A path, ``None`` (the package forbids it), or ``_NOTHING``."""
    if depth > _MAX_DEPTH:
        raise PackageError(f"{label}/package.json nests its exports too deeply", "ERR_INVALID_PACKAGE_CONFIG")
    if isinstance(target, str):
        return _path(target, rest, label, imports=imports)
    if isinstance(target, dict):
        if any(_INDEX.fullmatch(key) for key in target):
            raise PackageError(f"{label}/package.json has a number as a condition", "ERR_INVALID_PACKAGE_CONFIG")
        for condition, inner in target.items():
            if condition == "default" or condition in conditions:
                found = _target(inner, rest, conditions, label, imports=imports, depth=depth + 1)
                if found is not _NOTHING:
                    return found
        return _NOTHING
    if isinstance(target, list):
        return _first(target, rest, conditions, label, imports=imports, depth=depth)
    if target is None:
        return None
    raise PackageError(f"{label}/package.json has a target that is neither text nor object", "ERR_INVALID_PACKAGE_TARGET")


def _first(targets: list[Any], rest: str, conditions: Collection[str], label: str, *, imports: bool, depth: int) -> Any:
    """The first usable of an array; an invalid target in it is passed over."""
    failure: PackageError | None = None
    result: Any = None if not targets else _NOTHING
    for item in targets:
        try:
            found = _target(item, rest, conditions, label, imports=imports, depth=depth + 1)
        except PackageError as error:
            if error.code != "ERR_INVALID_PACKAGE_TARGET":
                raise
            failure = error
            continue
        if found is not _NOTHING and found is not None:
            return found
        result = found
    if failure is not None and result is _NOTHING:
        raise failure
    return result


def _path(target: str, rest: str, label: str, *, imports: bool) -> str:
    if not target.startswith("./"):
        if imports and not target.startswith(("../", "/")) and ":" not in target.removeprefix("node:"):
            return target.replace("*", rest)
        raise _leads_outside(target, label)
    if _BAD_SEGMENT.search(target[2:]):
        raise _leads_outside(target, label)
    if _BAD_SEGMENT.search(rest):
        raise PackageError(f"{rest!r} is not a valid subpath of package {label}", "ERR_INVALID_MODULE_SPECIFIER")
    return target.replace("*", rest)


def _leads_outside(target: str, label: str) -> PackageError:
    message = f"{label}/package.json has the target {target!r}: a target begins with ./ and stays inside the package"
    return PackageError(message, "ERR_INVALID_PACKAGE_TARGET")
