"""One HTTP/1.1 connection: requests in, one after another, and bytes out. Its time limits are looked at by the listener's clock."""

from __future__ import annotations

import asyncio
from collections import deque
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Any, Protocol

import httptools

from isolate_host.config.apps import AppLimits
from isolate_host.daemon.apps.exchange import Exchange
from isolate_host.daemon.apps.heads import HeadWriter
from isolate_host.daemon.apps.repeats import RepeatedHead
from isolate_host.daemon.apps.request import BodyStream, HttpRefusedError, IncomingRequest, read_request

if TYPE_CHECKING:
    from isolate_host.daemon.apps.websocket import WebSocketConnection

__all__ = ["HttpConnection", "Owner"]

#: A body up to this size is handed over whole, in the message of its request.
_WHOLE_BODY = 64 * 1024
_MAX_FIELDS = 100
#: Pipelined requests that may wait before the connection is no longer read.
_PIPELINE = 8
_HIGH_WATER = 256 * 1024
_NEVER = float("inf")


class Owner(Protocol):
    """The listener of a connection."""

    limits: AppLimits
    heads: HeadWriter
    trusted: tuple[IPv4Network | IPv6Network, ...]
    secure: bool
    draining: bool

    def opened(self, connection: HttpConnection) -> bool: ...

    def closed(self, connection: HttpConnection) -> None: ...

    def start(self, exchange: Exchange) -> None: ...


