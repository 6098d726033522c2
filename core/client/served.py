"""Requests to an app server and its answers, as they cross."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Literal

from isolate_host.client.replica import Replica
from isolate_host.errors import MarshalError, ProtocolError
from isolate_host.wire.errors import thrown
from isolate_host.wire.frames import Frame
from isolate_host.wire.streams import ByteSource, ByteStream
from isolate_host.wire.web import Request, Response

__all__ = ["LOST", "Served", "ServedResponse", "check_metadata", "encode_request", "may_repeat", "pairs", "read_answer"]

#: Methods that may be sent again when it is unknown whether the first one was carried out.
_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
_METADATA_BYTES = 16 * 1024
#: What a guest answers whose handlers are gone.
LOST = object()


class ServedResponse(Response):
    """What a handler answered. Its body may still be on its way: read it, or :meth:`cancel` it."""

    __slots__ = ("_replica",)
    _replica: Replica | None

    def _take(self) -> AsyncIterator[bytes]:
        stream = super()._take()
        return self._until_end(stream) if isinstance(stream, ByteStream) else stream

    async def _until_end(self, stream: ByteStream) -> AsyncIterator[bytes]:
        try:
            async for chunk in stream:
                yield chunk
        except BaseException:
            await stream.cancel()
            raise
        finally:
            await stream.cancel()
            self._release()

    async def cancel(self, reason: Any = None) -> None:
        """The rest is not wanted: the guest's stream is cancelled and the request's signal aborts."""
        body = self._body
        if isinstance(body, ByteStream):
            self._body = b""
            await body.cancel(reason)
            self._release()

    def _release(self) -> None:
        replica, self._replica = self._replica, None
        if replica is not None:
            replica.release()


class Served:
    """The outcome of ``handle``: ``type`` is ``response`` or ``websocket``."""

    __slots__ = ("connection_id", "data", "headers", "response", "type")

    def __init__(
        self,
        type: Literal["response", "websocket"],  # noqa: A002 (the public contract's name)
        *,
        response: ServedResponse | None = None,
        connection_id: str | None = None,
        data: Any = None,
        headers: list[tuple[str, str]] | None = None,
    ) -> None:
        self.type = type
        self._set(response, connection_id, data, headers or [])

    def _set(self, response: Any, connection_id: Any, data: Any, headers: list[tuple[str, str]]) -> None:
        #: Of a response.
        self.response: ServedResponse = response
        #: Of a websocket: for ``server.ws``; what the guest gave to ``upgrade``, when it is plain data; headers for the answer.
        self.connection_id: str = connection_id
        self.data: Any = data
        self.headers = headers

    def __repr__(self) -> str:
        return f"Served({self.type!r})"


def may_repeat(request: Request, *, ran: bool) -> bool:
    """Whether the request may be sent a second time: its body is still there, and its handler never ran, or its method is a safe one."""
    body = request._body  # noqa: SLF001 (the two halves of one class)
    return (body is None or isinstance(body, bytes)) and (not ran or request.method.upper() in _SAFE)


def encode_request(request: Request, replica: Replica) -> tuple[bytes, Any]:
    """Body and segments of the call. A body that streams starts to flow when the guest reads."""
    body = request._body  # noqa: SLF001 (the two halves of one class)
    streamed = body if body is None or isinstance(body, (bytes, ByteStream)) else ByteSource(body)
    flat = [part for pair in request.headers.pairs() for part in pair]
    return replica.session.endpoint.encode([request.method, str(request.url), flat, streamed])


def check_metadata(metadata: Any) -> None:
    """Raises ``TypeError`` or ``MarshalError`` for what cannot accompany a request."""
    if not isinstance(metadata, dict):
        raise TypeError(f"metadata must be a dict, not {type(metadata).__name__}")
    try:
        size = len(json.dumps(metadata))
    except (TypeError, ValueError, RecursionError) as error:
        raise MarshalError(f"metadata must be plain JSON: {error}", path="$.metadata") from None
    if size > _METADATA_BYTES:
        raise MarshalError(f"metadata of {size} bytes; at most {_METADATA_BYTES} accompany a request", path="$.metadata")


def read_answer(frame: Frame, replica: Replica, number: int) -> Any:
    """The :class:`Served` of a reply, or :data:`LOST`. Raises what the handler threw, ``ProtocolError`` for what no guest script of ours says."""
    value = replica.session.endpoint.decode(frame)
    if frame.header["t"] != "ok":
        raise value if isinstance(value, Exception) else thrown(value)
    if type(value) is not list or not value:
        raise ProtocolError("malformed answer of an app server")
    if value[0] == "lost":
        return LOST
    if value[0] == "websocket" and len(value) == 3:
        return Served("websocket", connection_id=f"{replica.number}-{number}", data=value[1], headers=pairs(value[2]))
    return Served("response", response=_response(value, replica))


def _response(value: list[Any], replica: Replica) -> ServedResponse:
    if len(value) != 4 or type(value[0]) is not int or not 200 <= value[0] <= 599 or type(value[1]) is not str:
        raise ProtocolError("malformed answer of an app server")
    status, text, headers, body = value
    if isinstance(body, str):
        body = body.encode("utf-8", "replace")
    if body is not None and not isinstance(body, (bytes, ByteStream)):
        raise ProtocolError("the body of an answer is neither bytes nor a stream")
    try:
        response = ServedResponse(None, status, pairs(headers), status_text=text)
    except ValueError as error:
        raise ProtocolError(str(error)) from None
    response._body = body  # noqa: SLF001 (the two halves of one class)
    response._replica = None  # noqa: SLF001
    if isinstance(body, ByteStream):
        response._replica = replica  # noqa: SLF001
        replica.hold()
    return response


def pairs(flat: Any) -> list[tuple[str, str]]:
    """Names and values in turn as pairs. Raises ``ProtocolError``."""
    if type(flat) is not list or len(flat) % 2 or not all(type(item) is str for item in flat):
        raise ProtocolError("malformed headers")
    return list(zip(flat[::2], flat[1::2], strict=True))
