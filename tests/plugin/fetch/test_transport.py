"""The built-in transport against real servers."""

import asyncio
import gc
import gzip
import socket
import zlib

import brotli
import pytest
from aiohttp import web

from isolate_host.errors import LimitExceeded, PolicyDenied
from isolate_host.plugins.fetch.messages import NetworkFailure
from isolate_host.wire.streams import ByteStream, Inflow


def stream_of(*chunks, error=None):
    """What a guest's byte stream is on the host side."""
    inflow = Inflow(lambda count: None)
    for chunk in chunks:
        inflow.data(chunk)
    inflow.end(error)
    return ByteStream(inflow, lambda reason: None)


async def echo(request):
    body = await request.read()
    headers = [f"{name.decode()}: {value.decode('latin-1')}" for name, value in request.raw_headers]
    return web.json_response({"method": request.method, "path": request.raw_path, "headers": headers, "body": body.decode()})


def always(**response):
    async def answer(request):
        return web.Response(**response)

    return answer


async def test_request_and_response_arrive_as_they_were_sent(serve, fetcher):
    async def answer(request):
        response = web.Response(status=201, reason="Made", text=f"{request.method} {request.raw_path} {await request.text()}")
        response.headers.add("Set-Cookie", "a=1; Path=/")
        response.headers.add("Set-Cookie", "b=2")
        return response

    port = await serve({"PUT /{rest:.*}": answer})
    reply = await fetcher()(f"http://127.0.0.1:{port}/p%41th?q=%20'|#frag", method="put", body=b"hello")
    assert (reply.status, reply.statusText, reply.redirected) == (201, "Made", False)
    assert reply.body == b"PUT /p%41th?q=%20%27| hello"
    assert reply.head["set-cookie"] == ["a=1; Path=/", "b=2"]
    assert reply.url == f"http://127.0.0.1:{port}/p%41th?q=%20%27|"


async def test_headers_of_the_connection_are_the_hosts(serve, fetcher):
    port = await serve({"POST /": echo})
    given = [["Host", "evil.example"], ["X-A", "1"], ["x-a", "2"], ["Connection", "x"], ["Transfer-Encoding", "chunked"], ["Content-Length", "3"], ["Accept", "a/b"]]
    reply = await fetcher()(f"http://127.0.0.1:{port}/", method="POST", headers=given, body=b"12345")
    seen = [line.lower() for line in __import__("json").loads(reply.body)["headers"]]
    assert f"host: 127.0.0.1:{port}" in seen
    assert [line for line in seen if line.startswith("x-a")] == ["x-a: 1", "x-a: 2"]
    assert "content-length: 5" in seen
    assert "accept: a/b" in seen
    assert not [line for line in seen if line.startswith(("connection", "transfer-encoding", "content-type", "cookie"))]


@pytest.mark.parametrize(
    "headers",
    [[["a\r\nb", "1"]], [["a", "1\r\nHost: x"]], [["a", "1\0"]], [["", "1"]], [["a b", "1"]], [["a", "\u20ac"]], [["a"]], [["a", 1]], [1]],
)
async def test_header_injection_is_refused(fetcher, headers):
    with pytest.raises(TypeError):
        await fetcher()("http://127.0.0.1:1/", headers=headers)


@pytest.mark.parametrize("method", ["CONNECT", "trace", "TRACK", "A B", "GET\r\n", "", 1, None])
async def test_bad_methods_are_refused(fetcher, method):
    with pytest.raises(TypeError):
        await fetcher()("http://127.0.0.1:1/", method=method)


async def test_bodies_stream_both_ways(serve, fetcher):
    middle = asyncio.Event()

    async def answer(request):
        assert await request.read() == b"onetwo"
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        await middle.wait()
        await response.write(b"last")
        return response

    port = await serve({"POST /": answer})
    data = await fetcher().raw(f"http://127.0.0.1:{port}/", method="POST", body=stream_of(b"one", b"two"))
    body = data["body"].chunks
    assert await anext(body) == b"first"
    middle.set()
    assert [chunk async for chunk in body] == [b"last"]


async def test_short_bodies_that_are_here_cross_whole(serve, fetcher):
    port = await serve({"GET /short": always(text="short"), "GET /long": always(body=bytes(300_000)), "GET /packed": always(body=gzip.compress(b"x"), headers={"Content-Encoding": "gzip"})})
    fetch = fetcher({"allow": ["*://*"], "private_addresses": "allow", "concurrent": 1, "timeout_s": 2})
    for _ in range(5):
        assert (await fetch(f"http://127.0.0.1:{port}/short")).body == b"short"
        assert len((await fetch(f"http://127.0.0.1:{port}/long")).body) == 300_000
        assert (await fetch(f"http://127.0.0.1:{port}/packed")).body == b"x"
    strict = fetcher({"allow": ["*://*"], "private_addresses": "allow", "max_response_bytes": 4})
    with pytest.raises(LimitExceeded):
        await strict(f"http://127.0.0.1:{port}/short")


