"""``EventSource`` as guest code sees it, over both links."""

import asyncio

import pytest
from aiohttp import web

POLICY = """
version: 1
plugins: [fetch]
sandboxes:
  default:
    policies:
      fetch:
        allow: [{scheme: http, host: 127.0.0.1, port: PORT, private_addresses: allow}]
        deny: [{path: /secret}]
  none: {}
"""
TOOLS = """
globalThis.listen = (path, count, ...types) => new Promise((resolve) => {
  const source = new EventSource(site + path), log = [];
  const note = (item) => { log.push(item); if (log.length === count) { resolve({log, state: source.readyState}); source.close(); } };
  source.onopen = () => note("open");
  source.onerror = (e) => note(["error", source.readyState, e.message ?? ""]);
  for (const type of ["message", ...types]) source.addEventListener(type, (e) => note([type, e.data, e.lastEventId]));
});
undefined
"""


@pytest.fixture
async def site(serve):
    seen = {"ids": [], "closed": asyncio.Event(), "headers": None, "requests": 0}

    async def stream(request, chunks, status=200, kind="text/event-stream"):
        response = web.StreamResponse(status=status, headers={"Content-Type": kind})
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
        return response

    async def plain(request):
        seen["headers"] = dict(request.headers)
        # The sequence of bytes is cut where it hurts: in a character, between CR and LF.
        whole = "\ufeff: comment\r\ndata: one\rdata: zwei é\r\n\r\nevent: tick\nid: 7\ndata\n\nid: 8\n\ndata:last\n\ndata: unfinished".encode()
        return await stream(request, [whole[i : i + 3] for i in range(0, len(whole), 3)])

    async def again(request):
        seen["ids"].append(request.headers.get("Last-Event-ID"))
        return await stream(request, [b"retry: 10\nid: \xc3\xa9\ndata: hi\n\n"])

    async def endless(request):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        try:
            while True:
                await response.write(b"data: tick\n\n")
                await asyncio.sleep(0.01)
        finally:
            seen["closed"].set()

    async def kind(request):
        seen["requests"] += 1
        if request.query.get("status") == "204":
            return web.Response(status=204)
        return await stream(request, [b"data: x\n\n"], kind=request.query.get("type", "text/event-stream"), status=int(request.query.get("status", "200")))

    async def cut(request):
        seen["requests"] += 1
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"retry: 5\ndata: a\n\n")
        request.transport.abort()
        return response

    async def large(request):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"retry: 100000\n")
        try:
            for _ in range(40):
                await response.write(b"data: " + b"x" * 2**20 + b"\n")
        finally:
            seen["closed"].set()
        return response

    routes = {"GET /plain": plain, "GET /again": again, "GET /endless": endless, "GET /kind": kind, "GET /cut": cut, "GET /large": large}
    port = await serve(routes)
    return {"port": port, "seen": seen}


@pytest.fixture
async def start(start_host, site):
    async def runtime(sandbox="default"):
        host = await start_host(POLICY.replace("PORT", str(site["port"])))
        rt = await host.create_runtime(sandbox=sandbox)
        await rt.eval(f"globalThis.site = 'http://127.0.0.1:{site['port']}'; undefined")
        await rt.eval(TOOLS)
        return rt

    return runtime


async def test_the_format(start, site):
    runtime = await start()
    found = await runtime.eval("await listen('/plain', 5, 'tick')")
    assert found["log"] == ["open", ["message", "one\nzwei é", ""], ["tick", "", "7"], ["message", "last", "8"], ["error", 0, ""]]
    headers = site["seen"]["headers"]
    assert (headers["Accept"], headers["Cache-Control"]) == ("text/event-stream", "no-store")


async def test_it_comes_back_with_the_last_id(start, site):
    runtime = await start()
    found = await runtime.eval("await listen('/again', 8)")
    assert found["log"] == ["open", ["message", "hi", "é"], ["error", 0, ""]] * 2 + ["open", ["message", "hi", "é"]]
    assert site["seen"]["ids"] == [None, "Ã©", "Ã©"]


