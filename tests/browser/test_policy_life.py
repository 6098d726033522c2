"""The browser of a configuration, driven by guests: its life, what they are told, and that they know nothing of each other."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
import pytest_asyncio

import isolate_host as ih
from tests.support.chromium import find_chromium
from tests.support.guarding import recorded

YAML = """version: 1
plugins: [browser, console, files]
audit: {file: audit.jsonl}
sandboxes:
  agent:
    limits: {timeout_s: 60}
    policies:
      console: {}
      files: {mounts: [{path: /data, memory: true}]}
      browser:
        launch: {executable_path: CHROMIUM, sandbox: SANDBOX}
        allow: ["SITE"]
        private_addresses: allow
        max_pages: 8
  trial:
    limits: {timeout_s: 60}
    policies:
      browser: {mode: audit, launch: {executable_path: CHROMIUM, sandbox: SANDBOX}, private_addresses: allow}
  other:
    limits: {timeout_s: 60}
    policies:
      browser: {launch: {executable_path: CHROMIUM, sandbox: SANDBOX}, allow: ["SITE"], private_addresses: allow}
  bare:
    policies:
      browser: {allow: ["*://*"]}
"""
PAGE = "const context = await browser.newContext(); const page = await context.newPage(); await page.goto('{url}');"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def host(_site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("host")
    text = YAML.replace("CHROMIUM", find_chromium()).replace("SANDBOX", str(os.geteuid() != 0).lower()).replace("SITE", _site.base)
    (folder / "host.yaml").write_text(text)
    async with ih.create_isolate_host(config=folder / "host.yaml") as opened:
        opened.audit_file = folder / "audit.jsonl"
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def agent(host):
    async with host.create_runtime(sandbox="agent") as runtime:
        yield runtime


def begin(pages):
    return PAGE.replace("{url}", pages.url("/"))


def chromiums(parent):
    """Processes of Chromium below ``parent``: those that a driver below it began."""
    found, below = [], {parent}
    for status in sorted(Path("/proc").glob("[0-9]*/stat"), key=lambda path: int(path.parent.name)):
        try:
            number, name, parent_number = status.read_text().split(" ", 1)[0], status.read_text(), int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, ProcessLookupError):
            continue
        if parent_number in below:
            below.add(int(number))
            if "chrom" in name.partition("(")[2].rpartition(")")[0]:
                found.append(int(number))
    return found


async def test_a_guest_browses(agent, pages):
    assert await agent.eval(begin(pages) + "await page.title()") == "home"


async def test_a_denial_tells_the_guest_and_the_record(host, agent, pages, trap):
    await agent.eval(begin(pages))
    told = await agent.eval(f"let told; try {{ await page.goto('{trap.url('/secret')}') }} catch (error) {{ told = [error.name, error.message] }} told")
    assert told[0] == "PolicyDenied"
    assert "is not allowed: it needs sandboxes.agent.policies.browser.allow" in told[1]
    lines = await recorded(host.audit_file, trap.url("/secret"))
    denied = [line for line in lines if line.get("event") == "denied" and line.get("capability") == "browser"]
    assert denied[-1]["value"] == trap.url("/secret")
    assert trap.visits == []


async def test_a_denied_redirect_is_a_denial_too(agent, pages, trap):
    pages.redirect("/away", trap.url("/secret"))
    told = await agent.eval(begin(pages) + f"let told; try {{ await page.goto('{pages.url('/away')}') }} catch (error) {{ told = [error.name, error.message] }} told")
    assert told[0] == "PolicyDenied"
    assert f"{trap.url('/secret')} is not allowed" in told[1]


async def test_what_a_page_does_alone_is_recorded(host, agent, pages, trap):
    await agent.eval(begin(pages) + f"await page.evaluate((url) => fetch(url).catch(() => 0), '{trap.url('/alone')}')")
    assert await recorded(host.audit_file, trap.url("/alone"))
    assert trap.visits == []


async def test_mode_audit_lets_through_and_records(host, pages):
    async with host.create_runtime(sandbox="trial") as runtime:
        assert await runtime.eval(begin(pages) + "await page.title()") == "home"
    assert await recorded(host.audit_file, '"trial"')


@pytest.mark.parametrize("url", ["file:///etc/passwd", "chrome://version", "view-source:file:///etc/passwd"])
async def test_files_and_insides_are_refused(agent, pages, url):
    told = await agent.eval(begin(pages) + f"let told; try {{ await page.goto('{url}') }} catch (error) {{ told = error.name }} told")
    assert told == "PolicyDenied"


async def test_devtools_are_for_the_page(agent, pages):
    code = begin(pages) + """
const session = await context.newCDPSession(page);
const told = [(await session.send('Runtime.evaluate', {expression: '1 + 1'})).result.value];
for (const [method, params] of [['Browser.close', {}], ['Target.getTargets', {}], ['Page.navigate', {url: 'file:///etc/passwd'}]])
  try { await session.send(method, params); told.push('sent') } catch (error) { told.push(error.name) }
