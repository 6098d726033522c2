"""Plain WebSocket frames are read by ourselves: with the outcome that the library alone has, however the bytes are cut."""

import os
import random

import pytest
from websockets.asyncio.client import connect
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN, SERVER, Protocol
from websockets.utils import apply_mask

from isolate_host.daemon.apps.ws_frames import FrameIntake, plain_frame

LIMIT = 100_000


def frame(first, payload, *, masked=True, length=None):
    size = len(payload) if length is None else length
    head = bytes([first])
    mark = 0x80 if masked else 0
    if size < 126:
        head += bytes([mark | size])
    elif size < 1 << 16:
        head += bytes([mark | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([mark | 127]) + size.to_bytes(8, "big")
    mask = b"\x0a\xf0\x55\x01" if masked else b""
    return head + mask + (apply_mask(payload, mask) if masked else payload)


PIECES = {
    "text": frame(0x81, "grüezi".encode()),
    "empty": frame(0x81, b""),
    "bytes": frame(0x82, b"\x00\xff" * 40),
    "medium": frame(0x82, os.urandom(3000)),
    "large": frame(0x81, b"x" * 80_000),
    "in two": frame(0x01, b"one ") + frame(0x80, b"two"),
    "in two around a ping": frame(0x02, b"one ") + frame(0x89, b"?") + frame(0x80, b"two"),
    "ping": frame(0x89, b"hello"),
    "pong": frame(0x8A, b""),
    "text within fragments": frame(0x01, b"a") + frame(0x81, b"b") + frame(0x80, b"c"),
    "continues nothing": frame(0x80, b"x"),
    "too large": frame(0x82, b"x" * (LIMIT + 1)),
    "claims too much": frame(0x82, b"", length=1 << 40),
    "unmasked": frame(0x81, b"hello", masked=False),
    "reserved bit": frame(0xC1, b"hello"),
    "unknown opcode": frame(0x83, b"hello"),
    "longer than it needs": b"\x81\xfe\x00\x03\x01\x02\x03\x04" + apply_mask(b"abc", b"\x01\x02\x03\x04"),
    "close": frame(0x88, b"\x03\xe8bye"),
    "length with the highest bit": b"\x82\xff" + b"\xff" * 8 + b"\0\0\0\0",
}


class Reader:
    """What a server understands: messages in order, and how it closes."""

    def __init__(self):
        self.protocol = Protocol(SERVER, state=OPEN, max_size=LIMIT)
        self.messages, self._parts, self._text = [], [], False

    def library(self, data):
        self.protocol.receive_data(data)
        for event in self.protocol.events_received():
            if isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                if event.opcode is not Opcode.CONT:
                    self._text = event.opcode is Opcode.TEXT
                self._parts.append(bytes(event.data))
                if event.fin:
                    self.messages.append((self._text, b"".join(self._parts)))
                    self._parts = []

    def outcome(self):
        return self.messages, self.protocol.state, self.protocol.close_code, b"".join(self.protocol.data_to_send())


def intake(reader):
    def other(data):
        reader.library(data)
        frames.fragmented = bool(reader._parts)

    frames = FrameIntake(reader.protocol, LIMIT, lambda text, data: reader.messages.append((text, bytes(data))), other)
    return frames.feed


@pytest.mark.parametrize("last", PIECES)
@pytest.mark.parametrize("cut", ["whole", "bytes", "random"])
def test_the_same_as_the_library(last, cut):
    data = PIECES["text"] + PIECES["bytes"] + PIECES["in two"] + PIECES["medium"] + PIECES[last] + PIECES["text"] + PIECES["empty"]
    chance = random.Random(f"{last} {cut}")
    alone, ours = Reader(), Reader()
    feed = intake(ours)
    alone.library(data)
    position = 0
    while position < len(data):
        # Byte by byte where the heads are, which is where a cut could matter.
        step = len(data) if cut == "whole" else (1 if position < 400 else 4096) if cut == "bytes" else chance.choice([1, 2, 5, 30, 70_000])
        feed(data[position : position + step])
        position += step
    assert ours.outcome() == alone.outcome()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
@pytest.mark.parametrize("text", [False, True])
def test_what_is_written_is_what_the_library_writes(size, text):
    data = b"a" * size
    assert plain_frame(data, text=text) == Frame(Opcode.TEXT if text else Opcode.BINARY, data).serialize(mask=False)


BURST = """
const said = [];
serve({
  fetch(request, server) {
    if (new URL(request.url).pathname === "/said") return Response.json(said);
    server.upgrade(request);
  },
  websocket: {
    message(ws, message) {
      if (message === "throw") throw new Error("this one fails");
      if (message === "many") { for (let i = 0; i < 500; i++) ws.send(`${i}`.padStart(i, "\\u0001")); return; }
      if (message === "mixed") { ws.send("a"); ws.send(new Uint8Array([1])); ws.send("b"); ws.send("c".repeat(70000)); ws.send("d"); ws.close(4000, "end"); ws.send("lost"); return; }
      ws.send(message);
    },
  },
});
"""


@pytest.fixture
async def app(front):
    return await front({"server.js": BURST}, entry="./server.js")


async def test_messages_of_one_read_in_order_even_when_a_handler_throws(app):
    async with connect(f"ws://127.0.0.1:{app.port}/") as socket:
        burst = b"".join(frame(0x81, b"throw" if number % 7 == 3 else b"%d" % number) for number in range(100))
        socket.transport.write(burst)
        assert [await socket.recv() for number in range(100) if number % 7 != 3] == [str(number) for number in range(100) if number % 7 != 3]


async def test_what_is_said_together_arrives_in_order(app):
    async with connect(f"ws://127.0.0.1:{app.port}/") as socket:
        await socket.send("many")
        assert [await socket.recv() for _ in range(500)] == [str(number).rjust(number, "\x01") for number in range(500)]
        await socket.send("mixed")
        assert [await socket.recv() for _ in range(5)] == ["a", b"\x01", "b", "c" * 70000, "d"]
        await socket.wait_closed()
        assert (socket.close_code, socket.close_reason) == (4000, "end")


async def test_a_limit_on_messages_counts_for_each_of_them(front):
    yaml = """
version: 1
sandboxes:
  agent: {policies: {console: {}, serve: {message_bytes: 1KiB}}}
app_servers:
  app: {sandbox: agent, entry: ./server.js, listen: "127.0.0.1:0"}
"""
    app = await front({"server.js": BURST}, yaml=yaml)
    async with connect(f"ws://127.0.0.1:{app.port}/") as socket:
        await socket.send("many")
        # Each of these control characters is six bytes in the message to the host.
        assert [await socket.recv() for _ in range(150)] == [str(number).rjust(number, "\x01") for number in range(150)]
