"""What only our app servers are asked: Python's ``handle``, WebSockets, cold starts, idle apps, large bodies, idle connections, a busy neighbour."""

from __future__ import annotations

import asyncio
import base64
import os
import resource
import statistics
import sys
import threading
import time
from pathlib import Path

from measure import Row, percentile, sample
from processes import Started, free_port, load, started
from websockets.utils import apply_mask

import isolate_host as ih

__all__ = ["apps"]

_GB = 1_000_000_000
_HELLO = 'export default { fetch: () => Response.json({ hello: "world" }) };'
_PROGRAM = """
const piece = new Uint8Array(65536);
serve({
  async fetch(request, server) {
    const { pathname } = new URL(request.url);
    if (pathname === "/echo") return void server.upgrade(request);
    if (pathname === "/down") {
      let left = %d;
      const pull = (c) => { if (left <= 0) return c.close(); left -= piece.length; c.enqueue(piece.slice()); };
      return new Response(new ReadableStream({ pull }));
    }
    if (pathname === "/up") {
      let size = 0;
      for await (const chunk of request.body) size += chunk.length;
      return new Response(`${size}`);
    }
    if (pathname === "/work") { const end = performance.now() + 0.5; while (performance.now() < end); }
    return Response.json({ hello: "world" });
  },
  websocket: { message(socket, message) { socket.send(message); } },
});
"""
_SPIN = "export default { fetch() { const end = performance.now() + 50; while (performance.now() < end); return new Response('done'); } };"
_YAML = """
version: 1
sandboxes:
  web: {{limits: {{memory_mb: 256, timeout_s: 600}}, policies: {{console: {{}}}}}}
app_servers:
  hello:
    sandbox: web
    entry: ./program.js
    listen: "127.0.0.1:{0}"
    limits: {{body_bytes: 2GiB, request_timeout_s: 600, connections: 20000, idle_timeout_s: 600}}
  twice: {{sandbox: web, entry: ./program.js, listen: "127.0.0.1:{1}", replicas: 2}}
  busy: {{sandbox: web, entry: ./spin.js, listen: "127.0.0.1:{0}", path: /busy}}
"""


async def apps(folder: Path) -> list[Row]:
    """All cases."""
    rows = [*await _from_python(), *await _cold(), *await _idle_apps()]
    (folder / "program.js").write_text(_PROGRAM % _GB)
    (folder / "spin.js").write_text(_SPIN)
    ports = [free_port(), free_port()]
    (folder / "apps.yaml").write_text(_YAML.format(*ports))
    ours = Path(sys.executable).with_name("isolate-host")
    with started([ours, "serve", "--config", folder / "apps.yaml", "--socket", folder / "run" / "apps.sock"], ports[0], folder) as server:
        rows += await asyncio.to_thread(_replicas, server, ports[1])
        rows += await _echo(ports[0])
        rows += await asyncio.to_thread(_bodies, server)
        rows += await asyncio.to_thread(_neighbour, server)
        rows += await _connections(server)
    return rows


async def _from_python() -> list[Row]:
    async with ih.create_isolate_host() as host, host.create_app_server(source=_HELLO) as server:
        request = ih.Request("GET", "http://localhost/")

        async def one() -> None:
            await (await server.handle(request)).response.read()

        times = await sample(one, 3000, 500)
        sequential = len(times) / sum(times)

        async def several() -> None:
            for _ in range(200):
                await one()

        begun = time.perf_counter()
        await asyncio.gather(*(several() for _ in range(64)))
        together = 64 * 200 / (time.perf_counter() - begun)
    return [
        Row("`handle()` one after another", "per second", sequential, "≥ 3,000"),
        Row("`handle()`, 64 in flight", "per second", together, "≥ 8,000"),
    ]


async def _cold() -> list[Row]:
    async with ih.create_isolate_host() as host, host.create_app_server(source=_HELLO) as server:
        request = ih.Request("GET", "http://localhost/")
        times = []
        for _ in range(40):
            await server.dispose()
            await asyncio.sleep(0.05)
            begun = time.perf_counter()
            await (await server.handle(request)).response.read()
            times.append((time.perf_counter() - begun) * 1e3)
        times.sort()
    return [
        Row("first answer of an app that was scaled to zero, p50", "ms", percentile(times, 50), "≤ 10"),
        Row("first answer of an app that was scaled to zero, p95", "ms", percentile(times, 95)),
    ]


