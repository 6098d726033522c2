"""``fetch`` in guests against aiohttp alone, in turns within one run; the server is a process of its own."""

from __future__ import annotations

import asyncio
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from measure import Row

import isolate_host as ih

__all__ = ["network"]

_MB = 1_000_000
_SIZE = 100 * _MB
_POLICY = """
version: 1
plugins: [console, fetch]
limits: {{memory_mb: 256}}
sandboxes:
  default:
    limits: {{memory_mb: 256, timeout_s: 300}}
    policies:
      fetch:
        allow: [{{scheme: http, host: 127.0.0.1, port: {port}, private_addresses: allow}}]
        max_request_bytes: null
"""
_GUEST = """
globalThis.turns = async (url, n) => { for (let i = 0; i < n; i++) await (await fetch(url)).text() };
globalThis.through = async (from, to) => +(await (await fetch(to, {method: "POST", duplex: "half", body: (await fetch(from)).body})).text());
undefined
"""
_SERVER = """
import asyncio, sys
from aiohttp import web

SIZE = int(sys.argv[1])

async def small(request):
    return web.Response(text="hello")

async def large(request):
    response = web.StreamResponse(headers={"Content-Length": str(SIZE)})
    await response.prepare(request)
    piece = bytes(1_000_000)
    for _ in range(SIZE // len(piece)):
        await response.write(piece)
    return response

async def sink(request):
    count = 0
    async for chunk in request.content.iter_any():
        count += len(chunk)
    return web.Response(text=str(count))

async def main():
    app = web.Application()
    app.router.add_get("/small", small)
    app.router.add_get("/large", large)
    app.router.add_post("/sink", sink)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@asynccontextmanager
async def _server() -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _SERVER, str(_SIZE), stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield int(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()


async def _through_aiohttp(session: aiohttp.ClientSession, base: str) -> None:
    async with session.get(f"{base}/large") as source, session.post(f"{base}/sink", data=source.content.iter_any()) as answer:
        assert int(await answer.text()) == _SIZE


def _resident_mb(pid: int | str) -> float:
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


async def network(scale: float) -> list[Row]:
    """Round trips, and a large body in and out again."""
    async with _server() as port:
        base = f"http://127.0.0.1:{port}"
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "host.yaml"
            config.write_text(_POLICY.format(port=port))
            async with ih.create_isolate_host(config=config) as host, host.create_runtime() as runtime, aiohttp.ClientSession() as session:
                await runtime.eval(_GUEST)
                return [*await _round_trips(runtime, session, base, scale), *await _bodies(runtime, session, base, scale)]


async def _round_trips(runtime: ih.Runtime, session: aiohttp.ClientSession, base: str, scale: float) -> list[Row]:
    count = max(20, int(100 * scale))
    alone, guest = [], []
    for turn in range(13):
        started = time.perf_counter()
        for _ in range(count):
            async with session.get(f"{base}/small") as response:
                await response.text()
        middle = time.perf_counter()
        await runtime.eval(f"await turns('{base}/small', {count})")
        if turn:
            alone.append((middle - started) / count * 1e3)
            guest.append((time.perf_counter() - middle) / count * 1e3)
    extra = statistics.median(after - before for before, after in zip(alone, guest, strict=True))
    return [
        Row("fetch: what a guest adds to a round trip of aiohttp alone", "ms", extra, "≤ 1"),
        Row("aiohttp alone: round trip", "ms", statistics.median(alone)),
    ]


async def _bodies(runtime: ih.Runtime, session: aiohttp.ClientSession, base: str, scale: float) -> list[Row]:
    pid = (await runtime.diagnostics())["pid"]
    alone, guest = [], []
    worker = _resident_mb(pid)
    for turn in range(max(2, int(4 * scale))):
        started = time.perf_counter()
        await _through_aiohttp(session, base)
        middle = time.perf_counter()
        assert await runtime.eval(f"await through('{base}/large', '{base}/sink')") == _SIZE
        if turn:
            alone.append(_SIZE / _MB / (middle - started))
            guest.append(_SIZE / _MB / (time.perf_counter() - middle))
    return [
        Row("fetch: 100 MB from loopback through a guest and out again", "MB/s", statistics.median(guest), "≥ 150"),
        Row("aiohttp alone: the same", "MB/s", statistics.median(alone)),
        Row("memory that it adds to the worker", "MB", _resident_mb(pid) - worker, "constant"),
    ]
