"""The kinds of sources behind a ``ModuleResolver``."""

from __future__ import annotations

import asyncio
import inspect
import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isolate_host.client.callables import positional_capacity
from isolate_host.client.module_paths import candidates, normalise, path_of
from isolate_host.client.module_types import Loader, LoaderResult, ModuleSource, ResolvedModule, read_result
from isolate_host.wire.context import HostCallContext

__all__ = ["SourceTree", "VirtualModule", "call_loader", "virtual_file_loader"]


async def call_loader(loader: Loader, *args: Any) -> LoaderResult:
    """Call ``loader`` with as many of ``args`` as it takes, and await what it gives."""
    result = loader(*args[: int(min(positional_capacity(loader), len(args)))])
    return await result if inspect.isawaitable(result) else result


@dataclass(frozen=True, slots=True)
class VirtualModule:
    """One module under an exact specifier, standing at ``path``."""

    specifier: str
    path: str
    source: str | Loader
    static: bool

    @classmethod
    def create(
        cls, specifier: str, source: str | Loader, filename: str | None, resolve_dir: str | None, *, static: bool
    ) -> VirtualModule:
        """Check the arguments. Raises ``TypeError`` or ``ValueError``."""
        if not isinstance(specifier, str):
            raise TypeError(f"a module specifier must be a str, not {type(specifier).__name__}")
        if not specifier or specifier.startswith((".", "node:")):
            raise ValueError(f"module specifier {specifier!r} must be bare or absolute")
        if not isinstance(source, str) and not callable(source):
            raise TypeError(f"the source of {specifier!r} must be a str or a function, not {type(source).__name__}")
        ModuleSource("", filename, resolve_dir)  # the same rules for the names
        return cls(specifier, path_of(specifier, filename, resolve_dir), source, static)

    async def load(self, ctx: HostCallContext | None) -> ResolvedModule | None:
        """The module, or ``None`` when its function returns that."""
        if isinstance(self.source, str):
            return ResolvedModule(self.path, self.source, self.static)
        result = await call_loader(self.source, ctx)
        if isinstance(result, str):
            return ResolvedModule(self.path, result, self.static)
        return read_result(result, self.path)


def virtual_file_loader(specifier: str, host_path: str | Path, filename: str | None) -> tuple[Loader, str | None]:
    """A loader that reads ``host_path``, and the file name: a specifier without a suffix borrows the host file's."""
    path = Path(host_path)

    async def load() -> str:
        try:
            return await asyncio.to_thread(path.read_text, encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            # The guest sees this message: it names the module, not the file.
            raise LookupError(f"the file behind module {specifier!r} cannot be read ({type(error).__name__})") from None

    if filename is None and not posixpath.splitext(specifier)[1]:
        filename = posixpath.basename(specifier) + path.suffix
    return load, filename


class SourceTree:
    """All modules under one prefix."""

    __slots__ = ("_loader", "_name", "prefix", "root")

    def __init__(self, prefix: str, loader: Loader) -> None:
        if not isinstance(prefix, str):
            raise TypeError(f"the prefix of a source tree must be a str, not {type(prefix).__name__}")
        name = prefix.rstrip("/")
        if prefix.startswith(".") or (not name and prefix != "/"):
            raise ValueError(f"source tree prefix {prefix!r} must be bare or absolute")
        self.prefix = prefix
        self._name = name
        #: Where the tree stands in the module space, without the last slash.
        self.root = "/" + name.lstrip("/") if name else ""
        self._loader = loader

    def contains(self, path: str) -> bool:
        """True when the absolute ``path`` lies in the tree."""
        return path.startswith(self.root + "/")

    def match(self, specifier: str) -> str | None:
        """The path inside the tree that ``specifier`` (absolute or bare) names, or ``None``. Raises ``PolicyDenied`` for an escape."""
        for start in (self._name, self.root):
            if specifier.startswith(start + "/"):
                return normalise(specifier[len(start) + 1 :], specifier, f"the source tree {self.prefix!r}")
        return "" if specifier in (self._name, self.root) and specifier else None

    async def load(self, relative: str, ctx: HostCallContext | None) -> ResolvedModule | None:
        """Ask the loader, with each candidate until it knows one."""
        for name in candidates(relative) if relative else [f"index{extension}" for extension in (".ts", ".tsx", ".js")]:
            result = await call_loader(self._loader, name, ctx)
            found = read_result(result, f"{self.root}/{name}")
            if found is not None:
                return found
        return None
