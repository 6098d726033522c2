"""Files that browsers read and write for a guest: only what it was granted, never a path of the host.

Playwright wants real files for some things (videos, archives of requests). They are made in a folder of ours and carried over.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import importlib.util
import inspect
import mimetypes
import re
import shutil
import stat
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol

from isolate_host.client.callables import positional_capacity
from isolate_host.errors import LimitExceeded
from isolate_host.files.paths import parse, text
from isolate_host.files.service import FileService
from isolate_host.plugins.browser.policy import BrowserPolicy
from isolate_host.wire.streams import ByteSource

__all__ = ["BoundFiles", "FileGrants", "FilePayload", "FileSource", "ServiceFiles"]

_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FilePayload:
    """A file as ``set_input_files`` takes it."""

    name: str
    mime_type: str
    buffer: bytes


class FileSource(Protocol):
    """Where a guest's paths lead."""

    async def read(self, path: str, most: int) -> FilePayload:
        """A file of at most ``most`` bytes; it may be read a little beyond that."""

    async def write(self, path: str, pieces: AsyncIterator[bytes]) -> None:
        """Replace or make a file, and the folders above it."""


class ServiceFiles:
    """The ``files`` capability of the same runtime: its mounts and what they allow."""

    def __init__(self, service: FileService) -> None:
        self._service = service

    async def read(self, path: str, most: int) -> FilePayload:
        data = await self._service.call("read", [path, None, 0, most + 1])
        whole = b"".join([chunk async for chunk in data.iterate()]) if isinstance(data, ByteSource) else bytes(data)
        return _payload(path, whole)

    async def write(self, path: str, pieces: AsyncIterator[bytes]) -> None:
        parent = text(parse(path)[:-1])
        if parent != "/":
            await self._service.call("mkdir", [parent, True])
        opened = await self._service.call("open", [path, "replace", False])
        offset, done = 0, False
        try:
            async for piece in pieces:
                await self._service.call("pwrite", [path, opened["id"], offset, piece])
                offset += len(piece)
            done = True
        finally:
            await self._service.call("close", [path, opened["id"], done])


class BoundFiles:
    """``read_file`` and ``write_file`` of a binding: ``(path, ctx)`` and ``(path, data, ctx)``, plain or async."""

    def __init__(self, read_file: Callable[..., Any] | None, write_file: Callable[..., Any] | None) -> None:
        self._read_file, self._write_file = read_file, write_file

    async def read(self, path: str, most: int) -> FilePayload:
        if self._read_file is None:
            raise LookupError("the binding has no read_file")
        data = await _called(self._read_file, text(parse(path)))
        if isinstance(data, Mapping):
            content = data.get("buffer", b"")
            name, kind = data.get("name"), data.get("mime_type", data.get("mimeType"))
            return _payload(path, _octets(content), name, kind)
        return _payload(path, _octets(data))

    async def write(self, path: str, pieces: AsyncIterator[bytes]) -> None:
        if self._write_file is None:
            raise LookupError("the binding has no write_file")
        await _called(self._write_file, text(parse(path)), b"".join([piece async for piece in pieces]))


async def _called(function: Callable[..., Any], *args: Any) -> Any:
    result = function(*args, None) if positional_capacity(function) > len(args) else function(*args)
    return await result if inspect.isawaitable(result) else result


def _octets(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"read_file must return bytes, or a mapping with name, mime_type and buffer, not {type(value).__name__}")
    return bytes(value)


def _payload(path: str, data: bytes, name: str | None = None, kind: str | None = None) -> FilePayload:
    own = name or path.rpartition("/")[2] or "file"
    return FilePayload(own, kind or mimetypes.guess_type(own)[0] or "application/octet-stream", data)


def _host_folders() -> list[str]:
    """Where Playwright is, and where it and the browser keep things."""
    found = importlib.util.find_spec("playwright")
    folders = [*((found and found.submodule_search_locations) or ()), str(Path.home()), tempfile.gettempdir()]
    return [folder for folder in folders if folder != "/"]