async def test_it_comes_back_when_the_connection_breaks(start, site):
    runtime = await start()
    found = await runtime.eval("await listen('/cut', 4)")
    assert [item if item == "open" else item[0] for item in found["log"]] in (["open", "message", "error", "open"], ["open", "error", "open", "error"])
    assert site["seen"]["requests"] == 2


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/kind?status=204", "the server answered 204"), ("/kind?status=500", "the server answered 500"), ("/kind?type=text/plain", "the answer is no text/event-stream"),
        ("/kind?type=text/event-streams", "the answer is no text/event-stream"), ("/secret", "is denied by sandboxes.default.policies.fetch.deny"),
    ],
)  # fmt: skip
async def test_what_does_not_pass_by_itself_is_not_tried_again(start, site, path, message):
    runtime = await start()
    found = await runtime.eval(f"const found = await listen('{path}', 1); await new Promise(r => setTimeout(r, 50)); found")
    assert (found["log"][0][:2], found["state"]) == (["error", 2], 2)
    assert message in found["log"][0][2]
    assert site["seen"]["requests"] <= 1


async def test_without_a_grant_it_says_which_key_is_missing(start):
    runtime = await start("none")
    found = await runtime.eval("await listen('/plain', 1)")
    assert "add sandboxes.none.policies.fetch" in found["log"][0][2]
    assert found["state"] == 2


async def test_closing_closes_the_connection(start, site):
    runtime = await start()
    assert (await runtime.eval("await listen('/endless', 4)"))["log"][0] == "open"
    await asyncio.wait_for(site["seen"]["closed"].wait(), 5)


async def test_an_event_without_end_is_given_up(start, site):
    runtime = await start()
    assert (await runtime.eval("await listen('/large', 2)"))["log"] == ["open", ["error", 0, "EventSource: the event is too long"]]
    await asyncio.wait_for(site["seen"]["closed"].wait(), 5)


async def test_it_works_with_the_callers_own_fetch(start_host):
    import isolate_host as ih

    async def answer(request, _ctx):
        return ih.Response(f"data: {request.headers['accept']}\n\n", headers={"Content-Type": "text/event-stream"})

    host = await start_host(None)
    async with host.create_runtime(bindings=ih.Bindings(fetch=answer)) as runtime:
        await runtime.eval("globalThis.site = 'https://any.test'; undefined")
        await runtime.eval(TOOLS)
        assert (await runtime.eval("await listen('/', 2)"))["log"] == ["open", ["message", "text/event-stream", ""]]
        code = "const e = await new Promise(resolve => { new WebSocket('wss://any.test').onerror = resolve; }); e.message"
        assert "the caller answers fetch" in await runtime.eval(code)


async def test_the_interface(start):
    runtime = await start()
    code = """
    const names = []; for (const url of ["/relative", "http://"]) try { new EventSource(url) } catch (e) { names.push(e.name) }
    try { new EventSource() } catch (e) { names.push(e.name) }
    const source = new EventSource("data:text/event-stream,x", {withCredentials: 1});
    const failed = new Promise(resolve => { source.onerror = resolve; });
    const first = [source.readyState, source.url, source.withCredentials]; await failed;
    ({names, first, last: source.readyState, constants: [EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED], keys: Object.keys(EventSource.prototype).sort(), tag: String(source)})
    """
    assert await runtime.eval(code) == {
        "names": ["SyntaxError", "SyntaxError", "TypeError"], "first": [0, "data:text/event-stream,x", True], "last": 2, "constants": [0, 1, 2],
        "keys": ["CLOSED", "CONNECTING", "OPEN", "close", "onerror", "onmessage", "onopen", "readyState", "url", "withCredentials"], "tag": "[object EventSource]",
    }  # fmt: skip
