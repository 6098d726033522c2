"""A real daemon with app servers: SIGTERM, SIGHUP, a request through its own client, and the example."""

import asyncio
import contextlib
import json
import re
import resource
import shutil
import signal
import sys
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

import isolate_host as ih
from tests.support.markdown import ROOT

CONFIG = """
version: 1
sandboxes: {agent: {policies: {console: {}}}}
app_servers: {app: {sandbox: agent, entry: ./server.ts, listen: "unix:./app.sock", drain_s: 20}}
"""
PROGRAM = "serve({ async fetch(r) { if (r.url.endsWith('/slow')) await new Promise((f) => setTimeout(f, 1000)); return new Response('v%d') } })"


@pytest.fixture
async def daemon(tmp_path):
    """A function that starts ``isolate-host serve`` on a configuration; gives the process when it listens."""
    started = []

    async def start(config, *prefix):
        command = (*prefix, sys.executable, "-P", "-m", "isolate_host", "serve", "--config", str(config), "--socket", str(config.parent / "run" / "d.sock"))
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        started.append(process)
        said = b""
        while b"daemon: listening on" not in said:
            line = await process.stderr.readline()
            assert line, said.decode()
            said += line
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def test_more_connections_than_the_soft_limit_of_descriptors(daemon, tmp_path):
    """Thousands that are opened and left are held, in bounded memory, and keep nobody else from being served."""
    count = min(10_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1] // 3)
    (tmp_path / "server.ts").write_text(PROGRAM % 1)
    (tmp_path / "host.yaml").write_text(CONFIG.replace("drain_s: 20", "limits: {connections: 10001, idle_timeout_s: 300}"))
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    process = await daemon(tmp_path / "host.yaml", "prlimit", f"--nofile=256:{before[1]}")
    status = Path(f"/proc/{process.pid}/status")
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    writers = []
    try:
        async with client(tmp_path) as http:
            assert (await http.get("/")).text == "v1"
            memory = resident(status)
            writers = [(await asyncio.open_unix_connection(str(tmp_path / "app.sock")))[1] for _ in range(count)]
            for _ in range(20):
                assert (await http.get("/")).text == "v1"
            assert resident(status) - memory < 16 * 1024 * count
    finally:
        for writer in writers:
            writer.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


BODIES = """
serve({ async fetch(request) {
  if (request.method === "POST") {
    let size = 0;
    for await (const chunk of request.body) size += chunk.length;
    return new Response(`${size}`);
  }
  let left = 2000;
  return new Response(new ReadableStream({ pull(c) { left-- ? c.enqueue(new Uint8Array(100000)) : c.close(); } }));
} })
"""


async def test_large_bodies_in_little_memory(daemon, tmp_path):
    """200 MB each way pass through broker and guest and stay in neither."""
    (tmp_path / "server.ts").write_text(BODIES)
    (tmp_path / "host.yaml").write_text(CONFIG.replace("drain_s: 20", "limits: {body_bytes: 1GiB, request_timeout_s: 300}"))
    process = await daemon(tmp_path / "host.yaml")
    status = Path(f"/proc/{process.pid}/status")

    async def pieces():
        for _ in range(2000):
            yield bytes(100_000)

    async with client(tmp_path) as http:
        for _ in range(2):
            # The first time shows what buffers there are.
            before = resident(status)
            async with http.stream("GET", "/") as response:
                assert sum([len(chunk) async for chunk in response.aiter_raw()]) == 200_000_000
            assert (await http.post("/", content=pieces())).text == "200000000"
        assert resident(status) - before < 30_000_000


def resident(status):
    return int(re.search(r"VmRSS:\s+(\d+)", status.read_text())[1]) * 1024


def client(folder):
    return httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(folder / "app.sock")), base_url="http://app", timeout=30)


