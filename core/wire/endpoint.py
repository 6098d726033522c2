"""The symmetric RPC endpoint: requests both ways, references, cancellation, streams (protocol §2 to §4)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import CoroutineType
from typing import Any, ClassVar

from isolate_host.errors import Disposed, MarshalError, ProtocolError
from isolate_host.wire.answering import Answering, CallHandler
from isolate_host.wire.decode import Decoder
from isolate_host.wire.encode import Encoder
from isolate_host.wire.errors import as_error
from isolate_host.wire.frames import Frame
from isolate_host.wire.header import natural
from isolate_host.wire.leases import DEFAULT_MAX_LEASES
from isolate_host.wire.references import References
from isolate_host.wire.serving import IncomingCall

__all__ = ["CallHandler", "Endpoint"]

_logger = logging.getLogger(__name__)


class Endpoint:
    """One end of a connection between a host-side party and a guest.

    ``send`` takes frames and never blocks; ``peer`` is the number of the host-side party (0 broker, 1 client) and
    ``guest`` says that this end is the guest (tests use that). Frames come in through :meth:`receive`. Whatever breaks
    the protocol goes to ``on_violation``, or closes the endpoint. Belongs to one event loop.
    """

    def __init__(
        self,
        send: Callable[[Frame], None],
        *,
        peer: int = 0,
        guest: bool = False,
        on_call: CallHandler | None = None,
        on_note: Callable[[IncomingCall], None] | None = None,
        on_violation: Callable[[ProtocolError], None] | None = None,
        drain: Callable[[], Awaitable[None]] | None = None,
        max_leases: int = DEFAULT_MAX_LEASES,
        codecs: Mapping[str, Callable[[Any], Any]] | None = None,
    ) -> None:
        self._send = send
        self._guest = guest
        self._tag: dict[str, int] = {"p": peer} if peer else {}
        self._on_call = on_call
        self._on_note = on_note
        self._on_violation = on_violation
        self._codecs = codecs
        self._pending: dict[int, asyncio.Future[Any]] = {}
        self._asking: dict[int, Callable[[Frame | BaseException], None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._answering = Answering(self, send, by_host=not guest)
        self._next_id = 1
        self._closed: BaseException | None = None
        self.references = References(self, peer=peer, guest=guest, drain=drain, max_leases=max_leases)

    # -- what this end asks ------------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """True after :meth:`close`."""
        return self._closed is not None

    @property
    def pending(self) -> int:
        """Requests that wait for a reply."""
        return len(self._pending)

    @property
    def serving(self) -> int:
        """Requests of the other side that are being answered."""
        return len(self._answering)

    def serving_of(self, capability: str) -> int:
        """How many of them are calls of ``capability``."""
        return self._answering.count(capability)

    def abort_where(self, matches: Callable[[IncomingCall], bool], reason: str) -> None:
        """Abort requests of the other side that are being answered."""
        self._answering.abort_where(matches, reason)

    async def request(
        self,
        header: Mapping[str, Any],
        args: Sequence[Any] | None = None,
        *,
        body: bytes = b"",
        segments: Sequence[bytes] = (),
    ) -> Any:
        """Send a request and wait for its reply. ``args`` are encoded; or give an encoded ``body`` and ``segments``.

        Raises what the other side raised, ``MarshalError``, or the error that closed the endpoint. Cancelling the waiting task
        tells the other side to abort.
        """
        future, request_id = self.start(header, args, body=body, segments=segments)
        try:
            return await future
        except asyncio.CancelledError:
            if future.cancelled() and request_id in self._pending:
                self.cancel(request_id)
            raise

    def start(
        self,
        header: Mapping[str, Any],
        args: Sequence[Any] | None = None,
        *,
        body: bytes = b"",
        segments: Sequence[bytes] = (),
    ) -> tuple[asyncio.Future[Any], int]:
        """Like :meth:`request`, but return at once with the future of the reply and the request's id."""
        self._check_open()
        if args is not None:
            body, segments = self.encode(list(args))
        request_id = self._next_id
        self._next_id += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        # The entry stays until the reply comes, even when nobody waits any more: a late value may hold leases.
        self._pending[request_id] = future
        try:
            self._send(Frame({**header, "id": request_id, **self._tag}, body, segments))
        except BaseException:
            del self._pending[request_id]
            raise
        return future, request_id

    def ask(self, header: dict[str, Any], body: bytes, segments: Sequence[bytes], on_reply: Callable[[Frame | BaseException], None]) -> int:
        """Send an encoded request and have ``on_reply`` called with the reply's frame, undecoded, or with what closed the endpoint.

        For those who send thousands a second: no future, no task. Gives the id for :meth:`cancel`.
        """
        self._check_open()
        request_id = self._next_id
        self._next_id += 1
        self._asking[request_id] = on_reply
        header["id"] = request_id
        header.update(self._tag)
        try:
            self._send(Frame(header, body, segments))
        except BaseException:
            del self._asking[request_id]
            raise
        return request_id

    def cancel(self, request_id: int, reason: Any = None) -> None:
        """Tell the other side that the reply to ``request_id`` is no longer wanted."""
        if self._closed is None:
            body = b"" if reason is None else self.encode(str(reason))[0]
            self._send(Frame({"t": "cancel", "id": request_id, **self._tag}, body))

    def call(self, capability: str, op: str, *args: Any) -> Awaitable[Any]:
        """Call ``op`` of ``capability`` at the other side."""
        return self.request({"t": "call", "cap": capability, "op": op}, args)

    def note(self, capability: str, op: str, *args: Any) -> None:
        """The same, without a reply. Raises ``MarshalError``."""
        self._check_open()
        body, segments = self.encode(list(args))
        self.note_encoded(capability, op, body, segments)

    def note_encoded(self, capability: str, op: str, body: bytes, segments: Sequence[bytes] = ()) -> None:
        """The same with arguments that are encoded already."""
        self._check_open()
        self._send(Frame({"t": "note", "cap": capability, "op": op, **self._tag}, body, segments))

    def emit(self, header: dict[str, Any], body: bytes = b"", segments: Sequence[bytes] = ()) -> None:
        """Send a frame of this party unless the endpoint is closed. For the tables below."""
        if self._closed is None:
            self._send(Frame({**header, **self._tag}, body, segments))

    # -- values ------------------------------------------------------------------------------------------------------

    def encode(self, value: Any) -> tuple[bytes, list[bytes]]:
        """Body and segments for ``value``. References leased on the way are given back when it fails (``MarshalError``)."""
        leased: list[Callable[[bool], None]] = []
        encoder = Encoder(lambda item: self.references.export(item, leased))
        try:
            body = encoder.encode(value)
        except BaseException:
            for settle in leased:
                settle(False)
            raise
        for settle in leased:
            settle(True)
        return body, encoder.segments

    def decode(self, frame: Frame) -> Any:
        """The value of a frame's body. Raises ``MarshalError`` or ``ProtocolError``."""
        if not frame.body:
            return None
        by_host = frame.header.get("h") == 1
        return Decoder(frame.segments, self.references.import_, by_host=by_host, codecs=self._codecs).decode(frame.body)

    # -- what the other side asks ------------------------------------------------------------------------------------

    def receive(self, frame: Frame) -> None:
        """Take one frame from the other side. Never raises: see ``on_violation``."""
        if self._closed is not None:
            return
        try:
            handler = self._handlers.get(frame.header.get("t", ""))
            if handler is None:
                raise ProtocolError(f"unexpected message {str(frame.header.get('t'))[:20]!r}")
            handler(self, frame)
        except ProtocolError as error:
            self.violation(error)

    def violation(self, error: ProtocolError) -> None:
        """The other side broke the protocol."""
        if self._on_violation is not None:
            self._on_violation(error)
        else:
            self.close(error)

    def _call(self, frame: Frame) -> None:
        header = frame.header
        if type(header.get("cap")) is not str or type(header.get("op")) is not str:
            raise ProtocolError("a call names no operation")
        call = self._answering.accept(frame)
        if self._on_call is None:
            self._answering.answer(call, LookupError("this side answers no calls"), failed=True)
        else:
            self._answering.run(call, self._on_call)

    def _ref(self, frame: Frame) -> None:
        reference = natural(frame.header, "r")
        call = self._answering.accept(frame)
        exported = self.references.owned.get(reference)
        if exported is None:
            # Drops race with uses, so this is no violation.
            self._answering.answer(call, ReferenceError("the reference was released"), failed=True)
        else:
            mode = frame.header.get("m")
            self._answering.run(call, lambda call: exported.use(mode, call.arguments()))

    def _note(self, frame: Frame) -> None:
        if type(frame.header.get("cap")) is not str or type(frame.header.get("op")) is not str:
            raise ProtocolError("a note names no operation")
        if self._on_note is not None:
            try:
                self._on_note(IncomingCall(frame, (0, 0), self.decode))
            except ProtocolError:
                raise
            except Exception:
                _logger.exception("a note could not be handled")

    # -- replies and control -----------------------------------------------------------------------------------------

    def _replied(self, frame: Frame) -> None:
        number = natural(frame.header, "id")
        on_reply = self._asking.pop(number, None)
        if on_reply is not None:
            on_reply(frame)
            return
        future = self._pending.pop(number, None)
        if future is None:
            return
        try:
            value = self.decode(frame)
        except MarshalError as error:
            settle(future, error)
        except ProtocolError as error:
            settle(future, error)
            raise
        else:
            if frame.header["t"] == "ok":
                if not future.done():
                    future.set_result(value)
            else:
                settle(future, as_error(value))

    def _cancelled(self, frame: Frame) -> None:
        self._answering.cancelled(frame)

    def _dropped(self, frame: Frame) -> None:
        pairs = frame.header.get("refs")
        if type(pairs) is not list:
            raise ProtocolError("bad drop")
        for pair in pairs:
            if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not int or type(pair[1]) is not int or pair[1] < 1:
                raise ProtocolError("bad drop")
            self.references.release(pair[0], pair[1])

    def _stream(self, frame: Frame) -> None:
        self.references.stream_frame(frame, natural(frame.header, "st"))

    # -- life --------------------------------------------------------------------------------------------------------

    def spawn(self, coroutine: Any, inner: Any = None) -> asyncio.Task[Any]:
        """Run ``coroutine`` as a task of this endpoint. ``inner`` is what it awaits, if that was made outside of it."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)

        def done(task: asyncio.Task[Any]) -> None:
            self._tasks.discard(task)
            # A task that is cancelled before its first step never touches what it was given; closing a finished coroutine does nothing.
            if type(inner) is CoroutineType:
                inner.close()

        task.add_done_callback(done)
        return task

    def close(self, error: BaseException | None = None) -> None:
        """End of life: pending requests fail with ``error``, work for the other side is aborted, references are forgotten."""
        if self._closed is not None:
            return
        self._closed = error or Disposed("the runtime was disposed")
        for future in self._pending.values():
            settle(future, self._closed)
        self._pending.clear()
        asking, self._asking = self._asking, {}
        for on_reply in asking.values():
            on_reply(self._closed)
        self._answering.abort_all(str(self._closed))
        self.references.clear(self._closed)

    async def wait_closed(self, timeout_s: float | None = None) -> None:
        """Wait until the work that :meth:`close` aborted has ended, or ``timeout_s`` passed. Callable from within that work."""
        others = self._tasks - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=timeout_s)

    def _check_open(self) -> None:
        if self._closed is not None:
            raise self._closed.with_traceback(None)

    _handlers: ClassVar[dict[str, Callable[[Endpoint, Frame], None]]] = {
        "call": _call,
        "note": _note,
        "ref": _ref,
        "ok": _replied,
        "err": _replied,
        "cancel": _cancelled,
        "drop": _dropped,
        "sd": _stream,
        "sc": _stream,
        "se": _stream,
        "sx": _stream,
    }


def settle(future: asyncio.Future[Any], error: BaseException) -> None:
    """Fail ``future`` unless it is done; nobody has to look at it."""
    if not future.done():
        # StopIteration cannot be set on a future, and CancelledError would look like our own cancellation.
        future.set_exception(error if isinstance(error, Exception) else RuntimeError(str(error)))
        future.exception()
