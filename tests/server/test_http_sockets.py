"""WebSockets through the front, with a client that is as strict as a browser's, and with bytes that no client sends."""

import asyncio
import os

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.pair import until

SERVER = """
const lines = [];
serve({
  fetch(request, server) {
    const url = new URL(request.url);
    if (url.pathname === "/lines") return Response.json(lines);
    if (url.pathname === "/plain") return new Response("plain");
    const protocol = url.searchParams.get("protocol");
    server.upgrade(request, { data: url.pathname, headers: { "x-hello": "1", ...(protocol ? { "sec-websocket-protocol": protocol } : {}) } });
  },
  websocket: {
    open(ws) { lines.push(`open ${ws.data}`); },
    message(ws, message) {
      if (message === "close") return ws.close(4002, "tschüss");
      if (message === "spin") while (true) {}
      if (message === "flood") { for (let i = 0; i < 4000; i++) ws.send(new Uint8Array(65536)); return; }
      ws.send(message);
    },
    close(ws, code, reason) { lines.push(`close ${code} ${reason}`); },
  },
});
"""


@pytest.fixture
async def app(front):
    limits = {"message_bytes": 1_000_000, "backlog_bytes": 4_000_000, "ping_s": 30}
    return await front({"server.js": SERVER}, entry="./server.js", limits=limits)


def url(app, path="/"):
    return f"ws://127.0.0.1:{app.port}{path}"


async def lines(app):
    import httpx

    async with httpx.AsyncClient(base_url=app.url) as client:
        return (await client.get("/lines")).json()


async def test_text_and_bytes_are_exact(app):
    async with connect(url(app), max_size=None) as socket:
        assert socket.response.headers["x-hello"] == "1"
        for message in ("", "grüezi 𝒳", "x" * 200_000, b"", b"\x00\xff", os.urandom(900_000)):
            await socket.send(message)
            assert await socket.recv() == message
        await socket.send(["par", "ts ", "ü"])
        assert await socket.recv() == "parts ü"
    await until(lambda: not app.app().sockets)
    assert await lines(app) == ["open /", "close 1000 "]


async def test_both_sides_may_close(app):
    async with connect(url(app)) as socket:
        await socket.send("close")
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert (socket.close_code, socket.close_reason) == (4002, "tschüss")
    async with connect(url(app)) as socket:
        await socket.close(3999, "genug")
    await until(lambda: not app.app().sockets)
    assert [line for line in await lines(app) if line.startswith("close")] == ["close 4002 tschüss", "close 3999 genug"]


async def test_many_at_once_do_not_mix(app):
    async def one(number):
        async with connect(url(app)) as socket:
            for turn in range(20):
                await socket.send(f"{number}-{turn}")
                assert await socket.recv() == f"{number}-{turn}"

    await asyncio.gather(*(one(number) for number in range(30)))


async def test_subprotocols(app):
    async with connect(url(app, "/?protocol=two"), subprotocols=["one", "two"]) as socket:
        assert socket.subprotocol == "two"
    async with connect(url(app, "/?protocol=other"), subprotocols=["one", "two"]) as socket:
        assert socket.subprotocol is None


async def test_a_handler_may_refuse(app):
    with pytest.raises(InvalidStatus) as caught:
        await connect(url(app, "/plain"))
    assert caught.value.response.status_code == 200


async def test_a_client_that_vanishes(app):
    socket = await connect(url(app))
    socket.transport.abort()
    await until(lambda: not app.app().sockets)
    assert (await lines(app))[-1] == "close 1006 "


async def test_a_message_beyond_the_limit(app):
    async with connect(url(app)) as socket:
        await socket.send(bytes(1_000_001))
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 1009


async def test_a_client_that_does_not_read_is_closed(app):
    socket = await connect(url(app), max_queue=1)
    await socket.send("flood")
    await until(lambda: not app.app().sockets, seconds=30)
    assert (await lines(app))[-1] == "close 1013 the client does not keep up"
    socket.transport.abort()


async def test_an_isolate_that_dies_closes_its_sockets(app):
    import signal

    async with connect(url(app)) as socket:
        await socket.send("x")
        await socket.recv()
        (replica,) = app.app().server.replicas.live
        os.kill((await replica.channel.diagnostics())["pid"], signal.SIGKILL)
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 1012
    async with connect(url(app)) as socket:
        await socket.send("again")
        assert await socket.recv() == "again"


async def test_draining_says_goodbye(app):
    async with connect(url(app)) as socket:
        await app.front.drain(10)
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 1001


async def test_pings_are_sent_and_must_be_answered(front, raw):
    app = await front({"server.js": SERVER}, entry="./server.js", limits={"ping_s": 0.1})
    async with connect(url(app)) as socket:
        await asyncio.sleep(0.6)
        await socket.send("alive")
        assert await socket.recv() == "alive"
    # One that never answers is gone after two of them.
    answer = await raw(app.port, HANDSHAKE)
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert answer.endswith(b"\x89\x00\x89\x00")


HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ((b"GET", b"POST"), 426),
        ((b"Version: 13", b"Version: 8"), 426),
        ((b"dGhlIHNhbXBsZSBub25jZQ==", b"c2hvcnQ="), 426),
        ((b"dGhlIHNhbXBsZSBub25jZQ==", b"%%%"), 426),
        ((b"Upgrade: websocket", b"Upgrade: h2c"), 426),
        ((b"Connection: Upgrade\r\n", b"Connection: close\r\n"), 426),
    ],
)
async def test_bad_handshakes(app, raw, change, status):
    answer = await raw(app.port, HANDSHAKE.replace(*change))
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"sec-websocket-version: 13" in answer
    assert not app.app().sockets
    assert app.app().server.diagnostics().websockets == 0


def frame(first, payload, *, mask=True, length=None):
    size = len(payload) if length is None else length
    head = bytes([first, (0x80 if mask else 0) | (min(126, size))]) + (b"" if size < 126 else size.to_bytes(2, "big"))
    return head + (b"\0\0\0\0" if mask else b"") + payload


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(0x81, b"unmasked", mask=False), 1002),
        (frame(0x83, b"reserved opcode"), 1002),
        (frame(0xC1, b"reserved bit"), 1002),
        (frame(0x80, b"continues nothing"), 1002),
        (frame(0x01, b"begins") + frame(0x81, b"begins again"), 1002),
        (frame(0x09, b"a ping in parts"), 1002),
        (frame(0x89, b"x" * 126), 1002),
        (frame(0x88, b"\x03"), 1002),
        (frame(0x88, (1005).to_bytes(2, "big")), 1002),
        (frame(0x81, b"\xff\xfe"), 1007),
        (bytes([0x82, 0xFF]) + (1 << 62).to_bytes(8, "big") + b"\0\0\0\0", 1009),
        (bytes([0x82, 0xFF]) + b"\xff" * 8 + b"\0\0\0\0", None),
    ],
)
async def test_bad_frames(app, raw, sent, code):
    answer = await raw(app.port, HANDSHAKE + sent)
    _, _, frames = answer.partition(b"\r\n\r\n")
    assert frames[0] == 0x88
    assert code is None or int.from_bytes(frames[2:4], "big") == code
    await until(lambda: not app.app().sockets)
    async with connect(url(app)) as socket:
        await socket.send("others go on")
        assert await socket.recv() == "others go on"
