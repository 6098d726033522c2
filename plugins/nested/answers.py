"""Bindings that guest code wrote: what a child asks of them is asked of its parent's guest."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from isolate_host.client.bindings import Bindings
from isolate_host.client.console import ConsoleEntry
from isolate_host.client.module_types import Importer, ModuleSource
from isolate_host.client.modules import ModuleResolver, create_module_resolver
from isolate_host.client.tools import Tool
from isolate_host.errors import GuestError, IsolateHostError, ProtocolError
from isolate_host.files.bound import OPERATION_NAMES
from isolate_host.plugin import GuestPort
from isolate_host.plugin.context import HostCallContext
from isolate_host.plugins.nested import shapes
from isolate_host.wire.web import Request, Response

__all__ = ["Answers"]

#: Requests of an app server whose async context is remembered, as many as the guest script remembers.
_TURNS = 256
_FILE_ERRORS: dict[str, type[OSError]] = {
    "ENOENT": FileNotFoundError, "NotFoundError": FileNotFoundError, "EEXIST": FileExistsError, "EISDIR": IsADirectoryError,
    "ENOTDIR": NotADirectoryError, "TypeMismatchError": NotADirectoryError, "EACCES": PermissionError, "EPERM": PermissionError,
    "NotAllowedError": PermissionError,
}


class Answers:
    """The way from child ``number`` to the functions that its parent gave it."""

    def __init__(self, guest: GuestPort, number: int) -> None:
        self._guest, self._number = guest, number
        #: Which call of the parent the child works for now: its functions then run in the async context of that call.
        self.turn = 0
        self._requests: OrderedDict[str, int] = OrderedDict()

    def remember(self, request_id: str, turn: int) -> None:
        """A request that the parent sends is made in ``turn``."""
        self._requests[request_id] = turn
        if len(self._requests) > _TURNS:
            self._requests.popitem(last=False)

    def _turn_of(self, ctx: HostCallContext) -> int:
        return self.turn if ctx.request_id is None else self._requests.get(ctx.request_id, self.turn)

    async def ask(self, capability: str, op: str, args: Any, ctx: HostCallContext) -> Any:
        """Call the function that answers; cancelling aborts the signal in its context."""
        return await self._guest.call("answer", self._number, self._turn_of(ctx), capability, op, list(args), shapes.context(ctx))

    async def ask_plain(self, capability: str, op: str, args: list[Any]) -> Any:
        """The same where the child does not call for anybody."""
        return await self._guest.call("answer", self._number, self.turn, capability, op, args, {})

    def tell(self, what: str, value: Any) -> None:
        """Something that wants no answer. A parent that is ending hears no more."""
        self._note(self.turn, what, value)

    def ended(self) -> None:
        """The child is gone, and with it what its parent's code keeps for it."""
        with contextlib.suppress(IsolateHostError):
            self._guest.note("ended", self._number)

    def _note(self, turn: int, what: str, value: Any) -> None:
        with contextlib.suppress(IsolateHostError):
            self._guest.note("tell", self._number, turn, what, value)

    # ------------------------------------------------------------------ bindings
    def bindings(self, bound: Mapping[str, Any]) -> Bindings:
        """``bound`` says which functions there are. Raises ``TypeError`` or ``ValueError`` for what cannot be bound."""
        found: dict[str, Any] = {}
        if "console" in bound:
            found["console"] = self._console
        if "fetch" in bound:
            found["fetch"] = self._fetch
        if "files" in bound:
            found["files"] = {name: self._file(name) for name in _texts(bound["files"]) if name in OPERATION_NAMES}
        if "tools" in bound:
            found["tools"] = {str(name): self._tool(str(name), kind) for name, kind in _mapping(bound["tools"]).items()}
        if "modules" in bound:
            found["modules"] = self._modules(bound["modules"])
        return Bindings.coerce(found)

    def _console(self, entry: ConsoleEntry, ctx: HostCallContext) -> None:
        # A note on the parent's own channel: it is there before the reply to whatever the child was asked to do.
        self._note(self._turn_of(ctx), "console", [shapes.entry(entry), shapes.context(ctx)])

    async def _fetch(self, request: Request, ctx: HostCallContext) -> Response:
        answer = await self.ask("fetch", "fetch", [request, request.redirect], ctx)
        if not isinstance(answer, Response):
            raise TypeError("bindings.fetch must return a Response")
        return answer

    def _file(self, name: str) -> Callable[..., Any]:
        async def operation(*args: Any) -> Any:
            *paths, ctx = args
            try:
                answer = await self.ask("files", shapes.camel(name), paths, ctx)
            except GuestError as error:
                raise _file_error(error) from None
            return _with_numbers(answer) if name == "stat" else answer

        return operation

    def _tool(self, name: str, kind: Any) -> Tool:
        async def call(*args: Any, ctx: HostCallContext) -> Any:
            return await self.ask("tools", name, args, ctx)

        tool = Tool(call)
        # The parent's function gives an async iterator, which passes through.
        tool.kind = "generator" if kind == "generator" else "async"
        return tool

    def _modules(self, entries: Any) -> ModuleResolver:
        resolver = create_module_resolver()
        if not isinstance(entries, list):
            raise ProtocolError("modules must be a list")
        for index, item in enumerate(entries):
            entry = _mapping(item)
            kind, name = entry.get("kind"), entry.get("name")
            if kind == "virtual":
                source = entry.get("source")
                resolver.virtual(
                    str(name), source if isinstance(source, str) else self._loader(index, 0), filename=_text_or_none(entry.get("filename")),
                    resolve_dir=_text_or_none(entry.get("resolveDir")), static=entry.get("static") is True,
                )
            elif kind == "sourceTree":
                resolver.source_tree(str(name), self._loader(index, 1))
            elif kind == "fallback":
                resolver.fallback(self._loader(index, 2))
            else:
                raise ProtocolError("unknown kind of module source")
        return resolver

    def _loader(self, index: int, count: int) -> Callable[..., Any]:
        async def load(*args: Any) -> ModuleSource | None:
            *names, ctx = args
            return _source(await self.ask("modules", str(index), [_importer(item) for item in names[:count]], ctx))

        return load


def _importer(value: Any) -> Any:
    return {"path": value.path, "resolveDir": value.resolve_dir} if isinstance(value, Importer) else value


def _source(value: Any) -> ModuleSource | None:
    """What a loader of guest code returned. Raises ``TypeError``."""
    if value is None:
        return None
    if isinstance(value, str):
        return ModuleSource(value)
    if isinstance(value, Mapping):
        code = value.get("code", value.get("source"))
        if isinstance(code, str):
            place = (_text_or_none(value.get("filename")), _text_or_none(value.get("resolveDir")))
            return ModuleSource(code, *place, static=value.get("static") is True)
    raise TypeError("a module loader must return text, { code, filename?, resolveDir?, static? } or null")


def _file_error(error: GuestError) -> Exception:
    kind = _FILE_ERRORS.get(str(error.guest_code)) or _FILE_ERRORS.get(error.name)
    return error if kind is None else kind(error.message)


def _with_numbers(value: Any) -> Any:
    """What ``stat`` answered; dates, as Node has them, become seconds."""
    if not isinstance(value, Mapping):
        return value
    return {name: item.timestamp() if isinstance(item, datetime) else item for name, item in value.items()}


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ProtocolError("a binding is malformed")
    return value


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ProtocolError("a binding is malformed")
    return value


def _text_or_none(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("filename and resolveDir must be text")
    return value