async def test_a_guest_that_does_not_read_stops_the_server(serve, fetcher):
    sent = 0

    async def answer(request):
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(1000):
            await response.write(bytes(100_000))
            sent += 100_000
        return response

    port = await serve({"GET /": answer})
    fetch = fetcher()
    data = await fetch.raw(f"http://127.0.0.1:{port}/")
    await asyncio.sleep(0.4)
    stuck = sent
    await asyncio.sleep(0.2)
    assert stuck == sent < 20_000_000
    await data["body"].chunks.aclose()


async def test_forgetting_a_body_closes_the_connection_and_frees_its_place(serve, fetcher):
    gone = asyncio.Event()

    async def answer(request):
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 1000)
                await asyncio.sleep(0.01)
        finally:
            gone.set()

    port = await serve({"GET /": answer})
    fetch = fetcher({"allow": ["*://*"], "private_addresses": "allow", "concurrent": 1, "timeout_s": 60})
    for _ in range(3):
        gone.clear()
        data = await fetch.raw(f"http://127.0.0.1:{port}/")
        del data
        gc.collect()
        async with asyncio.timeout(30):
            await gone.wait()


async def test_cancelling_closes_the_connection(raw_server, fetcher):
    closed, opened = asyncio.Event(), asyncio.Event()

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        opened.set()
        await reader.read()
        closed.set()

    port = await raw_server(answer)
    task = asyncio.create_task(fetcher().raw(f"http://127.0.0.1:{port}/"))
    async with asyncio.timeout(30):
        await opened.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await closed.wait()


@pytest.mark.parametrize(
    ("coding", "encode"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", lambda data: zlib.compress(data)[2:-4]), ("br", brotli.compress), ("x-gzip", gzip.compress), ("gzip, br", lambda data: brotli.compress(gzip.compress(data)))],
)  # fmt: skip
async def test_bodies_are_decompressed(serve, fetcher, coding, encode):
    data = b"all work and no play " * 50_000

    async def answer(request):
        assert request.headers["Accept-Encoding"] == "gzip, deflate, br, zstd"
        return web.Response(body=encode(data), headers={"Content-Encoding": coding})

    port = await serve({"GET /": answer})
    assert (await fetcher()(f"http://127.0.0.1:{port}/")).body == data


async def test_zstd_and_unknown_codings(serve, fetcher):
    zstd = pytest.importorskip("backports.zstd")

    async def answer(request):
        return web.Response(body=zstd.compress(b"packed"), headers={"Content-Encoding": request.query["as"]})

    port = await serve({"GET /": answer})
    fetch = fetcher()
    assert (await fetch(f"http://127.0.0.1:{port}/?as=zstd")).body == b"packed"
    assert (await fetch(f"http://127.0.0.1:{port}/?as=rot13")).body == zstd.compress(b"packed")
    with pytest.raises(NetworkFailure, match="gzip coding of the response is damaged"):
        await fetch(f"http://127.0.0.1:{port}/?as=gzip")
    with pytest.raises(NetworkFailure, match="content codings"):
        await fetch(f"http://127.0.0.1:{port}/?as=br,br,br,br")


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "gzip, gzip"])
async def test_a_compression_bomb_is_bounded(serve, fetcher, coding):
    zstd = pytest.importorskip("backports.zstd")
    zeros = bytes(64 * 1024 * 1024)
    pack = {"gzip": gzip.compress, "br": lambda data: brotli.compress(data, quality=3), "zstd": zstd.compress, "gzip, gzip": lambda data: gzip.compress(gzip.compress(data))}
    bomb = pack[coding](zeros)
    port = await serve({"GET /": always(body=bomb, headers={"Content-Encoding": coding})})
    fetch = fetcher({"allow": ["*://*"], "private_addresses": "allow", "max_response_bytes": "1MiB"})
    data = await fetch.raw(f"http://127.0.0.1:{port}/")
    taken = 0
    with pytest.raises(LimitExceeded, match="more than 1048576 bytes") as caught:
        async for chunk in data["body"].chunks:
            taken += len(chunk)
            assert len(chunk) <= 1024 * 1024
    assert taken <= 1024 * 1024
    assert "policies.fetch.max_response_bytes" in caught.value.hint


async def test_null_bodies_do_not_wait(serve, fetcher):
    routes = {f"GET /{status}": always(status=status) for status in (204, 205, 304)}
    port = await serve({**routes, "HEAD /": always(headers={"Content-Length": "5"})})
    fetch = fetcher({"allow": ["*://*"], "private_addresses": "allow", "concurrent": 1, "timeout_s": 2})
    for status in (204, 205, 304):
        reply = await fetch(f"http://127.0.0.1:{port}/{status}")
        assert (reply.status, reply.body) == (status, None)
    assert (await fetch(f"http://127.0.0.1:{port}/", method="HEAD")).body is None


