"""Answers a worker's wishes for modules: resolves through the ``modules`` capability, compiles, and sends text once."""

from __future__ import annotations

import asyncio
import logging
import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from isolate_host.errors import IsolateHostError, MarshalError, PolicyDenied, ProtocolError
from isolate_host.host.calls import ClientDoor, Outgoing
from isolate_host.host.codeframe import SourceShelf
from isolate_host.host.compiler import Compiled, Compiler
from isolate_host.host.grants import Grants
from isolate_host.wire.context import HostCallContext
from isolate_host.wire.decode import decode_value
from isolate_host.wire.encode import encode_value
from isolate_host.wire.frames import Frame
from isolate_host.wire.serving import RawReply

__all__ = ["ModuleService"]

_LOG = logging.getLogger("isolate_host.modules")
_TYPES = ("", "json")
_PLAIN = ("js", "json")
#: Modules that one runtime may load: a resolver that invents names would otherwise fill the guest and this table for ever.
_MAX_MODULES = 100_000


@dataclass(slots=True)
class _Answer:
    """One entry of ``w.mods``: the JSON part and its segments."""

    entry: dict[str, Any]
    segments: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class _ResolveCall:
    """A ``resolve`` as the capability sees it (``isolate_host.plugin.GuestCall``), made by the core and not by a guest."""

    args: list[Any]
    ctx: HostCallContext
    door: ClientDoor
    op: str = "resolve"
    size: int = 0

    def arguments(self) -> list[Any]:
        return self.args

    def peek(self) -> list[Any]:
        return self.arguments()

    async def forward(self) -> RawReply:
        body, segments = encode_value(self.args)
        return await self.door.call(Outgoing("modules", "resolve", self.ctx.resource_id, self.ctx.remaining(), body, segments))

    def forward_note(self) -> None:
        return


class ModuleService:
    """The modules of one runtime."""

    def __init__(
        self,
        grants: Grants,
        door: ClientDoor,
        compiler: Compiler,
        sources: SourceShelf,
        send: Callable[[Frame], None],
        context: Callable[[str], HostCallContext],
        *,
        entry: tuple[str, str] | None = None,
    ) -> None:
        self._grants, self._door, self._compiler, self._sources = grants, door, compiler, sources
        self._send, self._context, self._entry = send, context, entry
        self._sent: dict[str, str] = {}
        self._folders: dict[str, str] = {}
        self.pending = 0

    async def load(self, header: dict[str, Any]) -> None:
        """Answer one ``w.load`` frame. Raises ``ProtocolError`` when it is malformed."""
        requests = header.get("reqs")
        if not isinstance(requests, list) or not isinstance(header.get("id"), int) or not all(_is_request(item) for item in requests):
            raise ProtocolError("malformed module request")
        self.pending += len(requests)
        try:
            answers = await asyncio.gather(*(self._answer(*request) for request in requests))
        finally:
            self.pending -= len(requests)
        entries = [self._dedupe(answer) for answer in answers]
        segments = [segment for answer in answers for segment in answer.segments]
        self._send(Frame({"t": "w.mods", "id": header["id"], "mods": entries}, b"", segments))

    def _dedupe(self, answer: _Answer) -> dict[str, Any]:
        """A module's text crosses once, also when one batch asks for it twice."""
        entry = answer.entry
        if entry["kind"] in ("js", "json"):
            if entry["id"] in self._sent:
                answer.segments = []
                return {"id": entry["id"], "kind": "known"}
            self._sent[entry["id"]] = entry["filename"]
        return entry

    async def _answer(self, specifier: str, referrer: str, kind: str) -> _Answer:
        try:
            return await self._resolve(specifier, referrer, kind)
        except PolicyDenied as error:
            return _failure("Error", f"{error.message} ({error.hint})" if error.hint else error.message, error.code)
        except (IsolateHostError, LookupError, OSError, ValueError) as error:
            return _failure("Error", f"Cannot load module '{specifier}': {_text(error)}", "ERR_MODULE_LOAD")
        except Exception as error:  # noqa: BLE001 - a resolver is the embedder's code: its bug must not end the runtime
            _LOG.exception("a module resolver failed")
            return _failure("Error", f"Cannot load module '{specifier}': {type(error).__name__}: {error}", "ERR_MODULE_LOAD")

    async def _resolve(self, specifier: str, referrer: str, kind: str) -> _Answer:
        if kind not in _TYPES:
            return _failure("TypeError", f"Import attribute type '{kind}' of '{specifier}' is not supported; json is")
        if self._entry is not None and specifier == self._entry[0] and kind == "":
            # The client could evaluate this text as well: it needs no grant.
            path, source = self._entry
            found = {"id": path, "source": source, "filename": path, "resolve_dir": posixpath.dirname(path), "language": _guess(path)}
            return await self._module(specifier, kind, found)
        capability = self._grants.capabilities.get("modules")
        if capability is None:
            hint = self._grants.absent.get("modules", "add policies.modules")
            return _failure("Error", f"Cannot import '{specifier}': no policy grants modules ({hint})", "ERR_MODULE_NOT_FOUND")
        importer = {"path": referrer, "resolve_dir": self._folders.get(referrer) or posixpath.dirname(referrer) or "/"}
        call = _ResolveCall([specifier, importer, kind], self._context(specifier), self._door)
        found = _value(await capability.handle(call))
        if found is None:
            return _failure("Error", f"Cannot find module '{specifier}'", "ERR_MODULE_NOT_FOUND")
        return await self._module(specifier, kind, _checked(found, specifier))

    async def _module(self, specifier: str, kind: str, found: dict[str, Any]) -> _Answer:
        folder, name = found["resolve_dir"], posixpath.basename(found["filename"])
        path = posixpath.join(folder, name)
        entry = {"id": found["id"], "url": f"file://{path}", "filename": path, "dirname": folder}
        self._folders[path] = folder
        language = found["language"]
        if kind == "json" or language == "json":
            if kind != "json":
                return _failure("TypeError", f"Module '{specifier}' is JSON: import it with {{ type: \"json\" }}", "ERR_IMPORT_ATTRIBUTE_MISSING")
            return _Answer({**entry, "kind": "json"}, [found["source"].encode()])
        if found["id"] in self._sent:
            return _Answer({"id": found["id"], "kind": "known"})
        if len(self._sent) >= _MAX_MODULES:
            return _failure("RangeError", f"more than {_MAX_MODULES} modules")
        self._sources.put(path, found["source"])
        if language in _PLAIN:
            return _Answer({**entry, "kind": "js"}, [found["source"].encode()])
        compiled = await self._compiler.compile(found["source"], _named(path, language), script=False)
        if compiled.diagnostics:
            return self._syntax_error(path, compiled)
        segments = [compiled.code.encode()]
        if compiled.source_map:
            segments.append(compiled.source_map.encode())
        return _Answer({**entry, "kind": "js", "map": bool(compiled.source_map)}, segments)

    def _syntax_error(self, path: str, compiled: Compiled) -> _Answer:
        first = compiled.diagnostics[0]
        more = f" (and {len(compiled.diagnostics) - 1} more)" if len(compiled.diagnostics) > 1 else ""
        stack = f"SyntaxError: {first.message}\n    at {path}:{first.line}:{first.column}"
        return _failure("SyntaxError", f"{first.message}{more} ({path}:{first.line}:{first.column})", None, stack)


