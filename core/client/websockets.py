"""WebSockets of an app server: who holds the connections drives them through here."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from isolate_host.client.replica import Replica
from isolate_host.errors import IsolateHostError

__all__ = ["ServerWebSockets", "WebSocketCommand"]

_logger = logging.getLogger(__name__)
#: Close code of connections whose isolate is gone: "service restart".
_RESTART = 1012


@dataclass(frozen=True, slots=True)
class WebSocketCommand:
    """What a guest wants done: ``message`` sends ``data``, ``close`` ends the connection with ``code`` and ``reason``."""

    type: Literal["message", "close"]
    connection_id: str
    data: str | bytes | None = None
    code: int | None = None
    reason: str = ""


class ServerWebSockets:
    """The connections of one app server, by the id that ``handle`` answered."""

    def __init__(self) -> None:
        self._connections: dict[str, tuple[Replica, int]] = {}
        self._direct: dict[str, Callable[[Sequence[WebSocketCommand], int], None]] = {}
        self._callbacks: dict[object, Callable[[WebSocketCommand], Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._connections)

    def on_command(self, callback: Callable[[WebSocketCommand], Any]) -> Callable[[], None]:
        """Call ``callback(command)`` for each command of the guest, in order; it may be async. Returns a function that takes it off."""
        if not callable(callback):
            raise TypeError(f"callback must be a function, not {type(callback).__name__}")
        token = object()
        self._callbacks[token] = callback

        def remove() -> None:
            self._callbacks.pop(token, None)

        return remove

    async def open(self, connection_id: str) -> None:
        """The connection stands: runs the guest's ``open``. Raises ``LookupError`` for an unknown id."""
        await self._call(connection_id, "ws.open")

    async def message(self, connection_id: str, data: str | bytes) -> None:
        """A message of the client came: text, or bytes."""
        if not isinstance(data, (str, bytes, bytearray, memoryview)):
            raise TypeError(f"data must be str or bytes, not {type(data).__name__}")
        await self._call(connection_id, "ws.message", data if isinstance(data, str) else bytes(data))

    async def close(self, connection_id: str, code: int = 1000, reason: str = "") -> None:
        """The connection is closed: the guest's ``close`` runs, and the id is forgotten."""
        replica, number = self._find(connection_id)
        self.forget(connection_id)
        await replica.session.endpoint.call("serve", "ws.close", number, code, reason)

    async def error(self, connection_id: str, error: object) -> None:
        """The connection failed: runs the guest's ``error`` with an ``Error`` of that message."""
        await self._call(connection_id, "ws.error", str(error))

    async def _call(self, connection_id: str, op: str, *args: Any) -> None:
        replica, number = self._find(connection_id)
        await replica.session.endpoint.call("serve", op, number, *args)

    def _find(self, connection_id: str) -> tuple[Replica, int]:
        try:
            return self._connections[connection_id]
        except KeyError:
            raise LookupError(f"there is no WebSocket {connection_id!r}: it was closed, or its isolate has ended") from None

    # ------------------------------------------------------------------ for the app server
    def admit(self, connection_id: str, replica: Replica, number: int) -> None:
        """A request was upgraded."""
        self._connections[connection_id] = (replica, number)
        replica.hold()

    def take_over(self, connection_id: str, receive: Callable[[Sequence[WebSocketCommand], int], None]) -> tuple[Replica, int]:
        """Give the commands of one connection, with the size that the guest counts, to ``receive`` alone, which reports passed bytes itself.
        Several at once are messages.
        """
        self._direct[connection_id] = receive
        return self._find(connection_id)

    def forget(self, connection_id: str) -> None:
        """The connection is over."""
        self._direct.pop(connection_id, None)
        found = self._connections.pop(connection_id, None)
        if found is not None:
            found[0].release()

    def lost(self, replica: Replica) -> None:
        """An isolate ended: its connections cannot go on."""
        for connection_id, (owner, _) in list(self._connections.items()):
            if owner is replica:
                self._hand_over([WebSocketCommand("close", connection_id, code=_RESTART, reason="the app was restarted")], replica, 0, 0)
                self.forget(connection_id)

    def command(self, replica: Replica, op: str, args: list[Any]) -> None:
        """What a guest said; hostile, so anything that is no command of an open connection is dropped."""
        number = args[0] if args else None
        connection_id = f"{replica.number}-{number}"
        if type(number) is not int or self._connections.get(connection_id, (None, 0))[0] is not replica:
            return
        if op == "send" and len(args) == 3 and type(args[1]) is list and type(args[2]) is int:
            messages = [WebSocketCommand("message", connection_id, data=item) for item in args[1] if isinstance(item, (str, bytes))]
            if messages:
                self._hand_over(messages, replica, number, args[2])
        elif op == "close" and len(args) == 3 and type(args[1]) is int and isinstance(args[2], str):
            self._hand_over([WebSocketCommand("close", connection_id, code=args[1], reason=args[2])], replica, number, 0)

    def _hand_over(self, commands: Sequence[WebSocketCommand], replica: Replica, number: int, size: int) -> None:
        direct = self._direct.get(commands[0].connection_id)
        if direct is not None:
            direct(commands, size)
            return
        for command in commands[:-1]:
            self._deliver(command)
        self._deliver(commands[-1], (lambda: self._passed(replica, number, size)) if size else None)

    @staticmethod
    def _passed(replica: Replica, number: int, size: int) -> None:
        if replica.alive:
            replica.session.endpoint.note("serve", "ws.passed", number, size)

    def _deliver(self, command: WebSocketCommand, done: Callable[[], None] | None = None) -> None:
        waiting = []
        for callback in list(self._callbacks.values()):
            try:
                result = callback(command)
            except Exception:
                _logger.exception("a WebSocket command callback raised")
                continue
            if inspect.isawaitable(result):
                waiting.append(result)
        if waiting:
            task = asyncio.get_running_loop().create_task(_finish(waiting, done))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif done is not None:
            done()


async def _finish(waiting: list[Any], done: Callable[[], None] | None) -> None:
    for result in await asyncio.gather(*waiting, return_exceptions=True):
        if isinstance(result, Exception):
            _logger.error("a WebSocket command callback failed", exc_info=result)
    if done is not None:
        with contextlib.suppress(IsolateHostError):  # the isolate may have ended meanwhile
            done()