async def test_failures_are_told_apart(raw_server, fetcher, names):
    async def reset(reader, writer):
        await reader.readuntil(b"\r\n\r\n")

    async def cut(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        await writer.drain()

    async def nonsense(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-x\r\n\r\n")
        await writer.drain()

    fetch = fetcher(extra={"names": names()})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    expected = {closed: "ECONNREFUSED", await raw_server(reset): "ECONNRESET", await raw_server(cut): "ECONNRESET", await raw_server(nonsense): "EPROTO"}
    for port, code in expected.items():
        with pytest.raises(NetworkFailure) as caught:
            await fetch(f"http://127.0.0.1:{port}/")
        assert caught.value.code == code, caught.value
    with pytest.raises(NetworkFailure, match="nowhere.test cannot be resolved"):
        await fetch("http://nowhere.test/")


async def test_time_limits(raw_server, fetcher):
    async def silent(reader, writer):
        await reader.read()

    async def half(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        await reader.read()

    policy = {"allow": ["*://*"], "private_addresses": "allow"}
    with pytest.raises(NetworkFailure, match=r"no response within 0\.2 s"):
        await fetcher({**policy, "timeout_s": 0.2})(f"http://127.0.0.1:{await raw_server(silent)}/")
    with pytest.raises(NetworkFailure, match="stopped sending"):
        await fetcher({**policy, "idle_timeout_s": 0.2})(f"http://127.0.0.1:{await raw_server(half)}/")


async def test_limits_of_rate_number_and_size(serve, fetcher):
    running = most = 0

    async def slow(request):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        return web.Response(text="ok")

    port = await serve({"GET /": slow, "POST /": echo})
    policy = {"allow": ["*://*"], "private_addresses": "allow"}
    fetch = fetcher({**policy, "concurrent": 2})
    await asyncio.gather(*[fetch(f"http://127.0.0.1:{port}/") for _ in range(8)])
    assert most == 2

    fetch = fetcher({**policy, "requests_per_second": 2})
    results = await asyncio.gather(*[fetch(f"http://127.0.0.1:{port}/") for _ in range(5)], return_exceptions=True)
    assert [type(result).__name__ for result in results].count("LimitExceeded") == 3

    fetch = fetcher({**policy, "max_request_bytes": 4})
    for body in (b"12345", stream_of(b"123", b"45")):
        with pytest.raises(LimitExceeded, match="more than 4 bytes"):
            await fetch(f"http://127.0.0.1:{port}/", method="POST", body=body)


async def test_bodies_that_nobody_reads_take_up_places(serve, fetcher):
    async def endless(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(1000))
            await asyncio.sleep(0.01)

    port = await serve({"GET /": endless})
    fetch = fetcher({"allow": ["*://*"], "private_addresses": "allow", "concurrent": 1, "timeout_s": 0.3})
    data = await fetch.raw(f"http://127.0.0.1:{port}/")
    with pytest.raises(LimitExceeded, match="1 requests are under way") as caught:
        await fetch.raw(f"http://127.0.0.1:{port}/")
    assert "read or cancel the bodies" in caught.value.hint
    await data["body"].chunks.aclose()
    await (await fetch.raw(f"http://127.0.0.1:{port}/"))["body"].chunks.aclose()


async def test_an_upload_that_fails_says_why(serve, fetcher):
    port = await serve({"POST /": echo})
    with pytest.raises(RuntimeError, match="guest gave up"):
        await fetcher()(f"http://127.0.0.1:{port}/", method="POST", body=stream_of(b"1", error=RuntimeError("guest gave up")))


async def test_cookies_are_not_kept(serve, fetcher):
    async def answer(request):
        response = web.Response(text=request.headers.get("Cookie", "none"))
        response.set_cookie("a", "1")
        return response

    port = await serve({"GET /": answer})
    fetch = fetcher()
    for _ in range(2):
        assert (await fetch(f"http://127.0.0.1:{port}/")).body == b"none"
    assert (await fetch(f"http://127.0.0.1:{port}/", headers=[["Cookie", "own=1"]])).body == b"own=1"


async def test_a_method_in_a_header_is_judged_as_a_method(serve, fetcher):
    port = await serve({"GET /": echo})
    fetch = fetcher({"allow": [{"scheme": "http", "host": "127.0.0.1", "port": port, "methods": ["GET"], "private_addresses": "allow"}]})
    assert (await fetch(f"http://127.0.0.1:{port}/")).status == 200
    with pytest.raises(PolicyDenied, match="DELETE"):
        await fetch(f"http://127.0.0.1:{port}/", headers=[["X-HTTP-Method-Override", "delete"]])


async def test_audit_mode_lets_through_and_records(serve, fetcher):
    port = await serve({"GET /": echo})
    fetch = fetcher({}, mode="audit")
    assert (await fetch(f"http://127.0.0.1:{port}/")).status == 200
    assert fetch.driver.denied
    assert {denied.rule for denied in fetch.driver.denied} == {"no rule of sandboxes.default.policies.fetch.allow matches"}