told"""
    assert await agent.eval(code) == [2, "PolicyDenied", "PolicyDenied", "PolicyDenied"]


async def test_without_a_browser_there_is_none(host):
    async with host.create_runtime(sandbox="bare") as runtime:
        with pytest.raises(ih.GuestError):
            await runtime.eval("await browser.newContext()")


async def test_two_runtimes_know_nothing_of_each_other(host, pages):
    pages.add("/cookie", "<title>c</title>", headers={"Set-Cookie": "secret=1; Path=/"})
    async with host.create_runtime(sandbox="agent") as first, host.create_runtime(sandbox="other") as second:
        await first.eval(begin(pages) + f"await page.goto('{pages.url('/cookie')}'); await page.evaluate(() => {{ localStorage.x = 1; window.name = 'mine' }})")
        code = begin(pages) + "[browser.contexts().length, context.pages().length, await context.cookies(), await page.evaluate(() => [document.cookie, localStorage.length, window.name])]"
        assert await second.eval(code) == [1, 1, [], ["", 0, ""]]
        assert (await second.diagnostics())["browser"]["network_requests"] == 1


async def test_a_thousand_popups(agent, pages):
    pages.add("/pops", "<script>for (let i = 0; i < 1000; i++) window.open('about:blank')</script><h1>after</h1>")
    assert await agent.eval(begin(pages) + f"await page.goto('{pages.url('/pops')}'); [await page.textContent('h1'), context.pages().length <= 8]") == ["after", True]


async def test_a_page_that_crashes_is_reported_and_another_works(agent, pages):
    code = begin(pages) + """
const crashed = page.waitForEvent('crash');
const session = await context.newCDPSession(page);
session.send('Page.crash').catch(() => 0);
await crashed;
const next = await context.newPage();
await next.goto('""" + pages.url("/") + """');
await next.title()"""
    assert await agent.eval(code) == "home"


async def test_a_browser_that_is_killed_comes_back(host, pages):
    async with host.create_runtime(sandbox="agent") as runtime:
        await runtime.eval(begin(pages))
        processes = chromiums(os.getpid())
        await runtime.eval("globalThis.gone = page.waitForEvent('close').then(() => 'closed', (error) => error.name); 1")
        # Only those of this host: the browser that the tests share was begun first, by another driver.
        for number in processes:
            if b"--ignore-certificate-errors-spki-list" in Path(f"/proc/{number}/cmdline").read_bytes() and b"--type=" not in Path(f"/proc/{number}/cmdline").read_bytes():
                os.kill(number, signal.SIGKILL)
        await runtime.eval("await gone")
        assert await runtime.eval("let told; try { await page.title() } catch (error) { told = error.name } told") is not None
        assert await runtime.eval(f"const fresh = await browser.newContext(); const other = await fresh.newPage(); await other.goto('{pages.url('/')}'); await other.title()") == "home"
    async with host.create_runtime(sandbox="other") as runtime:
        assert await runtime.eval(begin(pages) + "await page.title()") == "home"


async def test_a_guest_that_is_killed_leaves_no_page(host, pages):
    runtime = await host.create_runtime(sandbox="agent")
    left, gone = asyncio.Event(), asyncio.Event()

    async def socket(request):
        from aiohttp import web

        opened = web.WebSocketResponse()
        await opened.prepare(request)
        left.set()
        async for _ in opened:
            pass
        gone.set()
        return opened

    pages.on("/socket", socket)
    await runtime.eval(begin(pages) + "await page.evaluate(() => { window.kept = new WebSocket(`ws://${location.host}/socket`) })")
    await left.wait()
    with pytest.raises(ih.IsolateHostError):
        await runtime.eval("while (true);", timeout_s=0.2)
    async with asyncio.timeout(30):
        await gone.wait()


async def test_pages_outlive_the_owner_of_a_session(host, pages):
    async with host.get_namespaced_runtime("kept", sandbox="agent") as session:
        await session.eval(begin(pages) + "globalThis.mine = page; await page.evaluate(() => { window.mark = 7 })")
    async with host.get_namespaced_runtime("kept", sandbox="agent") as session:
        assert await session.eval("[browser.contexts().length, await mine.evaluate(() => window.mark)]") == [1, 7]
    await host.dispose_namespace("kept")


async def test_chromiums_own_sandbox_is_on_unless_the_policy_says_otherwise(open_yaml, pages):
    """As root it does not work, and what a guest and the operator are told is the key to change."""
    host = await open_yaml('version: 1\nplugins: [browser]\nsandboxes: {default: {policies: {browser: {launch: {executable_path: "{chromium}"}, allow: ["*://*:*"], private_addresses: allow}}}}')
    async with host.create_runtime(sandbox="default") as runtime:
        if os.geteuid() == 0:
            with pytest.raises(ih.IsolateHostError, match="the browser did not start") as caught:
                await runtime.eval("await browser.newContext()")
            assert "sandboxes.default.policies.browser.launch.sandbox: false" in str(caught.value) + str(caught.value.hint)
        else:
            assert await runtime.eval(begin(pages) + "await page.title()") == "home"


async def test_a_host_that_is_killed_leaves_no_browser(tmp_path, pages):
    (tmp_path / "host.yaml").write_text(YAML.replace("CHROMIUM", find_chromium()).replace("SANDBOX", str(os.geteuid() != 0).lower()).replace("SITE", pages.base))
    program = f"""
import asyncio, isolate_host as ih
async def main():
    async with ih.create_isolate_host(config={str(tmp_path / "host.yaml")!r}) as host, host.create_runtime(sandbox="agent") as runtime:
        await runtime.eval({begin(pages)!r})
        print("ready", flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert await child.stdout.readline() == b"ready\n"
    processes = chromiums(child.pid)
    assert processes
    watched = [os.pidfd_open(number) for number in processes]
    child.kill()
    await child.wait()
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(30):
        for descriptor in watched:
            ended = loop.create_future()
            loop.add_reader(descriptor, lambda done=ended: done.done() or done.set_result(None))
            await ended
            loop.remove_reader(descriptor)
            os.close(descriptor)
