"""Health and metrics over plain HTTP."""

import asyncio

import pytest

from isolate_host.config import Address, HttpConfig
from isolate_host.daemon.http import HttpFront
from isolate_host.errors import ConfigError


@pytest.fixture
async def ask():
    state = {"ready": True}
    front = HttpFront(HttpConfig(listen=Address("127.0.0.1", 0)), lambda: {"runtimes": 3, "clients_total": 1e6}, lambda: state["ready"])
    await front.start()

    async def request(data):
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(data)
        if not data.endswith(b"\r\n\r\n"):
            writer.write_eof()
        async with asyncio.timeout(30):
            answer = await reader.read()
        writer.close()
        return answer.decode()

    request.state, request.front = state, front
    yield request
    front.close()
    await asyncio.sleep(0.01)


async def test_paths(ask):
    assert (await ask(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")).endswith("\r\n\r\nok\n")
    metrics = await ask(b"GET /metrics?x=1 HTTP/1.1\r\n\r\n")
    assert "isolate_host_runtimes 3\n" in metrics
    assert "# TYPE isolate_host_clients_total counter\nisolate_host_clients_total 1e+06\n" in metrics
    assert (await ask(b"GET /readyz HTTP/1.1\r\n\r\n")).startswith("HTTP/1.1 200")
    ask.state["ready"] = False
    assert (await ask(b"GET /readyz HTTP/1.1\r\n\r\n")).startswith("HTTP/1.1 503")
    assert (await ask(b"GET /x HTTP/1.1\r\n\r\n")).startswith("HTTP/1.1 404")
    assert (await ask(b"POST /healthz HTTP/1.1\r\n\r\n")).startswith("HTTP/1.1 405")
    head = await ask(b"HEAD /healthz HTTP/1.1\r\n\r\n")
    assert head.endswith("\r\n\r\n")
    assert "Content-Length: 3" in head


@pytest.mark.parametrize("data", [b"", b"GET", b"x" * 20_000, b"\xff\xfe\r\n\r\n"])
async def test_nonsense_is_answered_with_silence_or_an_error(ask, data):
    answer = await ask(data)
    assert answer == "" or answer.startswith("HTTP/1.1 4")
    assert (await ask(b"GET /healthz HTTP/1.1\r\n\r\n")).startswith("HTTP/1.1 200")


async def test_a_port_in_use(ask):
    with pytest.raises(ConfigError, match="cannot listen"):
        await HttpFront(HttpConfig(listen=Address("127.0.0.1", ask.front.port)), dict, bool).start()
