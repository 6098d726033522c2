"""The client's end of one runtime: it answers what the guest asks of the embedder, and passes on what the embedder asks."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from isolate_host.client.answering import Answerer, AnswererRequest, Leavings, open_answerer
from isolate_host.client.bindings import Bindings
from isolate_host.client.console import ConsoleEntry, console_caller
from isolate_host.client.events import Events
from isolate_host.client.fetch import answer_fetch
from isolate_host.client.files import answer_files, open_files
from isolate_host.client.link import Channel
from isolate_host.client.module_types import Importer
from isolate_host.client.modules import ModuleResolver
from isolate_host.client.tools import ToolBox
from isolate_host.errors import Disposed, IsolateHostError, PolicyDenied, ProtocolError
from isolate_host.files.service import FileService
from isolate_host.wire.context import HostCallContext
from isolate_host.wire.encode import encode_value
from isolate_host.wire.endpoint import Endpoint
from isolate_host.wire.errors import as_error
from isolate_host.wire.frames import Frame
from isolate_host.wire.serving import IncomingCall

__all__ = ["Session"]

_logger = logging.getLogger(__name__)
_PEER = 1
#: Bindings that their plugin answers, and not this module.
_BY_PLUGINS = frozenset({"browser"})
#: How long :meth:`Session.settle` waits for tools that were told to stop (seconds).
_SETTLE = 2.0


class Session:
    """Implements :class:`~isolate_host.client.link.Sink` for one runtime."""

    def __init__(self, bindings: Bindings, sandbox: str | None, on_end: Callable[[], None], also_bound: Mapping[str, Any] | None = None) -> None:
        self.bindings = self._bindings = bindings
        self.sandbox = self._sandbox = sandbox
        self._also_bound = also_bound or {}
        self._on_end = on_end
        self._tools = ToolBox(bindings.tools or {})
        self._console = None if bindings.console is None else console_caller(bindings.console)
        self._files: FileService | None = None
        self._channel: Channel | None = None
        self._early: list[Frame] = []
        #: Why the runtime is gone; ``None`` while it lives.
        self.end: IsolateHostError | None = None
        #: Plugins that answer here, by capability.
        self.answerers: dict[str, Answerer] = {}
        #: Where they go when the owner gives up a session; set before :meth:`ended`. Else they are closed.
        self.leavings: Leavings | None = None
        self.rejections: list[BaseException] = []
        self.on_rejection: Callable[[BaseException], None] | None = None
        #: Who takes the notes of a capability, by its name: ``(op, arguments)``.
        self.on_note: dict[str, Callable[[str, list[Any]], None]] = {}
        #: Who answers the calls of a capability that is no binding, by its name: ``(op, arguments, context)``.
        self.on_call: dict[str, Callable[[str, list[Any], HostCallContext], Any]] = {}
        self.endpoint = self._new_endpoint()
        self.events = Events(self._emit, self.spawn)

    def spawn(self, work: Any) -> object:
        """Run a coroutine for as long as the runtime lives."""
        return self.endpoint.spawn(work)

    def _new_endpoint(self) -> Endpoint:
        return Endpoint(
            self._send,
            peer=_PEER,
            on_call=self._call,
            on_note=self._note,
            on_violation=self._violated,
            drain=self._drain,
        )

    def revive(self) -> None:
        """Be the end of a runtime again after this one was lost. What was leased before is dead for ever; listeners stay."""
        self.end, self._channel, self._files = None, None, None
        self.rejections.clear()
        self.endpoint = self._new_endpoint()

    def spec(self) -> dict[str, Any]:
        """The ``bindings`` of the runtime's spec: what this client answers."""
        bindings: dict[str, Any] = {name: {} for name in self._bindings.granted()}
        if "tools" in bindings:
            bindings["tools"] = self._tools.to_spec()
        return {**bindings, **self._also_bound}

    def attach(self, channel: Channel) -> None:
        """The runtime exists: frames that were answered while it was being created go out now."""
        self._channel = channel
        early, self._early = self._early, []
        for frame in early:
            channel.send(frame)

    @property
    def info(self) -> dict[str, Any]:
        """What the broker told about the runtime."""
        return {} if self._channel is None else self._channel.info

    # -- Sink --------------------------------------------------------------------------------------------------------

    def receive(self, frame: Frame) -> None:
        """A frame from the guest."""
        if frame.header.get("t") == "w.reject":
            self._rejected(frame)
        else:
            self.endpoint.receive(frame)

    def ended(self, error: IsolateHostError | None) -> None:
        """The runtime is gone; the first reason counts."""
        if self.end is None:
            self.end = error or Disposed("the runtime was disposed")
            self.endpoint.close(self.end)
            if self._files is not None:
                self.endpoint.spawn(self._files.aclose())
            self._part_with_answerers()
            self._on_end()

    def _part_with_answerers(self) -> None:
        answerers, self.answerers = self.answerers, {}
        for answerer in answerers.values():
            answerer.detach()
        if self.leavings is not None:
            self.leavings.keep(str(self.info["key"]), str(self.info["id"]), answerers)
            return
        for answerer in answerers.values():
            self.endpoint.spawn(answerer.aclose())

    # -- outgoing ----------------------------------------------------------------------------------------------------

    def _send(self, frame: Frame) -> None:
        if self._channel is None:
            self._early.append(frame)
        else:
            self._channel.send(frame)

    async def _drain(self) -> None:
        if self._channel is not None:
            await self._channel.drain()

    async def _emit(self, name: str, payload: Any) -> None:
        # Encoded without an exporter: events carry data only, so a function in the payload is refused here, by path.
        body, segments = encode_value([name, payload])
        self.endpoint.note_encoded("events", "emit", body, segments)
        await self._drain()

    def _violated(self, error: ProtocolError) -> None:
        """The guest broke the protocol: it is not the kernel that we booted any more."""
        self.ended(error)
        if self._channel is not None:
            channel = self._channel
            self.endpoint.spawn(channel.dispose(hard=True, reason=str(error)))

    async def settle(self) -> None:
        """Wait, within reason, for the host functions that the end of the runtime cancelled."""
        await self.endpoint.wait_closed(_SETTLE)

    # -- plugins that answer here --------------------------------------------------------------------------------------

    def inherit(self, answerers: dict[str, Answerer]) -> None:
        """Those of the session's former owner."""
        for name, answerer in answerers.items():
            request = self._answerer_request(name)
            if request is None:
                self.endpoint.spawn(answerer.aclose())
                continue
            answerer.attach(_Port(self.endpoint, name), request)
            self.answerers[name] = answerer

    def _answerer(self, name: str) -> Answerer | None:
        """Made when its guest first asks: before, the runtime costs nothing."""
        request = None if name in self.answerers else self._answerer_request(name)
        if request is not None and self.end is None:
            made = open_answerer(request)
            made.attach(_Port(self.endpoint, name), request)
            self.answerers[name] = made
        return self.answerers.get(name)

    def _answerer_request(self, name: str) -> AnswererRequest | None:
        """``None`` when nothing is bound that a plugin answers."""
        binding = getattr(self._bindings, name, None) if name in _BY_PLUGINS else None
        if binding is None:
            return None
        options = self.info.get("client_options", {}).get(name, {})
        files = None if self._bindings.files is None else self._open_files
        console = None if self._console is None else self._print
        return AnswererRequest(name, binding, options, str(self.info.get("id", "")), files, self._denied, console)

    def _denied(self, error: PolicyDenied) -> None:
        body, segments = encode_value(error)
        self._send(Frame({"t": "w.denied"}, body, segments))

    def _open_files(self) -> FileService:
        if self._files is None:
            self._files = open_files(self._bindings.files)
        return self._files

    # -- incoming ----------------------------------------------------------------------------------------------------

    def _context(self, header: dict[str, Any]) -> HostCallContext:
        left = header.get("dl")
        metadata = header.get("md")
        return HostCallContext(
            capability=header["cap"],
            op=header["op"],
            runtime_id=str(header.get("rt", self.info.get("id", ""))),
            resource_id=str(header.get("res", f"{header['cap']}:{header['op']}")),
            sandbox=self._sandbox,
            request_id=header.get("req"),
            metadata=metadata if isinstance(metadata, dict) else None,
            deadline=time.monotonic() + left if isinstance(left, (int, float)) else None,
        )

    def _call(self, call: IncomingCall) -> Any:
        capability = call.header["cap"]
        if capability == "tools":
            name = call.header["op"]
            tool = self._tools.get(name)
            if tool.plain:
                return tool.function(*call.arguments())
            call.context = self._context(call.header)
            return tool.invoke(name, call.arguments(), call.context)
        resolver = self._bindings.modules
        if capability == "modules" and resolver is not None and call.header["op"] == "resolve":
            call.context = self._context(call.header)
            return _resolve(resolver, call.arguments(), call.context)
        if capability == "fetch" and self._bindings.fetch is not None and call.header["op"] == "fetch":
            call.context = self._context(call.header)
            return answer_fetch(self._bindings.fetch, call.arguments(), call.context)
        if capability == "files" and self._bindings.files is not None:
            call.context = self._context(call.header)
            return answer_files(self._open_files(), call.header["op"], call.arguments(), call.context)
        if capability in self.on_call:
            call.context = self._context(call.header)
            return self.on_call[capability](call.header["op"], call.arguments(), call.context)
        answerer = self._answerer(capability)
        if answerer is not None:
            call.context = self._context(call.header)
            return answerer.call(call.header["op"], call.arguments(), call.context)
        raise LookupError(f"this client does not answer {capability}.{call.header['op']}")

    def _note(self, call: IncomingCall) -> None:
        capability, op = call.header["cap"], call.header["op"]
        if capability == "console" and self._console is not None:
            args = call.arguments()
            self._print(ConsoleEntry.from_guest(args[0] if args else None), self._context(call.header))
        elif capability == "events" and op == "emit":
            args = call.arguments()
            if args:
                self.events.deliver(args[0], args[1] if len(args) > 1 else None)
        elif capability in self.on_note:
            self.on_note[capability](op, call.arguments())
        elif capability in self.answerers:
            self.answerers[capability].note(op, call.arguments())

    def _print(self, entry: ConsoleEntry, ctx: HostCallContext | None = None) -> None:
        """Hand an entry to the caller: one of the guest's, or (without a context) one of a plugin that answers here."""
        if self._console is None:
            return
        result = self._console(entry, ctx or self._context({"cap": "console", "op": "entry"}))
        if inspect.isawaitable(result):
            # The contract is a plain function; an async one runs unordered, and nobody waits for it.
            self.endpoint.spawn(_logged(result))

    def _rejected(self, frame: Frame) -> None:
        try:
            value = self.endpoint.decode(frame)
        except IsolateHostError as failure:
            value = failure
        error = as_error(value)
        # Only the first one can fail an eval; a guest that rejects without end must not fill our memory.
        if not self.rejections:
            self.rejections.append(error)
        if self.on_rejection is not None:
            self.on_rejection(error)


class _Port:
    """The way of an answerer to its guest script."""

    def __init__(self, endpoint: Endpoint, capability: str) -> None:
        self._endpoint, self._capability = endpoint, capability

    async def call(self, op: str, *args: Any) -> Any:
        return await self._endpoint.call(self._capability, op, *args)

    def note(self, op: str, *args: Any) -> None:
        self._endpoint.note(self._capability, op, *args)


async def _logged(result: Any) -> None:
    try:
        await result
    except asyncio.CancelledError:
        raise
    except Exception:
        _logger.exception("an async console callback failed")


async def _resolve(resolver: ModuleResolver, args: list[Any], ctx: HostCallContext) -> dict[str, Any] | None:
    specifier = args[0] if args else None
    if not isinstance(specifier, str):
        raise TypeError("a module specifier must be a string")
    importer, kind = args[1] if len(args) > 1 else None, args[2] if len(args) > 2 else ""
    found = await resolver.resolve(specifier, Importer.from_wire(importer), ctx, str(kind))
    return None if found is None else found.to_wire()
