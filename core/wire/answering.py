"""The requests of the other side, each answered exactly once."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from isolate_host.errors import IsolateHostError, LimitExceeded, MarshalError, ProtocolError
from isolate_host.wire.frames import Frame
from isolate_host.wire.header import natural, party
from isolate_host.wire.serving import DEFERRED, IncomingCall, RawReply

if TYPE_CHECKING:
    from isolate_host.wire.endpoint import Endpoint

__all__ = ["Answering", "CallHandler"]

_logger = logging.getLogger(__name__)

#: Answers a ``call``; the result may be awaitable, a :class:`RawReply`, or ``DEFERRED``.
CallHandler = Callable[[IncomingCall], Any]


class Answering:
    """Runs handlers and sends replies for one endpoint. ``by_host`` marks error replies as made by the host."""

    def __init__(self, endpoint: Endpoint, send: Callable[[Frame], None], *, by_host: bool) -> None:
        self._endpoint = endpoint
        self._send = send
        self._by_host = by_host
        self._serving: dict[tuple[int, int], IncomingCall] = {}

    def __len__(self) -> int:
        return len(self._serving)

    def count(self, capability: str) -> int:
        """How many calls of ``capability`` are being answered."""
        return sum(call.header.get("cap") == capability for call in self._serving.values())

    def abort_all(self, reason: str) -> None:
        """The other side is gone: abort everything, answer nothing."""
        calls = list(self._serving.values())
        self._serving.clear()
        for call in calls:
            call.abort(reason)

    def accept(self, frame: Frame) -> IncomingCall:
        """Take note of a request. Raises ``ProtocolError`` when its id is in use."""
        key = (party(frame.header), natural(frame.header, "id"))
        if key in self._serving:
            raise ProtocolError("a request id is in use")
        call = IncomingCall(frame, key, self._endpoint.decode, self._deferred)
        self._serving[key] = call
        return call

    def run(self, call: IncomingCall, work: CallHandler) -> None:
        """Do ``work`` and answer with its result, now or when it is there."""
        try:
            result = work(call)
        except Exception as error:  # noqa: BLE001 (whatever the handler raises is the caller's to see)
            self.answer(call, error, failed=True)
            return
        if result is DEFERRED:
            return
        if inspect.isawaitable(result):
            call.task = self._endpoint.spawn(self._finish(call, result), result)
        else:
            self.answer(call, result)

    def _deferred(self, call: IncomingCall, outcome: Any) -> None:
        self.answer(call, outcome, failed=isinstance(outcome, BaseException))

    async def _finish(self, call: IncomingCall, result: Awaitable[Any]) -> None:
        try:
            value = await result
        except (Exception, asyncio.CancelledError) as error:
            self.answer(call, error, failed=True)
            if isinstance(error, asyncio.CancelledError) and self._endpoint.closed:
                raise
        else:
            self.answer(call, value)

    def answer(self, call: IncomingCall, value: Any, *, failed: bool = False) -> None:
        """Reply once; a value that cannot be sent becomes an error reply."""
        if call.answered:
            return
        call.answered = True
        self._serving.pop(call.key, None)
        if self._endpoint.closed:
            return
        if isinstance(value, ProtocolError) and failed:
            # Malformed arguments: the sender is not our guest kernel any more.
            self._endpoint.violation(value)
            return
        try:
            self._reply(call, value, failed)
        except (IsolateHostError, OSError) as error:
            self._reply(call, _plain(error), failed=True)
        except Exception as error:  # getters and iterators of the embedder's objects may raise anything
            _logger.exception("a result could not be encoded")
            self._reply(call, MarshalError(f"the result could not be encoded: {type(error).__name__}", path="$"), failed=True)

    def _reply(self, call: IncomingCall, value: Any, failed: bool) -> None:
        header: dict[str, Any] = {"t": "err" if failed else "ok", "id": call.key[1]}
        if "p" in call.header:
            header["p"] = call.header["p"]
        if isinstance(value, RawReply):
            header["t"] = "ok" if value.ok else "err"
            body, segments = value.body, value.segments
            if value.ok and "p" not in header:
                # What a tool answered, on its way to the guest: the most frequent header of all.
                self._send(Frame(header, body, segments, b'{"t":"ok","id":%d}' % call.key[1]))
                return
        else:
            body, segments = self._endpoint.encode(value)
            if failed and self._by_host:
                header["h"] = 1
        self._send(Frame(header, body, segments))

    def abort_where(self, matches: Callable[[IncomingCall], bool], reason: str) -> None:
        """Abort the calls that ``matches`` picks, and answer each of them at once."""
        for call in [call for call in self._serving.values() if matches(call)]:
            call.abort(reason)
            self.answer(call, asyncio.CancelledError(reason), failed=True)

    def cancelled(self, frame: Frame) -> None:
        """The other side lost interest: abort the work and answer at once. Unknown ids are late ones."""
        call = self._serving.get((party(frame.header), natural(frame.header, "id")))
        if call is None:
            return
        try:
            reason = self._endpoint.decode(frame)
        except MarshalError:  # a reason that makes no sense here still is an abort
            reason = None
        call.abort(reason)
        self.answer(call, asyncio.CancelledError("" if reason is None else str(reason)), failed=True)


def _plain(error: BaseException) -> BaseException:
    """``error`` in a form that always crosses: without a cause or values that might be what failed."""
    if isinstance(error, (MarshalError, LimitExceeded)):
        return error
    return MarshalError(f"the answer could not be sent: {error}", path="$")
