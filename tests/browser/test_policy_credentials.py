"""Who may use the policy proxy: the browser of its own runtime, and Playwright's client for the length of a call."""

import asyncio
import base64
import hashlib
import json
import re
import zipfile

import pytest
from aiohttp import web
from playwright.async_api import Error

from isolate_host.plugins.browser.credentials import ProxyCredentials
from tests.support.guarding import only, open_page, snake

__all__ = ["open_page"]


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def digest(credentials, method, uri, *, nc="00000001", password=None, nonce=None, **changed):
    """What a browser answers to the challenge."""
    nonce = nonce or re.search(r'nonce="([^"]+)"', credentials.challenge)[1]
    secret = sha(f"{credentials.username}:isolate-host:{credentials.password if password is None else password}")
    response = sha(f"{secret}:{nonce}:{nc}:c:auth:{sha(f'{method}:{uri}')}")
    given = {"username": credentials.username, "realm": "isolate-host", "nonce": nonce, "uri": uri, "response": response, "cnonce": "c", **changed}
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in given.items()) + f", qop=auth, nc={nc}, algorithm=SHA-256"


def test_a_digest_proves_one_request():
    credentials = ProxyCredentials()
    assert credentials.proven(digest(credentials, "GET", "/a?b"), "GET", "http://host:1/a?b")
    assert credentials.proven(digest(credentials, "CONNECT", "host:443"), "CONNECT", "host:443")
    assert not credentials.proven(digest(credentials, "GET", "/a"), "POST", "http://host/a")
    assert not credentials.proven(digest(credentials, "GET", "/a"), "GET", "http://host/b")
    assert not credentials.proven(digest(credentials, "CONNECT", "host:443"), "CONNECT", "host:444")


@pytest.mark.parametrize("change", [{"password": "guess"}, {"password": ""}, {"nonce": "old"}, {"username": "x"}, {"response": ""}, {"response": "0" * 64}])
def test_nothing_else_does(change):
    credentials = ProxyCredentials()
    assert not credentials.proven(digest(credentials, "GET", "/", **change), "GET", "http://host/")


@pytest.mark.parametrize("header", ["", "Digest", "Digest ,,,", 'Digest a="', "Basic " + base64.b64encode(b"a:b").decode(), "Bearer x", "Digest " + 'a="\\' * 20_000, "Digest uri=/, qop=auth", "\udcff"])
def test_nonsense_is_no_proof(header):
    credentials = ProxyCredentials()
    assert not credentials.proven(header, "GET", "http://host/")
    assert not credentials.holds_ticket(header)


def test_a_ticket_is_void_after_its_call():
    credentials = ProxyCredentials()
    with credentials.ticket() as first, credentials.ticket() as second:
        assert first != second
        assert credentials.holds_ticket(first)
        assert credentials.holds_ticket(second)
        assert not credentials.holds_ticket(first[:-1])
    assert not credentials.expects_tickets
    assert not credentials.holds_ticket(first)
    assert not ProxyCredentials().proven(digest(credentials, "GET", "/"), "GET", "http://host/")


async def ask(port, head):
    """What the proxy answers to bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode("latin-1"))
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode()
    except (ConnectionError, asyncio.IncompleteReadError) as error:
        return str(getattr(error, "partial", b""))
    finally:
        writer.close()


async def test_the_proxy_serves_whoever_knows_the_password(guarded, pages):
    watched = guarded(only(pages))
    port = int((await watched.keeper._network.start()).rpartition(":")[2])
    credentials = watched.keeper._network._proxy.credentials
    proof = digest(credentials, "GET", "/")
    answer = await ask(port, f"GET {pages.url('/')} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: {proof}\r\n\r\n")
    assert answer.startswith("HTTP/1.1 200")
    assert (await ask(port, f"GET {pages.url('/')} HTTP/1.1\r\nHost: x\r\n\r\n")).startswith("HTTP/1.1 407")


async def test_a_tunnel_without_a_ticket_leads_nowhere(guarded, pages):
    """While a call of a guest is under way, Playwright's client may dig: what it then asks needs the ticket."""
    watched = guarded(only(pages))
    port = int((await watched.keeper._network.start()).rpartition(":")[2])
    tunnel = f"CONNECT 127.0.0.1:{pages.port} HTTP/1.1\r\nHost: x\r\n\r\n"
    assert (await ask(port, tunnel)).startswith("HTTP/1.1 407")
    with watched.keeper.requesting({}) as headers:
        for proof, status in (("", 407), ("Proxy-Authorization: Bearer x\r\n", 407), (f"Proxy-Authorization: {headers['proxy-authorization']}\r\n", 200)):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(tunnel.encode())
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            writer.write(f"GET / HTTP/1.1\r\nHost: x\r\n{proof}\r\n".encode())
            assert (await reader.readline()).startswith(f"HTTP/1.1 {status}".encode())
            writer.close()
    assert len(pages.visits) == 1