class HttpConnection(asyncio.Protocol):
    """Parses with llhttp, which is strict; what it lets pass and is ambiguous all the same, ``read_request`` refuses."""

    transport: asyncio.Transport

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.loop = asyncio.get_running_loop()
        #: The loop's second at which the connection has waited too long.
        self.deadline = _NEVER
        self.peer = ""
        self.current: Exchange | None = None
        self.socket: WebSocketConnection | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._queue: deque[IncomingRequest] = deque()
        self._url = b""
        self._fields: list[tuple[bytes, bytes]] = []
        self._head_size, self._feeding = 0, False
        self._in_head, self._fresh = False, False
        self._request: IncomingRequest | None = None
        self._repeated = RepeatedHead()
        #: Requests that ended in this read, and the first of them.
        self._ended, self._whole = 0, None  # type: int, IncomingRequest | None
        self._parts: list[bytes] | None = None
        self._body_size = 0
        #: No further requests are read: the one that is being answered is the last.
        self._last = False
        self._holds: set[object] = set()
        self._writable = asyncio.Event()
        self._writable.set()
        self.gone = False

    # ------------------------------------------------------------------ asyncio.Protocol
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(f"a stream transport is needed, not {type(transport).__name__}")
        self.transport = transport
        transport.set_write_buffer_limits(high=_HIGH_WATER)
        name = transport.get_extra_info("peername")
        self.peer = str(name[0]) if isinstance(name, tuple) and name else ""
        self.deadline = self.loop.time() + self.owner.limits.idle_timeout_s
        if not self.owner.opened(self):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.socket is not None:
            self.socket.received(data)
            return
        if self._last:
            return
        if not self._between_requests:
            self._parse(data)
            return
        # The parser stands between two requests, and would come back to the same place.
        request = self._repeated.read(data, self.owner.trusted)
        if request is not None and len(data) <= self.owner.limits.header_bytes:
            self._enqueue(request)
            return
        self._parse(data)
        if self._ended == 1 and self._whole is not None and self._between_requests:
            self._repeated.learn(data, self._whole, self.owner.trusted)
        self._whole = None

    @property
    def _between_requests(self) -> bool:
        return not self._in_head and self._request is None

    def _parse(self, data: bytes) -> None:
        self._fresh, self._ended = False, 0
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._last = True
            self._rest = data[upgrade.args[0] :]
        except httptools.HttpParserCallbackError as error:
            reason = error.__context__
            self.refuse(reason if isinstance(reason, HttpRefusedError) else HttpRefusedError(400, "the request is malformed"))
        except httptools.HttpParserError:
            if not self._last:
                self.refuse(HttpRefusedError(400, "the request is malformed"))
        else:
            self._watch_input(len(data))

    def _watch_input(self, size: int) -> None:
        if self._in_head:
            # What the parser holds back is not counted by the callbacks: a field without an end.
            self._head_size += 0 if self._fresh else size
            if self._head_size > self.owner.limits.header_bytes * 2:
                self.refuse(HttpRefusedError(431, "the head of the request is too long"))
        elif self._request is not None:
            self.deadline = self.loop.time() + self.owner.limits.idle_timeout_s

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone = True
        self._writable.set()
        error = ConnectionError("the client went away in the middle of its request")
        for request in [*self._queue, *([self._request] if self._request else ())]:
            if isinstance(request.body, BodyStream):
                request.body.end(error)
        self._queue.clear()
        if self.current is not None:
            self.current.abandon()
        if self.socket is not None:
            self.socket.lost()
        self.owner.closed(self)

    def pause_writing(self) -> None:
        self._writable.clear()
        self.deadline = self.loop.time() + self.owner.limits.idle_timeout_s

    def resume_writing(self) -> None:
        self._writable.set()
        self.deadline = _NEVER
        if self.socket is not None:
            self.socket.writable()

    # ------------------------------------------------------------------ llhttp
    def on_message_begin(self) -> None:
        self._in_head = self._fresh = True
        self._head_size = 0
        self._url, self._fields = b"", []
        if self.current is None:
            self.deadline = self.loop.time() + self.owner.limits.header_timeout_s

    def on_url(self, part: bytes) -> None:
        self._url += part
        self._count(len(part))

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            self._count(len(name) + len(value))
            self._fields.append((name, value))
            if len(self._fields) > _MAX_FIELDS:
                raise HttpRefusedError(431, "the request has too many headers")

    def _count(self, size: int) -> None:
        self._head_size += size
        if self._head_size > self.owner.limits.header_bytes:
            raise HttpRefusedError(431, "the head of the request is too long")

    def on_headers_complete(self) -> None:
        self._in_head = False
        parser, owner = self._parser, self.owner
        keep_alive = parser.should_keep_alive()
        request = read_request(
            parser.get_method(), self._url, self._fields, version=parser.get_http_version(), keep_alive=keep_alive,
            upgrade=parser.should_upgrade(), secure=owner.secure, peer=self.peer, trusted=owner.trusted,
        )
        self._request, self._parts, self._body_size = request, None, 0
        self._fields = []
        if request.length is not None and request.length > owner.limits.body_bytes:
            raise HttpRefusedError(413, "the body of the request is too large")
        if request.length == 0:
            return
        if request.length is not None and request.length <= _WHOLE_BODY:
            self._parts = []
            if request.expects_continue and self.current is None and not self._queue:
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        else:
            request.body = BodyStream(self._hold)
            self._enqueue(request)

    def on_body(self, data: bytes) -> None:
        request = self._request
        self._body_size += len(data)
        if self._body_size > self.owner.limits.body_bytes:
            raise HttpRefusedError(413, "the body of the request is too large")
        if self._parts is not None:
            self._parts.append(data)
        elif request is not None and isinstance(request.body, BodyStream):
            request.body.feed(data)

    def on_message_complete(self) -> None:
        request, self._request = self._request, None
        if request is None:
            return
        self._last = not request.keep_alive
        self._ended += 1
        self._whole = request
        if isinstance(request.body, BodyStream):
            request.body.end()
        else:
            if self._parts is not None:
                request.body, self._parts = b"".join(self._parts), None
            self._enqueue(request)
        if self.current is not None:
            self.deadline = _NEVER

    # ------------------------------------------------------------------ one request after another
    def _enqueue(self, request: IncomingRequest) -> None:
        if self.current is None and not self._queue and not self.gone:
            self._begin(request)
            return
        self._queue.append(request)
        if len(self._queue) > _PIPELINE:
            self.hold(self._queue, on=True)

    def _next(self) -> None:
        if self.current is not None or not self._queue or self.gone:
            return
        request = self._queue.popleft()
        if len(self._queue) <= _PIPELINE // 2:
            self.hold(self._queue, on=False)
        self._begin(request)

    def _begin(self, request: IncomingRequest) -> None:
        if request.expects_continue and isinstance(request.body, BodyStream):
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.deadline = _NEVER if self._request is None else self.loop.time() + self.owner.limits.idle_timeout_s
        self.current = Exchange(self, request)
        self.owner.start(self.current)

    def finished(self, *, keep_alive: bool) -> None:
        """The answer to the current request is written."""
        self.current = None
        if not keep_alive:
            self.close()
        elif self._queue:
            # Not from within: a thousand pipelined requests would nest as deep.
            self.loop.call_soon(self._next)
        elif self.owner.draining:
            self.close()
        elif not self._in_head:
            self.deadline = self.loop.time() + self.owner.limits.idle_timeout_s

    def refuse(self, refusal: HttpRefusedError) -> None:
        """Answer with an error of our own and close: after a malformed request nobody knows where the next one begins."""
        self._last = True
        if isinstance(self._request and self._request.body, BodyStream):
            self._request.body.end(ConnectionError(refusal.text))  # type: ignore[union-attr]
        self._request = None
        if self.current is not None:
            # Those before it are answered first; what the refused one would have got is the end of the connection.
            self.current.refuse(refusal)
            return
        Exchange(self, None).fail(refusal.status, refusal.text)

    @property
    def closing(self) -> bool:
        """Whether the current answer is the last one on this connection."""
        return (self._last and not self._queue) or self.owner.draining

    def close(self) -> None:
        """Write what waits, and end."""
        self._last = True
        if not self.gone:
            self.deadline = self.loop.time() + self.owner.limits.idle_timeout_s
            self.transport.close()

    def close_if_idle(self) -> None:
        """The listener drains: a connection without a request ends now."""
        if self.current is None and not self._queue and self.socket is None and not self._in_head:
            self.close()

    def timed_out(self) -> None:
        """The deadline passed."""
        self.deadline = _NEVER
        if self._in_head and self.current is None:
            self.refuse(HttpRefusedError(408, "the head of the request did not come in time"))
        elif self.current is None and not self._last:
            self.close()
        else:
            self.transport.abort()

    def upgraded(self, socket: WebSocketConnection) -> None:
        """The connection is a WebSocket from now on."""
        self.current, self.socket = None, socket
        self.deadline = _NEVER
        rest: bytes = getattr(self, "_rest", b"")
        if rest:
            socket.received(rest)

    # ------------------------------------------------------------------ flow
    def hold(self, reason: Any, *, on: bool) -> None:
        """Stop reading while somebody has a reason to."""
        before = bool(self._holds)
        if on:
            self._holds.add(id(reason))
        else:
            self._holds.discard(id(reason))
        if not self.gone and before != bool(self._holds) and not self.transport.is_closing():
            if self._holds:
                self.transport.pause_reading()
            else:
                self.transport.resume_reading()

    def _hold(self, on: bool) -> None:
        self.hold(self, on=on)
        # A handler may take its time with a body; the client is not to blame while it is held back.
        self.deadline = _NEVER if on else self.loop.time() + self.owner.limits.idle_timeout_s

    async def drained(self) -> None:
        """Wait while the client does not keep up. Raises ``ConnectionError`` when it has gone."""
        if not self._writable.is_set():
            await self._writable.wait()
        if self.gone:
            raise ConnectionError("the client went away")
