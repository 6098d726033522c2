"""``fetch()`` as guest code sees it, over both links, under a policy."""

import asyncio
import gzip
import json

import pytest
from aiohttp import web

import isolate_host as ih

POLICY = """
version: 1
plugins: [console, fetch]
sandboxes:
  default:
    policies:
      console: {}
      fetch:
        allow: [{scheme: http, host: 127.0.0.1, port: PORT, private_addresses: allow}]
        deny: [{path: /secret*}]
"""


async def echo(request):
    return web.json_response(
        {"method": request.method, "headers": {name.lower(): value for name, value in request.headers.items()}, "body": (await request.read()).decode("latin-1")},
        headers={"X-Sent": "yes"},
    )


@pytest.fixture
async def site(serve):
    state = {"arrived": asyncio.Event(), "closed": asyncio.Event(), "go": asyncio.Event()}

    async def slow(request):
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        try:
            async with asyncio.timeout(30):
                await state["go"].wait()
            await response.write(b"last")
        finally:
            state["closed"].set()
        return response

    async def endless(request):
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"tick")
                await asyncio.sleep(0.01)
        finally:
            state["closed"].set()

    async def stall(request):
        state["arrived"].set()
        try:
            await asyncio.sleep(10)
        finally:
            state["closed"].set()

    async def cut(request):
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"part")
        request.transport.close()
        return response

    async def packed(request):
        return web.Response(body=gzip.compress(b"unpacked"), headers={"Content-Encoding": "gzip", "Content-Type": "text/plain"})

    async def redirect(request):
        return web.Response(status=302, headers={"Location": request.query["to"]})

    async def cookies(request):
        response = web.Response()
        response.headers.extend([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return response

    async def status(request):
        return web.Response(status=int(request.match_info["status"]))

    routes = {"* /echo": echo, "GET /slow": slow, "GET /endless": endless, "GET /stall": stall, "GET /cut": cut, "GET /packed": packed, "GET /to": redirect, "GET /cookies": cookies, "* /status/{status}": status}  # fmt: skip
    port = await serve(routes)
    return {"port": port, "url": f"http://127.0.0.1:{port}", **state}


@pytest.fixture
async def runtime(start_host, site):
    host = await start_host(POLICY.replace("PORT", str(site["port"])))
    async with host.create_runtime(sandbox="default") as rt:
        await rt.eval(f"globalThis.site = {json.dumps(site['url'])}; undefined")
        yield rt


async def test_json_there_and_back(runtime, site):
    code = """
    const response = await fetch(site + "/echo?q#frag", {method: "POST", body: JSON.stringify({n: 1}), headers: {"Content-Type": "application/json", "X-A": "1"}});
    ({status: response.status, ok: response.ok, url: response.url, type: response.type, redirected: response.redirected, sent: response.headers.get("x-sent"), seen: await response.json()})
    """
    value = await runtime.eval(code)
    seen = value.pop("seen")
    assert value == {"status": 200, "ok": True, "url": site["url"] + "/echo?q", "type": "basic", "redirected": False, "sent": "yes"}
    assert (seen["method"], seen["body"], seen["headers"]["x-a"], seen["headers"]["content-type"]) == ("POST", '{"n":1}', "1", "application/json")


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("'text \u00e9'", "text/plain;charset=utf-8", "text \u00c3\u00a9"),
        ("new Uint8Array([104, 105])", None, "hi"),
        ("new Blob(['blob'], {type: 'a/b'})", "a/b", "blob"),
        ("new URLSearchParams({a: '1 2'})", "application/x-www-form-urlencoded;charset=utf-8", "a=1+2"),
        ("new Response('streamed').body", None, "streamed"),
    ],
)
async def test_bodies_of_every_kind(runtime, body, kind, text):
    seen = await runtime.eval(f"await (await fetch(site + '/echo', {{method: 'PUT', duplex: 'half', body: {body}}})).json()")
    assert seen["body"] == text
    assert (seen["headers"].get("content-type") or "").lower() == (kind or "")


async def test_a_form_with_a_file(runtime):
    code = "const form = new FormData(); form.append('a', 'b'); form.append('f', new File(['content'], 'name.txt')); await (await fetch(site + '/echo', {method: 'POST', body: form})).json()"
    seen = await runtime.eval(code)
    assert seen["headers"]["content-type"].startswith("multipart/form-data; boundary=")
    assert 'filename="name.txt"' in seen["body"]
    assert "content" in seen["body"]


