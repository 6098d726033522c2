"""``WebSocket`` and servers that do not behave."""

import asyncio
import base64
import hashlib
import struct
import zlib

from tests.support.sockets import runtime_for


def accept(head, key=None):
    found = key or next(line.split(": ")[1] for line in head.decode().split("\r\n") if line.lower().startswith("sec-websocket-key"))
    return base64.b64encode(hashlib.sha1(found.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()


def upgraded(head, more="", key=None):
    return f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept(head, key)}\r\n{more}\r\n".encode()


HANDSHAKES = {
    "wrong key": lambda head: upgraded(head, key="AAAAAAAAAAAAAAAAAAAAAA=="),
    "no upgrade": lambda head: upgraded(head).replace(b"Upgrade: websocket", b"Upgrade: h2c"),
    "a subprotocol nobody offered": lambda head: upgraded(head, "Sec-WebSocket-Protocol: chat\r\n"),
    "an extension nobody offered": lambda head: upgraded(head, "Sec-WebSocket-Extensions: x-evil\r\n"),
    "no HTTP": lambda _head: b"SSH-2.0-OpenSSH_9\r\n\r\n",
    "nothing": lambda _head: b"",
    "a redirect": lambda _head: b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    "an endless header": lambda _head: b"HTTP/1.1 101 Switching\r\nX: " + b"a" * 200_000,
}


async def raw_runtime(start_host, raw_server, answers):
    """A runtime, and a server that does ``answers[name]`` after the handshake request for ``/name``."""

    async def answer(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        number = int(head.split(b" ")[1][1:])
        writer.write(answers[number](head))
        await writer.drain()
        if answers[number](head):
            await reader.read()

    return await runtime_for(start_host, await raw_server(answer))


async def test_bad_handshakes(start_host, raw_server):
    runtime = await raw_runtime(start_host, raw_server, list(HANDSHAKES.values()))
    for number, kind in enumerate(HANDSHAKES):
        log = await runtime.eval(f"const a{number} = socket('/{number}'); await a{number}.closed; a{number}.log")
        assert [item[0] for item in log] == ["error", "close"], kind
        assert log[1] == ["close", 1006, "", False]


async def test_a_handshake_that_stalls_times_out(start_host, raw_server):
    async def answer(reader, _writer):
        await reader.read()

    runtime = await runtime_for(start_host, await raw_server(answer))
    assert (await runtime.eval("const a = socket('/'); await a.closed; a.log"))[0] == ["error", "127.0.0.1 did not answer in time"]


def frame(opcode, payload=b"", first=0x80, length=None):
    size = len(payload) if length is None else length
    return bytes([first | opcode]) + (bytes([size]) if size < 126 else b"\x7f" + struct.pack("!Q", size)) + payload


FRAMES = {
    "reserved bits": frame(1, b"x", first=0xF0),
    "an unknown opcode": frame(3, b"x"),
    "text that is no UTF-8": frame(1, b"\xff\xfe"),
    "a frame of 2^62 bytes": frame(2, b"x", length=2**62),
    "a long ping": frame(9, bytes(126)),
    "a fragmented ping": frame(9, b"x", first=0),
    "a continuation of nothing": frame(0, b"x"),
    "a close of one byte": frame(8, b"\x03"),
    "compressed rubbish": frame(2, b"\xff" * 20, first=0xC0),
}


async def test_bad_frames_end_the_connection(start_host, raw_server):
    runtime = await raw_runtime(start_host, raw_server, [lambda head, bad=bad: upgraded(head) + frame(1, b"good") + bad for bad in FRAMES.values()])
    for number, kind in enumerate(FRAMES):
        log = await runtime.eval(f"const a{number} = socket('/{number}'); await a{number}.closed; a{number}.log")
        assert log[:2] == [["open"], ["message", "good"]], kind
        assert [item[0] for item in log[2:]] == ["error", "close"], kind
        assert log[-1] == ["close", 1006, "", False]


async def test_half_a_frame(start_host, raw_server):
    async def answer(reader, writer):
        writer.write(upgraded(await reader.readuntil(b"\r\n\r\n")) + b"\x82")
        await writer.drain()

    runtime = await runtime_for(start_host, await raw_server(answer))
    assert (await runtime.eval("const a = socket('/'); await a.closed; a.log")) == [["open"], ["error", "WebSocket: the connection was lost"], ["close", 1006, "", False]]


async def test_fragments_and_pings_between_them(start_host, raw_server):
    pongs = asyncio.Queue()

    async def answer(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(upgraded(head) + frame(1, b"one ", first=0) + frame(9, b"ping") + frame(0, b"two"))
        await writer.drain()
        pongs.put_nowait((await reader.readexactly(6))[0])

    runtime = await runtime_for(start_host, await raw_server(answer))
    assert await runtime.eval("const a = socket('/'); (await a.message).data") == "one two"
    assert await asyncio.wait_for(pongs.get(), 5) == 0x8A


async def test_a_compression_bomb_is_bounded(start_host, raw_server):
    async def answer(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        deflate = zlib.compressobj(wbits=-15)
        packed = deflate.compress(bytes(64 * 1024 * 1024)) + deflate.flush(zlib.Z_SYNC_FLUSH)
        writer.write(upgraded(head, "Sec-WebSocket-Extensions: permessage-deflate\r\n") + frame(2, packed[:-4], first=0xC0))
        await writer.drain()
        await reader.read()

    runtime = await runtime_for(start_host, await raw_server(answer))
    log = await runtime.eval("const a = socket('/'); await a.closed; [a.log, a.ws.extensions]")
    assert [item[0] for item in log[0]] == ["open", "error", "close"]
    assert log[1] == "permessage-deflate"
