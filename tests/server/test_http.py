"""The HTTP front with real clients: aiohttp, httpx, curl."""

import asyncio
import io
import json
import ssl
import subprocess

import aiohttp
import httpx
import pytest
import trustme

from isolate_host.config import load_config
from isolate_host.errors import ConfigError, GuestError
from isolate_host.plugin import PluginRegistry
from tests.support.pair import until

SERVER = """
let made = 0, stopped = 0;
serve({
  async fetch(request: Request, server): Promise<Response> {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/json": return Response.json({ hello: "world" });
      case "/request": return Response.json({ method: request.method, url: request.url, headers: Object.fromEntries(request.headers) });
      case "/echo": return new Response(request.body, { headers: { "content-type": request.headers.get("content-type") ?? "none" } });
      case "/size": { let size = 0; for await (const chunk of request.body) size += chunk.length; return new Response(`${size}`); }
      case "/throw": throw new Error("internal detail 4711");
      case "/nothing": return undefined as never;
      case "/never": { request.signal.onabort = () => { stopped++; }; await new Promise(() => {}); }
      case "/stats": return Response.json({ made, stopped });
      case "/cookies": { const headers = new Headers(); headers.append("set-cookie", "a=1"); headers.append("set-cookie", "b=2"); return new Response("", { headers }); }
      case "/endless": {
        request.signal.onabort = () => { stopped++; };
        return new Response(new ReadableStream({ pull(c) { made += 65536; c.enqueue(new Uint8Array(65536)); } }));
      }
      case "/sse": {
        let n = 0;
        const body = new ReadableStream({ async pull(c) { if (n === 3) return c.close(); await new Promise((r) => setTimeout(r, 30)); c.enqueue(new TextEncoder().encode(`data: ${n++}\\n\\n`)); } });
        return new Response(body, { headers: { "content-type": "text/event-stream" } });
      }
      case "/breaks": return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(10)); c.error(new Error("half way")); } }));
      case "/dies": { const all: unknown[] = []; setTimeout(() => { while (true) all.push(new Array(1e6).fill(1.5)); }, 50);
        return new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(10)); } })); }
      case "/length": return new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(5)); c.close(); } }), { headers: { "content-length": "5" } });
      case "/short": return new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(5)); c.close(); } }), { headers: { "content-length": "9" } });
      case "/status": return new Response(null, { status: Number(url.search.slice(1)) });
      case "/latin": return new Response("", { headers: { "x-word": "caf\\u00e9" } });
      default: return new Response("not found", { status: 404 });
    }
  },
});
"""


@pytest.fixture
async def app(front):
    return await front({"server.ts": SERVER})


async def test_json_and_headers(app):
    async with httpx.AsyncClient(base_url=app.url) as client:
        response = await client.get("/json")
        assert (response.status_code, response.json(), response.headers["content-type"]) == (200, {"hello": "world"}, "application/json")
        assert "date" in response.headers
        assert response.headers["content-length"] == "17"
        told = (await client.post("/request?q=ä%20b", content=b"x", headers={"X-Two": "1"})).json()
        assert told["method"] == "POST"
        assert told["url"] == f"{app.url}/request?q=%C3%A4%20b"
        assert told["headers"]["x-two"] == "1"
        assert (await client.get("/cookies")).headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert (await client.get("/latin")).headers["x-word"] == "café"
        assert (await client.get("/missing")).status_code == 404


async def test_curl_and_http_1_0(app):
    def curl(*args):
        return subprocess.run(["curl", "-sS", "-i", "--max-time", "20", *args], capture_output=True, check=True, timeout=30).stdout

    assert b'{"hello":"world"}' in await asyncio.to_thread(curl, f"{app.url}/json")
    old = await asyncio.to_thread(curl, "--http1.0", f"{app.url}/sse")
    assert b"connection: close" in old
    assert b"transfer-encoding" not in old
    assert old.endswith(b"data: 0\n\ndata: 1\n\ndata: 2\n\n")
    both = await asyncio.to_thread(curl, f"{app.url}/json", f"{app.url}/sse")
    assert both.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize("size", [1, 65_536, 65_537, 3_000_000])