class FileGrants:
    """What one guest may read and write through its browser. ``source`` is asked for at each use; ``None`` = it has no files."""

    def __init__(self, source: Callable[[], FileSource | None], policy: BrowserPolicy, hint: str) -> None:
        self._source, self._policy, self._hint = source, policy, hint
        self._folder: Path | None = None

    async def read(self, path: str) -> FilePayload:
        """The file at a path of the guest. Raises ``PolicyDenied``, ``LimitExceeded``, ``OSError``, ``TypeError``."""
        payload = await self._granted(path, "read").read(path, self._policy.limits.max_file_bytes)
        self._check(path, len(payload.buffer))
        return payload

    async def write(self, path: str, data: bytes) -> None:
        """Replace or make the file. Raises the same."""
        self._check(path, len(data))

        async def pieces() -> AsyncIterator[bytes]:
            for offset in range(0, len(data), _PIECE):
                yield data[offset : offset + _PIECE]

        await self._granted(path, "write").write(path, pieces())

    @contextlib.asynccontextmanager
    async def incoming(self, path: str) -> AsyncIterator[Path]:
        """A file of the host with what stands at a path of the guest, until the end of the block."""
        payload = await self.read(path)
        with self._temporary(payload.name) as file:
            await asyncio.to_thread(file.write_bytes, payload.buffer)
            yield file

    @contextlib.asynccontextmanager
    async def outgoing(self, path: str) -> AsyncIterator[Path]:
        """A path of the host; what is there at the end of the block goes to the path of the guest."""
        source = self._granted(path, "write")
        with self._temporary(path.rpartition("/")[2]) as file:
            yield file
            await self._carry(file, path, source)

    async def collected(self, save: Callable[[Path], Awaitable[Any]]) -> bytes:
        """What ``save(path)`` writes, for a guest that wants no file of its own. Raises ``LimitExceeded``."""
        with self._temporary("") as file:
            await save(file)
            self._check("the download", (await asyncio.to_thread(file.lstat)).st_size)
            found: bytes = await asyncio.to_thread(file.read_bytes)
            return found

    async def carry(self, file: Path, path: str) -> None:
        """Copy a file of ours to a path of the guest."""
        await self._carry(file, path, self._granted(path, "write"))

    async def _carry(self, file: Path, path: str, source: FileSource) -> None:
        found = await asyncio.to_thread(file.lstat)
        if not stat.S_ISREG(found.st_mode):
            raise FileNotFoundError(errno.ENOENT, "the browser made no file")
        self._check(path, found.st_size)

        async def pieces() -> AsyncIterator[bytes]:
            with file.open("rb") as opened:
                while piece := await asyncio.to_thread(opened.read, _PIECE):
                    yield piece

        await source.write(path, pieces())

    def require(self, path: Any, action: str) -> str:
        """A path that may be used later. Raises as reading and writing do when there are no files at all."""
        self._granted(path, action)
        return str(path)

    def folder(self) -> Path:
        """A new folder of ours, which ends with the grants."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="isolate-host-browser-"))
        return Path(tempfile.mkdtemp(dir=self._folder))

    @contextlib.contextmanager
    def _temporary(self, name: str) -> Any:
        folder = self.folder()
        try:
            # Only the ending matters to Playwright; the rest of a guest's name stays out of the host's folders.
            yield folder / f"file{PurePosixPath(name).suffix[:16]}"
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _granted(self, path: Any, action: str) -> FileSource:
        if type(path) is not str:
            raise TypeError("a path must be a string")
        parse(path)
        source = self._source()
        if source is None:
            message = f"access denied to {path}: the browser has no files to {action}"
            raise self._policy.denied(message, path, "no files are granted", self._hint, op=action)
        return source

    def _check(self, path: str, size: int) -> None:
        most = self._policy.limits.max_file_bytes
        if size > most:
            raise LimitExceeded(f"{path} has more than {most} bytes", kind="browser_file", hint=f"raise {self._policy.key}.max_file_bytes")

    def clean(self, message: str) -> str:
        """``message`` without folders of the host: what Playwright says goes to the guest."""
        own = () if self._folder is None else (rf"{re.escape(str(self._folder))}(?:/\w+)?",)
        return re.sub(rf"(?<![\w./-])(?:{'|'.join((*own, *map(re.escape, _host_folders())))})", "…", message)

    async def aclose(self) -> None:
        """Remove what is left."""
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
