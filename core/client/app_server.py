"""An app server: long-lived handlers in one or several isolates, asked request by request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from isolate_host.client.diagnostics import Diagnostics
from isolate_host.client.limits import check_number
from isolate_host.client.replica import Replica
from isolate_host.client.replicas import Replicas
from isolate_host.client.served import LOST, Served, check_metadata, encode_request, may_repeat, read_answer
from isolate_host.client.websockets import ServerWebSockets
from isolate_host.errors import Aborted, Disposed, IsolateHostError, ProtocolError
from isolate_host.wire.abort import AbortSignal
from isolate_host.wire.frames import Frame
from isolate_host.wire.streams import ByteStream
from isolate_host.wire.web import Request

__all__ = ["AppServer"]

_ID_LENGTH = 256


class _LostError(Exception):
    """The isolate is gone, or has no handlers any more: ``ran`` says whether the request may have been carried out."""

    def __init__(self, cause: BaseException, *, ran: bool, replaced: bool) -> None:
        super().__init__(str(cause))
        self.cause, self.ran, self.replaced = cause, ran, replaced


class AppServer:
    """Answers requests with guest code. Made by ``host.create_app_server()``.

    Handlers run at the same time, as far as they wait. An isolate that dies is replaced at once; requests that were under way are sent
    again, once, when that is safe (``GET``, ``HEAD``, ``OPTIONS``, ``TRACE``), and fail otherwise.
    """

    def __init__(
        self, server_id: str, key: str | None, open_replica: Callable[[AppServer, int], Any], replicas: int,
        on_life: Callable[[AppServer, bool], None], check_host: Callable[[], None],
    ) -> None:
        self.id, self.key = server_id, key
        self._on_life, self._check_host = on_life, check_host
        #: The connections that requests were upgraded to.
        self.ws = ServerWebSockets()
        self.replicas = Replicas(lambda number: open_replica(self, number), replicas)
        self._active = 0
        self._disposing: asyncio.Task[None] | None = None
        self.disposed = False

    async def start(self) -> None:
        """Open the isolates. Raises what the program throws, and ``GuestError`` when it registers no handler."""
        self._check_host()
        self.disposed = False
        self._on_life(self, True)
        try:
            await self.replicas.ready()
        except BaseException:
            self.disposed = True
            self._on_life(self, False)
            raise

    # ------------------------------------------------------------------ requests
    async def handle(
        self,
        request: Request,
        *,
        request_id: str | None = None,
        metadata: dict[str, Any] | None = None,
        signal: AbortSignal | None = None,
        timeout_s: float | None = None,
    ) -> Served:
        """Have the guest answer ``request``; its URL must be absolute.

        ``request_id`` and ``metadata`` (plain JSON) reach every host call that is made on its behalf. Aborting ``signal``, or cancelling the
        waiting task, aborts the guest's ``request.signal`` and leaves the server alive; so does a later ``response.cancel()``.
        After ``timeout_s`` seconds without an answer the request fails with ``ExecutionTimeout``.

        Raises what the handler threw as ``GuestError``, ``Aborted``, ``LimitExceeded`` (``requests``), and what ended the isolate when
        the request cannot be sent again. After :meth:`dispose` the server starts anew.
        """
        header = _header(request, request_id, metadata, timeout_s)
        if signal is not None:
            if not isinstance(signal, AbortSignal):
                raise TypeError(f"signal must be an AbortSignal, not {type(signal).__name__}")
            signal.throw_if_aborted()
        self._active += 1
        try:
            return await self._handle(request, header, signal)
        finally:
            self._active -= 1

    async def _handle(self, request: Request, header: dict[str, Any], signal: AbortSignal | None) -> Served:
        repeated = False
        while True:
            try:
                return await self._ask(await self._replica(), request, header, signal)
            except _LostError as lost:
                # An isolate that we replaced ourselves does not count: reloads end.
                if self.disposed or (repeated and not lost.replaced) or not may_repeat(request, ran=lost.ran):
                    raise lost.cause from None
                repeated = repeated or not lost.replaced

    async def _replica(self) -> Replica:
        replica = self.replicas.pick()
        if replica is not None:
            return replica
        if self.disposed:
            await self.start()
        return await self.replicas.ready()

    async def _ask(self, replica: Replica, request: Request, header: dict[str, Any], signal: AbortSignal | None) -> Served:
        future: asyncio.Future[Served] = asyncio.get_running_loop().create_future()
        number = 0

        def replied(reply: Frame | BaseException) -> None:
            self._replied(reply, replica, number, future)

        try:
            number = replica.ask({"t": "call", "cap": "serve", "op": "fetch", **header}, *encode_request(request, replica), replied)
        except IsolateHostError as error:
            if not replica.alive:
                raise _LostError(error, ran=False, replaced=replica.retired) from None
            raise
        remove = None if signal is None else signal.add_listener(lambda: _fail(future, signal.error()))
        try:
            return await future
        except (asyncio.CancelledError, Aborted):
            if replica.alive:
                replica.session.endpoint.cancel(number, _reason(signal))
            raise
        finally:
            if remove is not None:
                remove()

    def _replied(self, reply: Frame | BaseException, replica: Replica, number: int, future: asyncio.Future[Served]) -> None:
        if isinstance(reply, BaseException):
            _fail(future, _LostError(reply, ran=True, replaced=replica.retired))
            return
        if future.done():
            _discard(reply, replica)
            return
        try:
            served = read_answer(reply, replica, number)
        except ProtocolError as error:
            replica.session.ended(error)
            self.replicas.discard(replica, str(error))
            _fail(future, error)
        except Exception as error:  # noqa: BLE001 (what the handler threw)
            _fail(future, error)
        else:
            if served is LOST:
                self.replicas.discard(replica, "its handlers are gone")
                _fail(future, _LostError(Disposed("the app has no request handler any more"), ran=False, replaced=False))
                return
            if served.type == "websocket":
                self.ws.admit(served.connection_id, replica, number)
            future.set_result(served)

    def replica_ended(self, replica: Replica) -> None:
        """An isolate is gone, for whatever reason."""
        self.ws.lost(replica)
        if not self.disposed:
            self.replicas.lost(replica)

    # ------------------------------------------------------------------ life
    async def reload(self, reason: str | None = None, *, drain_s: float = 0.0) -> None:
        """Start anew from the entry, so that changed modules are seen. New isolates come first: no request finds the server closed.

        The old ones get ``drain_s`` seconds to finish what they have; what is left then is sent to the new ones when that is safe, and
        fails otherwise. When the new ones do not start, that is raised and the old ones go on.
        """
        if drain_s:
            check_number("drain_s", drain_s)
        if self.disposed:
            await self.start()
            return
        await self.replicas.reload(reason or "reload", drain_s)

    async def dispose(self, *, hard: bool = False, reason: str | None = None, drain_s: float = 0.0) -> None:
        """End the isolates; requests under way fail with ``Disposed``. Idempotent. A later :meth:`handle` starts them again."""
        if self._disposing is None:
            self._disposing = asyncio.get_running_loop().create_task(self._dispose(reason or "the app server was disposed", drain_s))
        try:
            await asyncio.shield(self._disposing)
        finally:
            self._disposing = None

    async def _dispose(self, reason: str, drain_s: float) -> None:
        self.disposed = True
        self._on_life(self, False)
        await self.replicas.close(reason, drain_s)

    def diagnostics(self) -> Diagnostics:
        """What is going on: ``id``, ``key``, ``state`` (``idle``, ``active``, ``reloading``, ``disposed``), ``active_requests``, ``websockets``,
        ``replicas`` (live ones), ``reloads`` and ``last_error``.
        """
        error = self.replicas.last_error
        state = "disposed" if self.disposed else "reloading" if self.replicas.reloading else "active" if self._active else "idle"
        return Diagnostics(
            {
                "id": self.id,
                "key": self.key,
                "state": state,
                "active_requests": self._active,
                "websockets": len(self.ws),
                "replicas": [{"id": item.session.info.get("id"), "load": item.load} for item in self.replicas.live],
                "reloads": self.replicas.reloads,
                "last_error": None if error is None else error.to_wire(),
            },
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.dispose()


def _header(request: Any, request_id: Any, metadata: Any, timeout_s: Any) -> dict[str, Any]:
    """What accompanies a request, checked."""
    if not isinstance(request, Request):
        raise TypeError(f"request must be a Request, not {type(request).__name__}")
    header: dict[str, Any] = {}
    if request_id is not None:
        if not isinstance(request_id, str):
            raise TypeError(f"request_id must be a str, not {type(request_id).__name__}")
        if len(request_id) > _ID_LENGTH:
            raise ValueError(f"request_id has {len(request_id)} characters; at most {_ID_LENGTH} are allowed")
        header["req"] = request_id
    if metadata is not None:
        check_metadata(metadata)
        header["md"] = metadata
    if timeout_s is not None:
        check_number("timeout_s", timeout_s)
        header["timeout_s"] = timeout_s
    return header


def _fail(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
        future.exception()


def _reason(signal: AbortSignal | None) -> Any:
    return None if signal is None or signal.reason is None else str(signal.reason)


def _discard(frame: Frame, replica: Replica) -> None:
    """Nobody waits for this answer any more; a stream in it must not wait for a reader."""
    try:
        value = replica.session.endpoint.decode(frame)
    except IsolateHostError:
        return
    for part in value if type(value) is list else ():
        if isinstance(part, ByteStream):
            replica.session.endpoint.spawn(part.cancel())
