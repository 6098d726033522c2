"""What no honest client sends: refused with an error of our own, and the connection is closed."""

import asyncio
import json

import httpx
import pytest

from isolate_host.daemon.apps.app import App
from isolate_host.wire.frames import Frame
from tests.support.pair import until

SERVER = "serve({ async fetch(r) { return new Response(r.method + ' ' + new URL(r.url).pathname + ' ' + (await r.text()).length) } })"


@pytest.fixture
async def app(front):
    limits = {"header_bytes": 4096, "body_bytes": 100_000, "header_timeout_s": 0.5, "idle_timeout_s": 1, "connections": 2000}
    return await front({"server.js": SERVER}, entry="./server.js", limits=limits)


GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG" + SMUGGLED, 400),
        (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG" + SMUGGLED, 400),
        (POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello" + SMUGGLED, 400),
        (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" + SMUGGLED, 400),
        (POST + b"Content-Length: +5\r\n\r\nhello", 400),
        (POST + b"Content-Length: 5, 5\r\n\r\nhello", 400),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: 99999999999999999999999\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: identity\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400),
        (POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, 400),
        (GET + b"X: 1\r\n folded\r\n\r\n", 400),
        (GET + b" X: 1\r\n\r\n", 400),
        (GET + b"X(: 1\r\n\r\n", 400),
        (GET + b"X: a\x00b\r\n\r\n", 400),
        (GET + b"X: a\rb\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: a\n\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (GET + b"Host: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a/b@c\r\n\r\n", 400),
        (b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /é HTTP/1.1\r\nHost: a\r\n\r\n".encode(), 400),
        (b"GET /#fragment HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET http://other/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        (b"GET / HTTP/1.9\r\nHost: a\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"get / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (GET + b"X: " + b"x" * 5000 + b"\r\n\r\n", 431),
        (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 431),
        (GET + b"X: 1\r\n" * 200 + b"\r\n", 431),
        (POST + b"Content-Length: 100001\r\n\r\n", 413),
    ],
)
async def test_refused_and_closed(app, raw, request_bytes, status):
    answer = await raw(app.port, request_bytes)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"connection: close" in answer
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"smuggled" not in answer


@pytest.mark.parametrize(
    "chunks",
    [b"zz\r\nhello\r\n", b"-1\r\n", b"0x5\r\nhello\r\n", b"fffffffffffffffff\r\n", b"5\nhello\n0\n\n", b"3\r\nhello\r\n0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n"],
)
async def test_bad_chunks_never_look_like_a_whole_body(app, raw, chunks):
    answer = await raw(app.port, POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + SMUGGLED)
    assert b"200 OK" not in answer
    assert b"smuggled" not in answer


async def test_a_chunked_body_beyond_the_limit(app, raw):
    answer = await raw(app.port, POST + b"Transfer-Encoding: chunked\r\n\r\n", *[b"4e20\r\n" + bytes(20_000) + b"\r\n"] * 6)
    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_request_behind_a_bad_one_is_not_answered_and_one_before_it_is(app, raw):
    answer = await raw(app.port, GET + b"\r\n" + b"NONSENSE\r\n\r\n" + SMUGGLED)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"GET / 0" in answer


@pytest.mark.parametrize("parts", [[b"GET / HT"], [b"GET / HTTP/1.1\r\n", *[b"X: 1\r\n"] * 30], [b"\r\n"]])
async def test_slowloris_is_cut_off(app, raw, parts):
    answer = await raw(app.port, *parts, pause=0.1)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_stops_is_cut_off(app, raw):
    assert await raw(app.port, POST + b"Content-Length: 50\r\n\r\nhalf") == b""
    answer = await raw(app.port, POST + b"Content-Length: 90000\r\n\r\nhalf")
    assert b"200 OK" not in answer
    await until(lambda: app.app().busy == 0)


async def test_an_abandoned_upload_reaches_the_handler_as_an_error(app):
    _, writer = await asyncio.open_connection("127.0.0.1", app.port)
    writer.write(POST + b"Content-Length: 90000\r\n\r\nhalf")
    await until(lambda: app.app().busy == 1)
    writer.transport.abort()
    await until(lambda: app.app().busy == 0)
    await until(lambda: app.app().server.diagnostics().replicas[0]["load"] == 0)


async def test_connections_that_are_only_opened(app):
    """Up to the limit they stay until their time is over; those beyond it are closed at once. Nobody else notices."""
    pairs = [await asyncio.open_connection("127.0.0.1", app.port) for _ in range(1500)]
    async with httpx.AsyncClient(base_url=app.url) as client:
        assert (await client.get("/here")).text == "GET /here 0"
        more = [await asyncio.open_connection("127.0.0.1", app.port) for _ in range(700)]
        listener = next(iter(app.front._listeners.values()))
        assert len(listener.connections) <= 2000
        for reader, _ in [*pairs, *more]:
            assert await asyncio.wait_for(reader.read(), 20) == b""
        assert (await client.get("/here")).text == "GET /here 0"
    for _, writer in [*pairs, *more]:
        writer.close()


@pytest.mark.parametrize(
    "answer",
    [
        "[200,'',['x-a','1\\r\\nset-cookie: evil=1'],'']",
        "[200,'',['x-a: 1\\r\\nx','1'],'']",
        "[200,'',['x y','1'],'']",
        "[200,'OK\\r\\nx: 1',[],'']",
        "[200,'',['x','\\u2028'],'']",
        "[99,'',[],'']",
        "['200','',[],'']",
        "[200,'',['x'],'']",
        "[200,'',[],7]",
        "[200,'',[],{a:1}]",
        "{}",
        "'text'",
    ],
)
async def test_a_forged_answer_of_a_broken_worker(app, raw, answer, monkeypatch):
    """A worker whose guest script was taken over writes what it likes: nothing of it reaches a client, and the isolate is replaced."""
    forged = json.dumps(eval(answer, {"a": "a"}), separators=(",", ":")).encode()
    real = App._replied

    def replied(self, exchange, replica, reply):
        real(self, exchange, replica, Frame(reply.header, forged) if replica.number == 1 else reply)

    monkeypatch.setattr(App, "_replied", replied)
    (before,) = app.app().server.replicas.live
    response = await raw(app.port, POST + b"Connection: close\r\n\r\n")
    assert response.startswith(b"HTTP/1.1 502 ")
    assert b"evil" not in response
    assert (await raw(app.port, GET + b"Connection: close\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    assert before not in app.app().server.replicas.live


async def test_a_guest_cannot_take_the_framing_into_its_own_hands(front, raw):
    headers = "{ 'Transfer-Encoding': 'chunked', 'Connection': 'upgrade', 'Content-Length': '3', 'Keep-Alive': 'x', 'Date': 'never', 'x-kept': '1' }"
    app = await front({"server.js": f"serve({{ fetch: () => new Response('hello', {{ headers: {headers} }}) }})"}, entry="./server.js")
    head, _, body = (await raw(app.port, GET + b"Connection: close\r\n\r\n")).partition(b"\r\n\r\n")
    lines = sorted(line.split(b":")[0] for line in head.split(b"\r\n")[1:])
    assert body == b"hello"
    assert lines == [b"connection", b"content-length", b"content-type", b"date", b"x-kept"]
    assert b"content-length: 5" in head
