"""Answers a worker's wishes for modules: resolves through the ``modules`` capability, compiles, and sends text once."""

from __future__ import annotations

import asyncio
import json
import logging
import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from isolate_host.errors import GuestError, IsolateHostError, PolicyDenied, ProtocolError
from isolate_host.host.calls import ClientDoor, Outgoing
from isolate_host.host.codeframe import SourceShelf
from isolate_host.host.compiler import Compiled, Compiler
from isolate_host.host.grants import Grants
from isolate_host.host.module_answers import FoundModule, ModuleAnswer, check_answer, failure
from isolate_host.plugin.review import GuestCode
from isolate_host.wire.context import HostCallContext
from isolate_host.wire.decode import decode_value
from isolate_host.wire.encode import encode_value
from isolate_host.wire.frames import Frame
from isolate_host.wire.jsontext import load_json
from isolate_host.wire.serving import RawReply

__all__ = ["ModuleLedger", "ModuleService"]

_LOG = logging.getLogger("isolate_host.modules")
_TYPES = ("", "json", "require")
#: Modules that one runtime may load: a resolver that invents names would otherwise fill the guest and this table for ever.
_MAX_MODULES = 100_000
#: Modules, and bytes of them, that one frame brings along unasked.
_MAX_MORE, _MAX_MORE_BYTES = 4_000, 16 << 20


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


