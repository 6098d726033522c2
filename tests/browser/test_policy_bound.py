"""A policy for the browser of an embedder, and what is no HTTP at all."""

import asyncio
import os

import pytest
import pytest_asyncio

import isolate_host as ih
from tests.support.guarding import recorded

YAML = """version: 1
plugins: [browser, console, files]
audit: {file: audit.jsonl}
sandboxes:
  agent:
    limits: {timeout_s: 60}
    policies:
      console: {}
      browser: {allow: ["SITE"], private_addresses: allow, max_contexts: 2}
  trusting:
    limits: {timeout_s: 60}
    policies:
      browser: {bound_network: own}
  launched:
    limits: {timeout_s: 60}
    policies:
      browser: {launch: {executable_path: "{chromium}", sandbox: {sandbox}}, allow: ["SITE"], private_addresses: allow}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def host(_site, chromium, tmp_path_factory):
    file = tmp_path_factory.mktemp("bound") / "host.yaml"
    sandbox = str(os.geteuid() != 0).lower()
    file.write_text(YAML.replace("SITE", _site.base).replace("{chromium}", chromium).replace("{sandbox}", sandbox))
    async with ih.create_isolate_host(config=file) as opened:
        opened.audit_file = file.with_name("audit.jsonl")
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def bound(host, browser, pages):
    """A function that opens a runtime of a sandbox, with the tests' own browser bound to it."""
    opened = []

    async def start(sandbox, *, careless=False):
        async def create_context(options, ctx):
            return await browser.new_context(**({} if careless else options or {}))

        binding = None if sandbox == "launched" else ih.Bindings(browser=ih.BrowserBinding(create_context=create_context))
        runtime = await host.create_runtime(sandbox=sandbox, bindings=binding)
        opened.append(runtime)
        return runtime

    start.audit = host.audit_file
    yield start
    for runtime in opened:
        await runtime.dispose()


def going(url):
    return f"const context = await browser.newContext(); const page = await context.newPage(); let told = 'went'; try {{ await page.goto('{url}') }} catch (error) {{ told = error.name + ': ' + error.message }} told"


async def test_a_policy_holds_for_the_browser_of_an_embedder(bound, pages, trap):
    runtime = await bound("agent")
    assert await runtime.eval(going(pages.url("/"))) == "went"
    pages.redirect("/away", trap.url("/secret"))
    for url in (trap.url("/secret"), pages.url("/away")):
        told = await runtime.eval(f"told = ''; try {{ await page.goto('{url}') }} catch (error) {{ told = error.name + ': ' + error.message }} told")
        assert told.startswith("PolicyDenied")
        assert "it needs sandboxes.agent.policies.browser.allow" in told
    assert trap.visits == []
    lines = await recorded(bound.audit, trap.url("/secret"), times=2)
    assert {line["event"] for line in lines if line.get("value") == trap.url("/secret")} == {"denied"}


async def test_its_limits_hold_too(bound):
    runtime = await bound("agent")
    code = "let told; try { for (;;) await browser.newContext() } catch (error) { told = [error.name, error.message] } told"
    name, message = await runtime.eval(code)
    assert name == "LimitExceeded"
    assert message.startswith("2 browser contexts are open")


async def test_factories_that_leave_the_proxy_out_are_found_out(bound, pages):
    runtime = await bound("agent", careless=True)
    with pytest.raises(ih.IsolateHostError, match="options\\['proxy'\\]"):
        await runtime.eval("await browser.newContext()")
    assert pages.visits == []


async def test_an_operator_may_leave_the_network_to_the_embedder(bound, trap):
    runtime = await bound("trusting", careless=True)
    assert await runtime.eval(going(trap.url("/"))) == "went"
    code = "try { await page.goto('file:///etc/passwd') } catch (error) { told = error.name } told"
    assert await runtime.eval(code) == "PolicyDenied"


async def test_without_a_sandbox_the_binding_is_the_grant(guest, trap):
    runtime = await guest()
    assert await runtime.eval(going(trap.url("/"))) == "went"
    code = "let name; try { await page.goto('file:///etc/passwd') } catch (error) { name = error.name } name"
    assert await runtime.eval(code) == "PolicyDenied"


