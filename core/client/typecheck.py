"""Type checks of guest code: what is asked, and the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isolate_host.client.tool_types import declare_tools
from isolate_host.client.tools import Tool, ToolBox
from isolate_host.errors import ProtocolError

__all__ = ["PROFILES", "TypeFile", "TypeProfile", "TypecheckError", "TypecheckResult", "format_typecheck_errors", "read_result", "typecheck_request"]

#: Names of the profiles and the capabilities that each has, where their plugins are installed.
PROFILES: Mapping[str, tuple[str, ...]] = {
    "backend": ("console", "crypto", "fetch", "files", "modules", "nested", "node", "serve"),
    "agent": ("console", "crypto", "fetch", "files", "modules", "nested", "node", "tools"),
    "browser-test": ("console", "crypto", "fetch", "modules", "nested", "node", "tests", "browser"),
}

LibraryTypes = Mapping[str, "str | Mapping[str, str]"]


@dataclass(frozen=True, slots=True)
class TypecheckError:
    """One error of the checked code. ``line`` and ``column`` count from 1, columns in UTF-16 units; ``code`` 2345 is TypeScript's TS2345."""

    message: str
    line: int
    column: int
    code: int


@dataclass(frozen=True, slots=True)
class TypecheckResult:
    """``errors`` has the first 200 of ``total``, in the order of the source."""

    success: bool
    errors: tuple[TypecheckError, ...]
    total: int
    filename: str


@dataclass(frozen=True, slots=True)
class TypeFile:
    """Declarations of one origin."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class TypeProfile:
    """What code of a profile may use: ``include`` names the files, ``files`` has them with their text."""

    profile: str
    capabilities: tuple[str, ...]
    include: tuple[str, ...]
    files: tuple[TypeFile, ...]


def format_typecheck_errors(result: TypecheckResult) -> str:
    """One line an error, as ``/index.ts:3:7 (TS2345): …``, or a sentence that says that there is none."""
    if not isinstance(result, TypecheckResult):
        raise TypeError(f"format_typecheck_errors takes the result of typecheck, not {type(result).__name__}")
    if result.success:
        return "No type errors."
    lines = [f"{result.filename}:{item.line}:{item.column} (TS{item.code}): {item.message}" for item in result.errors]
    if result.total > len(result.errors):
        lines.append(f"… and {result.total - len(result.errors)} more")
    return "\n".join(lines)


def typecheck_request(
    code: str,
    profile: str | None,
    capabilities: Sequence[str],
    library_types: LibraryTypes | None,
    *,
    filename: str,
    sandbox: str | None,
    tools: Mapping[str, Callable[..., Any] | Tool] | None,
    sources: Mapping[str, str] | None,
) -> dict[str, Any]:
    """The arguments of ``typecheck``, checked, as plain JSON. Raises ``TypeError`` and ``ValueError``."""
    for name, value in (("code", code), ("filename", filename)):
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if sandbox is not None and (profile is not None or capabilities):
        raise ValueError("a sandbox says itself what its guests have: give sandbox=, or profile= and capabilities=")
    if profile is not None:
        check_profile(profile)
    return {
        "code": code,
        "filename": filename if filename.startswith("/") else f"/{filename}",
        "profile": profile or "backend",
        "capabilities": _names(capabilities),
        "library_types": {**_sources(sources or {}), **_libraries(library_types or {})},
        "sandbox": sandbox,
        "tools": None if tools is None else _declarations(tools),
    }


def check_profile(profile: str) -> None:
    """Raises ``ValueError`` for a name that is none."""
    if profile not in PROFILES:
        raise ValueError(f"there is no profile {profile!r}: use one of {', '.join(PROFILES)}")


def _names(capabilities: Any) -> list[str]:
    if isinstance(capabilities, str) or not isinstance(capabilities, Iterable) or not all(isinstance(name, str) for name in capabilities):
        raise TypeError("capabilities must be a list of names")
    return list(capabilities)


def _sources(given: Any) -> dict[str, str]:
    if not isinstance(given, Mapping) or not all(isinstance(item, str) and pair[0].startswith("/") for pair in given.items() for item in pair):
        raise TypeError("sources must be texts by absolute path")
    return dict(given)


def _libraries(given: Any) -> dict[str, str]:
    """Texts by absolute path: a package's only text is its ``index.d.ts``."""
    if not isinstance(given, Mapping):
        raise TypeError(f"library_types must map packages to declarations, not be a {type(given).__name__}")
    files: dict[str, str] = {}
    for package, texts in given.items():
        named = {"index.d.ts": texts} if isinstance(texts, str) else texts
        for path, text in named.items() if isinstance(named, Mapping) else [(None, None)]:
            if not isinstance(path, str) or not isinstance(text, str):
                raise TypeError(f"library_types[{package!r}] must be the text of a .d.ts file, or texts by their path in the package")
            files[f"/node_modules/{package}/{path.removeprefix('./')}"] = text
    return files


def _declarations(tools: Mapping[str, Callable[..., Any] | Tool]) -> str:
    box = ToolBox(tools)
    return declare_tools({name: box.get(name).function for name in tools})


def read_result(reply: Any, filename: str) -> TypecheckResult:
    """The broker's answer. Raises ``ProtocolError``."""
    try:
        errors = tuple(TypecheckError(str(item[0]), int(item[1]), int(item[2]), int(item[3])) for item in reply["errors"])
        return TypecheckResult(not errors, errors, int(reply["total"]), filename)
    except (KeyError, IndexError, TypeError, ValueError):
        raise ProtocolError("a malformed answer to typecheck") from None