async def test_bodies_are_exact(app, size):
    data = bytes(i * 31 & 0xFF for i in range(1000)) * (size // 1000 + 1)
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{app.url}/echo", data=io.BytesIO(data[:size])) as response:
            assert await response.read() == data[:size]

        async def chunks():
            for start in range(0, size, 10_000):
                yield data[start : min(start + 10_000, size)]

        async with session.post(f"{app.url}/echo", data=chunks()) as response:
            assert await response.read() == data[:size]


async def test_events_come_one_by_one(app):
    async with aiohttp.ClientSession() as session, session.get(f"{app.url}/sse") as response:
        assert response.headers["transfer-encoding"] == "chunked"
        events = [chunk async for chunk, _ in response.content.iter_chunks()]
    assert events == [b"data: 0\n\n", b"data: 1\n\n", b"data: 2\n\n"]


async def test_the_first_byte_of_an_upload_is_answered_before_the_last(app):
    reader, writer = await asyncio.open_connection("127.0.0.1", app.port)
    writer.write(b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
    assert b"first" in await reader.readuntil(b"first\r\n")
    writer.write(b"4\r\nlast\r\n0\r\n\r\n")
    assert await reader.readuntil(b"0\r\n\r\n") == b"4\r\nlast\r\n0\r\n\r\n"
    writer.close()


async def test_a_client_that_goes_away_stops_the_work(app):
    async with httpx.AsyncClient(base_url=app.url) as client:
        for path in ("/never", "/endless"):
            reader, writer = await asyncio.open_connection("127.0.0.1", app.port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            if path == "/endless":
                await reader.readexactly(100_000)
            else:
                await until(lambda: app.app().busy == 1)
                await asyncio.sleep(0.05)
            writer.transport.abort()
            await until(lambda: app.app().busy == 0)
        stats = (await client.get("/stats")).json()
        assert stats["stopped"] == 2
        # Backpressure: what nobody took was not made.
        assert stats["made"] < 10_000_000
        await until(lambda: app.app().server.diagnostics().replicas[0]["load"] == 0)


async def test_an_app_cannot_forge_lines_of_the_log(front, caplog):
    forged = "2026-01-01 00:00:00,000 INFO isolate_host.daemon: all is well"
    app = await front({"server.ts": f'export default {{ fetch() {{ throw new Error("\\x1b[2J\\n{forged}") }} }}'})
    async with httpx.AsyncClient() as client:
        assert (await client.get(app.url)).status_code == 500
    assert f"\n    {forged}" in caplog.text
    assert f"\n{forged}" not in caplog.text
    assert "\x1b" not in caplog.text


async def test_an_app_that_does_not_start_is_named_in_the_log(front, caplog):
    with pytest.raises(GuestError, match="no database"):
        await front({"server.ts": 'throw new Error("no database")'})
    assert "app_servers.app: " in caplog.text
    assert "server.ts does not start" in caplog.text


async def test_a_throw_is_a_page_without_internals(front, caplog, tmp_path):
    app = await front({"server.ts": SERVER, "500.html": "<h1>Hoppla</h1>"}, error_page="./500.html")
    async with httpx.AsyncClient(base_url=app.url) as client:
        for path in ("/throw", "/nothing"):
            response = await client.get(path)
            assert (response.status_code, response.text) == (500, "<h1>Hoppla</h1>")
        assert (await client.get("/json")).status_code == 200
    assert "internal detail 4711" in caplog.text
    assert "/server.ts:" in caplog.text


async def test_a_body_that_breaks_off_is_no_whole_one(app):
    async with httpx.AsyncClient(base_url=app.url) as client:
        for path in ("/breaks", "/short", "/dies"):
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get(path, timeout=20)
        assert (await client.get("/length")).content == bytes(5)
        assert (await client.get("/json")).status_code == 200


@pytest.mark.parametrize("status", [204, 205, 304])
async def test_statuses_without_a_body(app, status):
    async with httpx.AsyncClient(base_url=app.url) as client:
        response = await client.get(f"/status?{status}")
        assert (response.status_code, response.content) == (status, b"")
        assert response.headers.get("content-length") == ("0" if status == 205 else None)
        head = await client.head("/json")
        assert (head.status_code, head.content) == (200, b"")
        assert (await client.get("/json")).status_code == 200


async def test_pipelined_requests_are_answered_in_order(app, raw):
    requests = b"".join(b"GET /request?%d HTTP/1.1\r\nHost: a\r\n%s\r\n" % (number, b"Connection: close\r\n" if number == 49 else b"") for number in range(50))
    answer = await raw(app.port, requests)
    assert [int(part.split(b'"')[0]) for part in answer.split(b"/request?")[1:]] == list(range(50))


async def test_keep_alive_ends_when_nothing_comes(front):
    app = await front({"server.ts": SERVER}, limits={"idle_timeout_s": 0.5})
    reader, writer = await asyncio.open_connection("127.0.0.1", app.port)
    writer.write(b"GET /json HTTP/1.1\r\nHost: a\r\n\r\n")
    await reader.readuntil(b"}")
    assert await reader.read() == b""
    writer.close()


async def test_a_deadline_is_504_and_a_full_queue_503(front):
    app = await front({"server.ts": SERVER}, limits={"requests": 2, "queue": 1, "request_timeout_s": 1})
    async with httpx.AsyncClient(base_url=app.url) as client:
        waiting = [asyncio.create_task(client.get("/never", timeout=20)) for _ in range(3)]
        await until(lambda: app.app().busy == 3)
        full = await client.get("/json")
        assert (full.status_code, full.headers["retry-after"]) == (503, "1")
        assert [(await item).status_code for item in waiting[:2]] == [504, 504]
        assert (await waiting[2]).status_code == 504
        assert (await client.get("/json")).status_code == 200


async def test_an_isolate_that_dies_between_requests(app):
    import os
    import signal

    async with httpx.AsyncClient(base_url=app.url) as client:
        waiting = asyncio.create_task(client.post("/never", timeout=20))
        await until(lambda: app.app().busy == 1)
        await asyncio.sleep(0.05)
        (replica,) = app.app().server.replicas.live
        os.kill((await replica.channel.diagnostics())["pid"], signal.SIGKILL)
        assert (await waiting).status_code == 502
        assert [(await client.get("/json")).status_code for _ in range(5)] == [200] * 5
        assert app.app().server.diagnostics().reloads == 1


async def test_forwarded_headers_of_strangers_are_replaced(app):
    async with httpx.AsyncClient(base_url=app.url) as client:
        headers = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil", "Forwarded": "for=6.6.6.6", "X-Request-Id": "mine"}
        told = (await client.get("/request", headers=headers)).json()
    assert told["url"].startswith("http://127.0.0.1:")
    assert told["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert told["headers"]["x-forwarded-proto"] == "http"
    assert "forwarded" not in told["headers"]


async def test_forwarded_headers_of_trusted_proxies_are_continued(front, tmp_path):
    log = tmp_path / "access.log"
    app = await front({"server.ts": SERVER}, trusted_proxies=["127.0.0.0/8"], access_log=str(log))
    async with httpx.AsyncClient(base_url=app.url) as client:
        headers = {"X-Forwarded-For": "9.9.9.9, 8.8.8.8, 127.0.0.5", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "shop.example", "X-Request-Id": "abc"}
        told = (await client.get("/request", headers=headers)).json()
    assert told["url"] == "https://shop.example/request"
    assert told["headers"]["x-forwarded-for"] == "9.9.9.9, 8.8.8.8, 127.0.0.5, 127.0.0.1"
    await until(log.read_text)
    entry = json.loads(log.read_text())
    assert (entry["client"], entry["request"], entry["status"], entry["target"]) == ("8.8.8.8", "abc", 200, "/request")
    assert log.stat().st_mode & 0o077 == 0


async def test_apps_share_a_listener_by_host_and_path(front):
    yaml = """
version: 1
sandboxes: {agent: {policies: {console: {}}}}
app_servers:
  root: {sandbox: agent, entry: ./a.ts, listen: "127.0.0.1:0"}
  api: {sandbox: agent, entry: ./b.ts, listen: "127.0.0.1:0", path: /api}
  deep: {sandbox: agent, entry: ./c.ts, listen: "127.0.0.1:0", path: /api/deep/}
  host: {sandbox: agent, entry: ./d.ts, listen: "127.0.0.1:0", host: [shop.example, "*.shop.example"]}
"""
    files = {f"{letter}.ts": f"serve({{ fetch: (r) => new Response('{letter}' + new URL(r.url).pathname) }})" for letter in "abcd"}
    app = await front(files, yaml=yaml)
    port = app.ports["root"]
    assert set(app.ports.values()) == {port}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for path, expected in {"/": "a/", "/apis": "a/apis", "/api": "b/api", "/api/x": "b/api/x", "/api/deep": "c/api/deep", "/api/deep/x": "c/api/deep/x"}.items():
            assert (await client.get(path)).text == expected
        for host, expected in {"shop.example": "d", "a.b.SHOP.example:99": "d", "xshop.example": "a", "example": "a"}.items():
            assert (await client.get("/", headers={"Host": host})).text == f"{expected}/"


@pytest.mark.parametrize("target", ["/api/../admin", "/api/%2e%2E/admin", "/api/.%2e/admin", "/x\\..\\admin"])
async def test_a_path_is_the_same_for_route_and_app(front, raw, target):
    """What the app's URL parser makes of a target decides the route as well."""
    yaml = """
version: 1
sandboxes: {agent: {policies: {console: {}}}}
app_servers:
  public: {sandbox: agent, entry: ./a.ts, listen: "127.0.0.1:0"}
  admin: {sandbox: agent, entry: ./b.ts, listen: "127.0.0.1:0", path: /admin}
"""
    files = {f"{letter}.ts": f"serve({{ fetch: (r) => new Response('{letter}' + new URL(r.url).pathname) }})" for letter in "ab"}
    app = await front(files, yaml=yaml)
    answer = await raw(app.ports["public"], f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert answer.endswith(b"b/admin")


async def test_tls_by_file(front, tmp_path):
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    app = await front({"server.ts": SERVER}, tls={"certificate": "./cert.pem", "key": "./key.pem"})
    context = ssl.create_default_context()
    authority.configure_trust(context)
    async with httpx.AsyncClient(verify=context) as client:
        told = (await client.get(f"https://localhost:{app.port}/request")).json()
        assert told["url"] == f"https://localhost:{app.port}/request"
        assert (await client.post(f"https://localhost:{app.port}/size", content=bytes(2_000_000))).text == "2000000"


async def test_a_unix_socket(front, tmp_path):
    app = await front({"server.ts": SERVER}, listen="unix:./app.sock")
    assert app.ports == {"app": None}
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(tmp_path / "app.sock"))) as client:
        assert (await client.get("http://somewhere/json")).json() == {"hello": "world"}
    assert (tmp_path / "app.sock").stat().st_mode & 0o007 == 0


async def test_an_address_in_use_is_told(front):
    app = await front({"server.ts": SERVER})
    with pytest.raises(ConfigError, match="cannot listen on 127.0.0.1"):
        await front({"server.ts": SERVER}, listen=f"127.0.0.1:{app.port}")


async def test_a_reload_closes_no_listener_and_loses_no_request(front, tmp_path):
    yaml = (
        "version: 1\nsandboxes: {agent: {policies: {console: {}}}}\n"
        'app_servers: {app: {sandbox: agent, entry: ./server.ts, listen: "127.0.0.1:0"}}\n'
    )
    program = "serve({ async fetch(r) { await new Promise((f) => setTimeout(f, 20)); return new Response('v%d') } })"
    app = await front({"server.ts": program % 1}, yaml=yaml)
    port, seen, stop = app.port, [], asyncio.Event()
    async with httpx.AsyncClient() as client:

        async def load():
            while not stop.is_set():
                seen.append((await client.get(f"http://127.0.0.1:{port}/")).text)

        loads = [asyncio.create_task(load()) for _ in range(8)]
        await until(lambda: len(seen) > 20)
        (tmp_path / "server.ts").write_text(program % 2)
        await app.reload(yaml)
        await until(lambda: seen[-8:] == ["v2"] * 8)
        # What does not start changes nothing.
        (tmp_path / "server.ts").write_text("throw new Error('no')")
        with pytest.raises(Exception, match="no"):
            await app.reload(yaml)
        count = len(seen)
        await until(lambda: len(seen) > count + 20)
        stop.set()
        await asyncio.gather(*loads)
    assert set(seen) == {"v1", "v2"}
    assert app.port == port


async def test_isolates_end_when_nobody_asks_and_come_back(front):
    app = await front({"server.ts": "let n = 0; serve({ fetch: () => new Response(`${++n}`) })"}, idle_s=0.3)
    async with httpx.AsyncClient(base_url=app.url) as client:
        assert (await client.get("/")).text == "1"
        await until(lambda: app.broker.diagnostics()["runtimes"] == 0)
        assert app.app().server.diagnostics().state == "disposed"
        assert [(await client.get("/")).text for _ in range(2)] == ["1", "2"]
        await until(lambda: app.broker.diagnostics()["runtimes"] == 0)


async def test_draining_finishes_what_runs_and_takes_nothing_new(front):
    app = await front({"server.ts": "serve({ async fetch() { await new Promise((f) => setTimeout(f, 300)); return new Response('whole') } })"})
    async with httpx.AsyncClient(base_url=app.url) as client:
        request = asyncio.create_task(client.get("/"))
        await until(lambda: app.app().busy == 1)
        await app.front.drain(20)
        response = await request
        assert (response.text, response.headers["connection"]) == ("whole", "close")
        with pytest.raises(httpx.ConnectError):
            await client.get("/")


async def test_an_app_that_does_not_start_is_told(front):
    with pytest.raises(Exception, match="no request handler"):
        await front({"server.ts": "export {}"})
    with pytest.raises(ConfigError, match=r"cannot read .*server\.ts"):
        await front({}, entry="./nowhere/server.ts")


def test_conflicts_are_findings(tmp_path):
    path = tmp_path / "host.yaml"
    path.write_text(
        "version: 1\nsandboxes: {agent: {policies: {console: {}}}}\napp_servers:\n"
        '  a: {sandbox: agent, entry: ./a.ts, listen: "127.0.0.1:80"}\n'
        '  b: {sandbox: agent, entry: ./b.ts, listen: "127.0.0.1:80", path: "/"}\n'
    )
    with pytest.raises(ConfigError, match="app_servers.a has the same address, host and path"):
        load_config(path, PluginRegistry())