@dataclass(slots=True)
class ModuleLedger:
    """What the guest has of modules: path by id, and the folder that each path's imports start from. A session keeps it."""

    sent: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)

    def retain(self, kept: Iterable[str]) -> None:
        """Forget all others. ``kept`` is what a worker says, and can only name what it was sent."""
        self.sent = {module_id: self.sent[module_id] for module_id in kept if module_id in self.sent}
        paths = set(self.sent.values())
        self.folders = {path: folder for path, folder in self.folders.items() if path in paths}


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
        ledger: ModuleLedger,
        program: tuple[str, str] | None = None,
    ) -> None:
        self._grants, self._door, self._compiler, self._sources = grants, door, compiler, sources
        self._send, self._context, self._program = send, context, program
        self._sent, self._folders = ledger.sent, ledger.folders
        self.pending = 0

    async def load(self, frame: Frame) -> None:
        """Answer one ``w.load`` frame. Raises ``ProtocolError`` when it is malformed."""
        header, requests = frame.header, load_json(frame.body)
        if not isinstance(requests, list) or not isinstance(header.get("id"), int) or not all(_is_request(item) for item in requests):
            raise ProtocolError("malformed module request")
        self.pending += len(requests)
        try:
            answers = await asyncio.gather(*(self._answer(*request) for request in requests))
        finally:
            self.pending -= len(requests)
        # What was asked for comes first, then what it brought along; each text crosses once.
        asked = [self._dedupe(answer) for answer in answers]
        more = self._more(answers)
        lists = [[answer.entry for answer in answers_] for answers_ in (asked, more)]
        segments = [segment for answer in (*asked, *more) for segment in answer.segments]
        self._send(Frame({"t": "w.mods", "id": header["id"]}, json.dumps(lists, separators=(",", ":")).encode(), segments))

    def _more(self, answers: list[ModuleAnswer]) -> list[ModuleAnswer]:
        """What comes along, as far as one frame carries it; the rest is asked for when it is needed."""
        chosen: list[ModuleAnswer] = []
        size = 0
        for extra in (extra for answer in answers for extra in answer.extra):
            if extra.entry["id"] in self._sent:
                continue
            size += sum(map(len, extra.segments))
            if size > _MAX_MORE_BYTES or len(chosen) >= _MAX_MORE:
                break
            chosen.append(self._dedupe(extra))
        return chosen

    def _dedupe(self, answer: ModuleAnswer) -> ModuleAnswer:
        """A module's text crosses once, also when one batch asks for it twice."""
        entry = answer.entry
        if entry["kind"] in ("error", "builtin", "known"):
            return answer
        if entry["id"] in self._sent:
            return ModuleAnswer({"id": entry["id"], "kind": "known"})
        self._sent[entry["id"]] = entry["filename"]
        return answer

    async def _answer(self, specifier: str, referrer: str, kind: str, builtin: bool) -> ModuleAnswer:
        try:
            return await self._resolve(specifier, referrer, kind, builtin)
        except PolicyDenied as error:
            return failure("Error", f"{error.message} ({error.hint})" if error.hint else error.message, error.code)
        except (IsolateHostError, LookupError, OSError, ValueError) as error:
            return failure("Error", _words(specifier, error), _code(error))
        except Exception as error:  # noqa: BLE001 - a resolver is the embedder's code: its bug must not end the runtime
            _LOG.exception("a module resolver failed")
            return failure("Error", f"Cannot load module '{specifier}': {type(error).__name__}: {error}", "ERR_MODULE_LOAD")

    async def look(self, specifier: str, referrer: str) -> FoundModule | None:
        """What ``specifier`` leads to from ``referrer``, without loading it. Raises what the resolver does."""
        if self._program is not None and specifier == self._program[0]:
            path, source = self._program
            return check_answer({"id": path, "source": source, "filename": path, "resolve_dir": posixpath.dirname(path)}, specifier)
        found = await self._find(specifier, referrer, "", False) if "modules" in self._grants.capabilities else None
        return None if found is None else check_answer(found, specifier)

    async def _find(self, specifier: str, referrer: str, kind: str, builtin: bool) -> Any:
        importer = {"path": referrer, "resolve_dir": self._folders.get(referrer) or posixpath.dirname(referrer) or "/", "builtin": builtin}
        call = _ResolveCall([specifier, importer, kind], self._context(specifier), self._door)
        return _value(await self._grants.capabilities["modules"].handle(call))

    async def _resolve(self, specifier: str, referrer: str, kind: str, builtin: bool) -> ModuleAnswer:
        """``builtin``: the guest has a module of that name from a plugin. Only what the resolver provides under that very name comes before it."""
        if kind not in _TYPES:
            return failure("TypeError", f"Import attribute type '{kind}' of '{specifier}' is not supported; json is")
        if self._program is not None and specifier == self._program[0] and kind == "":
            # The client could evaluate this text as well: it needs no grant.
            path, source = self._program
            return await self._module(specifier, kind, {"id": path, "source": source, "filename": path, "resolve_dir": posixpath.dirname(path)})
        if "modules" not in self._grants.capabilities:
            if builtin or specifier.startswith("node:"):
                return self._builtin(specifier, kind, builtin)
            hint = self._grants.absent.get("modules", "add policies.modules")
            return failure("Error", f"Cannot import '{specifier}': no policy grants modules ({hint})", "ERR_MODULE_NOT_FOUND")
        found = await self._find(specifier, referrer, kind, builtin)
        if found is None:
            if builtin or specifier.startswith("node:"):
                return self._builtin(specifier, kind, builtin)
            return failure("Error", f"Cannot find module '{specifier}'", "ERR_MODULE_NOT_FOUND")
        return await self._module(specifier, kind, found)

    def _builtin(self, specifier: str, kind: str, provided: bool) -> ModuleAnswer:
        """The module of a plugin; or why there is none of that name in Node's scheme."""
        if provided and kind == "json":
            return failure("TypeError", f"Module '{specifier}' is not JSON: import it without attributes", "ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE")
        if provided:
            return ModuleAnswer({"id": specifier, "kind": "builtin", "url": specifier, "filename": specifier, "dirname": ""})
        if "node" in self._grants.capabilities:
            return failure("Error", f"No such built-in module: {specifier}", "ERR_UNKNOWN_BUILTIN_MODULE")
        hint = self._grants.absent.get("node", "add policies.node")
        return failure("Error", f"Cannot import '{specifier}': no policy grants node ({hint})", "ERR_UNKNOWN_BUILTIN_MODULE")

    async def _module(self, specifier: str, kind: str, found: Any) -> ModuleAnswer:
        module = check_answer(found, specifier)
        if module.language == "json" and kind == "":
            return failure("TypeError", f"Module '{specifier}' is JSON: import it with {{ type: \"json\" }}", "ERR_IMPORT_ATTRIBUTE_MISSING")
        if kind == "json":
            module.language = "json"
        if module.id not in self._sent and len(self._sent) + len(module.extra) >= _MAX_MODULES:
            return failure("RangeError", f"more than {_MAX_MODULES} modules")
        answer = await self._entry(module)
        for extra in module.extra:
            if extra.id not in self._sent:
                # One that cannot be compiled fails when somebody really imports it.
                entry = await self._entry(extra)
                if entry.entry["kind"] != "error":
                    answer.extra.append(entry)
        return answer

    async def _entry(self, module: FoundModule) -> ModuleAnswer:
        path = module.path
        self._folders[path] = module.resolve_dir
        if module.id in self._sent:
            return ModuleAnswer({"id": module.id, "kind": "known"})
        entry: dict[str, Any] = {"id": module.id, "url": f"file://{path}", "filename": path, "dirname": module.resolve_dir, "kind": module.kind}
        if module.links:
            entry["links"] = module.links
        if module.static:
            entry["static"] = True
        if module.language == "json":
            return ModuleAnswer(entry, [module.source.encode()])
        self._sources.put(path, module.source)
        if self._grants.reviews and module.kind == "js" and "/node_modules/" not in path:
            await self._grants.review(GuestCode(module.source, module.compiler_name, "module"))
        if module.language == "js":
            return ModuleAnswer(entry, [module.source.encode()])
        compiled = await self._compiler.compile(module.source, module.compiler_name, mode="commonjs" if module.kind == "cjs" else "module")
        if compiled.diagnostics:
            return _syntax_error(path, compiled)
        segments = [compiled.code.encode()]
        if compiled.source_map:
            segments.append(compiled.source_map.encode())
        return ModuleAnswer({**entry, "map": bool(compiled.source_map)}, segments)