async def test_the_first_byte_comes_before_the_last(runtime, site):
    await runtime.eval("globalThis.reader = (await fetch(site + '/slow')).body.getReader(); globalThis.text = async () => new TextDecoder().decode((await reader.read()).value); undefined")
    assert await runtime.eval("await text()") == "first"
    site["go"].set()
    assert await runtime.eval("await text()") == "last"
    assert await runtime.eval("(await reader.read()).done") is True


async def test_large_bodies_in_constant_pieces(runtime):
    code = """
    const size = 5_000_000;
    let sent = 0;
    const body = new ReadableStream({pull(c) { const n = Math.min(100_000, size - sent); if (n === 0) c.close(); else { sent += n; c.enqueue(new Uint8Array(n).fill(97)) } }});
    const answer = await (await fetch(site + "/echo", {method: "POST", body, duplex: "half"})).json();
    answer.body.length
    """
    assert await runtime.eval(code) == 5_000_000


@pytest.mark.parametrize("how", ["controller.abort()", "controller.abort(new RangeError('enough'))"])
async def test_abort_before_during_and_in_the_body(runtime, site, how):
    name = "RangeError" if "Range" in how else "AbortError"
    assert await runtime.eval(f"{{ const controller = new AbortController(); {how}; await fetch(site + '/echo', {{signal: controller.signal}}).catch(e => e.name) }}") == name
    code = f"{{ const controller = new AbortController(); __on('abort', () => {how}); await fetch(site + '/stall', {{signal: controller.signal}}).catch(e => e.name) }}"
    async with asyncio.timeout(30):
        aborted = asyncio.create_task(runtime.eval(code))
        await site["arrived"].wait()
        await runtime.events.emit("abort", None)
        assert await aborted == name
        await site["closed"].wait()
    site["closed"].clear()
    code = f"{{ const controller = new AbortController(); const response = await fetch(site + '/endless', {{signal: controller.signal}}); {how}; await response.text().catch(e => e.name) }}"
    assert await runtime.eval(code) == name
    async with asyncio.timeout(30):
        await site["closed"].wait()


async def test_cancelling_the_body_reaches_the_server(runtime, site):
    await runtime.eval("const response = await fetch(site + '/endless'); const reader = response.body.getReader(); await reader.read(); await reader.cancel()")
    async with asyncio.timeout(30):
        await site["closed"].wait()


async def test_network_errors_are_type_errors_with_a_cause(runtime):
    found = await runtime.eval("await fetch(site + '/cut').then(r => r.text()).catch(e => [e instanceof TypeError, e.message, e.cause.code])")
    assert found == [True, "terminated: the connection was lost before the end of the response", "ECONNRESET"]
    found = await runtime.eval("await fetch('http://user:pw@127.0.0.1/').catch(e => [e instanceof TypeError, e.message])")
    assert found[0] is True
    for bad in ("fetch()", "fetch('/relative')", "fetch('ftp://a.test/')", "fetch(site, {method: 'TRACE'})", "fetch(site, {body: 'x'})", "fetch(site, {headers: {a: 'b\\r\\nc: d'}})"):
        assert await runtime.eval(f"await {bad}.catch(e => e instanceof TypeError)") is True, bad


async def test_a_denial_names_the_key(runtime, site):
    found = await runtime.eval("await fetch(site + '/secret/1').catch(e => [e instanceof TypeError, e.message, e.code])")
    assert found[0] is True
    assert f"GET {site['url']}/secret/1 is denied by sandboxes.default.policies.fetch.deny" in found[1]
    assert found[2] == "policy-denied"
    with pytest.raises(ih.PolicyDenied) as caught:
        await runtime.eval("await fetch('https://elsewhere.test/')")
    assert caught.value.value == "https://elsewhere.test/"
    assert "sandboxes.default.policies.fetch.allow" in caught.value.hint


async def test_redirects_and_their_modes(runtime, site):
    code = "const r = await fetch(site + '/to?to=/echo'); [r.redirected, r.url, r.status]"
    assert await runtime.eval(code) == [True, site["url"] + "/echo", 200]
    assert await runtime.eval("const m = await fetch(site + '/to?to=/echo', {redirect: 'manual'}); [m.status, m.headers.get('location')]") == [302, "/echo"]
    assert await runtime.eval("await fetch(site + '/to?to=/echo', {redirect: 'error'}).catch(e => e.name)") == "TypeError"
    with pytest.raises(ih.PolicyDenied):
        await runtime.eval("await fetch(site + '/to?to=/secret')")