async def _idle_apps() -> list[Row]:
    async with ih.create_isolate_host() as host:
        servers = [await host.create_app_server(source=_HELLO) for _ in range(200)]
        for server in servers:
            await (await server.handle(ih.Request("GET", "http://localhost/"))).response.read()
        # A worker that has had nothing to do for a second gives back what it freed.
        await asyncio.sleep(2)
        memory = await asyncio.to_thread(Started(os.getpid(), 0).memory_mb)
    return [Row("200 idle apps, with the broker and all that is shared", "MB", memory, "≤ 1,000")]


def _replicas(server: Started, other: int) -> list[Row]:
    one, two = ([] for _ in range(2))
    for _ in range(3):
        one.append(load(server, 3, "/work").rate)
        two.append(load(Started(server.pid, other), 3, "/work").rate)
    return [Row("two replicas ÷ one, a handler that computes for 0.5 ms", "×", statistics.median(two) / statistics.median(one), "≥ 1.5")]


class _Echo(asyncio.Protocol):
    """Keeps a window of small messages in flight on one connection, and counts what comes back."""

    def __init__(self, window: int) -> None:
        message = b"hello websocket!"
        self._frame = b"\x81" + bytes([0x80 | len(message)]) + b"mask" + apply_mask(message, b"mask")
        self._window, self._size, self._rest, self._head = window, len(message) + 2, 0, b""
        self._open = False
        self.count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        handshake = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        transport.write(f"GET /echo HTTP/1.1\r\nHost: a\r\n{handshake}".encode())

    def data_received(self, data: bytes) -> None:
        if not self._open:
            self._head += data
            self._open = b"\r\n\r\n" in self._head
            self._transport.write(self._frame * self._window if self._open else b"")
            return
        whole, self._rest = divmod(self._rest + len(data), self._size)
        self.count += whole
        self._transport.write(self._frame * whole)


async def _echo(port: int) -> list[Row]:
    rows = []
    for window, target in ((64, "≥ 20,000"), (1, "")):
        transport, protocol = await asyncio.get_running_loop().create_connection(lambda size=window: _Echo(size), "127.0.0.1", port)
        await asyncio.sleep(1)
        before, begun = protocol.count, time.perf_counter()
        await asyncio.sleep(3)
        rate = (protocol.count - before) / (time.perf_counter() - begun)
        rows.append(Row(f"WebSocket echo on one connection, {window} in flight", "messages/s", rate, target))
        transport.abort()
    return rows


def _bodies(server: Started) -> list[Row]:
    import socket

    before = server.own_memory_mb()
    begun = time.perf_counter()
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"GET /down HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        size = 0
        buffer = bytearray(1 << 20)
        while count := client.recv_into(buffer):
            size += count
    assert size >= _GB
    down = size / 1e6 / (time.perf_counter() - begun)
    begun = time.perf_counter()
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"POST /up HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % _GB)
        piece = bytes(1_000_000)
        for _ in range(_GB // len(piece)):
            client.sendall(piece)
        assert b"\r\n\r\n1000000000" in b"".join(iter(lambda: client.recv(65536), b""))
    up = _GB / 1e6 / (time.perf_counter() - begun)
    return [
        Row("download of 1 GB that a guest makes in pieces of 64 KiB", "MB/s", down, "≥ 300"),
        Row("upload of 1 GB that a guest reads", "MB/s", up, "≥ 300"),
        Row("memory that both add to the broker", "MB", server.own_memory_mb() - before, "constant"),
    ]


def _neighbour(server: Started) -> list[Row]:
    quiet = statistics.median(load(server, 3, connections=4).p99_ms for _ in range(3))
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            load(server, 3, "/busy", connections=1)

    thread = threading.Thread(target=spin)
    thread.start()
    try:
        time.sleep(0.2)
        busy = statistics.median(load(server, 3, connections=4).p99_ms for _ in range(3))
    finally:
        stop.set()
        thread.join()
    return [Row("p99 of an app beside one that computes without end ÷ p99 alone, 4 connections", "×", busy / quiet, "≤ 2")]


async def _connections(server: Started) -> list[Row]:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(10_000, hard - 500)
    before = server.own_memory_mb()
    pairs = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(count)]
    memory = server.own_memory_mb() - before
    while_open = await asyncio.to_thread(load, server, 3)
    for _, writer in pairs:
        writer.close()
    return [
        Row(f"memory of the broker for {count:,} connections that are opened and left", "MB", memory),
        Row("hello-JSON meanwhile", "requests/s", while_open.rate),
    ]
