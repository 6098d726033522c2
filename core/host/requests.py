"""Requests of a client to handlers in its guest: who asked, until when, and which host calls belong to which."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from isolate_host.errors import ExecutionTimeout, IsolateHostError, LimitExceeded, ProtocolError
from isolate_host.plugin import Capability
from isolate_host.wire.encode import encode_value
from isolate_host.wire.frames import Frame
from isolate_host.wire.header import natural
from isolate_host.wire.jsontext import dump_json

__all__ = ["ClientRequest", "RequestDesk"]

_CLIENT = 1
_ID_LENGTH = 256
#: Answered requests whose identity is remembered: for background work, streams and WebSockets that outlive the answer.
_REMEMBERED = 4096


@dataclass(slots=True)
class ClientRequest:
    """One request: what host calls made on its behalf are told."""

    request_id: str | None
    metadata: Mapping[str, Any] | None
    #: The event loop's second at which the request will be given up; ``None`` = never.
    deadline: float | None
    timeout_s: float | None


class RequestDesk:
    """All requests of one runtime's client. ``send`` goes to the worker, ``reply`` to the client.

    ``withdraw`` aborts the host calls of a request, ``probe`` looks whether the guest still turns after a deadline passed.
    """

    def __init__(
        self,
        *,
        send: Callable[[Frame], None],
        reply: Callable[[Frame], None],
        withdraw: Callable[[int, str], None],
        probe: Callable[[ExecutionTimeout], None],
    ) -> None:
        self._send, self._reply, self._withdraw, self._probe = send, reply, withdraw, probe
        self._loop = asyncio.get_running_loop()
        self._active: dict[int, ClientRequest] = {}
        self._past: OrderedDict[int, ClientRequest] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None
        #: Headers of calls without their end, by capability and op.
        self._heads: dict[tuple[str, str], bytes] = {}

    def __len__(self) -> int:
        return len(self._active)

    def find(self, number: Any) -> ClientRequest | None:
        """The request that a guest says it works for. It can only name requests of its own client."""
        if type(number) is not int:
            return None
        return self._active.get(number) or self._past.get(number)

    # ------------------------------------------------------------------ from the client
    def begin(self, frame: Frame, capability: Capability | None) -> None:
        """Take a ``call`` frame. Raises ``ProtocolError`` for what no client of ours sends."""
        header = frame.header
        number, op = natural(header, "id"), header.get("op")
        if number in self._active:
            raise ProtocolError("a request id is in use")
        if capability is None or op not in capability.client.calls:
            raise ProtocolError(f"a client may not call {str(header.get('cap'))[:40]}.{str(op)[:40]}")
        ops = capability.client
        if len(self._active) >= ops.in_flight:
            hint = f"ask less at a time, or raise {ops.key}.requests"
            self._fail(number, LimitExceeded(f"{ops.in_flight} requests are being answered", kind="requests", hint=hint))
            return
        self._active[number] = request = self._read(header, ops.timeout_s)
        if request.deadline is not None:
            self._watch(request.deadline)
        call = {"t": "call", "cap": header["cap"], "op": op, "p": _CLIENT, "id": number}
        head = self._heads.get((call["cap"], op))
        if head is None:
            head = self._heads[call["cap"], op] = dump_json({**call, "id": 0})[:-2]
        self._send(Frame(call, frame.body, frame.segments, b"%b%d}" % (head, number)))

    def _read(self, header: Mapping[str, Any], ceiling: float | None) -> ClientRequest:
        request_id, metadata, asked = header.get("req"), header.get("md"), header.get("timeout_s")
        if request_id is not None and (not isinstance(request_id, str) or len(request_id) > _ID_LENGTH):
            raise ProtocolError("a request id must be text of at most 256 characters")
        if metadata is not None and not isinstance(metadata, dict):
            raise ProtocolError("metadata must be an object")
        if asked is not None and (isinstance(asked, bool) or not isinstance(asked, (int, float)) or asked <= 0):
            raise ProtocolError("timeout_s must be a positive number")
        timeout_s = ceiling if asked is None else asked if ceiling is None or asked < ceiling else ceiling
        return ClientRequest(request_id, metadata, None if timeout_s is None else self._loop.time() + timeout_s, timeout_s)

    def cancelled(self, number: Any) -> None:
        """The client lost interest; the guest answers at once, and until then the request stays."""
        if type(number) is int and number in self._active:
            self._withdraw(number, "the request was aborted")

    # ------------------------------------------------------------------ from the guest
    def answered(self, number: Any) -> ClientRequest | None:
        """A reply passes on its way to the client; what it answers, if that was a request."""
        request = self._active.pop(number, None)
        if request is not None and (request.request_id is not None or request.metadata):
            self._past[number] = request
            if len(self._past) > _REMEMBERED:
                self._past.popitem(last=False)
        return request

    # ------------------------------------------------------------------ time
    def _watch(self, deadline: float) -> None:
        """One timer for all: requests come by the thousand, and nearly all are answered long before."""
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._sweep)
        elif deadline < self._timer.when():
            self._timer.cancel()
            self._timer = self._loop.call_at(deadline, self._sweep)

    def _sweep(self) -> None:
        self._timer = None
        now = self._loop.time()
        late = [(number, item) for number, item in self._active.items() if item.deadline is not None and item.deadline <= now]
        for number, item in late:
            self._expire(number, item)
        following = min((item.deadline for item in self._active.values() if item.deadline is not None), default=None)
        if following is not None:
            self._watch(following)

    def _expire(self, number: int, request: ClientRequest) -> None:
        timeout_s = request.timeout_s or 0.0
        error = ExecutionTimeout(
            f"the request was not answered within {timeout_s:g} s", timeout_s=timeout_s, hint="allow more time, or answer earlier",
        )
        self._withdraw(number, error.message)
        self.answered(number)
        body, _ = encode_value(TimeoutError(error.message))
        self._send(Frame({"t": "cancel", "id": number, "p": _CLIENT}, body))
        self._fail(number, error)
        self._probe(error)

    def _fail(self, number: int, error: IsolateHostError) -> None:
        body, segments = encode_value(error)
        self._reply(Frame({"t": "err", "id": number, "p": _CLIENT, "h": 1}, body, segments))

    def close(self) -> None:
        """The runtime has ended, which the client hears by itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._active.clear()
        self._past.clear()