async def test_null_bodies_headers_and_decompression(runtime):
    for status in (204, 205, 304):
        assert await runtime.eval(f"const r{status} = await fetch(site + '/status/{status}'); [r{status}.status, r{status}.body, await r{status}.text()]") == [status, None, ""]
    assert await runtime.eval("const h = await fetch(site + '/echo', {method: 'HEAD'}); [h.status, h.body]") == [200, None]
    assert await runtime.eval("(await fetch(site + '/cookies')).headers.getSetCookie()") == ["a=1", "b=2"]
    assert await runtime.eval("await (await fetch(site + '/packed')).text()") == "unpacked"
    assert await runtime.eval("const i = await fetch(site + '/echo'); try { i.headers.set('a', 'b') } catch (e) { e.name }") == "TypeError"


async def test_request_objects_keep_their_signal_and_init_overrides(runtime):
    code = """
    const controller = new AbortController();
    const request = new Request(site + "/echo", {method: "POST", body: "own", signal: controller.signal, headers: {"x-a": "1"}});
    const first = await (await fetch(request.clone(), {method: "PUT"})).json();
    controller.abort();
    [first.method, first.body, first.headers["x-a"], await fetch(request).catch(e => e.name)]
    """
    assert await runtime.eval(code) == ["PUT", "own", "1", "AbortError"]


async def test_clones_deliver_the_same_bytes(runtime):
    assert await runtime.eval("const r = await fetch(site + '/packed'); const c = r.clone(); [await r.text(), await c.text(), r.bodyUsed, await r.text().catch(e => e.name)]") == ["unpacked", "unpacked", True, "TypeError"]  # fmt: skip


async def test_local_urls_need_no_grant(start_host):
    host = await start_host("version: 1\nplugins: [fetch]\nsandboxes: {default: {policies: {}}}\n")
    async with host.create_runtime(sandbox="default") as rt:
        assert await rt.eval("const r = await fetch('data:text/html;charset=utf-8,a%20b#c'); [r.status, r.headers.get('content-type'), await r.text(), r.url]") == [200, "text/html;charset=utf-8", "a b", "data:text/html;charset=utf-8,a%20b"]
        assert await rt.eval("await (await fetch(URL.createObjectURL(new Blob(['b'])))).text()") == "b"
        with pytest.raises(ih.PolicyDenied, match="fetch.fetch is not granted") as caught:
            await rt.eval("await fetch('https://a.test/')")
        assert "add sandboxes.default.policies.fetch" in caught.value.hint
        assert await rt.eval("await fetch('https://a.test/').catch(e => e instanceof TypeError)") is True


@pytest.mark.parametrize(
    ("url", "kind", "text"),
    [
        ("data:,x", "text/plain;charset=US-ASCII", "x"), ("data:;charset=x,x", "text/plain;charset=x", "x"), ("data:nothing,x", "text/plain;charset=US-ASCII", "x"),
        ("data:text/plain;base64,aGk=", "text/plain", "hi"), ("data:; base64,aGk", "text/plain;charset=US-ASCII", "hi"), ('data:A/B;C=\\"d e\\";c=2,%41%zz', 'a/b;c="d e"', "A%zz"),
        ("data:text/plain;base64,a", None, None), ("data:text/plain", None, None),
    ],
)  # fmt: skip
async def test_data_urls(embedded, url, kind, text):
    async with embedded.create_runtime() as rt:
        code = f"await fetch(\"{url}\").then(async r => [r.headers.get('content-type'), await r.text()], e => [null, null])"
        assert await rt.eval(code) == [kind, text]


async def test_guests_that_change_built_ins_change_nothing_for_us(runtime):
    code = """
    Promise.prototype.then = () => { throw 1 }; Object.defineProperty(AbortSignal.prototype, "aborted", {get() { throw 3 }});
    ReadableStream.prototype.getReader = () => { throw 4 }; TypeError.prototype.constructor = null; globalThis.Request = globalThis.Response = null;
    undefined
    """
    await runtime.eval(code)
    assert await runtime.eval("(await fetch(site + '/packed')).status") == 200


async def test_what_the_function_looks_like(runtime):
    assert await runtime.eval("[fetch.name, fetch.length, typeof fetch, 'prototype' in fetch, Object.keys(globalThis).includes('fetch')]") == ["fetch", 1, "function", False, False]
