"""Ordinary traffic through the proxy: TLS, sockets, cookies, streams. Pages should not notice it; the policy sees all of it."""

import asyncio
import gzip
import ssl

import aiohttp
import pytest
import pytest_asyncio
import trustme
from aiohttp import web
from playwright.async_api import Error

from isolate_host.errors import LimitExceeded
from tests.support.guarding import only, open_page
from tests.support.pages import open_pages

__all__ = ["open_page"]


SOCKET = """([url, send]) => new Promise(done => {
  const got = [], socket = new WebSocket(url, ['chat']);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => send.forEach(text => socket.send(text));
  socket.onmessage = event => got.push(typeof event.data === 'string' ? event.data : event.data.byteLength);
  socket.onclose = event => done([socket.protocol, got, event.code, event.reason]);
})"""


async def echo(request):
    """Says what it hears; "bytes" in binary; "bye" ends it."""
    socket = web.WebSocketResponse(protocols=("chat",))
    await socket.prepare(request)
    async for message in socket:
        if message.data == "bye":
            await socket.close(code=4001, message=b"so long")
        elif message.data == "bytes":
            await socket.send_bytes(b"12345")
        elif message.type is aiohttp.WSMsgType.TEXT:
            await socket.send_str(message.data)
    return socket


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    made = trustme.CA()
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    made.cert_pem.write_to_path(str(file))
    made.file = str(file)
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def _secure(authority):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with open_pages(tls=context) as site:
        yield site


@pytest.fixture
def secure(_secure):
    _secure.reset()
    return _secure


def https(site, path="/"):
    return f"https://127.0.0.1:{site.port}{path}"


async def test_paths_are_judged_inside_of_tls(open_page, secure, authority):
    page = await open_page(only(https(secure, "/open/*"), ca_file=authority.file))
    secure.add("/open/a", "<title>secure</title>")
    secure.add("/closed", "<title>closed</title>")
    await page.goto(https(secure, "/open/a"))
    assert await page.evaluate("[document.title, isSecureContext, location.protocol]") == ["secure", True, "https:"]
    assert await page.evaluate("fetch('/closed').then(r => r.status, e => e.name)") == "TypeError"
    secure.redirect("/open/away", "/closed")
    assert await page.evaluate("fetch('/open/away').then(r => r.status, e => e.name)") == "TypeError"
    assert not secure.seen("/closed")


async def test_certificates_are_checked_by_the_host(open_page, secure):
    """Though the page's context ignores errors: what it sees is the certificate of the proxy."""
    page = await open_page(only(https(secure)))
    with pytest.raises(Error):
        await page.goto(https(secure))
    assert "certificate" in str(page.watched.keeper.refusal_text(https(secure)))
    assert secure.visits == []


async def test_a_socket_over_tls(open_page, secure, authority):
    page = await open_page(only(https(secure), ca_file=authority.file))
    secure.on("/socket", echo)
    await page.goto(https(secure))
    assert await page.evaluate(SOCKET, [https(secure, "/socket").replace("https", "wss"), ["hi", "bytes", "bye"]]) == ["chat", ["hi", 5], 4001, "so long"]


# ── ordinary traffic ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_sockets_carry_text_bytes_and_goodbyes(open_page, pages):
    page = await open_page(only(pages))
    pages.on("/socket", echo)
    await page.goto(pages.url("/"))
    url = pages.url("/socket").replace("http", "ws")
    assert await page.evaluate(SOCKET, [url, ["hi", "bytes", "äöü", "bye"]]) == ["chat", ["hi", 5, "äöü"], 4001, "so long"]
    assert pages.seen("/socket")[0].headers["Origin"] == pages.base


async def test_cookies_posts_and_compressed_answers(open_page, pages):
    page = await open_page(only(pages))
    pages.add("/", "<title>x</title>", headers={"Set-Cookie": "a=1"})
    pages.add("/zipped", gzip.compress(b"[1, 2]"), type="application/json", headers={"Content-Encoding": "gzip"})
    await page.goto(pages.url("/"))
    assert await page.evaluate("fetch('/zipped').then(r => r.json())") == [1, 2]
    await page.evaluate("fetch('/post', {method: 'POST', body: 'é'.repeat(700000)})")
    await page.evaluate("fetch('/post', {method: 'POST', body: 'short'})")
    long, short = pages.seen("/post")
    assert (len(long.body), short.body) == (1_400_000, b"short")
    assert short.headers["Cookie"] == "a=1"
    assert short.headers["Content-Length"] == "5"
    assert "Proxy-Connection" not in short.headers