def _syntax_error(path: str, compiled: Compiled) -> ModuleAnswer:
    first = compiled.diagnostics[0]
    more = f" (and {len(compiled.diagnostics) - 1} more)" if len(compiled.diagnostics) > 1 else ""
    stack = f"SyntaxError: {first.message}\n    at {path}:{first.line}:{first.column}"
    return failure("SyntaxError", f"{first.message}{more} ({path}:{first.line}:{first.column})", None, stack)


def _is_request(item: Any) -> bool:
    if not isinstance(item, list) or len(item) != 4:
        return False
    return isinstance(item[3], bool) and all(isinstance(part, str) and len(part) <= 1 << 16 for part in item[:3])


def _value(reply: Any) -> Any:
    """The capability's answer as a value, also when the client had encoded it."""
    if not isinstance(reply, RawReply):
        return reply
    value = decode_value(reply.body, list(reply.segments), by_host=True) if reply.body else None
    if reply.ok:
        return value
    raise value if isinstance(value, Exception) else LookupError(str(value))


def _words(specifier: str, error: BaseException) -> str:
    text = _text(error)
    return text if text.startswith("Cannot find module") else f"Cannot load module '{specifier}': {text}"


def _code(error: BaseException) -> str:
    """Node's code where the resolver gave one, here or in the client."""
    code = error.guest_code if isinstance(error, GuestError) else getattr(error, "code", None) if isinstance(error, LookupError) else None
    return code if isinstance(code, str) else "ERR_MODULE_LOAD"


def _text(error: BaseException) -> str:
    """What a guest may know of a host error: never a path of the host."""
    if isinstance(error, GuestError):
        return error.message
    return (error.strerror or "input/output error") if isinstance(error, OSError) else str(error)
