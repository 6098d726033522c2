"""Bindings in both modes, sessions, branches, and what a guest cannot reach."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

import isolate_host as ih


def binding_of(browser, **more):
    async def create_context(options, ctx):
        return await browser.new_context(**(options or {}))

    return ih.Bindings(browser=ih.BrowserBinding(create_context=create_context, **more))


def handler_of(browser, **more):
    async def create_context(options, ctx):
        return await browser.new_context(**(options or {}))

    return ih.create_playwright_session_handler(create_context=create_context, **more)


async def until(holds):
    """Closing is the host's own work and nobody is told of its end."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


# ── bindings ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_handler_and_factories_are_not_mixed(browser):
    with pytest.raises(ValueError, match="either a handler or factories"):
        ih.BrowserBinding(handler=handler_of(browser).handler, create_context=lambda options, ctx: None)


async def test_a_binding_without_a_way_to_make_contexts(browser_host):
    async with browser_host.create_runtime(bindings={"browser": ih.BrowserBinding()}) as rt:
        with pytest.raises(ih.GuestError, match="create_context"):
            await rt.eval("await browser.newContext()")


async def test_without_a_binding_there_is_no_browser(browser_host):
    async with browser_host.create_runtime() as rt:
        assert await rt.eval("typeof browser") == "undefined"


async def test_a_factory_that_gives_something_else(browser_host):
    async with browser_host.create_runtime(bindings={"browser": ih.BrowserBinding(create_context=lambda options, ctx: "no")}) as rt:
        with pytest.raises(ih.GuestError, match="must give a BrowserContext"):
            await rt.eval("await browser.newContext()")


async def test_factories_get_options_and_a_context(browser_host, browser):
    got = []

    async def create_context(options, ctx):
        got.append((options, ctx.capability, ctx.runtime_id))
        return await browser.new_context(**options)

    async def create_page(context, ctx):
        got.append(context)
        return await context.new_page()

    bindings = ih.Bindings(browser=ih.BrowserBinding(create_context=create_context, create_page=create_page))
    async with browser_host.create_runtime(bindings=bindings) as rt:
        await rt.eval("const c = await browser.newContext({ignoreHTTPSErrors: true, userAgent: 'x', extraHTTPHeaders: {a: 'b'}}); await c.newPage(); undefined")
        assert got[0] == ({"ignore_https_errors": True, "user_agent": "x", "extra_http_headers": {"a": "b"}}, "browser", rt.id)
        assert got[1] in browser.contexts


async def test_a_handler_tells_what_is_open(browser_host, browser):
    handler = handler_of(browser)
    events = []
    off = handler.on_event(events.append)
    async with browser_host.create_runtime(bindings=ih.Bindings(browser=ih.BrowserBinding(handler=handler.handler))) as rt:
        await rt.eval("const page = await browser.newPage(); await page.evaluate(() => console.log('hello')); undefined")
        open_ = handler.get_tracked_resources()
        assert (len(open_["contexts"]), len(open_["pages"])) == (1, 1)
        assert [event["text"] for event in events if event["type"] == "browserConsoleLog"] == ["hello"]
        assert handler.get_collected_data()
        handler.clear_collected_data()
        assert not any(handler.get_collected_data().values())
        off()
        await rt.eval("await page.evaluate(() => console.log('again')); undefined")
        assert len([event for event in events if event["type"] == "browserConsoleLog"]) == 1
    await until(lambda: handler.get_tracked_resources() == {"contexts": [], "pages": []})


async def test_a_handler_can_be_wrapped(browser_host, browser):
    inner, ops = handler_of(browser), []

    async def wrapped(operation):
        ops.append(operation.op)
        return await inner.handler(operation)

    async with browser_host.create_runtime(bindings=ih.Bindings(browser=ih.BrowserBinding(handler=wrapped))) as rt:
        assert await rt.eval("const p = await browser.newPage(); await p.title()") == ""
    assert ops[:4] == ["attach", "newContext", "newPage", "note"] or ops[:3] == ["attach", "newContext", "newPage"]
    await until(lambda: ops[-1] == "close")


async def test_the_time_of_a_handler(browser_host, browser):
    handler = handler_of(browser, timeout_s=0.05)
    async with browser_host.create_runtime(bindings=ih.Bindings(browser=ih.BrowserBinding(handler=handler.handler))) as rt:
        with pytest.raises(ih.GuestError, match="Timeout 50ms exceeded"):
            await rt.eval("const p = await browser.newPage(); await p.click('#nope')")


