"""The way from pages to the network: addresses, names, TLS, methods, paths, limits; and what becomes of ordinary traffic on it."""

import asyncio

import pytest
from playwright.async_api import Error

from isolate_host.errors import PluginError, PolicyDenied
from tests.support.fetching import Names
from tests.support.guarding import KEY, only, open_page

__all__ = ["open_page"]

async def refusal(page, url):
    """Why a navigation fails, as a guest is told."""
    watched = page.watched
    with pytest.raises(Error) as caught:
        await page.goto(url)
    return watched.keeper.explain(caught.value)


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────

INSIDE = ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "localhost", "sub.localhost", "169.254.169.254", "10.0.0.1", "0.0.0.0", "[fd00:ec2::254]"]


@pytest.mark.parametrize("everything", [["*://*:*"]])
async def test_no_spelling_leads_inside(guarded, trap, everything):
    watched = guarded({"allow": everything}, names=Names(localhost=["127.0.0.1"], sub_localhost=["127.0.0.1"]))
    context = await watched.context()

    async def attempt(host):
        page = await context.new_page()
        with pytest.raises(Error) as caught:
            await page.goto(f"http://{host}:{trap.port}/")
        await page.close()
        return watched.keeper.explain(caught.value)

    for error in await asyncio.gather(*map(attempt, INSIDE)):
        assert isinstance(error, PolicyDenied)
        assert error.rule == f"{KEY}.private_addresses: deny"
    assert trap.visits == []


async def test_a_name_that_leads_inside_is_refused(open_page, trap):
    page = await open_page({"allow": ["http://inside.test:*"]}, names=Names(inside_test=["127.0.0.1"]))
    error = await refusal(page, f"http://inside.test:{trap.port}/")
    assert error.rule == f"{KEY}.private_addresses: deny"
    assert "leads to a private address" in error.message
    assert trap.visits == []


async def test_a_name_that_changes_is_judged_each_time(open_page, trap):
    """DNS rebinding: the address that was judged is the one connected to, and the next request is judged again."""
    names = Names(rebind_test=["127.0.0.1", "169.254.169.254", "169.254.169.254"])
    page = await open_page({"allow": [{"scheme": "http", "host": "rebind.test", "port": trap.port, "private_addresses": "allow"}]}, names=names)
    trap.add("/", "<title>in</title>", headers={"Connection": "close"})
    await page.goto(f"http://rebind.test:{trap.port}/")
    assert await page.title() == "in"
    outcome = await page.evaluate("fetch('/again').then(() => 'got through', error => error.name)")
    assert outcome == "TypeError"
    assert not trap.seen("/again")
    assert page.watched.denied[-1].rule == f"{KEY}.private_addresses: deny"


async def test_pages_resolve_no_names_themselves(open_page, pages):
    names = Names()
    page = await open_page({**only(pages), "allow": [pages.base, "http://named.test"]}, names=names)
    await page.goto(pages.url("/"))
    assert await page.evaluate("fetch('http://named.test/', {mode: 'no-cors'}).then(() => 'got through', error => error.name)") == "TypeError"
    assert names.asked == ["named.test"]


async def test_localhost_does_not_pass_the_proxy_by(open_page, pages):
    page = await open_page(only(pages))
    error = await refusal(page, pages.other)
    assert error.rule == f"no rule of {KEY}.allow matches"
    assert not pages.visits


# ── rules ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_denying_rule_wins(open_page, pages):
    page = await open_page(only(pages, deny=[{"host": "127.0.0.1", "path": "/admin/*"}]))
    await page.goto(pages.url("/"))
    statuses = "Promise.all(['/', '/admin/x', '/%61dmin/x', '/x/../admin/x'].map(url => fetch(url).then(r => r.status, e => e.name)))"
    assert await page.evaluate(statuses) == [200, "TypeError", "TypeError", "TypeError"]


async def test_methods_are_judged(open_page, pages):
    page = await open_page(only({"scheme": "http", "host": "127.0.0.1", "port": pages.port, "methods": ["GET"]}))
    await page.goto(pages.url("/"))
    methods = "Promise.all(['GET', 'POST', 'PUT', 'DELETE'].map(method => fetch('/', {method}).then(r => r.status, e => e.name)))"
    assert await page.evaluate(methods) == [200, "TypeError", "TypeError", "TypeError"]
    override = "fetch('/', {headers: {'X-HTTP-Method-Override': 'DELETE'}}).then(r => r.status, e => e.name)"
    assert await page.evaluate(override) == "TypeError"
    assert {visit.method for visit in pages.visits} == {"GET"}


