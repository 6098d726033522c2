"""The Playwright surface in a real Chromium: one page and one behaviour for each test."""

from __future__ import annotations

import json

import pytest
import pytest_asyncio
from aiohttp import web

import isolate_host as ih
from tests.support import browser_cases as cases
from tests.support import browser_events as more

#: A page of its own for each would be most of what a test costs.
_RESET = """
await page.setViewportSize({width: 1280, height: 720});
await page.goto(base + '/');
undefined
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared(browser_host, browser):
    """One runtime and one context for all tables: what a behaviour changes is in its page."""

    async def create_context(options, ctx):
        return await browser.new_context(**(options or {}))

    binding = ih.BrowserBinding(create_context=create_context)
    async with browser_host.create_runtime(bindings=ih.Bindings(browser=binding)) as rt:
        await rt.eval("import { expect, errors } from 'isolate-host:browser'; Object.assign(globalThis, { expect, errors });")
        await rt.eval("globalThis.context = await browser.newContext(); globalThis.page = await context.newPage(); undefined")
        yield rt


@pytest.fixture
def shop(pages):
    """The page that the tables are about."""
    pages.add("/", cases.HOME)
    pages.add("/inner", cases.INNER)
    pages.add("/second", "<title>Second</title><h1>second</h1>")
    pages.add("/dot.svg", '<svg xmlns="http://www.w3.org/2000/svg"><circle r="5" fill="red"/></svg>')
    pages.add("/data.json", json.dumps({"n": 1}))
    pages.redirect("/moved", "/second")
    pages.on("/headers", _headers)
    pages.on("/body", lambda request: _body(pages, request))
    pages.on("/echo", _echo)
    return pages


async def _headers(request):
    return web.json_response({name.lower(): value for name, value in request.headers.items()})


async def _body(pages, request):
    # The site has read it already, and it can be read once.
    return web.json_response({"method": request.method, "body": pages.seen("/body")[-1].body.decode()})


async def _echo(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(f"echo {message.data}")
    return socket


async def behaves(rt, site, code, expected):
    """``code`` in a page that was just loaded gives ``expected``."""
    await rt.eval(f"globalThis.base = {json.dumps(site.base)}; {_RESET}")
    # A block: the names of one are not there for the next.
    assert await rt.eval(f"{{ {code} }}") == expected


def table(cases):
    return pytest.mark.parametrize(("code", "expected"), [pytest.param(code, expected, id=name) for name, code, expected in cases])


@table(cases.READING)
async def test_reading(shared, shop, code, expected):
    await behaves(shared, shop, code, expected)


@table(cases.LOCATING)
async def test_locating(shared, shop, code, expected):
    await behaves(shared, shop, code, expected)


@table(cases.ACTING)
async def test_acting(shared, shop, code, expected):
    await behaves(shared, shop, code, expected)


@table(cases.VALUES)
async def test_values(shared, shop, code, expected):
    await behaves(shared, shop, code, expected)


@table(more.EVENTS)
async def test_events(shared, shop, code, expected):
    await behaves(shared, shop, code, expected)


@table(more.NETWORK)
async def test_network(shared, shop, code, expected):
    await behaves(shared, shop, code, expected)


@table(more.CONTEXT)
async def test_contexts(shared, shop, code, expected):
    await behaves(shared, shop, code, expected)


async def test_a_route_handler_that_throws(shared, shop):
    """The request fails, and the error is one that nobody caught."""
    get = "fetch('/data.json').then(() => 'ok', () => 'failed')"
    await behaves(shared, shop, "await page.route('**/data.json', () => { throw new Error('mine'); })", None)
    with pytest.raises(ih.GuestError, match="mine"):
        await shared.eval(f"globalThis.outcome = await page.evaluate(() => {get}); await page.unrouteAll();")
    assert await shared.eval("outcome") == "failed"
