"""One app behind the front: admits requests up to its limits, picks the isolate, repeats what may be repeated."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Sequence
from typing import Any

from isolate_host.client.app_server import AppServer
from isolate_host.client.log_text import log_text
from isolate_host.client.replica import Replica
from isolate_host.client.served import pairs
from isolate_host.config.apps import AppServerConfig
from isolate_host.daemon.apps.access_log import AccessLog
from isolate_host.daemon.apps.answers import Answers, read_parts
from isolate_host.daemon.apps.exchange import Exchange
from isolate_host.daemon.apps.request import BodyStream, IncomingRequest
from isolate_host.daemon.apps.websocket import WebSocketConnection, handshake_answer
from isolate_host.errors import ExecutionTimeout, IsolateHostError, LimitExceeded, ProtocolError
from isolate_host.wire.frames import Frame
from isolate_host.wire.streams import ByteSource

__all__ = ["App"]

_LOG = logging.getLogger("isolate_host.apps")
_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
_RETRY_AFTER = "retry-after: 1\r\n"
_BUSY = "the app has too much to do just now"


class App:
    """Answers exchanges with an :class:`AppServer`. ``page`` is the answer to what goes wrong in the app."""

    def __init__(self, config: AppServerConfig, server: AppServer, page: bytes | None, log: AccessLog | None) -> None:
        self.config, self.server = config, server
        self._page, self._log = page, log
        self._running = 0
        self._queue: deque[Exchange] = deque()
        self._waiting: set[asyncio.Task[None]] = set()
        self._prefix, self._count = secrets.token_hex(4), 0
        self._answers = Answers()
        self._loop = asyncio.get_running_loop()
        self._used = self._loop.time()
        self._idle_timer: asyncio.TimerHandle | None = None
        self.sockets: set[WebSocketConnection] = set()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self.answered = 0
        self._watch_idleness()

    @property
    def busy(self) -> int:
        """Requests that are answered or wait."""
        return self._running + len(self._queue)

    # ------------------------------------------------------------------ admission
    def start(self, exchange: Exchange) -> None:
        """Answer now, later, or with 503."""
        request = exchange.request
        if request is None:
            return
        self._used = self._loop.time()
        if not request.request_id:
            self._count += 1
            request.request_id = f"{self._prefix}-{self._count:x}"
        limits = self.config.limits
        if self._running < limits.requests:
            self._begin(exchange)
        elif len(self._queue) < limits.queue:
            self._queue.append(exchange)
        else:
            exchange.on_end = self._log_only
            exchange.fail(503, _BUSY, extra=_RETRY_AFTER)

    def _begin(self, exchange: Exchange) -> None:
        self._running += 1
        if self._running == 1:
            self._quiet.clear()
        exchange.on_end = self._ended
        self._send(exchange)

    def _ended(self, exchange: Exchange) -> None:
        self._running -= 1
        self.answered += 1
        self._log_only(exchange)
        while self._queue and self._running < self.config.limits.requests:
            following = self._queue.popleft()
            if following.open:
                self._begin(following)
        if self._running == 0:
            self._settle()

    def _settle(self) -> None:
        if not self.busy and not self.sockets:
            self._quiet.set()

    async def quiet(self) -> None:
        """Wait until nothing is under way: no request, no WebSocket."""
        await self._quiet.wait()

    def _log_only(self, exchange: Exchange) -> None:
        if self._log is not None and exchange.request is not None:
            self._log.record(self.config.name, exchange, exchange.request)

    # ------------------------------------------------------------------ to the isolate
    def _send(self, exchange: Exchange) -> None:
        replica = self.server.replicas.pick()
        if replica is not None:
            self._ask(exchange, replica)
            return
        task = self._loop.create_task(self._send_later(exchange))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _send_later(self, exchange: Exchange) -> None:
        """There is no isolate: it died, or nobody asked for long."""
        try:
            async with asyncio.timeout(self.config.limits.request_timeout_s):
                if self.server.disposed:
                    await self.server.start()
                    self._watch_idleness()
                replica = await self.server.replicas.ready()
        except (TimeoutError, IsolateHostError) as error:
            _LOG.warning("app %s: no isolate for request %s: %s", self.config.name, exchange.request and exchange.request.request_id, log_text(error))
            exchange.fail(503, "the app does not start", extra=_RETRY_AFTER)
            return
        if exchange.open:
            self._ask(exchange, replica)

    def _ask(self, exchange: Exchange, replica: Replica) -> None:
        request = exchange.request
        if request is None:
            return
        metadata = {"app": self.config.name, "client": request.client}
        header = {
            "t": "call", "cap": "serve", "op": "fetch", "req": request.request_id, "md": metadata,
            "timeout_s": self.config.limits.request_timeout_s,
        }
        try:
            body, segments = self._encoded(request, replica)
            exchange.replica = replica
            exchange.number = replica.ask(header, body, segments, lambda reply: self._replied(exchange, replica, reply))
        except IsolateHostError as error:
            self._failed(exchange, replica, error, ran=False)

    @staticmethod
    def _encoded(request: IncomingRequest, replica: Replica) -> tuple[bytes, Sequence[bytes]]:
        if isinstance(request.body, BodyStream):
            arguments = request.arguments()
            arguments[3] = ByteSource(request.body)
            return replica.session.endpoint.encode(arguments)
        return request.encoded()

    def _replied(self, exchange: Exchange, replica: Replica, reply: Frame | BaseException) -> None:
        if isinstance(reply, BaseException):
            self._failed(exchange, replica, reply, ran=True)
            return
        try:
            answer = self._answers.whole(reply, exchange.connection.owner.heads) if reply.header["t"] == "ok" else None
            if answer is not None:
                if exchange.open:
                    exchange.answer(*answer)
                return
            parts = read_parts(reply, replica)
            if reply.header["t"] != "ok":
                self._failed(exchange, replica, parts, ran=True)
            elif type(parts) is list and parts[:1] == ["lost"]:
                self.server.replicas.discard(replica, "its handlers are gone")
                self._failed(exchange, replica, ProtocolError("the app has no request handler any more"), ran=False)
            elif type(parts) is list and parts[:1] == ["websocket"] and len(parts) == 3:
                self._upgrade(exchange, replica, parts[2])
            elif not exchange.open:
                _drop(parts, replica)
            else:
                exchange.respond(parts, replica)
        except ProtocolError as error:
            # Our guest script says no such thing: somebody else speaks there.
            replica.session.ended(error)
            self.server.replicas.discard(replica, str(error))
            self._failed(exchange, replica, error, ran=True)

    def _failed(self, exchange: Exchange, replica: Replica, error: Any, *, ran: bool) -> None:
        request = exchange.request
        if request is None or not exchange.open:
            exchange.fail(500, "")
            return
        gone = not replica.alive or not ran
        whole = not isinstance(request.body, BodyStream)
        if gone and whole and not exchange.repeated and not exchange.status and (not ran or request.method in _SAFE):
            exchange.repeated = True
            self._send(exchange)
            return
        details = log_text(_details(error))
        _LOG.warning("app %s: request %s (%s %s) failed: %s", self.config.name, request.request_id, request.method, request.path, details)
        if isinstance(error, LimitExceeded) and error.kind == "requests":
            exchange.fail(503, _BUSY, extra=_RETRY_AFTER)
        elif isinstance(error, ExecutionTimeout) and not gone:
            exchange.fail(504, "the app did not answer in time")
        elif gone:
            exchange.fail(502, "the app broke off")
        else:
            exchange.fail(500, "something went wrong in the app", page=self._page)

    # ------------------------------------------------------------------ WebSockets
    def _upgrade(self, exchange: Exchange, replica: Replica, flat: Any) -> None:
        connection, request = exchange.connection, exchange.request
        connection_id = f"{replica.number}-{exchange.number}"
        self.server.ws.admit(connection_id, replica, exchange.number)
        answer = None if request is None or not exchange.open else handshake_answer(request, pairs(flat), connection.owner.heads)
        if answer is None:
            # The guest took it for a WebSocket, and it is none.
            replica.session.endpoint.note("serve", "ws.close", exchange.number, 1006, "")
            self.server.ws.forget(connection_id)
            exchange.fail(426, "this address speaks WebSocket only", extra="upgrade: websocket\r\nsec-websocket-version: 13\r\n")
            return
        exchange.status = 101
        socket = WebSocketConnection(connection.transport, self.server, connection_id, self.config.limits, self._socket_gone)
        self.sockets.add(socket)
        self._quiet.clear()
        connection.transport.write(answer)
        exchange.ended()
        socket.opened()
        connection.upgraded(socket)

    def _socket_gone(self, socket: WebSocketConnection) -> None:
        self.sockets.discard(socket)
        self._used = self._loop.time()
        self._settle()

    # ------------------------------------------------------------------ life
    def _watch_idleness(self) -> None:
        """One timer while isolates live: they end when nobody has asked for ``idle_s``."""
        idle_s = self.config.idle_s
        if idle_s is None or self._idle_timer is not None:
            return

        def look() -> None:
            self._idle_timer = None
            if self.server.disposed:
                return
            if not self.busy and not self.sockets and self._loop.time() - self._used >= idle_s:
                task = self._loop.create_task(self.server.dispose(reason="nobody asked"))
                self._waiting.add(task)
                task.add_done_callback(self._waiting.discard)
            else:
                self._idle_timer = self._loop.call_later(idle_s, look)

        self._idle_timer = self._loop.call_later(idle_s, look)

    async def close(self, drain_s: float) -> None:
        """End it; WebSockets are told that they go away."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        for socket in list(self.sockets):
            socket.close(1001, "the server stops")
        await self.server.dispose(reason="the app was stopped", drain_s=drain_s)
        if self._log is not None:
            await self._log.close()


def _drop(parts: Any, replica: Replica) -> None:
    """Nobody waits for this answer any more; a stream in it must not wait for a reader."""
    body = parts[3] if type(parts) is list and len(parts) == 4 else None
    cancel = getattr(body, "cancel", None)
    if cancel is not None:
        replica.session.endpoint.spawn(cancel("the client went away"))


def _details(error: Any) -> str:
    """For the log of the operator, with the guest's stack."""
    stack = getattr(error, "stack", None)
    return str(stack) if stack else f"{type(error).__name__}: {error}"
