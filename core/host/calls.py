"""Host calls: from a guest's frame to the capability that answers, or past it to the client, with audit and limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from isolate_host.errors import IsolateHostError, LimitExceeded, PolicyDenied
from isolate_host.host.audit import AuditLog
from isolate_host.host.grants import Grants
from isolate_host.host.requests import ClientRequest, RequestDesk
from isolate_host.plugin import Capability
from isolate_host.plugin.explain import NOT_GRANTED
from isolate_host.wire.context import HostCallContext
from isolate_host.wire.decode import decode_value
from isolate_host.wire.frames import Frame
from isolate_host.wire.serving import DEFERRED, IncomingCall, RawReply

__all__ = ["CallDesk", "ClientDoor", "Outgoing"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A call on its way to the client: what its context needs, and the arguments as they were encoded."""

    capability: str
    op: str
    resource_id: str
    seconds_left: float | None
    body: bytes
    segments: Sequence[bytes] = ()
    request: ClientRequest | None = None


class ClientDoor:
    """Calls that the client answers: sends them and matches the replies. Payloads pass through undecoded."""

    def __init__(self, deliver: Callable[[Frame], None], runtime_id: str) -> None:
        self._deliver, self._runtime_id = deliver, runtime_id
        self._next = 0
        self._waiting: dict[int, Callable[[RawReply | IsolateHostError], None]] = {}

    @property
    def waiting(self) -> int:
        """Calls that the client has not answered."""
        return len(self._waiting)

    def forward(self, call: Outgoing, done: Callable[[RawReply | IsolateHostError], None]) -> int:
        """Send a call to the client; ``done`` is called once, unless it is withdrawn. Gives the number for :meth:`withdraw`."""
        self._next += 1
        number = self._next
        self._waiting[number] = done
        header: dict[str, Any] = {
            "t": "call", "id": number, "cap": call.capability, "op": call.op, "rt": self._runtime_id, "res": call.resource_id,
        }
        if call.seconds_left is not None:
            header["dl"] = call.seconds_left
        _add_identity(header, call.request)
        self._deliver(Frame(header, call.body, call.segments))
        return number

    def withdraw(self, number: int) -> None:
        """The guest lost interest: tell the client, and expect no answer."""
        if self._waiting.pop(number, None) is not None:
            self._deliver(Frame({"t": "cancel", "id": number}))

    async def call(self, call: Outgoing) -> RawReply:
        """Forward and wait; cancelling the caller cancels the client's work."""
        future: asyncio.Future[RawReply] = asyncio.get_running_loop().create_future()
        number = self.forward(call, lambda outcome: _settle(future, outcome))
        try:
            return await future
        except asyncio.CancelledError:
            self.withdraw(number)
            raise

    def note(self, capability: str, op: str, body: bytes, segments: Any, request: ClientRequest | None = None) -> None:
        """Forward a message that wants no reply."""
        header: dict[str, Any] = {"t": "note", "cap": capability, "op": op}
        _add_identity(header, request)
        self._deliver(Frame(header, body, segments))

    def reply(self, frame: Frame) -> None:
        """The client answered; an answer to what was withdrawn meanwhile is dropped."""
        done = self._waiting.pop(frame.header.get("id", 0), None)
        if done is not None:
            done(RawReply(frame.body, frame.segments, frame.header["t"] == "ok"))

    def close(self, error: IsolateHostError) -> None:
        """Fail what waits."""
        waiting, self._waiting = self._waiting, {}
        for done in waiting.values():
            done(error)


def _add_identity(header: dict[str, Any], request: ClientRequest | None) -> None:
    if request is not None:
        if request.request_id is not None:
            header["req"] = request.request_id
        if request.metadata:
            header["md"] = request.metadata


def _settle(future: asyncio.Future[RawReply], outcome: RawReply | IsolateHostError) -> None:
    if future.done():
        return
    if isinstance(outcome, RawReply):
        future.set_result(outcome)
    else:
        future.set_exception(outcome)
        future.exception()


class _Call:
    """What a capability sees (``isolate_host.plugin.GuestCall``). Context and size are made when somebody looks."""

    __slots__ = ("_ctx", "_desk", "capability", "incoming", "op")

    def __init__(self, desk: CallDesk, incoming: IncomingCall) -> None:
        self._desk, self.incoming = desk, incoming
        self.capability: str = incoming.header["cap"]
        self.op: str = incoming.header["op"]
        self._ctx: HostCallContext | None = None

    @property
    def ctx(self) -> HostCallContext:
        if self._ctx is None:
            self._ctx = self._desk.context(self)
        return self._ctx

    @property
    def resource_id(self) -> str:
        return f"{self.capability}:{self.op}:{self.incoming.key[1]}"

    @property
    def size(self) -> int:
        frame = self.incoming.frame
        return len(frame.body) + sum(len(segment) for segment in frame.segments)

    def arguments(self) -> list[Any]:
        return self.incoming.arguments()

    def peek(self) -> list[Any]:
        frame = self.incoming.frame
        value = decode_value(frame.body, frame.segments, lambda _tag, _node: None)
        return value if type(value) is list else []

    async def forward(self) -> RawReply:
        return await self._desk.door.call(self.outgoing())

    @property
    def request(self) -> ClientRequest | None:
        """The client's request that the guest says it works for."""
        return self._desk.requests.find(self.incoming.header.get("rq"))

    def outgoing(self) -> Outgoing:
        frame, request = self.incoming.frame, self.request
        return Outgoing(self.capability, self.op, self.resource_id, self._desk.seconds_left(request), frame.body, frame.segments, request)

    def forward_note(self) -> None:
        frame = self.incoming.frame
        self._desk.door.note(self.capability, self.op, frame.body, frame.segments, self.request)


