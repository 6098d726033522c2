"""``Bindings(fetch=…)``: a function of the caller answers, over both links."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

import isolate_host as ih


@pytest.fixture
async def bound(host):
    """A function: a runtime whose ``fetch`` is answered by the given function."""
    opened = []

    async def make(function, **options):
        rt = await host.create_runtime(bindings=ih.Bindings(fetch=function), **options)
        opened.append(rt)
        return rt

    yield make
    for rt in opened:
        await rt.dispose()


async def test_request_and_response_are_whole(bound):
    seen = []

    async def answer(request, ctx):
        assert isinstance(request, ih.Request)
        seen.append((request.method, request.url, request.headers["x-a"], await request.text(), ctx.capability, ctx.op))
        return ih.Response("made here", status=201, headers=[("X-B", "2"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], status_text="Made")

    rt = await bound(answer)
    code = "const r = await fetch('http://Any.test:80/x?q#f', {method: 'POST', body: 'hello', headers: {'X-A': '1'}}); [r.status, r.statusText, r.url, r.headers.get('x-b'), r.headers.getSetCookie(), await r.text()]"
    assert await rt.eval(code) == [201, "Made", "http://any.test/x?q", "2", ["a=1", "b=2"], "made here"]
    assert seen == [("POST", "http://any.test/x?q#f", "1", "hello", "fetch", "fetch")]


async def test_plain_functions_and_json(bound):
    rt = await bound(lambda request: ih.Response.json({"url": request.url}))
    assert await rt.eval("await (await fetch('http://a.test/')).json()") == {"url": "http://a.test/"}


async def test_streams_both_ways(bound):
    went_on = asyncio.Event()

    async def answer(request, ctx):
        async def body():
            async for chunk in request.iter_bytes():
                yield b"<" + chunk + b">"
            await went_on.wait()
            yield b"end"

        return ih.Response(body())

    rt = await bound(answer)
    code = """
    const body = new ReadableStream({start(c) { for (const text of ['a', 'b']) c.enqueue(new TextEncoder().encode(text)); c.close() }});
    globalThis.reader = (await fetch('http://a.test/', {method: 'POST', body, duplex: 'half'})).body.getReader();
    globalThis.text = async () => new TextDecoder().decode((await reader.read()).value);
    await text() + await text()
    """
    assert await rt.eval(code) == "<a><b>"
    went_on.set()
    assert await rt.eval("await text()") == "end"


async def test_megabytes_through_a_binding(bound):
    async def answer(request, ctx):
        return ih.Response(request.iter_bytes())

    rt = await bound(answer)
    code = """
    let left = 40;
    const body = new ReadableStream({pull(c) { if (left-- > 0) c.enqueue(new Uint8Array(100_000)); else c.close() }});
    (await (await fetch('http://a.test/', {method: 'POST', body, duplex: 'half'})).arrayBuffer()).byteLength
    """
    assert await rt.eval(code) == 4_000_000


@pytest.mark.parametrize("when", ["before", "during", "body"])
async def test_abort_reaches_the_host(bound, when):
    aborted, closed = asyncio.Event(), asyncio.Event()

    async def answer(request, ctx):
        ctx.signal.add_listener(aborted.set)

        async def body():
            try:
                while True:
                    yield b"tick"
                    await asyncio.sleep(0.01)
            finally:
                closed.set()

        if when == "during":
            await ctx.signal.wait()
            closed.set()
            await asyncio.sleep(5)
        return ih.Response(body())

    rt = await bound(answer)
    start = {"before": "controller.abort('why');", "during": "setTimeout(() => controller.abort('why'), 50);", "body": ""}[when]
    code = f"const controller = new AbortController(); {start} const found = await fetch('http://a.test/', {{signal: controller.signal}}).then(async r => {{ controller.abort('why'); return await r.text() }}).catch(e => e); found"
    assert await rt.eval(code) == "why"
    if when != "before":
        async with asyncio.timeout(30):
            await aborted.wait()
            await closed.wait()


async def test_an_error_of_the_function_is_a_network_error(bound):
    async def answer(request, ctx):
        if "body" in request.url:

            async def body():
                yield b"x"
                raise RuntimeError("upstream broke")

            return ih.Response(body())
        raise RuntimeError("upstream is down")

    rt = await bound(answer)
    assert await rt.eval("await fetch('http://a.test/').catch(e => [e instanceof TypeError, e.message])") == [True, "fetch failed: upstream is down"]
    assert await rt.eval("await fetch('http://a.test/body').then(r => r.text()).catch(e => [e instanceof TypeError, e.message])") == [True, "terminated: upstream broke"]


@pytest.mark.parametrize("answer", [None, "text", {"status": 200}, b"x"])
async def test_what_is_no_response(bound, answer):
    rt = await bound(lambda request: answer)
    assert "must return a Response" in await rt.eval("await fetch('http://a.test/').catch(e => e.message)")


async def test_null_bodies_and_redirect_mode(bound):
    rt = await bound(lambda request: ih.Response("x" if request.method != "DELETE" else None, status=int(request.url.rpartition("/")[2]), headers={"Location": "/y"}))
    assert await rt.eval("const r = await fetch('http://a.test/200', {method: 'HEAD'}); [r.status, r.body]") == [200, None]
    assert await rt.eval("const n = await fetch('http://a.test/204', {method: 'DELETE'}); [n.status, n.body]") == [204, None]
    assert await rt.eval("(await fetch('http://a.test/302', {redirect: 'manual'})).status") == 302
    assert await rt.eval("await fetch('http://a.test/302', {redirect: 'error'}).catch(e => e.message)") == "fetch failed: the answer is a redirect"


async def test_a_response_of_aiohttp_is_passed_on(bound, serve):
    async def hello(request):
        return web.Response(text="hello " * 100_000, headers={"X-A": "1"})

    async def move(request):
        raise web.HTTPFound("/hello")

    port = await serve({"GET /hello": hello, "HEAD /hello": hello, "GET /": move})
    async with aiohttp.ClientSession() as session:

        async def answer(request, ctx):
            return await session.request(request.method, request.url)

        rt = await bound(answer)
        code = f"const r = await fetch('http://127.0.0.1:{port}/'); [r.status, r.url, r.redirected, r.headers.get('x-a'), (await r.text()).length]"
        assert await rt.eval(code) == [200, f"http://127.0.0.1:{port}/hello", True, "1", 600_000]
        for _ in range(3):
            assert await rt.eval(f"(await fetch('http://127.0.0.1:{port}/hello', {{method: 'HEAD'}})).body") is None
            await rt.eval(f"await (await fetch('http://127.0.0.1:{port}/hello')).body.cancel()")


async def test_a_policy_decides_before_the_function_is_asked(start_host):
    asked = []

    def answer(request):
        asked.append(request.url)
        return ih.Response("ok")

    host = await start_host("version: 1\nplugins: [fetch]\nsandboxes: {default: {policies: {fetch: {allow: ['https://a.test/v1/*'], requests_per_second: 100}}}, bare: {policies: {}}}\n")
    async with host.create_runtime(bindings=ih.Bindings(fetch=answer)) as rt:
        assert await rt.eval("await (await fetch('https://a.test/v1/x')).text()") == "ok"
        for url in ("https://a.test/v2", "http://a.test/v1/x", "https://a.test/v1/..%2fv2", "https://b.test\\\\@a.test/v1/x"):
            with pytest.raises(ih.PolicyDenied):
                await rt.eval(f"await fetch('{url}')")
    assert asked == ["https://a.test/v1/x"]
    with pytest.raises(ih.PolicyDenied, match="does not grant"):
        await host.create_runtime(sandbox="bare", bindings=ih.Bindings(fetch=answer))


async def test_the_broker_reads_a_url_in_one_spelling_only(capability):
    """A guest that speaks to the host without our script must not find a text that the client reads as another host."""

    async def client(op, message):
        return "forwarded"

    bound = capability("fetch", {"allow": ["https://a.test"]}, binding={}, client=client)
    assert bound.capability.passes(bound._call("fetch", ({"url": "https://a.test/x"},)))
    for url in ("https://a.test", "HTTPS://a.test/", "https://a.test\\@b.test/", "https://a.test:443/", "https://a.test./", " https://a.test/", "https://a.test/\t"):
        with pytest.raises((TypeError, ih.PolicyDenied)):
            bound.capability.passes(bound._call("fetch", ({"url": url},)))
    for args in ((), (None,), ({},), ({"url": {}},), ({"url": "https://a.test/x", "headers": [["a", "b\r\nc"]]},), ({"url": "https://a.test/x", "method": "CONNECT"},)):
        with pytest.raises(TypeError):
            bound.capability.passes(bound._call("fetch", args))
    with pytest.raises(LookupError):
        bound.capability.passes(bound._call("other", ()))
