"""The surface over a browser that the configuration launches, at a daemon, and for the next owner of a session with other bindings."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
from pathlib import Path

import pytest

import isolate_host as ih
from tests.support.hosts import open_host, stop_daemon

#: A browser that is launched now, on a machine with other work.
PATIENT = ih.TestOptions(timeout_s=60)
YAML = """
version: 1
sandboxes:
  default:
    policies:
      tests: {}
      browser:
        launch: {executable_path: "{chromium}", sandbox: {sandbox}}
        allow: [{scheme: http, host: 127.0.0.1, port: "*", private_addresses: allow}]
"""


async def test_a_launched_browser(open_yaml, pages):
    pages.add("/p", "<title>Launched</title><script>fetch('/data.json').then((r) => r.json()).then((v) => { document.title = v.n; })</script>")
    pages.add("/data.json", '{"n": 1}')
    host = await open_yaml(YAML)
    async with host.create_runtime() as rt:
        code = f"""
          const {{ expect }} = await import("isolate-host:browser");
          const page = await browser.newPage();
          await page.route("**/data.json", (route) => route.fulfill({{ json: {{ n: 2 }} }}));
          const console_ = page.waitForEvent("console");
          await page.goto({pages.url("/p")!r});
          await expect(page).toHaveTitle("2");
          await page.exposeFunction("twice", (x) => x * 2);
          await page.evaluate(async () => console.log(await twice(21)));
          [page.url().endsWith("/p"), (await console_).text()]
        """
        assert await rt.eval(code) == [True, "42"]
        assert (await rt.diagnostics())["browser"]["pages"] == 1


async def test_test_files_with_a_launched_browser(open_yaml):
    host = await open_yaml(YAML)
    async with host.create_test_runtime() as rt:
        result = await rt.run("test('x', async () => { const p = await browser.newPage(); await p.setContent('<p>hi'); await expect(p.locator('p')).toHaveText('hi'); });", options=PATIENT)
        assert result.success, result.tests[0].error


async def test_a_session_with_a_launched_browser(open_yaml):
    host = await open_yaml(YAML)
    async with host.get_namespaced_runtime("s") as first:
        await first.eval("globalThis.page = await browser.newPage(); await page.setContent('<title>Kept</title>'); undefined")
    async with host.get_namespaced_runtime("s") as second:
        assert second.reused
        assert await second.eval("const w = page.waitForEvent('console'); await page.evaluate(() => console.log('still here')); [await page.title(), (await w).text()]") == ["Kept", "still here"]
        assert (await second.diagnostics())["browser"]["pages"] == 1


async def test_two_sessions_see_nothing_of_each_other(open_yaml, pages):
    host = await open_yaml(YAML)
    async with host.create_runtime() as one, host.create_runtime() as two:
        await asyncio.gather(*(rt.eval("globalThis.page = await browser.newPage(); globalThis.seen = []; page.context().on('console', (m) => seen.push(m.text())); undefined") for rt in (one, two)))
        for rt, name in ((one, "one"), (two, "two")):
            await rt.eval(f"await page.goto({pages.base!r}); await page.evaluate((x) => {{ document.cookie = 'who=' + x; localStorage.who = x; console.log(x); }}, {name!r}); undefined")
        for rt, name in ((one, "one"), (two, "two")):
            assert await rt.eval("[await page.evaluate(() => document.cookie + localStorage.who), seen, browser.contexts().length]") == [f"who={name}{name}", [name], 1]


async def test_bindings_over_a_daemon(tmp_path, browser):
    async def create_context(options, ctx):
        return await browser.new_context(**(options or {}))

    before = len(browser.contexts)
    bindings = ih.Bindings(browser=ih.BrowserBinding(create_context=create_context))
    async with await open_host("daemon", tmp_path) as host, host.create_runtime(bindings=bindings) as rt:
        assert await rt.eval("""
          const page = await browser.newPage();
          await page.exposeFunction("twice", (x) => x * 2);
          const w = page.waitForEvent("console");
          await page.evaluate(async () => console.log(await twice(4)));
          (await w).text()
        """) == "8"  # fmt: skip
    async with asyncio.timeout(10):
        while len(browser.contexts) > before:
            await asyncio.sleep(0.01)
    await asyncio.to_thread(stop_daemon, tmp_path)


async def test_the_next_owner_brings_his_own_factories(browser_host, browser):
    made = []

    def bindings(name):
        async def create_context(options, ctx):
            made.append(name)
            return await browser.new_context()

        return ih.Bindings(browser=ih.BrowserBinding(create_context=create_context))

    async with browser_host.get_namespaced_runtime("owners", bindings=bindings("first")) as rt:
        await rt.eval("globalThis.page = await browser.newPage(); undefined")
    async with browser_host.get_namespaced_runtime("owners", bindings=bindings("second")) as rt:
        assert await rt.eval("await browser.newContext(); await page.evaluate('1')") == 1
    assert made == ["first", "second"]
    await browser_host.dispose_namespace("owners")


async def test_an_owner_without_a_browser_ends_what_was_open(browser_host, browser):
    async def create_context(options, ctx):
        return await browser.new_context()

    before = len(browser.contexts)
    async with browser_host.get_namespaced_runtime("gone", bindings=ih.Bindings(browser=ih.BrowserBinding(create_context=create_context))) as rt:
        await rt.eval("globalThis.page = await browser.newPage(); undefined")
    async with browser_host.get_namespaced_runtime("gone") as rt:
        with pytest.raises(ih.IsolateHostError):
            await rt.eval("await page.title()")
    async with asyncio.timeout(10):
        while len(browser.contexts) > before:
            await asyncio.sleep(0.01)
    await browser_host.dispose_namespace("gone")


async def test_a_refused_request_says_why(open_yaml, pages):
    host = await open_yaml(YAML)
    async with host.create_runtime() as rt:
        text = await rt.eval(f"""
          const page = await browser.newPage();
          await page.goto({pages.base!r});
          const failed = page.waitForEvent("requestfailed");
          await page.evaluate((url) => fetch(url, {{ mode: "no-cors" }}).catch(() => 0), {pages.other!r});
          (await failed).failure().errorText
        """)
        assert "policies.browser.allow" in text


PRINTING = """
version: 1
sandboxes:
  heard: {policies: {console: {output_bytes: 4KiB}, browser: {launch: {executable_path: "{chromium}", sandbox: {sandbox}}, capture_console: true}}}
  unheard: {policies: {console: {}, browser: {launch: {executable_path: "{chromium}", sandbox: {sandbox}}}}}
  mute: {policies: {browser: {launch: {executable_path: "{chromium}", sandbox: {sandbox}}, capture_console: true}}}