class CallDesk:
    """Answers the guest's ``call`` and ``note`` frames for one runtime."""

    def __init__(
        self,
        grants: Grants,
        door: ClientDoor,
        audit: AuditLog,
        *,
        runtime_id: str,
        sandbox: str | None,
        ops_in_flight: int | None,
        deadline: Callable[[], float | None],
        requests: RequestDesk,
        on_denied: Callable[[PolicyDenied], None],
    ) -> None:
        self._grants, self.door, self._audit = grants, door, audit
        self._runtime_id, self._sandbox, self._deadline = runtime_id, sandbox, deadline
        self._limit, self._on_denied, self.requests = ops_in_flight, on_denied, requests
        self.in_flight = 0
        self.total = 0
        #: Set while no call is being answered.
        self.quiet = asyncio.Event()
        self.quiet.set()

    def call(self, incoming: IncomingCall) -> Any:
        """Start answering: a coroutine, or ``DEFERRED`` when the client's reply will be passed on. Raises ``PolicyDenied`` and
        ``LimitExceeded`` at once.
        """
        name, op = incoming.header["cap"], incoming.header["op"]
        capability = self._grants.capabilities.get(name)
        if capability is None:
            hint = self._grants.absent.get(name)
            error = PolicyDenied(f"{name}.{op} is not granted", capability=name, value=op, rule=NOT_GRANTED, hint=hint)
            self._on_denied(error)
            raise error
        if self._limit is not None and self.in_flight >= self._limit:
            raise LimitExceeded(
                f"more than {self._limit} host calls wait at the same time", kind="ops_in_flight",
                hint="await some of them first, or raise limits.ops_in_flight",
            )
        call = _Call(self, incoming)
        if capability.passes(call):
            self._pass_on(call)
            return DEFERRED
        incoming.context = call.ctx
        return self._answer(call, capability)

    def _pass_on(self, call: _Call) -> None:
        """Relay without a task: the reply goes from the client's frame into the guest's."""
        started = self._began()

        def done(outcome: RawReply | IsolateHostError) -> None:
            failed = not isinstance(outcome, RawReply) or not outcome.ok
            self._ended(call, "error" if failed else "ok", started)
            call.incoming.answer(outcome)

        number = self.door.forward(call.outgoing(), done)

        def withdrawn() -> None:
            self.door.withdraw(number)
            self._ended(call, "cancelled", started)

        call.incoming.on_abort = withdrawn

    async def _answer(self, call: _Call, capability: Capability) -> Any:
        started = self._began()
        outcome = "error"
        try:
            result = await capability.handle(call)
            outcome = "error" if isinstance(result, RawReply) and not result.ok else "ok"
            return result
        except PolicyDenied:
            outcome = "denied"
            raise
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        finally:
            self._ended(call, outcome, started)

    def _began(self) -> float:
        self.in_flight += 1
        self.total += 1
        if self.in_flight == 1:
            self.quiet.clear()
        return time.perf_counter()

    def _ended(self, call: _Call, outcome: str, started: float) -> None:
        self.in_flight -= 1
        if self.in_flight == 0:
            self.quiet.set()
        if self._audit.wanted:
            self._record(call, outcome, time.perf_counter() - started)

    def note(self, incoming: IncomingCall) -> None:
        """Hand a note to its capability; without one it is dropped (a guest without a console may still log)."""
        name, op = incoming.header["cap"], incoming.header["op"]
        if name == "events":
            self.door.note(name, op, incoming.frame.body, incoming.frame.segments)
            return
        capability = self._grants.capabilities.get(name)
        if capability is not None:
            capability.note(_Call(self, incoming))

    def context(self, call: _Call) -> HostCallContext:
        """The context of a call that a capability looks at."""
        request = call.request
        return HostCallContext(
            capability=call.capability,
            op=call.op,
            runtime_id=self._runtime_id,
            resource_id=call.resource_id,
            sandbox=self._sandbox,
            request_id=None if request is None else request.request_id,
            metadata=None if request is None else request.metadata,
            deadline=self._until(request),
        )

    def _until(self, request: ClientRequest | None) -> float | None:
        return self._deadline() if request is None else request.deadline

    def seconds_left(self, request: ClientRequest | None) -> float | None:
        """Until the evaluation that runs, or the request, will be stopped."""
        deadline = self._until(request)
        return None if deadline is None else max(0.0, deadline - time.monotonic())

    def _record(self, call: _Call, outcome: str, seconds: float) -> None:
        request = call.request
        identity = {} if request is None or request.request_id is None else {"request": request.request_id}
        self._audit.record(
            "call", runtime=self._runtime_id, sandbox=self._sandbox, capability=call.capability, op=call.op,
            resource=call.resource_id, outcome=outcome, duration_ms=round(seconds * 1000, 3), bytes=call.size,
            **identity,
        )