async def test_a_redirect_of_the_page_itself_names_the_rule(open_page, pages, trap):
    page = await open_page(only(pages))
    error = await refusal(page, pages.redirect("/away", trap.url("/secret")))
    assert error.value == trap.url("/secret")
    assert f"{KEY}.allow" in error.hint
    assert trap.visits == []


async def test_a_host_header_does_not_choose_the_server(open_page, pages, trap):
    page = await open_page(only(pages))
    with page.watched.keeper.requesting({"Host": f"127.0.0.1:{trap.port}"}) as headers:
        await page.request.get(pages.url("/"), headers=headers)
    assert pages.visits[0].headers["Host"] == f"127.0.0.1:{pages.port}"


async def test_a_route_of_the_guest_that_goes_elsewhere_is_judged_again(open_page, pages, trap):
    page = await open_page(only(pages))
    await page.route("**/data", lambda route: route.continue_(url=trap.url("/secret")))
    await page.goto(pages.url("/"))
    assert await page.evaluate("fetch('/data').then(r => r.status, e => e.name)") == "TypeError"
    assert trap.visits == []
    assert page.watched.denied[-1].value == trap.url("/secret")


async def test_a_route_that_fetches_is_judged_too(open_page, pages, trap):
    page, failed = await open_page(only(pages)), []

    async def handler(route):
        try:
            with page.watched.keeper.requesting(route.request.headers) as headers:
                await route.fetch(url=trap.url("/secret"), headers=headers)
        except Error as error:
            failed.append(page.watched.keeper.explain(error))
        await route.abort()

    await page.route("**/data", handler)
    await page.goto(pages.url("/"))
    assert await page.evaluate("fetch('/data').then(r => r.status, e => e.name)") == "TypeError"
    assert isinstance(failed[0], PolicyDenied)
    assert trap.visits == []


async def test_requests_of_the_context_are_judged(open_page, pages, trap):
    page = await open_page(only(pages))
    with page.watched.keeper.requesting({}) as headers:
        assert (await page.request.get(pages.url("/"), headers=headers)).status == 200
    for url in (trap.url("/secret"), pages.redirect("/away", trap.url("/secret"))):
        with pytest.raises(Error) as caught, page.watched.keeper.requesting({}) as headers:
            await page.request.get(url, headers=headers)
        assert isinstance(page.watched.keeper.explain(caught.value), PolicyDenied)
    assert trap.visits == []


async def test_a_failed_request_says_why(open_page, pages, trap):
    page = await open_page(only(pages))
    await page.goto(pages.url("/"))
    async with page.expect_event("requestfailed") as failed:
        await page.evaluate("url => fetch(url, {mode: 'no-cors'}).catch(() => 0)", trap.url("/x?y"))
    request = await failed.value
    assert page.watched.keeper.refusal_text(request.url) == f"GET {trap.url('/x')} is not allowed: it needs {KEY}.allow"
    assert page.watched.keeper.collector.collected().request_failures[-1].error_text.startswith(f"GET {trap.url('/x')} is not allowed")


@pytest.mark.parametrize("head", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"CONNECT nonsense HTTP/1.1\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\n\r\nGET http://a/ HTTP/1.1\r\n\r\n", b"CONNECT " + b"x" * 20000, b"\x00\xff\r\n\r\n"])
async def test_nonsense_gets_nothing_out_of_the_proxy(guarded, trap, head):
    watched = guarded({"allow": ["*://*:*"], "private_addresses": "allow"})
    port = int((await watched.keeper._network.start()).rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    try:
        answer = await reader.read()
    except ConnectionError:
        answer = b""
    writer.close()
    assert b" 200 " not in answer
    assert trap.visits == []


# ── contexts of an embedder ──────────────────────────────────────────────────────────────────────────────────────────


async def test_a_context_that_leaves_the_proxy_out_is_refused(guarded, browser, pages):
    watched = guarded(only(pages))
    admission = await watched.keeper.admit_context({})
    context = await browser.new_context()
    with pytest.raises(PluginError, match="does not use options") as caught:
        await watched.keeper.adopt_context(context, "context-1", admission)
    assert f"{KEY}.bound_network: own" in caught.value.hint


async def test_an_embedder_may_see_to_the_network_himself(guarded, browser, pages):
    watched = guarded({"bound_network": "own"})
    admission = await watched.keeper.admit_context({})
    assert admission == {}
    context = await browser.new_context()
    await watched.keeper.adopt_context(context, "context-1", admission)
    page = await context.new_page()
    await page.goto(pages.url("/"))
    assert await page.title() == "home"
    with pytest.raises(PolicyDenied):
        await watched.keeper.check_url("GET", "file:///etc/passwd", context)