"""
PRINT = "globalThis.page ??= await browser.newPage(); const all = page.waitForEvent('console', (m) => m.text() === 'last'); await page.evaluate(() => { console.warn('careful', 7); console.log('last') }); await all; undefined"


async def test_what_pages_print_goes_to_the_console(open_yaml):
    host = await open_yaml(PRINTING)
    for sandbox, expected in (("heard", [("browserOutput", "warn", "careful 7"), ("browserOutput", "log", "last")]), ("unheard", []), ("mute", [])):
        entries = []
        bindings = ih.Bindings(console=entries.append) if sandbox != "mute" else ih.Bindings()
        async with host.create_runtime(sandbox=sandbox, bindings=bindings) as rt:
            await rt.eval(PRINT)
            assert [(entry.type, entry.level, entry.text) for entry in entries] == expected
            if expected:
                assert entries[-1].location.keys() == {"url", "line", "column"}
                assert (entries[-1].context_id, entries[-1].page_id[:5], entries[-1].timestamp > 0) == ("context-1", "page-", True)


async def test_the_next_owner_hears_what_pages_print(open_yaml):
    host = await open_yaml(PRINTING)
    first, second = [], []
    for entries in (first, second):
        async with host.get_namespaced_runtime("printing", sandbox="heard", bindings=ih.Bindings(console=entries.append)) as rt:
            await rt.eval(PRINT)
    assert [entry.text for entry in first] == [entry.text for entry in second] == ["careful 7", "last"]


async def test_a_page_that_prints_without_end_is_within_the_limit(open_yaml):
    host = await open_yaml(PRINTING)
    async with host.create_runtime(sandbox="heard", bindings=ih.Bindings(console=lambda entry: None)) as rt:
        with pytest.raises(ih.LimitExceeded, match="4096 bytes"):
            await rt.eval("const page = await browser.newPage(); await page.evaluate(() => setInterval(() => console.log('x'.repeat(500)), 1)); await new Promise(() => {})")


KILLED = """
test("before", async () => { const p = await browser.newPage(); await p.setContent("<p>hi"); await expect(p.locator("p")).toHaveText("hi"); });
test("in the middle", async () => { const p = await browser.newPage(); console.log("waiting"); await p.waitForFunction(() => false, undefined, { timeout: 0 }); });
test("expecting", async () => { const p = browser.contexts()[0]; expect(p).toBe(undefined); });
test("after", async () => { const p = await browser.newPage(); await p.setContent("<p>again"); await expect(p.locator("p")).toHaveText("again"); });
"""


def mains_of(chromium_arg):
    """Browser processes (not their renderers) whose command line has ``chromium_arg``."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            arguments = entry.read_bytes().split(b"\0")
            if chromium_arg.encode() in arguments and not any(argument.startswith(b"--type=") for argument in arguments):
                found.append(int(entry.parent.name))
    return found


async def test_a_browser_that_is_killed_fails_the_test_that_had_it(open_yaml):
    """The suite goes on: the test in its middle fails, the next one has a fresh browser."""
    mark = f"--user-agent-mark={secrets.token_hex(8)}"
    host = await open_yaml(YAML.replace("tests: {}", "tests: {}\n      console: {}").replace("sandbox: {sandbox}}", 'sandbox: {sandbox}, args: ["{mark}"]}'), mark=mark)
    killed = []

    def heard(entry):
        if entry.text == "waiting":
            for number in mains_of(mark):
                killed.append(number)
                os.kill(number, signal.SIGKILL)

    async with host.create_test_runtime(bindings=ih.Bindings(console=heard)) as rt:
        result = await rt.run(KILLED, options=PATIENT)
    assert killed
    assert [(test.name, test.status) for test in result.tests] == [("before", "pass"), ("in the middle", "fail"), ("expecting", "pass"), ("after", "pass")]
    assert "closed" in result.tests[1].error.message
