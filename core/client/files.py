"""``Bindings.files``: folders of the caller's machine, or any object with the eight operations."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Sequence
from pathlib import Path as HostPath
from typing import Any, Final, Self

from isolate_host.client.callables import positional_capacity
from isolate_host.errors import PolicyDenied
from isolate_host.files.bound import CALLING, OPERATION_NAMES, BoundStore
from isolate_host.files.building import MountSpec, build_store
from isolate_host.files.folder import Folder
from isolate_host.files.ledger import Quota, Usage
from isolate_host.files.mounts import Mount, Mounts
from isolate_host.files.paths import parse, text
from isolate_host.files.service import FileService, ServiceLimits
from isolate_host.wire.context import HostCallContext
from isolate_host.wire.streams import ByteSource

__all__ = ["FileBindings", "answer_files", "check_files", "create_file_bindings", "open_files"]

_KEY: Final = "create_file_bindings"
#: Operations of a caller's object may take their time: one that waits must not keep others waiting.
_THREADS: Final = 32


class FileBindings:
    """Mounts, for guests and for the caller: it has the eight operations itself. Made by :func:`create_file_bindings`.

    Trees in memory and what lies above an overlay live as long as this object; runtimes that share it share them.
    """

    def __init__(self) -> None:
        self._mounts: list[Mount] = []
        self._usages: dict[HostPath, Usage] = {}
        self._service: FileService | None = None

    def mount(
        self,
        path: str,
        root: str | os.PathLike[str] | None = None,
        *,
        allow_write: bool = False,
        overlay: bool = False,
        quota: int | None = None,
        max_files: int | None = None,
        max_file_size: int | None = None,
    ) -> Self:
        """Show the folder ``root`` at ``path``; without ``root``, an empty tree in memory.

        ``overlay`` lets a guest change what it sees while the folder stays as it is. Limits are for all bytes, all entries and each file.
        Raises ``ValueError``, and ``OSError`` when ``root`` is no folder.
        """
        place = parse(path)
        if any(mount.path == place for mount in self._mounts):
            raise ValueError(f"something is mounted at {path!r} already")
        if overlay and root is None:
            raise ValueError("an overlay needs a root")
        for name, value in (("quota", quota), ("max_files", max_files), ("max_file_size", max_file_size)):
            if value is not None and (type(value) is not int or value < 0):
                raise ValueError(f"{name} must be a whole number from 0 on, not {value!r}")
        spec = MountSpec(None if root is None else HostPath(root).resolve(), overlay, Quota(quota, max_files, max_file_size))
        store = build_store(spec, _KEY, self._usage_of)
        self._mounts.append(Mount(place, store, allow_write or overlay or root is None, f"{_KEY}(allow_write)"))
        self._service = None
        return self

    def _usage_of(self, root: HostPath) -> Usage:
        return self._usages.setdefault(root, Folder.usage_of(root))

    def open(self) -> FileService:
        """The files as one runtime sees them."""
        return FileService(Mounts(self._mounts, f"{_KEY}().mount()"), ServiceLimits(), _KEY, _refuse, own=False)

    async def _ask(self, op: str, *args: Any) -> Any:
        if self._service is None:
            self._service = self.open()
        return await self._service.call(op, args)

    # -- the eight operations ------------------------------------------------------------------------------------------

    async def read_file(self, path: str, ctx: HostCallContext | None = None) -> bytes:
        """The whole content."""
        data = await self._ask("read", path)
        return b"".join([chunk async for chunk in data.iterate()]) if isinstance(data, ByteSource) else bytes(data)

    async def write_file(self, path: str, data: bytes, ctx: HostCallContext | None = None) -> None:
        """Replace or make a file, all at once; folders above it are made too."""
        parent = text(parse(path)[:-1])
        if parent != "/":
            await self._ask("mkdir", parent, True)
        opened = await self._ask("open", path, "replace", False)
        done = False
        try:
            for offset in range(0, len(data), 1024 * 1024):
                await self._ask("pwrite", path, opened["id"], offset, bytes(data[offset : offset + 1024 * 1024]))
            done = True
        finally:
            await self._ask("close", path, opened["id"], done)

    async def unlink(self, path: str, ctx: HostCallContext | None = None) -> None:
        """Remove a file."""
        await self._ask("remove", path, "file", False)

    async def readdir(self, path: str, ctx: HostCallContext | None = None) -> list[str]:
        """Names in a folder, sorted."""
        names: list[str] = []
        while page := await self._ask("names", path, names[-1] if names else ""):
            names += [name for name, _kind in page]
        return names

    async def mkdir(self, path: str, ctx: HostCallContext | None = None) -> None:
        """Make a folder, and those above it; one that is there already is fine."""
        await self._ask("mkdir", path, True)

    async def rmdir(self, path: str, ctx: HostCallContext | None = None) -> None:
        """Remove an empty folder."""
        await self._ask("remove", path, "directory", False)

    async def stat(self, path: str, ctx: HostCallContext | None = None) -> dict[str, Any]:
        """``kind`` (``file`` or ``directory``), ``size``, ``mtime_ms``."""
        found = await self._ask("stat", path)
        return {"kind": found["kind"], "size": found["size"], "mtime_ms": found["mtime"]}

    async def rename(self, source: str, target: str, ctx: HostCallContext | None = None) -> None:
        """Move a file or folder within its mount."""
        await self._ask("rename", source, target)


def create_file_bindings(
    root: str | os.PathLike[str] | None = None,
    allow_write: bool = False,
    *,
    overlay: bool = False,
    quota: int | None = None,
    max_files: int | None = None,
    max_file_size: int | None = None,
) -> FileBindings:
    """Files for guests: the folder ``root`` at ``/``, read-only unless ``allow_write``. More, or others, with ``.mount(path, root, …)``.

    >>> create_file_bindings().mount("/tmp", quota=1024 * 1024)             # doctest: +ELLIPSIS
    <...FileBindings object at ...>
    """
    bindings = FileBindings()
    if root is None:
        if allow_write or overlay:
            raise ValueError("allow_write and overlay need a root; add mounts with .mount(path, root, …)")
        return bindings
    return bindings.mount(
        "/", root, allow_write=allow_write, overlay=overlay, quota=quota, max_files=max_files, max_file_size=max_file_size,
    )


def check_files(value: Any) -> None:
    """Raises ``TypeError`` for a binding that has none of the operations."""
    if not isinstance(value, FileBindings) and not any(callable(_operation(value, name)) for name in OPERATION_NAMES):
        message = f"Bindings.files must come from create_file_bindings(), or have the operations {', '.join(OPERATION_NAMES)}"
        raise TypeError(message)


def open_files(value: Any) -> FileService:
    """What answers the guest of one runtime."""
    if isinstance(value, FileBindings):
        return value.open()

    async def call(name: str, arguments: tuple[Any, ...], ctx: Any) -> Any:
        operation = _operation(value, name)
        if operation is None:
            raise LookupError(f"the binding has no {name}")
        takes_context = positional_capacity(operation) > len(arguments)
        result = operation(*arguments, ctx) if takes_context else operation(*arguments)
        return await result if inspect.isawaitable(result) else result

    store = BoundStore(call, asyncio.get_running_loop())
    mounts = Mounts([Mount((), store, True, _KEY)], _KEY)
    return FileService(mounts, ServiceLimits(threads=_THREADS, eager=True), _KEY, _refuse, own=True, interrupt=store.close)


async def answer_files(service: FileService, op: str, args: Sequence[Any], ctx: HostCallContext) -> Any:
    """One call of a guest; ``ctx`` goes to the caller's own operations."""
    CALLING.set(ctx)
    return await service.call(op, args)


def _operation(value: Any, name: str) -> Any:
    """Mappings do as well, and the names as JavaScript has them."""
    first, *rest = name.split("_")
    for spelling in (name, first + "".join(part.capitalize() for part in rest)):
        found = value.get(spelling) if isinstance(value, dict) else getattr(value, spelling, None)
        if found is not None:
            return found
    return None


def _refuse(error: PolicyDenied) -> None:
    raise error