async def test_a_persistent_profile_is_a_folder_that_the_embedder_knows(guest, playwright, chromium, pages, tmp_path):
    pages.add("/in", "<title>in</title>", headers={"Set-Cookie": "who=me; Max-Age=1000"})
    asked = []

    async def create_persistent_context(profile, options, ctx):
        asked.append(profile)
        return await playwright.chromium.launch_persistent_context(tmp_path / profile, executable_path=chromium, chromium_sandbox=os.geteuid() != 0, **options)

    runtime = await guest(create_persistent_context=create_persistent_context)
    open_it = "const {name} = await browser.newContext({{profile: {{id: 'me', mode: 'persistent'}}}});"
    await runtime.eval(open_it.format(name="first") + f"const page = await first.newPage(); await page.goto('{pages.url('/in')}'); await first.close()")
    assert await runtime.eval(open_it.format(name="second") + "(await second.cookies()).map(({name}) => name)") == ["who"]
    await runtime.eval("await second.close()")
    assert asked == ["me", "me"]


async def test_events_go_to_the_binding(guest, pages):
    heard = []
    runtime = await guest(on_event=lambda event: heard.append((event.type, event.context_id)))
    assert await runtime.eval(going(pages.url("/"))) == "went"
    assert {("networkRequest", "context-1"), ("networkResponse", "context-1")} <= set(heard)


async def test_what_pages_print_is_captured(guest, pages):
    """``capture_console``: entries of type ``browserOutput`` on the console of this very runtime, beside what the guest prints itself."""
    entries, arrived = [], asyncio.Event()

    def console(entry, ctx):
        entries.append((entry, ctx))
        if entry.text == "last":
            arrived.set()

    async def start(**fields):
        runtime = await guest(bindings={"console": console}, **fields)
        await runtime.eval(going(pages.url("/")))
        return runtime

    runtime = await start(capture_console=True)
    await runtime.eval("console.log('mine'); await page.evaluate(() => { console.warn('careful', 7); console.error('bad'); console.info('well'); console.table([1]); console.log('last') })")
    await arrived.wait()
    captured = [entry for entry, _ in entries if entry.type == "browserOutput"]
    assert [(entry.level, entry.text) for entry in captured if entry.level != "log"] == [("warn", "careful 7"), ("error", "bad"), ("info", "well")]
    assert captured[-1].location.keys() == {"url", "line", "column"}
    assert (captured[-1].context_id, captured[-1].page_id[:5], captured[-1].timestamp > 0) == ("context-1", "page-", True)
    assert [entry.type for entry, _ in entries if entry.text == "mine"] == ["output"]
    assert {(ctx.capability, ctx.op) for entry, ctx in entries if entry.type == "browserOutput"} == {("console", "entry")}
    entries.clear()
    silent = await start()
    await silent.eval("await page.evaluate(() => console.log('not captured'))")
    assert (await silent.diagnostics())["browser"]["browser_console_logs"] == 1
    assert entries == []


async def test_one_handler_tells_each_runtime_of_its_own_pages_only(guest, browser, pages):
    """A handler that serves two runtimes, wrapped for one of them: neither hears of the other's pages."""

    async def create_context(options, ctx):
        return await browser.new_context(**(options or {}))

    session = ih.create_playwright_session_handler(create_context=create_context)

    async def wrapped(operation):
        return await session.handler(operation)

    heard = {"first": [], "second": []}
    for name, handler in (("first", session.handler), ("second", wrapped)):
        told, printed = heard[name], []
        runtime = await guest(handler=handler, capture_console=True, on_event=told.append, bindings={"console": printed.append})
        await runtime.eval(going(pages.url("/")) + f"; await page.evaluate(() => console.log('{name}'))")
        await runtime.eval("await page.evaluate(() => 1)")
        assert [entry.text for entry in printed if entry.type == "browserOutput"] == [name]
    for name, told in heard.items():
        assert {event.text for event in told if event.type == "browserConsoleLog"} == {name}
        assert sum(event.type == "networkRequest" and event.url == pages.url("/") for event in told) == 1


async def test_names_of_pages_are_not_looked_up_by_the_browser(bound, pages):
    """``dns-prefetch`` and ``preconnect`` to what nobody allowed: there is nobody to ask but the proxy."""
    runtime = await bound("launched")
    pages.add("/hints", "<link rel=dns-prefetch href='http://localhost:1'><link rel=preconnect href='https://localhost:1'><title>hints</title>")
    assert await runtime.eval(going(pages.url("/hints"))) == "went"
    assert await runtime.eval("await page.title()") == "hints"
    outcome = "await page.evaluate(() => fetch('http://localhost:1', {mode: 'no-cors'}).then(() => 'ok', (error) => error.name))"
    assert await runtime.eval(outcome) == "TypeError"
