"""What a guest may say about a request besides its method, headers and body: ``integrity``, ``cache``, ``redirect`` and the modes of browsers."""

import base64
import hashlib
import json

import pytest
from aiohttp import web

import isolate_host as ih

POLICY = """
version: 1
plugins: [fetch]
sandboxes:
  default:
    policies:
      fetch:
        allow: [{scheme: http, host: 127.0.0.1, port: PORT, private_addresses: allow}]
"""
LARGE = b"0123456789abcdef" * 20_000


def sri(name, data):
    return f"{name}-{base64.b64encode(hashlib.new(name, data).digest()).decode()}"


@pytest.fixture
async def runtime(start_host, serve):
    async def head(request):
        return web.json_response({name.lower(): value for name, value in request.headers.items()})

    async def small(_request):
        return web.Response(body=b"hello")

    async def large(request):
        response = web.StreamResponse()
        await response.prepare(request)
        for start in range(0, len(LARGE), 50_000):
            await response.write(LARGE[start : start + 50_000])
        return response

    async def cut(request):
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"part")
        request.transport.abort()
        return response

    async def empty(_request):
        return web.Response(status=204)

    port = await serve({"GET /head": head, "GET /small": small, "GET /large": large, "GET /cut": cut, "GET /empty": empty})
    host = await start_host(POLICY.replace("PORT", str(port)))
    async with host.create_runtime(sandbox="default") as rt:
        await rt.eval(f"globalThis.site = 'http://127.0.0.1:{port}'; globalThis.get = (path, init) => fetch(path.startsWith('/') ? site + path : path, init).then(async r => (await r.text()).length, e => `${{e.name}}: ${{e.message}}`); undefined")
        yield rt


WRONG = "TypeError: fetch failed: the body is not what integrity asks for"


@pytest.mark.parametrize(
    ("path", "integrity", "expected"),
    [
        ("/small", sri("sha256", b"hello"), 5), ("/small", sri("sha384", b"hello"), 5), ("/small", sri("sha512", b"hello").upper().replace(sri("sha512", b"hello").upper()[7:], sri("sha512", b"hello")[7:]), 5),
        ("/small", sri("sha256", b"other"), WRONG),
        # One of the strongest kind has to fit; weaker ones are not looked at.
        ("/small", f"{sri('sha256', b'hello')} {sri('sha512', b'other')}", WRONG), ("/small", f"{sri('sha256', b'other')}  {sri('sha512', b'hello')}", 5), ("/small", f"{sri('sha384', b'other')} {sri('sha384', b'hello')}", 5),
        # What is no metadata asks for nothing.
        ("/small", "md5-abc sha1-abc nonsense", 5), ("/small", "sha256-abc?option", WRONG), ("/small", sri("sha256", b"hello").replace("+", "-").replace("/", "_").rstrip("=") + "?x", 5),
        ("/large", sri("sha256", LARGE), len(LARGE)), ("/large", sri("sha256", LARGE[:-1]), WRONG), ("/empty", sri("sha256", b""), WRONG),
        ("data:,hello", sri("sha256", b"hello"), 5), ("data:,hello", sri("sha256", b"other"), WRONG),
    ],
)  # fmt: skip
async def test_integrity(runtime, path, integrity, expected):
    assert await runtime.eval(f"await get({json.dumps(path)}, {{integrity: {json.dumps(integrity)}}})") == expected


async def test_integrity_of_what_breaks_off_and_of_blobs(runtime):
    found = await runtime.eval(f"await get('/cut', {{integrity: {json.dumps(sri('sha256', b'part'))}}})")
    assert found.startswith("TypeError: fetch failed: terminated")
    assert await runtime.eval(f"await get(URL.createObjectURL(new Blob(['hello'])), {{integrity: {json.dumps(sri('sha256', b'hello'))}}})") == 5
    assert await runtime.eval(f"await get(URL.createObjectURL(new Blob(['hello'])), {{integrity: {json.dumps(sri('sha256', b'x'))}}})") == WRONG


async def test_aborting_while_the_hash_is_waited_for(runtime):
    code = f"const c = new AbortController(); const p = fetch(site + '/large', {{integrity: {json.dumps(sri('sha256', LARGE))}, signal: c.signal}}).catch(e => e.name); c.abort(); await p"
    assert await runtime.eval(code) == "AbortError"


@pytest.mark.parametrize(
    ("init", "sent"),
    [
        ("{}", None), ("{cache: 'default'}", None), ("{cache: 'force-cache'}", None), ("{cache: 'no-store'}", "no-cache"), ("{cache: 'reload'}", "no-cache"), ("{cache: 'no-cache'}", "max-age=0"),
        ("{cache: 'no-store', headers: {'Cache-Control': 'max-age=5'}}", "max-age=5"),
    ],
)  # fmt: skip
async def test_cache_modes_speak_to_caches_on_the_way(runtime, init, sent):
    headers = await runtime.eval(f"await (await fetch(site + '/head', {init})).json()")
    assert headers.get("cache-control") == sent


@pytest.mark.parametrize("init", ["{keepalive: true}", "{mode: 'cors'}", "{mode: 'no-cors'}", "{mode: 'same-origin'}", "{credentials: 'include'}", "{referrer: ''}", "{referrer: 'about:client', referrerPolicy: 'no-referrer'}", "{priority: 'high'}"])
async def test_what_means_something_in_browsers_only_changes_nothing(runtime, init):
    headers = await runtime.eval(f"await (await fetch(site + '/head', {init})).json()")
    assert not {"origin", "referer", "cookie", "cache-control"} & set(headers)


@pytest.mark.parametrize(("init", "message"), [("{cache: 'only-if-cached', mode: 'same-origin'}", "there is no cache"), ("{mode: 'navigate'}", ""), ("{cache: 'nonsense'}", ""), ("{window: 5}", "")])
async def test_what_cannot_be_done_is_refused(runtime, init, message):
    found = await runtime.eval(f"await get('/head', {init})")
    assert found.startswith("TypeError: ")
    assert message in found


async def test_a_function_of_the_caller_sees_the_redirect_mode_and_is_checked(start_host):
    seen = []

    async def answer(request, _ctx):
        seen.append(request.redirect)
        return ih.Response("hello")

    host = await start_host(None)
    async with host.create_runtime(bindings=ih.Bindings(fetch=answer)) as runtime:
        for mode in ("follow", "manual", "error"):
            await runtime.eval(f"await fetch('https://any.test', {{redirect: '{mode}'}})")
        assert seen == ["follow", "manual", "error"]
        code = "await fetch('https://any.test', {integrity: '%s'}).then(r => r.text(), e => e.message)"
        assert await runtime.eval(code % sri("sha256", b"hello")) == "hello"
        assert await runtime.eval(code % sri("sha256", b"other")) == "fetch failed: the body is not what integrity asks for"