async def test_signals(daemon, tmp_path):
    (tmp_path / "server.ts").write_text(PROGRAM % 1)
    (tmp_path / "host.yaml").write_text(CONFIG)
    process = await daemon(tmp_path / "host.yaml")
    async with client(tmp_path) as http:
        assert (await http.get("/")).text == "v1"
        (tmp_path / "server.ts").write_text(PROGRAM % 2)
        process.send_signal(signal.SIGHUP)
        while (answer := (await http.get("/")).text) != "v2":
            assert answer == "v1"
        # A program that does not start changes nothing.
        (tmp_path / "server.ts").write_text("throw new Error('broken')")
        process.send_signal(signal.SIGHUP)
        while b"broken" not in await process.stderr.readline():
            pass
        assert (await http.get("/")).text == "v2"
        slow = asyncio.create_task(http.get("/slow"))
        await asyncio.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        assert (await slow).text == "v2"
        assert await asyncio.wait_for(process.wait(), 30) == 0
    assert not (tmp_path / "app.sock").exists()


async def test_what_a_client_opens_counts_beside_what_the_daemon_serves(daemon, tmp_path):
    (tmp_path / "server.ts").write_text(PROGRAM % 1)
    (tmp_path / "host.yaml").write_text(CONFIG)
    await daemon(tmp_path / "host.yaml")
    options = ih.DaemonOptions(socket_path=tmp_path / "run" / "d.sock", auto_start=False)
    async with (
        ih.create_isolate_host(daemon=options) as host,
        host.create_app_server(sandbox="agent", source="export default { fetch: () => new Response('mine') }") as server,
    ):
        served = await server.handle(ih.Request("GET", "http://x/"))
        assert await served.response.text() == "mine"
        assert host.diagnostics().servers == 1
        # The daemon's own app is somebody else's.
        assert (await host.diagnostics())["runtimes_created"] >= 2


async def test_the_chat_example(daemon, tmp_path, unused_tcp_port):
    folder = tmp_path / "chat"
    shutil.copytree(ROOT / "examples/chat", folder)
    config = folder / "host.yaml"
    config.write_text(config.read_text().replace("8080", str(unused_tcp_port)))
    process = await daemon(config)
    base = f"127.0.0.1:{unused_tcp_port}"
    async with httpx.AsyncClient() as http:
        page = await http.get(f"http://{base}/")
        assert "<title>chat</title>" in page.text
        async with http.stream("GET", f"http://{base}/clock") as clock:
            assert clock.headers["content-type"] == "text/event-stream"
            assert (await anext(clock.aiter_text())).startswith("data: 20")
    async with connect(f"ws://{base}/chat?name=anna") as anna, connect(f"ws://{base}/chat?name=bert") as bert:
        assert json.loads(await anna.recv())["text"] == "anna is here"
        for socket in (anna, bert):
            assert json.loads(await socket.recv()) == {"from": "room", "text": "bert is here", "members": 2}
        await bert.send("grüezi")
        assert json.loads(await anna.recv())["text"] == "grüezi"
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_the_annotated_configuration(daemon, tmp_path, unused_tcp_port):
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    config = tmp_path / "configs" / "app-servers.yaml"
    config.write_text(config.read_text().replace("8080", str(unused_tcp_port)))
    await daemon(config)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_tcp_port}", timeout=30) as http:
        assert (await http.get("/here")).json() == {"hello": "world", "path": "/here", "visits": 1}


async def test_a_taken_address_stops_the_start(tmp_path, unused_tcp_port):
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", unused_tcp_port)
    (tmp_path / "server.ts").write_text(PROGRAM % 1)
    (tmp_path / "host.yaml").write_text(CONFIG.replace("unix:./app.sock", f"127.0.0.1:{unused_tcp_port}"))
    command = (sys.executable, "-P", "-m", "isolate_host", "serve", "--config", str(tmp_path / "host.yaml"), "--socket", str(tmp_path / "run" / "s"))
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, told = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 2
    assert f"cannot listen on 127.0.0.1:{unused_tcp_port}".encode() in told
    server.close()
