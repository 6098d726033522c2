"""Byte streams: contents, credit, and every way to end."""

import asyncio
import gc

import pytest

from isolate_host.errors import Disposed, GuestError
from isolate_host.wire.frames import Frame
from isolate_host.wire.streams import WINDOW, ByteSource, ByteStream
from tests.support.pair import Pair, until


class Source:
    """Counts what was taken from it and whether it was closed."""

    def __init__(self, size=64 * 1024, fail_at=None, end=None):
        self.taken, self.closed, self.size, self.fail_at, self.end = 0, False, size, fail_at, end

    async def chunks(self):
        try:
            while self.end is None or self.taken < self.end:
                self.taken += 1
                if self.taken == self.fail_at:
                    raise ValueError("dry")
                yield b"x" * self.size
        finally:
            self.closed = True


async def opened(source):
    pair = Pair(lambda call: ByteSource(source.chunks()))
    stream = await pair.guest.call("t", "open")
    assert isinstance(stream, ByteStream)
    return pair, stream


@pytest.mark.parametrize("sizes", [[0], [1], [WINDOW], [WINDOW + 1], [5 * WINDOW + 3], [1] * 1000, [100_000] * 20, []])
async def test_contents_are_exact(sizes):
    data = [bytes([i % 251]) * size for i, size in enumerate(sizes)]
    pair = Pair(lambda call: ByteSource(data))
    stream = await pair.guest.call("t", "open")
    assert await stream.read() == b"".join(data)
    assert await stream.read() == b""
    await pair.close()


async def test_to_the_host():
    got = []

    async def take(stream):
        got.append(await stream.read())

    pair = Pair(lambda call: take(*call.arguments()))
    await pair.guest.call("t", "put", ByteSource([b"a", memoryview(b"b"), bytearray(b"c")]))
    assert got == [b"abc"]
    await pair.close()


async def test_a_slow_consumer_stops_the_producer():
    source = Source()
    pair, stream = await opened(source)
    await asyncio.sleep(0.05)
    assert source.taken <= WINDOW // source.size + 1
    taken = source.taken
    for _ in range(8):
        await anext(stream)
    await until(lambda: source.taken >= taken + 4)
    await asyncio.sleep(0.02)
    assert source.taken <= taken + 9
    await stream.cancel("enough")
    await until(lambda: source.closed)
    await pair.close()


async def test_an_error_of_the_producer():
    pair, stream = await opened(Source(fail_at=3))
    with pytest.raises(GuestError, match="dry"):
        await stream.read()
    await pair.close()


async def test_a_consumer_that_disappears_stops_the_producer():
    source = Source()
    pair, stream = await opened(source)
    del stream
    gc.collect()
    await until(lambda: source.closed)
    await pair.close()


async def test_the_end_of_the_connection():
    source = Source()
    pair, stream = await opened(source)
    reading = asyncio.create_task(stream.read())
    await asyncio.sleep(0.01)
    await pair.close()
    with pytest.raises(Disposed):
        await reading
    assert source.closed


async def test_concurrent_reads_do_not_hang():
    pair, stream = await opened(Source(end=4))
    parts = await asyncio.gather(*(stream.read() for _ in range(3)))
    assert sum(map(len, parts)) == 4 * 64 * 1024
    await pair.close()


async def test_overrunning_the_credit_is_a_violation():
    pair = Pair()
    stream = pair.host.references.import_("st", {"$": "st", "r": 2})
    for _ in range(2):
        pair.host.receive(Frame({"t": "sd", "st": 2}, b"", [b"x" * WINDOW]))
    assert len(pair.violations) == 1
    del stream
    await pair.close()


@pytest.mark.parametrize("number", [1, 3, 0, -2])
async def test_a_stream_of_the_wrong_parity_is_a_violation(number):
    pair = Pair(lambda call: call.arguments())
    pair.host.receive(Frame({"t": "call", "cap": "t", "op": "x", "id": 1}, f'[{{"$":"st","r":{number}}}]'.encode()))
    assert len(pair.violations) == 1
    await pair.close()


async def test_credit_must_be_positive():
    pair, stream = await opened(Source())
    pair.host.receive(Frame({"t": "sc", "st": 1, "n": -5}))
    assert len(pair.violations) == 1
    del stream
    await pair.close()