def _is_request(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 3 and all(isinstance(part, str) and len(part) <= 1 << 16 for part in item)


def _value(reply: Any) -> Any:
    """The capability's answer as a value, also when the client had encoded it."""
    if not isinstance(reply, RawReply):
        return reply
    value = decode_value(reply.body, list(reply.segments), by_host=True) if reply.body else None
    if reply.ok:
        return value
    raise value if isinstance(value, Exception) else LookupError(str(value))


def _checked(found: Any, specifier: str) -> dict[str, Any]:
    """Types of a resolver's answer; it may come from a client of the daemon."""
    names = ("id", "source", "filename", "resolve_dir")
    if not isinstance(found, dict) or not all(isinstance(found.get(name), str) for name in names):
        raise MarshalError(f"the resolver's answer for '{specifier}' lacks one of {', '.join(names)}", path="$")
    language = found.get("language")
    return {**{name: found[name] for name in names}, "language": language if isinstance(language, str) else _guess(found["filename"])}


def _guess(filename: str) -> str:
    ending = posixpath.splitext(filename)[1]
    return {".js": "js", ".mjs": "js", ".cjs": "js", ".json": "json", ".tsx": "tsx", ".jsx": "jsx"}.get(ending, "ts")


def _named(path: str, language: str) -> str:
    """The file name with an ending that tells the compiler the language."""
    return path if posixpath.splitext(path)[1].lstrip(".").endswith(language) else f"{path}.{language}"


def _failure(name: str, message: str, code: str | None = None, stack: str | None = None) -> _Answer:
    return _Answer({"kind": "error", "error": {"name": name, "message": message, "code": code, "stack": stack}})


def _text(error: BaseException) -> str:
    """What a guest may know of a host error: never a path of the host."""
    return (error.strerror or "input/output error") if isinstance(error, OSError) else str(error)
