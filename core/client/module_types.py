"""What a module loader gives and gets."""

from __future__ import annotations

import posixpath
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from isolate_host.client.module_paths import language_of, path_of

__all__ = ["Importer", "LoaderResult", "ModuleMissingError", "ModuleSource", "ResolvedModule", "read_result"]


class ModuleMissingError(LookupError):
    """No such module; the text says where it was looked for."""

    code = "ERR_MODULE_NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Importer:
    """The module that imports: its ``path`` and the folder from which its relative imports start.

    ``builtin``: a plugin gives the guest a module of the name that is asked for; it comes before packages, source trees and fallbacks.
    """

    path: str
    resolve_dir: str
    builtin: bool = False

    @classmethod
    def from_wire(cls, data: Any) -> Importer | None:
        """Read the importer of a request; ``None`` when there is none."""
        if not isinstance(data, Mapping) or not isinstance(data.get("path"), str):
            return None
        path = data["path"]
        folder = data.get("resolve_dir")
        return cls(path, folder if isinstance(folder, str) else posixpath.dirname(path), data.get("builtin") is True)


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """What a loader may return instead of plain text.

    ``filename`` is a base name and ``resolve_dir`` the folder from which the module's relative imports start; both default to what the
    specifier says. ``static`` modules keep their identity over a soft dispose.
    """

    code: str
    filename: str | None = None
    resolve_dir: str | None = None
    static: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.code, str):
            raise TypeError(f"the source of a module must be a str, not {type(self.code).__name__}")
        if self.filename is not None and (not self.filename or "/" in self.filename):
            raise ValueError(f"filename {self.filename!r} must be a base name; folders go into resolve_dir")
        if self.resolve_dir is not None and not self.resolve_dir.startswith("/"):
            raise ValueError(f"resolve_dir {self.resolve_dir!r} must be absolute")


#: What a loader returns: text, a :class:`ModuleSource`, a mapping with its fields, or ``None`` = not mine.
LoaderResult = str | ModuleSource | Mapping[str, Any] | None
Loader = Callable[..., "LoaderResult | Awaitable[LoaderResult]"]


@dataclass(frozen=True, slots=True)
class ResolvedModule:
    """A module that was found. ``id`` is its canonical absolute path."""

    id: str
    source: str
    static: bool = False
    #: ``module``, ``commonjs``, ``json``, ``detect`` (the text decides between the first two), or ``""``: by the ending.
    format: str = ""
    #: What some of its imports are known to mean: specifier, kind of request, id.
    links: tuple[tuple[str, str, str], ...] = ()
    #: Modules that it needs, sent along so that nobody has to ask for them.
    extra: tuple[ResolvedModule, ...] = ()

    def linked(self, links: tuple[tuple[str, str, str], ...]) -> ResolvedModule:
        """The same with links."""
        return replace(self, links=links)

    def followed_by(self, extra: tuple[ResolvedModule, ...]) -> ResolvedModule:
        """The same with modules sent along."""
        return replace(self, extra=extra)

    @property
    def filename(self) -> str:
        """The base name."""
        return posixpath.basename(self.id)

    @property
    def resolve_dir(self) -> str:
        """The folder from which its relative imports start."""
        return posixpath.dirname(self.id)

    def to_wire(self) -> dict[str, Any]:
        """The answer to the broker."""
        wire: dict[str, Any] = {
            "id": self.id,
            "source": self.source,
            "filename": self.filename,
            "resolve_dir": self.resolve_dir,
            "static": self.static,
            "language": language_of(self.id, "js" if self.format else "ts"),
        }
        if self.format:
            wire["format"] = self.format
        if self.links:
            wire["links"] = [list(link) for link in self.links]
        if self.extra:
            wire["extra"] = [module.to_wire() for module in self.extra]
        return wire


def read_result(result: LoaderResult, specifier: str) -> ResolvedModule | None:
    """The module that a loader returned for ``specifier`` (absolute or bare). Raises ``TypeError`` for a wrong kind of result."""
    if result is None:
        return None
    if isinstance(result, str):
        result = ModuleSource(result)
    elif isinstance(result, Mapping):
        result = ModuleSource(**result)
    elif not isinstance(result, ModuleSource):
        raise TypeError(f"a module loader must return str, ModuleSource, dict or None, not {type(result).__name__}")
    return ResolvedModule(path_of(specifier, result.filename, result.resolve_dir), result.code, result.static)
