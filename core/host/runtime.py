"""One runtime in the broker: routes frames between worker, capabilities and client, and ends the worker when it must."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from isolate_host.errors import Disposed, ExecutionTimeout, ForkRefused, IsolateHostError, PolicyDenied, ProtocolError
from isolate_host.host.audit import AuditLog
from isolate_host.host.calls import CallDesk, ClientDoor
from isolate_host.host.codeframe import SourceShelf
from isolate_host.host.coverage import CodeServices, CoverageDesk
from isolate_host.host.evals import EvalDesk
from isolate_host.host.grants import Grants
from isolate_host.host.guest_door import GuestDoor
from isolate_host.host.lineage import Family
from isolate_host.host.modules import ModuleService
from isolate_host.host.relay import CLIENT, for_guest, is_for_client, is_stream_data, read_denial
from isolate_host.host.requests import ClientRequest, RequestDesk
from isolate_host.host.spec import RuntimeSpec
from isolate_host.host.supervisor import Supervisor
from isolate_host.host.worker import Worker
from isolate_host.wire.context import HostCallContext
from isolate_host.wire.decode import decode_value
from isolate_host.wire.encode import encode_value
from isolate_host.wire.endpoint import Endpoint
from isolate_host.wire.frames import Frame

if TYPE_CHECKING:
    from isolate_host.client.link import Sink
    from isolate_host.host.session import HostSession

__all__ = ["BrokerRuntime"]

#: ``w.load`` frames being answered. An honest worker asks once a turn, for all that it lacks.
_MAX_LOADING = 1000
#: How long a guest may be silent, at least, after the deadline of a request passed (seconds).
_PROBE_S = 1.0


class BrokerRuntime:
    """Implements the client's ``Channel`` and the worker's ``FrameSink``. Made and started by the broker."""

    def __init__(
        self,
        runtime_id: str,
        spec: RuntimeSpec,
        sink: Sink,
        services: CodeServices,
        audit: AuditLog,
        on_end: Callable[[BrokerRuntime], None],
        *,
        sources: SourceShelf,
        branch: Callable[[BrokerRuntime, dict[str, Any], Sink, str], Awaitable[BrokerRuntime]],
        park: Callable[[BrokerRuntime, Disposed], Awaitable[None]] | None = None,
    ) -> None:
        self.id, self.spec, self._sink, self._audit, self._on_end = runtime_id, spec, sink, audit, on_end
        #: Gives the isolate of a session back to the pool; without it a soft end is a hard one.
        self._park, self._branch = park, branch
        #: What outlives this owner, or branches off; set by the broker.
        self.session: HostSession | None = None
        self._ended_by_owner = False
        self.family = Family()
        self._closing: asyncio.Task[None] | None = None
        self.info: dict[str, Any] = {"id": runtime_id}
        self.ended: asyncio.Future[IsolateHostError] = asyncio.get_running_loop().create_future()
        self._worker: Worker | None = None
        self._ending: IsolateHostError | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._compiler, self._sources = services.compiler, sources
        self._loading = 0
        self._probing: asyncio.Task[Any] | None = None
        limits = spec.limits
        self._door = ClientDoor(self._to_client, runtime_id)
        self.endpoint = Endpoint(
            self._to_worker, on_call=self._call, on_note=self._note, on_violation=self.end, drain=self.drain,
            max_leases=limits.leases or 1 << 30,
        )
        self.evals = EvalDesk(
            services.compiler, self._sources, timeout_s=limits.timeout_s, send=self._to_worker, reply=self._to_client,
            expire=self._expire, spawn=self._spawn,
        )
        self.requests = RequestDesk(send=self._to_worker, reply=self._to_client, withdraw=self._withdraw, probe=self._probe)
        self._coverage = CoverageDesk(self._to_worker, services.coverage)
        self.coverage = self._coverage.ask
        self._supervisor = Supervisor(limits.timeout_s, lambda: len(self.evals) > 0, self._ping, self._expire)

    # ------------------------------------------------------------------ start (the broker)
    def port(self, capability: str) -> GuestDoor:
        """What a capability gets to reach this guest."""
        return GuestDoor(self.endpoint, capability, self.end, self._door)

    async def start(self, session: HostSession, grants: Grants) -> None:
        """Attach the worker and install the capabilities in the guest, beyond those that it has already from a former owner."""
        worker = session.worker
        self._worker, self._grants = worker, grants
        self._desk = CallDesk(
            grants, self._door, self._audit, runtime_id=self.id, sandbox=self.spec.sandbox_name,
            ops_in_flight=self.spec.limits.ops_in_flight, deadline=self.evals.deadline, requests=self.requests,
            on_denied=self.denied,
        )
        self._modules = ModuleService(
            grants, self._door, self._compiler, self._sources, self._to_worker, self._module_context,
            ledger=session.ledger, program=self.spec.entry,
        )
        self.evals.review = grants.reviewer(self._modules.look)
        self.info["isolation"] = dict(worker.layers)
        self.info["client_options"] = grants.client_options()
        worker.attach(self)
        kept = session.unchanged(grants, self.spec.cwd)
        session.remember(grants, self.spec.cwd)
        told = {"caps": grants.options(), "absent": grants.absent, "cwd": self.spec.cwd, **({"kept": kept} if kept else {})}
        body, segments = encode_value(told)
        await self.endpoint.request({"t": "init"}, body=body, segments=segments)

    @property
    def capabilities(self) -> list[str]:
        """Names of what was granted."""
        return list(self._grants.capabilities)

    def denied(self, error: PolicyDenied) -> None:
        """Record a denial (capabilities call this through ``request.deny``)."""
        self._audit.denied(error, runtime=self.id, sandbox=self.spec.sandbox_name)

    def _module_context(self, specifier: str) -> HostCallContext:
        return HostCallContext(
            capability="modules", op="resolve", runtime_id=self.id, resource_id=f"modules:resolve:{specifier}",
            sandbox=self.spec.sandbox_name, deadline=self.evals.deadline(),
        )

    # ------------------------------------------------------------------ Channel (the client)
    def send(self, frame: Frame) -> None:
        """A frame of the client. Raises ``ProtocolError`` for what no client of ours sends."""
        kind = frame.header.get("t")
        if self.ended.done() or self._ending is not None:
            return
        if kind == "call":
            self.requests.begin(frame, self._grants.capabilities.get(frame.header.get("cap", "")))
        elif kind == "w.eval":
            self.evals.begin(frame)
        elif kind == "cancel" and self.evals.abandon(frame.header.get("id")):
            return
        elif kind in ("ok", "err") and "p" not in frame.header:
            self._door.reply(frame)
        elif kind == "note" and frame.header.get("cap") != "events":
            self._note_for_guest(frame)
        elif kind == "w.denied":
            self.denied(read_denial(frame, self._grants.client_options()))
        else:
            self._to_worker(for_guest(frame))
            if kind == "cancel":
                # Afterwards: a handler that fails because its host calls do would have answered before it hears of the abort.
                self.requests.cancelled(frame.header.get("id"))

    def _note_for_guest(self, frame: Frame) -> None:
        name, op = frame.header.get("cap"), frame.header.get("op")
        capability = self._grants.capabilities.get(name) if isinstance(name, str) else None
        if capability is None or op not in capability.client.notes:
            raise ProtocolError(f"a client may not send {str(name)[:40]}.{str(op)[:40]}")
        self._to_worker(Frame({"t": "note", "cap": name, "op": op, "p": CLIENT}, frame.body, frame.segments))

    def _withdraw(self, number: int, reason: str) -> None:
        """A request is given up: so are the host calls on its behalf."""
        self.endpoint.abort_where(lambda call: call.header.get("rq") == number, reason)

    def _probe(self, error: ExecutionTimeout) -> None:
        """A deadline passed. A guest that does not even come to the end of a turn for as long again serves nobody any more."""

        async def look() -> None:
            try:
                async with asyncio.timeout(max(_PROBE_S, error.timeout_s)):
                    await self._supervisor.turned()
            except TimeoutError:
                self._expire(error)

        if self._probing is None or self._probing.done():
            self._probing = self._spawn(look())

    async def drain(self) -> None:
        """Wait while the worker has more than enough to read."""
        if self._worker is not None:
            await self._worker.drain()

    def pause(self) -> None:
        """The client does not keep up: stop reading from the worker."""
        if self._worker is not None and not self.ended.done():
            self._worker.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._worker is not None and not self.ended.done():
            self._worker.resume_reading()

    async def dispose(self, hard: bool = True, reason: str | None = None) -> None:
        """End the runtime and wait until its process is gone; or, softly, until a session's isolate is back in the pool."""
        self._ended_by_owner = True
        error = Disposed("the runtime was disposed" if reason is None else f"the runtime was disposed: {reason}")
        if not hard and self._park is not None and self._ending is None and not self.ended.done():
            await self._park(self, error)
        else:
            self.end(error)
            await asyncio.shield(self.ended)
        await self.family.ended()

    def release(self, error: Disposed) -> None:
        """Let go of the worker, which lives on. From here on nothing of this owner reaches the guest, nor the other way."""
        self._worker = None
        self._conclude(error)

    async def fork(self, data: dict[str, Any], sink: Sink, *, owner: str = "") -> BrokerRuntime:
        """Another runtime, for ``sink``, with the same heap at this moment. Raises ``ForkRefused`` and what a creation raises."""
        return await self._branch(self, data, sink, owner)

    async def fork_worker(self) -> Worker:
        """The forked worker, which waits for an owner. Raises ``ForkRefused`` while anything is in flight, ``WorkerCrashed``."""
        if self._worker is None or self._ending is not None or self.ended.done():
            raise Disposed("the runtime has ended")
        for what, count in (
            ("evaluations run", len(self.evals)), ("host calls are in flight", self._desk.in_flight),
            ("modules are being loaded", self._loading), ("requests are being answered", len(self.requests)),
            ("calls of the host into the guest are in flight", self.endpoint.pending),
        ):
            if count:
                raise ForkRefused(f"the runtime cannot be forked now: {what} ({count})", hint="await them first")
        return await self._worker.fork(lambda: self._to_worker(Frame({"t": "w.fork"})))

    async def closed(self) -> None:
        """Wait until the capabilities have given back what they held."""
        if self._closing is not None:
            await asyncio.wait({self._closing})

    async def settled(self) -> None:
        """Wait until the guest has nothing left to do: no timer, no host call, no module on its way. Returns when it ends, too."""
        while not self.ended.done():
            await self._desk.quiet.wait()
            if self._tasks:
                await asyncio.wait(self._tasks)
            wake = await self._supervisor.outlook()
            if wake is not None:
                # The timer itself runs in the worker; we only look again when it should have.
                await asyncio.wait({self.ended}, timeout=wake / 1000 + 0.001)
            elif self._desk.in_flight == 0:
                return

    async def diagnostics(self) -> dict[str, Any]:
        """What the broker knows of it."""
        return {
            "pid": self._worker.pid_or_none() if self._worker else None, "sandbox": self.spec.sandbox_name,
            "calls": self._desk.total, "calls_in_flight": self._desk.in_flight, "requests": len(self.requests),
            "pending_modules": self._modules.pending, "leases": len(self.endpoint.references.owned),
            **self._grants.diagnostics(),
        }

    # ------------------------------------------------------------------ FrameSink (the worker)
    def frame_received(self, frame: Frame) -> None:
        """A frame of the guest: hostile."""
        header = frame.header
        # Marks errors that the host itself made, which clients believe; a worker may not wear it.
        header.pop("h", None)
        kind = header["t"]
        if self._ending is not None and kind not in ("note", "w.fault"):
            # Stopped: what it said before still arrives, but an answer from the turn that was cut off is none.
            return
        if kind.startswith("w."):
            self._control(kind, frame)
        elif is_for_client(frame):
            if kind in ("ok", "err"):
                request = self.requests.answered(header.get("id"))
                if request is None:
                    frame = self.evals.answered(frame)
                elif kind == "err" and self._audit.wanted:
                    self._request_failed(request, frame)
            self._to_client(frame)
        elif is_stream_data(frame) and not self.endpoint.references.reads(header.get("st")):
            # A stream in the arguments of a call that was passed on unread: its reader is the client, who will address the guest
            # from the first credit on.
            self._to_client(frame)
        else:
            self.endpoint.receive(frame)

    def _request_failed(self, request: ClientRequest, frame: Frame) -> None:
        """The details are for the operator: who sent the request sees what the client makes of it."""
        try:
            error = decode_value(frame.body, frame.segments, lambda _tag, _node: None)
        except IsolateHostError as failure:
            error = failure
        self._audit.record("request", runtime=self.id, sandbox=self.spec.sandbox_name, request=request.request_id or "", message=str(error)[:2000])

    def _control(self, kind: str, frame: Frame) -> None:
        header = frame.header
        if kind == "w.idle":
            self._idle(header)
        elif kind == "w.load":
            # Counted before the task starts: the idle report that follows in the same read must not look like a stall.
            self._loading += 1
            if self._loading > _MAX_LOADING:
                raise ProtocolError("too many module requests at a time")
            self._spawn(self._load(frame))
        elif kind == "w.syntax":
            self.evals.refused(header)
        elif kind == "w.reject":
            self._to_client(self.evals.with_code_frame(frame))
        elif kind == "w.fault":
            self._fault(header)
        elif kind == "w.cover":
            self._coverage.answered(frame)
        elif kind == "w.fork" and self._worker is not None:
            self._worker.could_not_fork(str(header.get("error"))[:100])
        else:
            raise ProtocolError(f"a worker may not send {kind[:20]!r}")

    def _ping(self) -> None:
        """Ask the worker whether it is idle (not through ``_to_worker``: asking is no work)."""
        if self._worker is not None:
            self._worker.send(Frame({"t": "w.ping"}))

    def _idle(self, header: dict[str, Any]) -> None:
        wake, seen = header.get("wake"), header.get("seen")
        if type(seen) is not int or not (wake is None or (isinstance(wake, (int, float)) and 0 <= wake < 1e13)):
            raise ProtocolError("malformed idle report")
        settled = self._supervisor.idle(seen, wake)
        if settled and header.get("stalled") is True and self.evals.waiting_for_guest and self._loading == 0:
            self.evals.stalled()

    async def _load(self, frame: Frame) -> None:
        try:
            await self._modules.load(frame)
        except IsolateHostError as error:
            self.end(error)
        finally:
            self._loading -= 1

    def _fault(self, header: dict[str, Any]) -> None:
        """The watchdog stopped a turn, on our order, or the guest surface broke: the runtime's state is unknown."""
        self.end(self._ending or IsolateHostError(f"the guest surface failed ({str(header.get('kind'))[:20]})"))

    def worker_ended(self, error: IsolateHostError) -> None:
        """The worker is dead and reaped."""
        if not self.ended.done():
            self._conclude(self._ending if self._ending is not None else error)

    def _conclude(self, cause: IsolateHostError) -> None:
        self.family.end()
        self._supervisor.close()
        self.evals.close()
        self.requests.close()
        self._door.close(cause)
        self._coverage.close(cause)
        self.endpoint.close(cause)
        self.ended.set_result(cause)
        self._sink.ended(None if self._ended_by_owner and isinstance(cause, Disposed) else cause)
        self._on_end(self)
        for task in list(self._tasks):
            task.cancel()
        if hasattr(self, "_grants"):
            self._audit.record("ended", runtime=self.id, reason=cause.code, message=cause.message)
            self._desk.quiet.set()
            self._closing = asyncio.get_running_loop().create_task(self._grants.aclose())

    # ------------------------------------------------------------------ ends
    def _expire(self, error: ExecutionTimeout) -> None:
        """Too long: stop the script, so that what it already said still arrives; then the process."""
        if self._ending is None and self._worker is not None:
            self._ending = error
            self.family.end()
            self._worker.stop_script()
            grace = self.spec.limits.grace_s
            asyncio.get_running_loop().call_later(0.5 if grace is None else grace, self._worker.kill, error)

    def end(self, error: IsolateHostError) -> None:
        """Kill the worker; what waits fails with ``error``."""
        if self._ending is None:
            self._ending = error
        self.family.end()
        if self._worker is not None:
            self._worker.kill(self._ending)
        elif not self.ended.done():
            self.worker_ended(self._ending)

    # ------------------------------------------------------------------ plumbing
    def _call(self, call: Any) -> Any:
        return self._desk.call(call)

    def _note(self, call: Any) -> None:
        self._desk.note(call)

    def _to_worker(self, frame: Frame) -> None:
        if self._worker is not None and not self._worker.ended.done():
            self._worker.send(frame)
            self._supervisor.frame_sent()

    def _to_client(self, frame: Frame) -> None:
        self._sink.receive(frame)

    def _spawn(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
