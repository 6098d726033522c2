"""Between the web classes and their nodes on the wire. What a guest sends is hostile until it was checked here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from isolate_host.errors import ProtocolError
from isolate_host.wire.streams import ByteSource, ByteStream
from isolate_host.wire.web import URL, Blob, File, FormData, Headers, Request, Response
from isolate_host.wire.web_query import URLSearchParams

__all__ = ["FROM_WIRE", "TO_WIRE"]

_T = TypeVar("_T")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def _body_to_wire(message: Request | Response) -> Any:
    body = message._body  # noqa: SLF001 (the two halves of one class)
    return body if body is None or isinstance(body, (bytes, ByteStream)) else ByteSource(body)


def _blob_to_wire(blob: Blob) -> dict[str, Any]:
    return {"data": blob.data, "type": blob.type}


def _file_to_wire(file: File) -> dict[str, Any]:
    return {**_blob_to_wire(file), "name": file.name, "lastModified": file.last_modified}


def _request_to_wire(request: Request) -> dict[str, Any]:
    headers = _pairs_to_wire(request.headers.pairs())
    return {"method": request.method, "url": str(request.url), "headers": headers, "body": _body_to_wire(request)}


def _response_to_wire(response: Response) -> dict[str, Any]:
    return {
        "status": response.status,
        "statusText": response.status_text,
        "url": response.url,
        "headers": _pairs_to_wire(response.headers.pairs()),
        "body": _body_to_wire(response),
    }


def _pairs_to_wire(pairs: Iterable[tuple[str, Any]]) -> list[list[Any]]:
    return [[name, value] for name, value in pairs]


#: Class → name on the wire, and what stands for an instance.
TO_WIRE: Final[dict[type, tuple[str, Callable[[Any], Any]]]] = {
    URL: ("URL", str),
    Blob: ("Blob", _blob_to_wire),
    File: ("File", _file_to_wire),
    FormData: ("FormData", lambda form: _pairs_to_wire(form.fields)),
    Headers: ("Headers", lambda headers: _pairs_to_wire(headers.pairs())),
    Request: ("Request", _request_to_wire),
    Response: ("Response", _response_to_wire),
    URLSearchParams: ("URLSearchParams", lambda params: _pairs_to_wire(params.fields)),
}


def _is(value: Any, kind: type[_T]) -> _T:
    if type(value) is not kind:
        raise ProtocolError("bad parts of a web object")
    return value


def _part(value: Any, key: str, kind: type[_T]) -> _T:
    return _is(_is(value, dict).get(key), kind)


def _pairs(value: Any) -> list[tuple[str, Any]]:
    pairs = []
    for pair in _is(value, list):
        if type(pair) is not list or len(pair) != 2:
            raise ProtocolError("bad parts of a web object")
        pairs.append((_is(pair[0], str), pair[1]))
    return pairs


def _headers(value: Any) -> Headers:
    try:
        return Headers([(name, _is(text, str)) for name, text in _pairs(value)])
    except ValueError as error:
        raise ProtocolError(str(error)) from None


def _body(value: Any) -> bytes | ByteStream | None:
    body = value.get("body")
    if body is not None and not isinstance(body, (bytes, ByteStream)):
        raise ProtocolError("the body of a web object is neither bytes nor a stream")
    return body


def _url(value: Any) -> URL:
    return URL(_is(value, str))


def _blob(value: Any) -> Blob:
    return Blob(_part(value, "data", bytes), _part(value, "type", str))


def _file(value: Any) -> File:
    modified = _part(value, "lastModified", int)
    return File(_part(value, "data", bytes), _part(value, "name", str), _part(value, "type", str), modified)


def _form(value: Any) -> FormData:
    fields = _pairs(value)
    if not all(type(item) in (str, File) for _, item in fields):
        raise ProtocolError("a field of a form is neither text nor a file")
    return FormData(fields)


def _query(value: Any) -> URLSearchParams:
    return URLSearchParams([(name, _is(text, str)) for name, text in _pairs(value)])


def _request(value: Any) -> Request:
    method = _part(value, "method", str)
    if not _TOKEN.fullmatch(method):
        raise ProtocolError("bad method of a request")
    return Request(method, URL(_part(value, "url", str)), _headers(value.get("headers")), _body(value))


def _response(value: Any) -> Response:
    status = _part(value, "status", int)
    headers, body = _headers(value.get("headers")), _body(value)
    return Response(body, status, headers, status_text=_part(value, "statusText", str), url=_part(value, "url", str))


#: Name on the wire → what makes the Python object of it. Raises ``ProtocolError``.
FROM_WIRE: Final[dict[str, Callable[[Any], Any]]] = {
    "URL": _url,
    "Blob": _blob,
    "File": _file,
    "FormData": _form,
    "Headers": _headers,
    "Request": _request,
    "Response": _response,
    "URLSearchParams": _query,
}
