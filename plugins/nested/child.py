"""One child: what its parent may do with it, by the kind that it is of."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from isolate_host.client.app_server import AppServer
from isolate_host.client.host import IsolateHost
from isolate_host.client.namespaced import NamespacedRuntime
from isolate_host.client.runtime import Runtime
from isolate_host.client.test_results import TestOptions
from isolate_host.client.test_runtime import TestRuntime
from isolate_host.errors import ProtocolError
from isolate_host.plugins.nested import shapes
from isolate_host.plugins.nested.answers import Answers
from isolate_host.plugins.nested.orders import Order
from isolate_host.wire.streams import ByteSource
from isolate_host.wire.web import Request, Response

__all__ = ["Child", "open_child"]

#: Names of events that a parent may listen to in one child.
_MAX_LISTENING = 1000
Handle = Runtime | TestRuntime | NamespacedRuntime | AppServer


class Child:
    """A live child. Operations come from the guest and are checked here; whatever fails reaches the guest as its error."""

    def __init__(self, host: IsolateHost, handle: Handle, answers: Answers, order: Order) -> None:
        self._host, self.handle, self.answers, self.order = host, handle, answers, order
        self._turn = asyncio.Lock()
        self._listening: set[str] = set()
        if isinstance(handle, AppServer):
            handle.ws.on_command(self._command)

    @property
    def facts(self) -> dict[str, Any]:
        """What its parent learns at the creation."""
        reused = self.handle.reused if isinstance(self.handle, NamespacedRuntime) else False
        return {"id": self.handle.id, "reused": reused}

    # ------------------------------------------------------------------ scripts and tests
    async def eval(self, turn: int, code: Any, filename: str | None, timeout_s: float | None) -> Any:
        """Evaluate ``code``; its functions run in the async context that the parent calls from."""
        if not isinstance(self.handle, Runtime):
            raise TypeError("this child does not evaluate scripts")
        async with self._turn:
            self.answers.turn = turn
            return await self.handle.eval(_text(code, "code"), filename or "/index.ts", timeout_s)

    async def run_tests(self, turn: int, code: Any, filename: str | None, timeout_s: float | None, options: Any) -> dict[str, Any]:
        """Run a test file."""
        text, name = _text(code, "code"), filename or "/index.test.ts"
        chosen = _test_options(options)
        async with self._turn:
            self.answers.turn = turn
            if isinstance(self.handle, NamespacedRuntime):
                return shapes.run_result(await self.handle.run_tests(text, name, timeout_s, options=chosen))
            if isinstance(self.handle, TestRuntime):
                return shapes.run_result(await self.handle.run(text, name, timeout_s, options=chosen))
        raise TypeError("this child runs no tests")

    def watch_tests(self) -> None:
        """Tell the parent what happens while tests run."""
        if "\0tests" not in self._listening and isinstance(self.handle, (TestRuntime, NamespacedRuntime)):
            self._listening.add("\0tests")
            self.handle.test.on_event(lambda event: self.answers.tell("test", shapes.test_event(event)))

    def listen(self, name: Any) -> None:
        """Tell the parent of the events ``name``; what makes no sense is dropped."""
        if isinstance(name, str) and name not in self._listening and len(self._listening) < _MAX_LISTENING and isinstance(self.handle, Runtime):
            self._listening.add(name)
            self.handle.events.on(name, lambda payload: self.answers.tell("event", [name, payload]))

    async def emit(self, name: Any, payload: Any) -> None:
        """Send an event to the child."""
        if not isinstance(self.handle, Runtime):
            raise TypeError("this child has no events")
        await self.handle.events.emit(_text(name, "the name of an event"), payload)

    # ------------------------------------------------------------------ app servers
    async def request(self, turn: int, request: Any, request_id: Any, metadata: Any, timeout_s: float | None) -> dict[str, Any]:
        """Have an app server answer."""
        if not isinstance(self.handle, AppServer):
            raise TypeError("this child answers no requests")
        if not isinstance(request, Request):
            raise TypeError("handle() needs a Request")
        name = _text(request_id, "requestId") if request_id is not None else f"nested-{turn}"
        self.answers.remember(name, turn)
        served = await self.handle.handle(request, request_id=name, metadata=metadata or None, timeout_s=timeout_s)
        if served.type == "websocket":
            headers = [list(pair) for pair in served.headers]
            return {"type": "websocket", "connectionId": served.connection_id, "data": served.data, "headers": headers}
        answer = served.response
        body = answer._body if answer._body is None or isinstance(answer._body, bytes) else ByteSource(answer.iter_bytes())  # noqa: SLF001
        return {"type": "response", "response": Response(body, answer.status, answer.headers.pairs(), status_text=answer.status_text)}

    async def socket(self, op: Any, connection: Any, args: list[Any]) -> None:
        """Drive one WebSocket of an app server."""
        if not isinstance(self.handle, AppServer):
            raise TypeError("this child has no WebSockets")
        name, sockets = _text(connection, "the id of a connection"), self.handle.ws
        match op, args:
            case "open", []:
                await sockets.open(name)
            case "message", [str() | bytes() as data]:
                await sockets.message(name, data)
            case "close", [int() as code, str() as reason]:
                await sockets.close(name, code, reason)
            case "error", [str() as message]:
                await sockets.error(name, message)
            case _:
                raise TypeError(f"ws.{str(op)[:20]}: wrong arguments")

    async def _command(self, command: Any) -> None:
        # Awaited by whoever counts what a slow receiver has not taken: the child's sends wait for the parent.
        await self.answers.ask_plain("ws", "command", [shapes.command(command)])

    async def reload(self, reason: Any) -> None:
        """Start an app server anew from its entry."""
        if not isinstance(self.handle, AppServer):
            raise TypeError("this child cannot be reloaded")
        await self.handle.reload(reason if isinstance(reason, str) else None)

    # ------------------------------------------------------------------ life
    def diagnostics(self) -> Any:
        """What is going on."""
        found = {name: item for name, item in self.handle.diagnostics().items() if name != "isolation"}
        test = found.pop("test", None)
        if isinstance(test, dict):
            last = test["last_run"]
            return {
                **shapes.tree(found),
                "test": {"enabled": True, "registeredTests": test["registered_tests"], "lastRun": None if last is None else shapes.run_result(last)},
            }
        return shapes.tree(found)

    async def dispose(self, hard: bool, reason: str | None) -> None:
        """End it; softly, the isolate of a session waits for its next owner."""
        await self.handle.dispose(hard=hard, reason=reason)

    async def close(self) -> None:
        """End it for good."""
        await self._host.close()


async def open_child(host: IsolateHost, order: Order, answers: Answers) -> Child:
    """Create what was ordered. Raises what refuses it."""
    common: dict[str, Any] = {"bindings": answers.bindings(order.bound), "limits": order.limits, "cwd": order.cwd}
    handle: Handle
    if order.kind == "server":
        handle = await host.create_app_server(key=order.key, entry=order.entry, source=order.source, **common)
    elif order.kind == "test":
        handle = await host.create_test_runtime(key=order.key, **common)
    elif order.kind == "namespaced":
        handle = await host.get_namespaced_runtime(order.key or "", **common)
    else:
        handle = await host.create_runtime(key=order.key, **common)
    return Child(host, handle, answers, order)


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a string")
    return value


def _test_options(value: Any) -> TestOptions | None:
    """Raises ``TypeError`` and ``ValueError``."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ProtocolError("malformed test options")
    known = {"filter": "filter", "retry": "retry", "bail": "bail", "shuffle": "shuffle", "seed": "seed", "maxConcurrency": "max_concurrency"}
    given = {known[name]: item for name, item in value.items() if name in known and item is not None}
    milliseconds = value.get("testTimeoutMs")
    if milliseconds is not None:
        if isinstance(milliseconds, bool) or not isinstance(milliseconds, (int, float)):
            raise TypeError("testTimeoutMs must be a number")
        given["timeout_s"] = milliseconds / 1000
    return TestOptions(**given)