async def test_a_page_without_a_type_is_still_a_page(open_page, pages):
    page = await open_page(only(pages))

    async def bare(request):
        request.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n<!doctype html><b>x</b>")
        request.transport.close()
        return web.Response()

    pages.on("/bare", bare)
    await page.goto(pages.url("/bare"))
    assert await page.evaluate("document.querySelector('b') !== null")


async def test_events_arrive_one_by_one(open_page, pages):
    page = await open_page(only(pages))
    heard = asyncio.Event()

    async def stream(request):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: first\n\n")
        await heard.wait()
        await response.write(b"data: second\n\n")
        return response

    pages.on("/events", stream)
    await page.goto(pages.url("/"))
    # Both are listened for before the stream begins: a listener that came between them could be late for the second.
    listen = """() => {
      const events = new EventSource('/events'), heard = [];
      window.arrived = [0, 1].map(place => new Promise(done => { heard[place] = done }));
      events.onmessage = event => heard.shift()(event.data);
    }"""
    await page.evaluate(listen)
    assert await page.evaluate("arrived[0]") == "first"
    heard.set()
    assert await page.evaluate("arrived[1]") == "second"


async def test_a_page_that_goes_away_ends_its_requests(open_page, pages):
    page = await open_page(only(pages))
    begun, gone = asyncio.Event(), asyncio.Event()

    async def slow(request):
        response = web.StreamResponse()
        await response.prepare(request)
        begun.set()
        try:
            while True:
                await response.write(b"x" * 65536)
                await asyncio.sleep(0.01)
        except (ConnectionError, asyncio.CancelledError):
            gone.set()
            raise

    pages.on("/slow", slow)
    await page.goto(pages.url("/"))
    await page.evaluate("() => { fetch('/slow') }")
    await begun.wait()
    await page.close()
    async with asyncio.timeout(10):
        await gone.wait()


async def test_an_answer_that_only_a_proxy_may_give_is_none(open_page, pages):
    pages.add("/login", "who are you", status=407, headers={"Proxy-Authenticate": 'Basic realm="x"'})
    page = await open_page(only(pages))
    with pytest.raises(Error):
        await page.goto(pages.url("/login"))
    assert "as only a proxy may" in page.watched.keeper.refusal_text(pages.url("/login"))


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_response_is_bounded(open_page, pages):
    pages.add("/big", b"x" * 300_000)
    page = await open_page(only(pages, max_response_bytes=200_000))
    await page.goto(pages.url("/"))
    assert await page.evaluate("fetch('/big').then(r => r.arrayBuffer()).then(b => b.byteLength, e => e.name)") == "TypeError"


async def test_all_bytes_together_are_bounded(open_page, pages):
    pages.add("/part", b"x" * 60_000)
    page = await open_page(only(pages, max_total_bytes=100_000))
    await page.goto(pages.url("/"))
    sizes = "(async () => { const got = []; for (const i of [1, 2, 3]) got.push(await fetch(`/part?${i}`, {cache: 'no-store'}).then(r => r.arrayBuffer()).then(b => b.byteLength, e => e.name)); return got })()"
    assert await page.evaluate(sizes) == [60_000, "TypeError", "TypeError"]
    assert "max_total_bytes" in page.watched.keeper._network.refusal_of(pages.url("/part?3")).hint


async def test_requests_are_counted(open_page, pages):
    page = await open_page(only(pages, max_requests=5))
    await page.goto(pages.url("/"))
    got = await page.evaluate("Promise.all(Array.from({length: 10}, (_, i) => fetch(`/?${i}`).then(r => r.status, e => e.name)))")
    assert got.count(200) <= 4
    assert got.count("TypeError") >= 6
    refusals = [page.watched.keeper._network.refusal_of(pages.url(f"/?{number}")) for number in range(10)]
    assert "max_requests" in next(error.hint for error in refusals if isinstance(error, LimitExceeded))


async def test_sockets_are_bounded(open_page, pages):
    pages.on("/socket", echo)
    page = await open_page(only(pages, max_websockets=2))
    await page.goto(pages.url("/"))
    opened = "() => Promise.all([1, 2, 3].map(() => new Promise(done => { const socket = new WebSocket(`ws://${location.host}/socket`); socket.onopen = () => done(1); socket.onerror = () => done(0) })))"
    assert sorted(await page.evaluate(opened)) == [0, 1, 1]


async def test_messages_are_bounded(open_page, pages):
    pages.on("/socket", echo)
    page = await open_page(only(pages, max_message_bytes=1000))
    await page.goto(pages.url("/"))
    url = pages.url("/socket").replace("http", "ws")
    assert (await page.evaluate(SOCKET, [url, ["short", "x" * 2000]]))[2] in (1006, 1009)
    assert await page.evaluate(SOCKET, [url, ["short", "bye"]]) == ["chat", ["short"], 4001, "so long"]
