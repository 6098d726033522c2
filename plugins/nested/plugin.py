"""Host side of ``nested`` in one runtime: its children, and the quota of the tree that begins with it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from isolate_host.client.host import IsolateHost
from isolate_host.errors import Disposed, IsolateHostError, ProtocolError
from isolate_host.plugin import Capability, CapabilityRequest, GuestCall
from isolate_host.plugin.context import HostCallContext
from isolate_host.plugins.nested.answers import Answers
from isolate_host.plugins.nested.child import Child, open_child
from isolate_host.plugins.nested.ledger import Ledger
from isolate_host.plugins.nested.link import ChildLink
from isolate_host.plugins.nested.orders import Order, read_milliseconds, read_order
from isolate_host.plugins.nested.terms import Terms, read_terms

__all__ = ["Nested"]

#: Children whose end is remembered, to say of what they died.
_REMEMBERED = 100


class Nested(Capability):
    """The guest numbers its children; a number means something in this runtime only."""

    def __init__(self, request: CapabilityRequest) -> None:
        self._request = request
        parent = request.parent if isinstance(request.parent, Nested) else None
        self.terms: Terms = read_terms(request, None if parent is None else parent.terms)
        self.ledger: Ledger = Ledger(self.terms, request.key, None if parent is None else parent.ledger)
        self.guest_options = {"fetch": "inherit" if self.terms.inherit_fetch else "disabled"}
        self._children: dict[int, Child | None] = {}
        self._ends: dict[int, str] = {}
        self._lifetimes: dict[int, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    async def call(self, op: str, args: Sequence[Any], ctx: HostCallContext) -> Any:
        """``create``, what is done with a child, and what concerns all of them."""
        try:
            return await self._call(op, list(args))
        except ProtocolError as error:
            # Of a child that broke the protocol, or of an order that makes no sense: no reason to end the runtime that asks.
            raise IsolateHostError(error.message, hint=error.hint) from None

    async def _call(self, op: str, args: list[Any]) -> Any:
        match op, args:
            case "create", [number, kind, options, bound, lent]:
                return await self._create(number, read_order(kind, options, bound, lent, self.terms, self._request))
            case "dispose", [number, hard, reason]:
                return await self._dispose(number, hard is True, reason if isinstance(reason, str) else None)
            case "disposeNamespace", [key, reason]:
                if not isinstance(key, str):
                    raise TypeError("the key of a session must be a string")
                return await self._door().dispose_session(key, reason if isinstance(reason, str) else None)
            case "diagnostics", [None]:
                return self._diagnostics()
            case _, [number, *rest]:
                return await self._with_child(op, self._child(number), rest)
        raise LookupError(f"unknown operation {op[:40]!r}")

    async def _with_child(self, op: str, child: Child, args: list[Any]) -> Any:
        match op, args:
            case "eval", [turn, code, dict() as options]:
                return await child.eval(_turn(turn), code, _filename(options), self._seconds(options, "executionTimeout"))
            case "runTests", [turn, code, dict() as options]:
                seconds = self._seconds(options, "timeoutMs")
                return await child.run_tests(_turn(turn), code, _filename(options), seconds, options.get("options"))
            case "handle", [turn, request, dict() as options]:
                seconds = self._seconds(options, "timeoutMs")
                return await child.request(_turn(turn), request, options.get("requestId"), options.get("metadata"), seconds)
            case "ws", [name, connection, list() as values]:
                return await child.socket(name, connection, values)
            case "emit", [name, payload]:
                return await child.emit(name, payload)
            case "reload", [reason]:
                return await child.reload(reason)
            case "diagnostics", []:
                return child.diagnostics()
        raise LookupError(f"unknown operation {op[:40]!r}, or wrong arguments")

    def note(self, call: GuestCall) -> None:
        """``listen`` and ``watchTests``; what makes no sense is dropped, for nobody waits."""
        try:
            number, *rest = call.peek()
        except (IsolateHostError, ValueError):
            return
        child = self._children.get(number) if isinstance(number, int) else None
        if child is not None and call.op == "listen" and rest:
            child.listen(rest[0])
        elif child is not None and call.op == "watchTests":
            child.watch_tests()

    # ------------------------------------------------------------------ children come
    def _door(self) -> Any:
        if self._request.children is None or self._closed:
            raise Disposed("this runtime has ended")
        return self._request.children

    async def _create(self, number: Any, order: Order) -> dict[str, Any]:
        if type(number) is not int or not 0 < number < 1 << 53 or number in self._children:
            raise ProtocolError("a child's number must be new")
        door, answers = self._door(), Answers(self._request.guest, number)
        link = ChildLink(
            door, self.ledger, order.nested, order.lent,
            lambda name, op, args, ctx: answers.ask("lent", name, [op, list(args)], ctx),
            lambda error: self._isolate_ended(number, order, error),
        )
        # The place of a child that is being made: its number is taken, and nothing can be done with it yet.
        self._children[number] = None
        try:
            child = await open_child(IsolateHost(link, door.hello()), order, answers)
        except BaseException:
            self._children.pop(number, None)
            raise
        if number not in self._children:
            await child.close()
            raise Disposed(self._ends.get(number, "the runtime has ended"))
        self._children[number] = child
        if order.kind == "server" and self.terms.max_app_server_lifetime_s is not None:
            loop = asyncio.get_running_loop()
            self._lifetimes[number] = loop.call_later(self.terms.max_app_server_lifetime_s, self._expire, number, loop)
        return child.facts

    def _child(self, number: Any) -> Child:
        child = self._children.get(number) if isinstance(number, int) else None
        if child is None:
            raise Disposed(self._ends.get(number, "the runtime was disposed") if isinstance(number, int) else "there is no such runtime")
        return child

    def _seconds(self, options: Mapping[str, Any], name: str) -> float | None:
        return read_milliseconds(options.get(name), name, self.terms, self._request)

    # ------------------------------------------------------------------ children go
    def _isolate_ended(self, number: int, order: Order, error: IsolateHostError | None) -> None:
        # An app server replaces its isolates; anything else is over with its own.
        if order.kind != "server":
            self._forget(number, "the runtime was disposed" if error is None else f"the runtime has ended: {error.message}")

    def _forget(self, number: int, why: str) -> Child | None:
        """Nothing can be done with the child from here on; the first reason counts."""
        if number not in self._children:
            return None
        timer = self._lifetimes.pop(number, None)
        if timer is not None:
            timer.cancel()
        self._ends[number] = why
        if len(self._ends) > _REMEMBERED:
            self._ends.pop(next(iter(self._ends)))
        child = self._children.pop(number)
        if child is not None and not self._closed:
            child.answers.ended()
        return child

    async def _dispose(self, number: Any, hard: bool, reason: str | None) -> None:
        if isinstance(number, int):
            child = self._forget(number, "the runtime was disposed" if reason is None else f"the runtime was disposed: {reason}")
            if child is not None:
                await child.dispose(hard, reason)

    def _expire(self, number: int, loop: asyncio.AbstractEventLoop) -> None:
        child = self._forget(number, "the app server was ended: max_app_server_lifetime_s is over")
        if child is not None:
            task = loop.create_task(child.close())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    def _diagnostics(self) -> dict[str, Any]:
        live = [child for child in self._children.values() if child is not None and not child.handle.disposed]
        servers = sum(child.order.kind == "server" for child in live)
        return {"runtimes": len(live) - servers, "servers": servers, "connected": not self._closed, "tree": self.ledger.used}

    async def aclose(self) -> None:
        """The runtime has ended, and the core has ended its children: close what stood for them."""
        self._closed = True
        for timer in self._lifetimes.values():
            timer.cancel()
        children = [child for child in self._children.values() if child is not None]
        self._children.clear()
        await asyncio.gather(*(child.close() for child in children), *self._ending, return_exceptions=True)


def _turn(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ProtocolError("a turn is a number")
    return value


def _filename(options: Mapping[str, Any]) -> str | None:
    value = options.get("filename")
    if value is not None and not isinstance(value, str):
        raise TypeError("filename must be a string")
    return value