async def test_nobody_sees_the_password(guarded, browser, pages, tmp_path):
    """Not a site, asking as a proxy or as a server; not DevTools, a trace, an archive, or the options of the context."""
    seen = []

    async def curious(request):
        seen.append(json.dumps(dict(request.headers)))
        return web.Response(status=401, headers={"WWW-Authenticate": 'Digest realm="isolate-host", qop="auth", nonce="x", algorithm=SHA-256'})

    pages.on("/curious", curious)
    watched = guarded(only(pages))
    admission = await watched.keeper.admit_context({})
    assert admission["proxy"].keys() == {"server"}
    context = await browser.new_context(**snake(admission), record_har_path=tmp_path / "all.har")
    await watched.keeper.adopt_context(context, "context-1", admission)
    await context.tracing.start(snapshots=True)
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("Network.enable")
    devtools.on("Network.requestWillBeSentExtraInfo", lambda event: seen.append(json.dumps(event)))
    answer = await page.goto(pages.url("/"))
    seen.append(json.dumps(await answer.request.all_headers()))
    with pytest.raises(Error):
        await page.goto(pages.url("/curious"))
    with watched.keeper.requesting({}) as headers:
        ticket = headers["proxy-authorization"].partition(" ")[2]
        await page.request.get(pages.url("/curious"), headers=headers)
    await context.tracing.stop(path=tmp_path / "trace.zip")
    await context.close()
    with zipfile.ZipFile(tmp_path / "trace.zip") as trace:
        seen += [trace.read(name).decode("latin-1") for name in trace.namelist()]
    seen.append((tmp_path / "all.har").read_text())
    seen += [json.dumps(dict(visit.headers)) for visit in pages.visits]
    credentials = watched.keeper._network._proxy.credentials
    assert len(seen) > 6
    assert all(credentials.password not in text for text in seen)
    assert not any("proxy-authorization" in json.dumps(dict(visit.headers)).lower() for visit in pages.visits)
    assert not credentials.holds_ticket(f"Bearer {ticket}")


async def test_pages_are_as_quick_and_as_cached_as_without(open_page, pages):
    """No request is held up for the password: the cache is on, and a popup that is written at once loads what it shows."""
    page = await open_page(only(pages))
    pages.add("/kept.js", "1", headers={"Cache-Control": "max-age=1000"})
    await page.goto(pages.url("/"))
    for _ in range(3):
        await page.evaluate("fetch('/kept.js').then(r => r.text())")
    assert len(pages.seen("/kept.js")) == 1
    assert "Cache-Control" not in pages.seen("/")[0].headers
    await page.evaluate("url => { const popup = window.open('about:blank'); popup.document.write(`<img src='${url}'>`) }", pages.url("/shown"))
    assert (await pages.until("/shown")).method == "GET"


@pytest.mark.parametrize("options", [{"offline": True}, {"httpCredentials": {"username": "me", "password": "mine"}}, {"javaScriptEnabled": False}, {"serviceWorkers": "block"}])
async def test_every_kind_of_context_gets_in(guarded, pages, options):
    watched = guarded(only(pages))
    context = await watched.context(**options)
    await context.set_offline(False)
    page = await context.new_page()
    assert (await page.goto(pages.url("/"))).status == 200
    assert len(context.pages) == 1


async def test_a_sites_own_passwords_still_work(guarded, pages):
    async def asks(request):
        if request.headers.get("Authorization") != "Basic " + base64.b64encode(b"me:mine").decode():
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="site"'})
        return web.Response(text="<title>in</title>", content_type="text/html")

    pages.on("/private", asks)
    watched = guarded(only(pages))
    page = await watched.page(httpCredentials={"username": "me", "password": "mine"})
    assert (await page.goto(pages.url("/private"))).status == 200
    assert await page.title() == "in"
