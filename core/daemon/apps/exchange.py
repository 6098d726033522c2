"""One request and its answer on one connection."""

from __future__ import annotations

import asyncio
import html
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from isolate_host.client.log_text import log_text
from isolate_host.client.replica import Replica
from isolate_host.daemon.apps.answers import AnswerHead
from isolate_host.daemon.apps.request import BodyStream, HttpRefusedError, IncomingRequest
from isolate_host.errors import IsolateHostError, ProtocolError
from isolate_host.wire.streams import ByteStream

if TYPE_CHECKING:
    from isolate_host.daemon.apps.connection import HttpConnection

__all__ = ["Exchange"]

_LOG = logging.getLogger("isolate_host.apps")
_PAGE = "<!doctype html><title>{title}</title><h1>{title}</h1><p>{text}</p>\n"
#: Never followed by a body, whatever their head says.
_BODILESS = frozenset((204, 304))


class Exchange:
    """Made by the connection, answered by an app. ``request`` is ``None`` when it could not even be read."""

    __slots__ = ("_done", "_pump", "_refusal", "connection", "number", "on_end", "repeated", "replica", "request", "sent", "started", "status")

    def __init__(self, connection: HttpConnection, request: IncomingRequest | None) -> None:
        self.connection, self.request = connection, request
        self.started = connection.loop.time()
        #: Where it is being answered, and under which number.
        self.replica: Replica | None = None
        self.number = 0
        self.repeated = False
        #: Called once, when the answer is written or nobody waits for it any more.
        self.on_end: Callable[[Exchange], None] | None = None
        self.status, self.sent = 0, 0
        self._pump: asyncio.Task[None] | None = None
        self._refusal: HttpRefusedError | None = None
        self._done = False

    @property
    def open(self) -> bool:
        """Whether the client still waits."""
        return not self._done and not self.connection.gone

    @property
    def _keep_alive(self) -> bool:
        request = self.request
        if request is None or not request.keep_alive or self._refusal is not None or self.connection.closing:
            return False
        # A body that was not read to its end stands before the next request.
        return not isinstance(request.body, BodyStream) or request.body.ended

    # ------------------------------------------------------------------ answers of the front itself
    def fail(self, status: int, text: str, *, page: bytes | None = None, extra: str = "") -> None:
        """Answer with an error that says nothing of the inside."""
        if not self.open:
            self._end(keep_alive=False)
            return
        if self.status:
            # The head is out: a broken body is all that can still be said.
            self._break()
            return
        heads = self.connection.owner.heads
        line = heads.status_line(status, "")
        title = line.split(" ", 1)[1].strip()
        body = page if page is not None else _PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
        keep = self._keep_alive
        head = (
            f"{line}{heads.date().decode()}content-type: text/html; charset=utf-8\r\ncontent-length: {len(body)}\r\n"
            f"{extra}{'' if keep else 'connection: close' + chr(13) + chr(10)}\r\n"
        )
        self.status = status
        self._write(head.encode("latin-1") + (b"" if self.request is not None and self.request.method == "HEAD" else body))
        self._end(keep_alive=keep)

    def refuse(self, refusal: HttpRefusedError) -> None:
        """What follows this request on the connection is malformed, or its own body is."""
        self._refusal = refusal
        if self.request is not None and isinstance(self.request.body, BodyStream):
            self.fail(refusal.status, refusal.text)

    # ------------------------------------------------------------------ answers of an app
    def respond(self, parts: Any, replica: Replica) -> None:
        """Write ``[status, text, headers, body]``. Raises ``ProtocolError`` for what no guest script of ours says."""
        if type(parts) is not list or len(parts) != 4:
            raise ProtocolError("malformed answer of an app server")
        head, body = AnswerHead.read(parts[0], parts[1], parts[2], self.connection.owner.heads), parts[3]
        if isinstance(body, ByteStream):
            if head.status in _BODILESS or (self.request is not None and self.request.method == "HEAD"):
                raise ProtocolError("an answer that has a body and must have none")
            self._stream(head, body, replica)
        elif body is None or isinstance(body, (str, bytes)):
            self.answer(head, body.encode("utf-8", "replace") if isinstance(body, str) else body or b"")
        else:
            raise ProtocolError("malformed answer of an app server")

    def answer(self, head: AnswerHead, data: bytes) -> None:
        """Write an answer whose body is here as a whole."""
        connection, request = self.connection, self.request
        keep = self._keep_alive
        if head.status in _BODILESS:
            # What would follow the head would be read as the next answer.
            size, data = b"", b""
        elif request is not None and request.method == "HEAD":
            size, data = b"" if head.length is None else b"content-length: %b\r\n" % head.length.encode(), b""
        else:
            size = b"content-length: %d\r\n" % len(data)
        end = b"\r\n" if keep and self._is_1_1 else _connection_line(keep)
        self.status, self.sent = head.status, len(data)
        connection.transport.write(b"%b%b%b%b%b" % (head.start, connection.owner.heads.date(), size, end, data))
        self._end(keep_alive=keep)

    @property
    def _is_1_1(self) -> bool:
        return self.request is not None and self.request.http_1_1

    def _stream(self, head: AnswerHead, body: ByteStream, replica: Replica) -> None:
        length = head.length
        chunked = length is None and self._is_1_1
        keep = self._keep_alive and (chunked or length is not None)
        size = b"transfer-encoding: chunked\r\n" if chunked else b"" if length is None else b"content-length: %b\r\n" % length.encode()
        self.status = head.status
        self._write(b"%b%b%b%b" % (head.start, self.connection.owner.heads.date(), size, _connection_line(keep)))
        replica.hold()
        wanted = None if length is None else int(length)
        self._pump = self.connection.loop.create_task(self._copy(body, replica, chunked=chunked, wanted=wanted, keep=keep))

    async def _copy(self, body: ByteStream, replica: Replica, *, chunked: bool, wanted: int | None, keep: bool) -> None:
        """Pass on a body as it comes, no faster than the client takes it."""
        connection = self.connection
        try:
            async for chunk in body:
                if wanted is not None and self.sent + len(chunk) > wanted:
                    raise ProtocolError("the body is longer than its Content-Length")
                self.sent += len(chunk)
                if chunked:
                    connection.transport.writelines((b"%x\r\n" % len(chunk), chunk, b"\r\n"))
                else:
                    connection.transport.write(chunk)
                await connection.drained()
            if wanted is not None and self.sent != wanted:
                raise ProtocolError("the body is shorter than its Content-Length")
            if chunked:
                connection.transport.write(b"0\r\n\r\n")
            self._end(keep_alive=keep)
        except ConnectionError:
            pass  # the client went away, which the connection hears by itself
        except (IsolateHostError, asyncio.CancelledError) as error:
            if isinstance(error, IsolateHostError):
                _LOG.warning("request %s: its body broke off: %s", self.request and self.request.request_id, log_text(error))
            # A client must not take what it has for the whole.
            self._break()
        finally:
            await body.cancel()
            replica.release()

    # ------------------------------------------------------------------ end
    def abandon(self) -> None:
        """The client went away."""
        if self._pump is not None:
            self._pump.cancel()
        elif self.replica is not None and self.replica.alive and not self._done:
            self.replica.session.endpoint.cancel(self.number, "the client went away")
        self._end(keep_alive=False)

    def ended(self) -> None:
        """The answer is complete in another way: the connection became a WebSocket."""
        self._done = True
        self._report()

    def _break(self) -> None:
        if not self.connection.gone:
            self.connection.transport.abort()
        self._end(keep_alive=False)

    def _write(self, data: bytes) -> None:
        self.connection.transport.write(data)

    def _end(self, *, keep_alive: bool) -> None:
        if self._done:
            return
        self._done = True
        self._report()
        if self.connection.current is self or self.request is None:
            self.connection.finished(keep_alive=keep_alive)

    def _report(self) -> None:
        on_end, self.on_end = self.on_end, None
        if on_end is not None:
            on_end(self)


def _connection_line(keep: bool) -> bytes:
    return b"connection: keep-alive\r\n\r\n" if keep else b"connection: close\r\n\r\n"