async def test_one_handler_for_two_runtimes(browser_host, browser):
    handler = handler_of(browser)
    bindings = ih.Bindings(browser=ih.BrowserBinding(handler=handler.handler))
    async with browser_host.create_runtime(bindings=bindings) as one, browser_host.create_runtime(bindings=bindings) as two:
        await one.eval("globalThis.c = await browser.newContext(); await c.addCookies([{name: 'a', value: '1', url: 'http://a.example'}]); undefined")
        await two.eval("globalThis.c = await browser.newContext(); undefined")
        assert await two.eval("(await c.cookies()).length") == 0
        assert (await one.eval("browser.contexts().length"), await two.eval("browser.contexts().length")) == (1, 1)
        await one.eval("await browser.close(); undefined")
        assert len(handler.get_tracked_resources()["contexts"]) == 1


# ── life ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_contexts_are_closed_with_their_runtime(browser_host, browser):
    before = len(browser.contexts)
    async with browser_host.create_runtime(bindings=binding_of(browser)) as rt:
        await rt.eval("await browser.newPage(); await browser.newPage(); undefined")
        assert (await rt.diagnostics())["browser"]["pages"] == 2
        assert len(browser.contexts) == before + 2
    await until(lambda: len(browser.contexts) == before)


async def test_a_killed_guest_leaves_no_page(browser_host, browser):
    before = len(browser.contexts)
    rt = await browser_host.create_runtime(bindings=binding_of(browser), limits=ih.Limits(timeout_s=1.5))
    await rt.eval("await browser.newPage(); undefined")
    with pytest.raises(ih.ExecutionTimeout):
        await rt.eval("for (;;);")
    await until(lambda: len(browser.contexts) == before)


async def test_a_session_keeps_its_pages_for_the_next_owner(browser_host, browser, pages):
    pages.add("/kept", "<title>Kept</title><button onclick='document.title=1'>x</button>")
    before = len(browser.contexts)
    async with browser_host.get_namespaced_runtime("browsing", bindings=binding_of(browser)) as first:
        await first.eval(f"globalThis.page = await browser.newPage(); await page.goto({pages.url('/kept')!r}); page.on('console', () => 0); undefined")
        assert first.reused is False
    async with browser_host.get_namespaced_runtime("browsing", bindings=binding_of(browser)) as second:
        assert second.reused
        assert await second.eval("[await page.title(), page.url().endsWith('/kept'), page.listenerCount('console'), browser.contexts().length]") == ["Kept", True, 0, 1]
        assert await second.eval("const w = page.waitForEvent('console'); await page.evaluate(() => console.log('new owner')); (await w).text()") == "new owner"
        assert len(browser.contexts) == before + 1
    assert await browser_host.dispose_namespace("browsing")
    await until(lambda: len(browser.contexts) == before)


async def test_test_files_of_a_session_use_its_pages(browser_host, browser):
    async with browser_host.get_namespaced_runtime("testing", bindings=binding_of(browser)) as rt:
        await rt.eval("globalThis.page = await browser.newPage(); await page.setContent('<p>hi</p>'); undefined")
        result = await rt.run_tests("test('p', async () => { await expect(page.locator('p')).toHaveText('hi'); });", options=ih.TestOptions(timeout_s=60))
        assert result.success, result.tests[0].error
    await browser_host.dispose_namespace("testing")


async def test_a_branch_has_none_of_its_parents_objects(browser_host, browser):
    async with browser_host.create_runtime(bindings=binding_of(browser)) as rt:
        await rt.eval("globalThis.page = await browser.newPage(); undefined")
        with contextlib.suppress(ih.ForkRefused):
            async with rt.fork() as branch:
                with pytest.raises(ih.GuestError, match="not known to the browser"):
                    await branch.eval("await page.title()")
                assert await branch.eval("const own = await browser.newPage(); await own.evaluate('1 + 1')") == 2
        assert await rt.eval("await page.evaluate('2 + 2')") == 4


# ── hostile guests ────────────────────────────────────────────────────────────────────────────────────────────────────

HOSTILE = [
    ("launching", "typeof browser.launch + typeof browser.browserType().launch", "undefinedundefined"),
    ("the process behind a context", "const c = await browser.newContext(); Object.keys(c.browser()).join() + typeof c.browser().newBrowserCDPSession", "undefined"),
    ("a method that is not in the table", "const p = await browser.newPage(); Object.getPrototypeOf(p).click.call(Object.create(p), 'x').catch((e) => e.name)", "TypeError"),
]


@pytest.mark.parametrize(("code", "expected"), [pytest.param(code, expected, id=name) for name, code, expected in HOSTILE])
async def test_what_is_not_there(browser_host, browser, code, expected):
    async with browser_host.create_runtime(bindings=binding_of(browser)) as rt:
        assert await rt.eval(code) == expected


class _Port:
    async def call(self, op, *args):
        raise AssertionError(op)

    def note(self, op, *args):
        pass


