"""Requests, responses, files and forms: what the classes of the web platform are in Python."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from typing import Any, Self, overload

from isolate_host.wire.streams import ByteSource
from isolate_host.wire.web_headers import Headers

__all__ = ["URL", "Blob", "Body", "File", "FormData", "Headers", "Request", "Response"]

#: What a body may be made of.
Body = bytes | bytearray | memoryview | str | AsyncIterable[bytes] | ByteSource | None
_Fields = Mapping[str, str] | Iterable[tuple[str, str]] | None


class URL(str):
    """An absolute URL as text: a plain ``str`` for Python, a ``URL`` object in JavaScript."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"URL({str.__repr__(self)})"


class Blob:
    """Bytes with a media type."""

    __slots__ = ("data", "type")

    def __init__(self, data: bytes | bytearray | memoryview | str, type: str = "") -> None:  # noqa: A002 (the web's name)
        self.data = data.encode() if isinstance(data, str) else bytes(data)
        self.type = type

    def __bytes__(self) -> bytes:
        return self.data

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.data)} bytes, {self.type!r})"


class File(Blob):
    """A blob with a name. ``last_modified`` is in milliseconds since 1970, as in JavaScript."""

    __slots__ = ("last_modified", "name")

    def __init__(
        self,
        data: bytes | bytearray | memoryview | str,
        name: str,
        type: str = "",  # noqa: A002 (the web's name)
        last_modified: int = 0,
    ) -> None:
        super().__init__(data, type)
        self.name = name
        self.last_modified = last_modified


class FormData:
    """Fields of a form, in order; a value is text or a :class:`File`."""

    __slots__ = ("fields",)

    def __init__(self, fields: Mapping[str, str | File] | Iterable[tuple[str, str | File]] = ()) -> None:
        self.fields: list[tuple[str, str | File]] = list(fields.items() if isinstance(fields, Mapping) else fields)

    def append(self, name: str, value: str | File) -> None:
        """Add a field and keep others of that name."""
        self.fields.append((name, value))

    def get_all(self, name: str) -> list[str | File]:
        """The values of ``name``, in order."""
        return [value for key, value in self.fields if key == name]

    def __getitem__(self, name: str) -> str | File:
        for key, value in self.fields:
            if key == name:
                return value
        raise KeyError(name)

    def __len__(self) -> int:
        return len(self.fields)

    def __repr__(self) -> str:
        return f"FormData({', '.join(name for name, _ in self.fields)})"


class _Message:
    """Headers and a body that is here or comes as a stream."""

    __slots__ = ("_body", "headers")

    def __init__(self, headers: _Fields, body: Body) -> None:
        self.headers = Headers(headers)
        if isinstance(body, str):
            body = body.encode()
            self.headers.setdefault("content-type", "text/plain;charset=UTF-8")
        self._body: bytes | AsyncIterator[bytes] | None
        if body is None or isinstance(body, bytes):
            self._body = body
        elif isinstance(body, (bytearray, memoryview)):
            self._body = bytes(body)
        else:
            self._body = body.iterate() if isinstance(body, ByteSource) else aiter(body)

    async def read(self) -> bytes:
        """The whole body. It is kept, so that it can be read again."""
        if self._body is None or isinstance(self._body, bytes):
            return self._body or b""
        self._body = b"".join([bytes(chunk) async for chunk in self._take()])
        return self._body

    async def text(self) -> str:
        """The body as UTF-8; what is malformed is replaced."""
        return (await self.read()).decode("utf-8-sig", "replace")

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """The body as it comes; nothing is kept."""
        if isinstance(self._body, bytes):
            yield self._body
        elif self._body is not None:
            async for chunk in self._take():
                yield chunk

    def _take(self) -> AsyncIterator[bytes]:
        """The stream, to whoever asks first."""
        stream = self._body
        if stream is None or isinstance(stream, bytes):
            raise RuntimeError("the body is no stream")
        self._body = _Gone()
        return stream


class _Gone(AsyncIterator[bytes]):
    """Where a stream was that somebody took."""

    __slots__ = ()

    async def __anext__(self) -> bytes:
        raise RuntimeError("the body was read already")


class Request(_Message):
    """An HTTP request. A ``str`` body is sent as UTF-8 text, an async iterable of bytes as a stream.

    ``redirect`` is what ``fetch()`` was told: ``follow``, ``manual`` or ``error``.
    """

    __slots__ = ("method", "redirect", "url")

    def __init__(self, method: str, url: str, headers: _Fields = None, body: Body = None, *, redirect: str = "follow") -> None:
        super().__init__(headers, body)
        self.method = method
        self.url = url
        self.redirect = redirect

    async def json(self) -> Any:
        """The body as JSON. Raises ``ValueError`` when it is none."""
        return json.loads(await self.read())

    def __repr__(self) -> str:
        return f"Request({self.method!r}, {self.url!r})"


class _Json:
    """``Response.json(value)`` makes one, as in JavaScript; ``await response.json()`` reads one."""

    @overload
    def __get__(self, instance: None, owner: type[Response]) -> Callable[..., Response]: ...
    @overload
    def __get__(self, instance: Response, owner: type[Response]) -> Callable[[], Any]: ...
    def __get__(self, instance: Response | None, owner: type[Response]) -> Callable[..., Any]:
        return owner.from_json if instance is None else instance.read_json


class Response(_Message):
    """An HTTP response; see :class:`Request` for bodies. ``url`` is where it came from, when it was fetched."""

    __slots__ = ("status", "status_text", "url")

    def __init__(self, body: Body = None, status: int = 200, headers: _Fields = None, *, status_text: str = "", url: str = "") -> None:
        super().__init__(headers, body)
        self.status = status
        self.status_text = status_text
        self.url = url

    json = _Json()

    @classmethod
    def from_json(cls, value: Any, status: int = 200, headers: _Fields = None) -> Self:
        """A response that carries ``value``; also spelled ``Response.json(value)``."""
        response = cls(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), status, headers)
        response.headers.setdefault("content-type", "application/json")
        return response

    async def read_json(self) -> Any:
        """The body as JSON; also spelled ``await response.json()``."""
        return json.loads(await self.read())

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status <= 299

    def __repr__(self) -> str:
        return f"Response({self.status})"
