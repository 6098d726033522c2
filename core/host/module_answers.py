"""What a resolver found, checked, and what a worker is told about it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import Any

from isolate_host.errors import MarshalError

__all__ = ["FoundModule", "ModuleAnswer", "check_answer", "failure"]

_LANGUAGES = ("ts", "tsx", "js", "jsx", "json")
_BY_ENDING = {".js": "js", ".mjs": "js", ".cjs": "js", ".json": "json", ".tsx": "tsx", ".jsx": "jsx"}
_KINDS = {"module": "js", "commonjs": "cjs", "detect": "detect", "json": "json"}
#: Modules that one answer may bring along.
_MAX_EXTRA = 10_000


@dataclass(slots=True)
class ModuleAnswer:
    """One entry of ``w.mods``: the JSON part, its segments, and the modules that come along."""

    entry: dict[str, Any]
    segments: list[bytes] = field(default_factory=list)
    extra: list[ModuleAnswer] = field(default_factory=list)


@dataclass(slots=True)
class FoundModule:
    """A module as a resolver described it."""

    id: str
    source: str
    filename: str
    resolve_dir: str
    language: str
    format: str
    links: list[list[str]]
    #: It outlives the owner of a session.
    static: bool
    extra: list[FoundModule]

    @property
    def path(self) -> str:
        """Where it stands in the guest."""
        return posixpath.join(self.resolve_dir, posixpath.basename(self.filename))

    @property
    def kind(self) -> str:
        """How the worker loads it."""
        if self.language == "json":
            return "json"
        return _KINDS.get(self.format) or ("cjs" if posixpath.splitext(self.filename)[1] in (".cjs", ".cts") else "js")

    @property
    def compiler_name(self) -> str:
        """The file name with an ending that tells the compiler the language."""
        return self.path if posixpath.splitext(self.path)[1].lstrip(".").endswith(self.language) else f"{self.path}.{self.language}"


def check_answer(found: Any, specifier: str) -> FoundModule:
    """The answer of a resolver, which may be a client of the daemon. Raises ``MarshalError``."""
    module = _module(found, specifier)
    extra = found.get("extra")
    if isinstance(extra, list):
        module.extra = [_module(item, specifier) for item in extra[:_MAX_EXTRA]]
    return module


def _module(found: Any, specifier: str) -> FoundModule:
    names = ("id", "source", "filename", "resolve_dir")
    if not isinstance(found, dict) or not all(isinstance(found.get(name), str) for name in names):
        raise MarshalError(f"the resolver's answer for '{specifier}' lacks one of {', '.join(names)}", path="$")
    language, form = found.get("language"), found.get("format")
    if language not in _LANGUAGES:
        language = _BY_ENDING.get(posixpath.splitext(found["filename"])[1], "ts")
    return FoundModule(
        found["id"], found["source"], found["filename"], found["resolve_dir"], language,
        form if isinstance(form, str) else "", _links(found.get("links")), found.get("static") is True, [],
    )


def _links(links: Any) -> list[list[str]]:
    if not isinstance(links, list):
        return []
    return [link for link in links if isinstance(link, list) and len(link) == 3 and all(isinstance(part, str) for part in link)]


def failure(name: str, message: str, code: str | None = None, stack: str | None = None) -> ModuleAnswer:
    """An answer that is an error."""
    return ModuleAnswer({"id": "", "kind": "error", "error": {"name": name, "message": message, "code": code, "stack": stack}})