RAW = [
    ("an unknown operation", "evil", [], LookupError),
    ("a dunder as a method", "do", [0, "__class__", []], LookupError),
    ("a private member", "do", [0, "_impl_obj", []], LookupError),
    ("Python's name of a method", "do", [0, "set_content", ["x"]], LookupError),
    ("a member of the table that is state", "do", [0, "url", []], LookupError),
    ("another's object", "do", [12345, "title", []], LookupError),
    ("no object", "do", ["page", "title", []], TypeError),
    ("a part that is none", "do", [[0, "_impl_obj"], "press", ["a"]], LookupError),
    ("a step that is none", "do", [{"root": 0, "steps": [["evaluate", "1"]]}, "count", []], LookupError),
    ("steps without end", "do", [{"root": 0, "steps": [["locator", "a"]] * 200}, "count", []], TypeError),
    ("arguments that are none", "do", [0, "click", "x"], TypeError),
    ("too many arguments", "do", [0, "click", ["x", {}, 1, 2]], TypeError),
    ("an option that is not in the table", "do", [0, "screenshot", [{"mask_color": "red"}]], TypeError),
    ("a malformed mark", "do", [0, "click", [{"$pw": "o"}]], TypeError),
    ("a pattern that is too long", "do", [0, "click", [{"$pw": "r", "v": ["a" * 20_000, ""]}]], TypeError),
    ("an argument that is too deep", "do", [0, "evaluate", ["1", [[[[]]]] * 1]], None),
    ("a path of the host in an option", "do", [0, "addScriptTag", [{"path": "/etc/passwd"}]], ih.PolicyDenied),
    ("a path of the host to upload", "do", [0, "setInputFiles", ["#f", "/etc/passwd"]], ih.PolicyDenied),
    ("a path of the host to write", "do", [0, "screenshot", [{"path": "/tmp/x.png"}]], ih.PolicyDenied),
    ("a matcher that is none", "expect", [0, "toString", False, []], TypeError),
    ("a matcher of another class", "expect", [0, "toBeOK", False, []], TypeError),
    ("the wrong number of arguments", "newPage", [], TypeError),
    ("newPage of a page", "newPage", [0], TypeError),
    ("a file of the host", "do", [0, "goto", ["file:///etc/passwd"]], ih.PolicyDenied),
    ("the browser's own pages", "do", [0, "goto", ["chrome://settings"]], ih.PolicyDenied),
    ("an order for the whole browser", "cdpsend", ["Browser.close"], ih.PolicyDenied),
]


@pytest.mark.parametrize(("op", "args", "refused"), [pytest.param(*rest, id=name) for name, *rest in RAW])
async def test_raw_operations(browser, op, args, refused):
    """What a guest can send without our script: ``0`` stands for a page of its own."""
    from isolate_host.plugins.browser.keeper import Keeper
    from isolate_host.plugins.browser.session import Factories, PlaywrightSession

    binding = ih.BrowserBinding(create_context=lambda options, ctx: browser.new_context(**(options or {})))
    session = PlaywrightSession(Factories(binding.create_context), Keeper.for_client(None, binding, lambda error: None))
    session.attach(_Port())
    try:
        context = (await session.operate("newContext", [None], None))[1][0]["o"]
        page = (await session.operate("newPage", [context], None))[1]["o"]
        if op == "cdpsend":
            cdp = (await session.operate("cdp", [context, page], None))[1]["o"]
            op, args = "do", [cdp, "send", args]
        args = _with_page(args, page)
        with pytest.raises(refused) if refused else contextlib.nullcontext():
            assert (await session.operate(op, args, None))[0] == 0
    finally:
        await session.aclose()


def _with_page(value, page):
    if value == 0 and value is not False:
        return page
    if isinstance(value, list):
        return [_with_page(item, page) for item in value]
    return {key: _with_page(item, page) for key, item in value.items()} if isinstance(value, dict) else value


async def test_notes_that_make_no_sense(browser):
    from isolate_host.plugins.browser.keeper import Keeper
    from isolate_host.plugins.browser.session import Factories, PlaywrightSession

    binding = ih.BrowserBinding(create_context=lambda options, ctx: browser.new_context())
    session = PlaywrightSession(Factories(binding.create_context), Keeper.for_client(None, binding, lambda error: None))
    for op, args in [("watch", []), ("watch", [1, 2]), ("watch", [1, "close"]), ("unwatch", [[], {}]), ("seen", ["x"]), ("seen", [-5]), ("grown", [[]]), ("grown", [77]), ("grown", [1, 2]), ("timeout", [1, True, 5]),
                     ("socket", [1, "send", "x"]), ("nope", [1])]:  # fmt: skip
        session.note(op, args)
    assert await session.operate("drop", [[[1, 2], "x", [1]]], None) == [0, []]
    await session.aclose()
