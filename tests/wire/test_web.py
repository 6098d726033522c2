"""Web objects: Python classes, and the way to the wire and back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

import isolate_host as ih
from isolate_host.wire.values import decode_value, encode_value


def there_and_back(value: object) -> object:
    body, segments = encode_value(value)
    return decode_value(body, segments)


async def test_round_trips() -> None:
    request = there_and_back(ih.Request("PUT", "http://h/", {"A": "1"}, "é"))
    assert isinstance(request, ih.Request)
    assert (request.method, request.url, request.headers.pairs()) == ("PUT", "http://h/", [("A", "1"), ("content-type", "text/plain;charset=UTF-8")])
    assert await request.text() == "é"
    response = there_and_back(ih.Response.json({"a": [1]}, status=201))
    assert isinstance(response, ih.Response)
    assert (response.status, await response.json(), response.ok) == (201, {"a": [1]}, True)
    form = there_and_back(ih.FormData({"a": "b", "f": ih.File(b"x", "n", "t/y", 5)}))
    assert isinstance(form, ih.FormData)
    file = form["f"]
    assert isinstance(file, ih.File) and (file.data, file.name, file.type, file.last_modified) == (b"x", "n", "t/y", 5)
    url = there_and_back(ih.URL("http://h/"))
    assert url == "http://h/" and type(url) is ih.URL
    shared = ih.Blob(b"x")
    first, second = there_and_back([shared, shared])  # type: ignore[misc]
    assert first is second


def test_search_params() -> None:
    params = ih.URLSearchParams("?a=1&b=x+y&a=%C3%A9&empty=")
    assert params.fields == [("a", "1"), ("b", "x y"), ("a", "é"), ("empty", "")]
    assert (params["a"], params.get_all("a"), "b" in params, "c" in params, len(params)) == ("1", ["1", "é"], True, False, 4)
    assert str(params) == "a=1&b=x+y&a=%C3%A9&empty="
    assert str(ih.URLSearchParams([("~*-._", " &=")])) == "%7E*-._=+%26%3D"
    copy = there_and_back(params)
    assert isinstance(copy, ih.URLSearchParams) and copy == params and list(copy) == params.fields
    with pytest.raises(KeyError):
        ih.URLSearchParams({"a": "1"})["b"]


def test_headers() -> None:
    headers = ih.Headers([("Set-Cookie", "a"), ("X", "1")])
    headers.add("set-cookie", "b")
    assert headers.get_all("SET-COOKIE") == ["a", "b"] and headers["x"] == "1" and len(headers) == 2
    headers["X"] = "2"
    del headers["set-cookie"]
    assert headers.pairs() == [("X", "2")] and "secret" not in repr(ih.Headers({"a": "secret"}))
    for bad in ({"a b": "1"}, {"a": "x\r\ny: z"}, {"a": "\0"}, {"a": "€"}, {"": "1"}):
        with pytest.raises(ValueError):
            ih.Headers(bad)


async def test_a_stream_is_read_once() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    response = ih.Response(chunks())
    assert [chunk async for chunk in response.iter_bytes()] == [b"a", b"b"]
    with pytest.raises(RuntimeError, match="read already"):
        await response.read()
    kept = ih.Response(chunks())
    assert await kept.read() == b"ab" == await kept.read()


@pytest.mark.parametrize(
    "body",
    [
        b'{"$":"x","k":"Headers","v":[["a","x\\r\\ny"]]}',
        b'{"$":"x","k":"Headers","v":[["a",1]]}',
        b'{"$":"x","k":"Headers","v":[["a"]]}',
        b'{"$":"x","k":"URL","v":1}',
        b'{"$":"x","k":"URLSearchParams","v":"a=1"}',
        b'{"$":"x","k":"URLSearchParams","v":[["a",1]]}',
        b'{"$":"x","k":"Blob","v":{"data":"x","type":""}}',
        b'{"$":"x","k":"File","v":{}}',
        b'{"$":"x","k":"FormData","v":[["a",1]]}',
        b'{"$":"x","k":"Request","v":{"method":"A B","url":"","headers":[],"body":null}}',
        b'{"$":"x","k":"Request","v":{"method":"GET","url":"","headers":[],"body":"text"}}',
        b'{"$":"x","k":"Response","v":{"status":"200"}}',
        b'{"$":"x","k":"Response","v":[]}',
    ],
)
def test_hostile_parts(body: bytes) -> None:
    with pytest.raises(ih.ProtocolError):
        decode_value(body)
