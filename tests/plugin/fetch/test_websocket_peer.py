"""``WebSocket`` against a server of another make: ``websockets``, which is strict about the protocol."""

import asyncio

import pytest
from websockets.asyncio.server import serve as serve_websockets
from websockets.exceptions import ConnectionClosed

from tests.support.sockets import runtime_for


@pytest.fixture
async def peer():
    """A function that starts a server and gives its port; what its handlers return or raise is in ``ended``."""
    servers, ended = [], asyncio.Queue()

    async def start(handler, **options):
        async def guarded(connection):
            try:
                await handler(connection)
            except ConnectionClosed as error:
                await ended.put(error)
            else:
                await ended.put(None)

        server = await serve_websockets(guarded, "127.0.0.1", 0, **options)
        servers.append(server)
        return server.sockets[0].getsockname()[1]

    start.ended = ended
    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def test_text_and_bytes_with_compression(start_host, peer):
    runtime = await runtime_for(start_host, await peer(echo, subprotocols=["chat"]))
    code = """
    const {ws, opened, closed} = socket("/", ["chat"]); ws.binaryType = "arraybuffer"; await opened;
    const got = []; const all = new Promise((resolve) => { ws.onmessage = (e) => { got.push(e.data); if (got.length === 3) resolve(); }; });
    const large = "ab\\u00e9".repeat(50000);
    ws.send(large); ws.send(new Uint8Array([0, 255, 7])); ws.send("");
    await all; ws.close(3456, "r\\u00e9ason"); const e = await closed;
    [got[0] === large, [...new Uint8Array(got[1])], got[2], ws.protocol, ws.extensions.split(";")[0], [e.code, e.reason, e.wasClean]]
    """
    assert await runtime.eval(code) == [True, [0, 255, 7], "", "chat", "permessage-deflate", [3456, "r\u00e9ason", True]]
    error = await asyncio.wait_for(peer.ended.get(), 5)
    assert error is None or (error.rcvd.code, error.rcvd.reason) == (3456, "r\u00e9ason")


async def test_without_compression_in_fragments_with_pings(start_host, peer):
    async def handler(connection):
        await connection.send(["one ", "two ", "three"])
        await (await connection.ping(b"are you there"))
        await connection.send("alive")
        await connection.close(4999, "x" * 123)

    runtime = await runtime_for(start_host, await peer(handler, compression=None))
    log = await runtime.eval("const a = socket('/'); await a.closed; [a.log, a.ws.extensions]")
    assert log == [[["open"], ["message", "one two three"], ["message", "alive"], ["close", 4999, "x" * 123, True]], ""]


@pytest.mark.parametrize(("call", "code"), [("close()", 1005), ("close(1000)", 1000), ("close(undefined, 'why')", 1000)])
async def test_the_server_sees_a_clean_end(start_host, peer, call, code):
    seen = asyncio.Queue()

    async def handler(connection):
        await connection.wait_closed()
        await seen.put(connection.protocol.close_code)

    runtime = await runtime_for(start_host, await peer(handler))
    event = await runtime.eval(f"const a = socket('/'); await a.opened; a.ws.{call}; const e = await a.closed; [e.code, e.wasClean]")
    assert event == [code, True]
    assert await asyncio.wait_for(seen.get(), 5) == code


async def test_the_end_of_the_runtime(start_host, peer):
    """The runtime ends in the middle: the server sees a connection that was lost, and nothing that breaks the protocol."""
    runtime = await runtime_for(start_host, await peer(echo))
    await runtime.eval("globalThis.a = socket('/'); await a.opened; a.ws.send('x'); await a.message; undefined")
    await runtime.dispose()
    error = await asyncio.wait_for(peer.ended.get(), 5)
    assert error is not None
    assert error.sent is None or error.sent.code != 1002
