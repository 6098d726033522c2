"""Sockets, streams and files that outlive their owner: nothing stays open at the daemon, and no file is half-written."""

import asyncio
import contextlib
from pathlib import Path

import pytest
from aiohttp import web

import isolate_host as ih
from tests.support.hosts import daemon_pid, open_host, stop_daemon
from tests.support.pair import until

CONFIG = """
version: 1
plugins: [console, fetch, files, node]
sandboxes:
  default:
    policies:
      fetch:
        allow:
          - {scheme: http, host: 127.0.0.1, port: PORT, private_addresses: allow, methods: [GET, POST]}
          - {scheme: ws, host: 127.0.0.1, port: PORT, private_addresses: allow}
      files: {mounts: [{path: /data, root: ROOT, write: true, quota: 20MiB}]}
"""
#: One of each, all in the middle of something.
HOLD = """
await (async () => {
globalThis.held = {};
const open = (target, type) => new Promise((done, fail) => { target.addEventListener(type, done, {once: true}); target.addEventListener("error", fail) });
held.socket = new WebSocket(`ws://127.0.0.1:${port}/socket`);
held.events = new EventSource(`http://127.0.0.1:${port}/events`);
await Promise.all([open(held.socket, "open"), open(held.events, "message")]);
held.body = (await fetch(`http://127.0.0.1:${port}/endless`)).body.getReader();
await held.body.read();
held.upload = fetch(`http://127.0.0.1:${port}/upload`, {
  method: "POST", duplex: "half", body: new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1000)); return new Promise((go) => setTimeout(go, 5)) } }),
});
held.upload.catch(() => {});
const root = await getDirectory("/data");
held.writer = await (await root.getFileHandle("a.txt")).createWritable();
await held.writer.write("half");
held.fresh = await (await root.getFileHandle("new.txt", {create: true})).createWritable();
await held.fresh.write("half");
held.reader = (await (await root.getFileHandle("large.bin")).getFile()).stream().getReader();
await held.reader.read();
held.file = await (await import("node:fs/promises")).open("/data/b.txt", "r");
})()
"""
#: What the next owner finds of it.
LEFT = """
// What had arrived before may still be read; then comes an error, and no end that looks like the whole.
const toTheEnd = async (reader) => { while (!(await reader.read()).done); };
const settled = (promise) => promise.then(() => "fulfilled", () => "rejected");
[held.socket.readyState, held.events.readyState, ...await Promise.all([
  toTheEnd(held.body), toTheEnd(held.reader), held.upload, held.writer.close(), held.fresh.write("more"), held.file.read(),
].map(settled))]
"""


class Site:
    """A server that knows who is connected."""

    def __init__(self):
        self.open = set()

    @contextlib.contextmanager
    def here(self, name):
        self.open.add(name)
        try:
            yield
        finally:
            self.open.discard(name)

    async def socket(self, request):
        with self.here("socket"):
            answer = web.WebSocketResponse()
            await answer.prepare(request)
            async for _ in answer:
                pass
        return answer

    async def endless(self, request):
        name, chunk = request.path, b"data: x\n\n" if request.path == "/events" else b"x" * 1000
        with self.here(name):
            answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await answer.prepare(request)
            while True:
                await answer.write(chunk)
                await asyncio.sleep(0.01)

    async def upload(self, request):
        with self.here("upload"):
            async for _ in request.content.iter_any():
                pass
        return web.Response()


@pytest.fixture
async def site(serve):
    site = Site()
    site.port = await serve({"GET /socket": site.socket, "GET /events": site.endless, "GET /endless": site.endless, "POST /upload": site.upload})
    return site


@pytest.fixture
def config(folder, site):
    data = folder / "data"
    data.mkdir()
    for name, content in {"a.txt": b"alpha", "b.txt": b"beta", "large.bin": bytes(8_000_000)}.items():
        (data / name).write_bytes(content)
    path = folder / "host.yaml"
    path.write_text(CONFIG.replace("PORT", str(site.port)).replace("ROOT", str(data)))
    yield path
    stop_daemon(folder)


def files_of(pid, folder):
    """What the daemon has open below ``folder``."""
    found = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            found.append(str(entry.readlink()))
    return [path for path in found if path.startswith(f"{folder}/data/")]


async def hold(host, site):
    runtime = await host.get_namespaced_runtime("s", sandbox="default")
    await runtime.eval(f"globalThis.port = {site.port}; undefined")
    await runtime.eval(HOLD)
    await until(lambda: site.open == {"socket", "/events", "/endless", "upload"}, 20)
    return runtime


async def nothing_is_left(site, folder):
    await until(lambda: not site.open, 20)
    await until(lambda: not files_of(daemon_pid(folder), folder), 20)
    data = folder / "data"
    assert sorted(path.name for path in data.iterdir()) == ["a.txt", "b.txt", "large.bin", "new.txt"]
    assert {(data / name).read_bytes() for name in ("a.txt", "b.txt")} == {b"alpha", b"beta"}
    assert (data / "new.txt").read_bytes() == b""


async def take(host):
    while True:
        try:
            return await host.get_namespaced_runtime("s", sandbox="default")
        except ih.NamespaceInUse:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("end", ["soft", "client"])
async def test_the_next_owner_finds_everything_closed(folder, config, site, end):
    async with await open_host("daemon", folder, config) as watcher, await open_host("daemon", folder, config) as host:
        runtime = await hold(host, site)
        assert files_of(daemon_pid(folder), folder)
        if end == "soft":
            await runtime.dispose()
        else:
            host._link._closed = True
            host._link._connection.transport.abort()
        await nothing_is_left(site, folder)
        again = await take(watcher)
        assert again.reused is True
        # CLOSED; CLOSED; and nothing of what was begun comes to a good end.
        assert await again.eval(LEFT) == [3, 2, *["rejected"] * 6]
        await nothing_is_left(site, folder)
        # It can have all of it anew.
        await again.eval("held.writer = null; undefined")
        await again.eval(HOLD)
        await again.eval("await held.writer.write('!'); await held.writer.close()")
        assert (folder / "data/a.txt").read_text() == "half!"


@pytest.mark.parametrize("end", ["hard", "namespace", "timeout"])
async def test_a_hard_end_leaves_nothing_open_either(folder, config, site, end):
    async with await open_host("daemon", folder, config) as watcher, await open_host("daemon", folder, config) as host:
        runtime = await hold(host, site)
        if end == "hard":
            await runtime.dispose(hard=True)
        elif end == "namespace":
            assert await watcher.dispose_namespace("s") is True
        else:
            with pytest.raises(ih.ExecutionTimeout):
                await runtime.eval("for (;;);", timeout_s=0.2)
        await nothing_is_left(site, folder)
        assert (await take(watcher)).reused is False


async def test_a_handle_that_comes_back_finds_them_closed_too(folder, config, site):
    async with await open_host("daemon", folder, config), await open_host("daemon", folder, config) as host:
        runtime = await hold(host, site)
        host._link._connection.transport.abort()
        await until(lambda: runtime._coming_back is not None)
        assert (await runtime.eval(LEFT))[:2] == [3, 2]
        await nothing_is_left(site, folder)
