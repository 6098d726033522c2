"""Guests that attack through a browser: its proxy, other guests' pages, the network behind the host, its files, and the host process itself."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest
import pytest_asyncio

import isolate_host as ih
from isolate_host.plugins.browser.session import Factories, PlaywrightSession
from tests.support.browsing import _site, _trap, browser, chromium, guarded, pages, playwright, trap
from tests.support.guarding import only

__all__ = ["_site", "_trap", "browser", "chromium", "guarded", "pages", "playwright", "trap"]

pytestmark = [pytest.mark.adversarial, pytest.mark.asyncio(loop_scope="session")]

YAML = """version: 1
plugins: [browser, files]
sandboxes:
  agent:
    limits: {timeout_s: 50}
    policies:
      files: {mounts: [{path: /data, root: DATA, write: true}]}
      browser: {launch: {executable_path: CHROMIUM, sandbox: SANDBOX}, allow: ["SITE"], private_addresses: allow, timeout_s: 5}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def host(_site, chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "data").mkdir()
    text = YAML.replace("DATA", str(folder / "data")).replace("CHROMIUM", chromium).replace("SANDBOX", str(os.geteuid() != 0).lower())
    (folder / "host.yaml").write_text(text.replace("SITE", _site.base))
    (folder / "secret.txt").write_text("the secret of the host")
    async with ih.create_isolate_host(config=folder / "host.yaml") as opened:
        opened.folder = folder
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def attack(host, pages):
    """Runs code of a guest that has ``context`` and ``page``, at the one site that it may visit. ``told(f)`` says what became of ``f``."""
    async with host.create_runtime(sandbox="agent") as runtime:
        await runtime.eval(
            f"""globalThis.context = await browser.newContext();
            globalThis.page = await context.newPage();
            await page.goto('{pages.url("/")}');
            globalThis.told = async (attempt) => {{ try {{ return ['done', await attempt()] }} catch (error) {{ return [error.name, error.message] }} }};"""
        )
        yield runtime.eval


# ── the proxy ────────────────────────────────────────────────────────────────────────────────────────────────────────

HEADS = {
    "a request": "GET {url} HTTP/1.1\r\nHost: x\r\n{proof}\r\n",
    "a tunnel": "CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: x\r\n{proof}\r\n",
}
PROOFS = [
    "", "Proxy-Authorization: \r\n", "Proxy-Authorization: Basic YTpi\r\n", "Proxy-Authorization: Bearer x\r\n", "Authorization: Bearer x\r\n",
    'Proxy-Authorization: Digest username="x", realm="isolate-host", nonce="x", uri="/", response="x", qop=auth, nc=1, cnonce="x"\r\n',
]  # fmt: skip


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("proof", PROOFS)
async def test_another_process_cannot_use_the_proxy(guarded, pages, head, proof):
    """Loopback is everybody's: whoever connects is asked for the password, however open the policy behind it is."""
    watched = guarded({"allow": ["*://*:*"], "private_addresses": "allow"})
    port = int((await watched.keeper._network.start()).rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEADS[head].format(url=pages.url("/"), port=pages.port, proof=proof).encode())
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 407 ")
    assert pages.visits == []


async def test_a_page_cannot_use_the_proxy_of_another_runtime(guarded, pages, trap):
    """Its port may even be allowed: it serves whom it was made for."""
    generous = guarded({"allow": ["*://*:*"], "private_addresses": "allow"})
    port = (await generous.keeper._network.start()).rpartition(":")[2]
    page = await guarded(only(pages, f"http://127.0.0.1:{port}")).page()
    await page.goto(pages.url("/"))
    outcome = await page.evaluate("url => fetch(url, {mode: 'no-cors'}).then(r => r.type, e => e.name)", f"http://127.0.0.1:{port}/{trap.url('/secret')}")
    assert outcome == "TypeError"
    assert trap.visits == []


# ── objects of others ────────────────────────────────────────────────────────────────────────────────────────────────


def numbers(described):
    """Every number in what a guest is told."""
    if isinstance(described, dict):
        described = list(described.values())
    if isinstance(described, (list, tuple)):
        return {found for item in described for found in numbers(item)}
    return {described} if type(described) is int and described > 1000 else set()


async def test_objects_of_another_cannot_be_named(guarded, browser, pages):
    """A guest that speaks to the host itself gets nothing for the numbers of another's objects, nor for made-up ones."""
    sessions = []
    for watched in (guarded(only(pages)), guarded(only(pages))):

        async def create_context(options, ctx):
            return await browser.new_context(**(options or {}))

        sessions.append(PlaywrightSession(Factories(create_context), watched.keeper))
    mine, other = sessions
    described = (await mine.operate("newContext", [{}], None))[1]
    context = max(numbers(described))
    page = max(numbers((await mine.operate("newPage", [context], None))[1]))
    for number in (context, page, context + 1, -1, 0, 1 << 70, "1", None, [page, "keyboard"], [page, "context"], {"$pw": page}, True, 1.5):
        for op, args in (("newPage", [number]), ("closeContext", [number, {}]), ("do", [number, "title", []]), ("do", [number, "cookies", []]), ("cdp", [number, number]), ("route", [number])):
            with pytest.raises((LookupError, TypeError, ih.IsolateHostError)):
                await other.operate(op, args, None)
    assert (await mine.operate("do", [page, "title", []], None))[0] == 0
    for session in sessions:
        await session.aclose()


# ── the network behind the host ──────────────────────────────────────────────────────────────────────────────────────

WAYS = [
    "page.goto(url)", "page.request.get(url)", "context.request.post(url, {data: 'x'})", "page.request.get(away)", "page.goto(away)",
    "page.evaluate((url) => fetch(url, {mode: 'no-cors'}), url)", "page.evaluate((url) => fetch(url, {mode: 'no-cors'}), away)",
    "page.evaluate((url) => { location.href = url }, url)", "page.setContent(`<img src='${url}'><script src='${url}'></script><iframe src='${url}'></iframe>`)",
    "page.evaluate((url) => new Promise((done) => { new WebSocket(url.replace('http', 'ws')).onclose = () => done(1) }), url)",
    "page.evaluate((url) => new Promise((done) => { new EventSource(url).onerror = () => done(1) }), url)",
    "page.evaluate((url) => navigator.sendBeacon(url, 'x'), url)", "page.evaluate((url) => { window.open(url) }, url)",
    "page.evaluate((own) => navigator.serviceWorker.register(own).then(() => navigator.serviceWorker.ready).then(() => 1), '/sw.js')",
    "page.evaluate((url) => new Promise((done) => { const w = new Worker(URL.createObjectURL(new Blob([`fetch('${url}', {mode: 'no-cors'}).finally(() => postMessage(1))`]))); w.onmessage = w.onerror = () => done(1) }), url)",
    "page.setContent(`<link rel=dns-prefetch href='${url}'><link rel=preconnect href='${url}'><link rel=prefetch href='${url}'><link rel=prerender href='${url}'>`)",
    "page.route('**/x', (route) => route.continue({url})).then(() => page.evaluate(() => fetch('/x').catch(() => 0)))",
    "page.route('**/y', (route) => route.fetch({url}).then((response) => route.fulfill({response}), () => route.abort())).then(() => page.evaluate(() => fetch('/y').catch(() => 0)))",
    "context.newCDPSession(page).then((cdp) => cdp.send('Page.navigate', {url}))",
    "context.newCDPSession(page).then((cdp) => cdp.send('Network.loadNetworkResource', {url, options: {disableCache: true, includeCredentials: true}}))",
    "page.request.get(own, {headers: {Host: new URL(url).host}})", "page.request.get(url, {headers: {'Proxy-Authorization': 'Bearer x'}})",
    "browser.newContext({proxy: {server: url}})",
]


async def test_no_way_leads_to_what_the_policy_does_not_allow(attack, pages, trap):
    """Navigation, what pages load, sockets, workers, hints, routes, DevTools, requests of the guest: by guest code, through everything."""
    pages.redirect("/away", trap.url("/secret"))
    pages.add("/sw.js", f"self.oninstall = (event) => event.waitUntil(fetch('{trap.url('/secret')}', {{mode: 'no-cors'}}).catch(() => 0))", type="text/javascript")
    attempts = ", ".join(f"() => {way}" for way in WAYS)
    names = f"const url = '{trap.url('/secret')}', away = '{pages.url('/away')}', own = '{pages.url('/')}';"
    outcomes = await attack(
        f"""{names} const outcomes = [];
        for (const attempt of [{attempts}]) {{
          outcomes.push(await told(attempt));
          await page.goto(own).catch(() => 0);
        }}
        outcomes.map(([name, value]) => [name, String(value)])"""
    )
    assert len(outcomes) == len(WAYS)
    assert {name for name, _ in outcomes[:5]} == {"PolicyDenied"}
    assert trap.visits == []


async def test_nothing_leaves_by_udp_and_no_name_is_looked_up(attack):
    """WebRTC finds no address of the host and asks no server; WebTransport and QUIC have no way; hints ask for no name."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.setblocking(False)
        port = listener.getsockname()[1]
        gathered = await attack(
            """await page.evaluate(async (port) => {
              const found = [], peer = new RTCPeerConnection({iceServers: [{urls: `stun:127.0.0.1:${port}`}, {urls: `turn:127.0.0.1:${port}`, username: 'a', credential: 'b'}]});
              peer.onicecandidate = (event) => event.candidate && found.push(event.candidate.candidate);
              peer.createDataChannel('x');
              const done = new Promise((resolve) => { peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve() });
              await peer.setLocalDescription(await peer.createOffer());
              await done;
              let transport = 'none';
              try { const wt = new WebTransport(`https://127.0.0.1:${port}/`); await wt.ready; transport = 'ready' } catch (error) { transport = error.name }
              return [found, transport];
            }, """ + str(port) + ")"
        )
        with pytest.raises(BlockingIOError):
            listener.recv(1)
    assert gathered[0] == []
    assert gathered[1] != "ready"


INSIDES = ["file:///etc/passwd", "FILE:///etc/passwd", "file://localhost/etc/passwd", "view-source:file:///etc/passwd", "chrome://version", "chrome://net-export", "devtools://devtools/bundled/inspector.html", "about:settings", "chrome-extension://x/y", "filesystem:file:///x", " file:///etc/passwd", "fi\\nle:///etc/passwd", "ftp://127.0.0.1/"]


async def test_files_and_insides_of_the_browser_are_no_pages(attack):
    """By navigation, frames, popups, DevTools, a route's answer, a base URL, or a link."""
    urls = ", ".join(f"'{url}'" for url in INSIDES)
    outcomes = await attack(
        f"""const outcomes = [];
        for (const url of [{urls}]) {{
          // A page that got there after all would be closed at once.
          const page = await context.newPage();
          outcomes.push((await told(() => page.goto(url)))[0]);
          await told(() => page.setContent(`<iframe src='${{url}}'></iframe><a href='${{url}}'>go</a>`).then(() => page.click('a', {{timeout: 500}})));
          await told(() => page.evaluate((url) => {{ window.open(url) }}, url));
          await told(() => page.request.get(url));
          outcomes.push((await told(async () => (await context.newCDPSession(page)).send('Page.navigate', {{url}})))[0]);
        }}
        [outcomes, (await Promise.all(context.pages().map((page) => page.content().catch(() => '')))).join(''), context.pages().flatMap((page) => page.frames().map((frame) => frame.url()))]"""
    )
    assert "done" not in outcomes[0]
    assert "root:" not in outcomes[1]
    assert not [url for url in outcomes[2] if url.startswith(("file:", "chrome:", "devtools:", "view-source:"))]


# ── the host process ─────────────────────────────────────────────────────────────────────────────────────────────────

TEXTS = ["process.exit(7)", "require('fs').writeFileSync('{file}', 'x')", "__import__('pathlib').Path('{file}').write_text('x')", "() => globalThis.process.mainModule.require('fs').writeFileSync('{file}', 'x')", "this.constructor.constructor('return process')().exit(7)", "import('node:fs').then((fs) => fs.writeFileSync('{file}', 'x'))", "}}); require('fs').writeFileSync('{file}', 'x'); (() => {{"]


async def test_texts_for_the_page_run_in_the_page_only(attack, host):
    """``evaluate`` and its kin take texts: neither the host (Python) nor the driver (Node.js) ever runs one. Nor what claims to be a function."""
    file = host.folder / "written.txt"
    texts = ", ".join(repr(text.format(file=file)) for text in TEXTS)
    where = await attack(
        f"""for (const text of [{texts}]) {{
          const liar = Object.assign(() => 1, {{toString: () => text}});
          for (const attempt of [
            () => page.evaluate(text), () => page.evaluate(liar), () => page.evaluateHandle(text), () => page.waitForFunction(text, null, {{timeout: 50}}), () => page.addInitScript(text),
            () => page.addInitScript({{content: text}}), () => page.locator('h1').evaluate(text), () => page.locator('h1').evaluateAll(text), () => page.$eval('h1', text),
            () => page.exposeFunction(text, () => 1), () => page.waitForURL(text, {{timeout: 50}}), () => page.locator(text).count(), () => page.getByText(new RegExp('(a+)+$')).count(),
          ]) await told(attempt);
        }}
        const fresh = await (await browser.newContext()).newPage();
        await fresh.evaluate(() => [typeof process, typeof require, typeof window])"""
    )
    assert where == ["undefined", "undefined", "object"]
    assert not file.exists()


# ── files of the host ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_downloads_stay_in_the_grant(attack, host, pages):
    """Whatever a server calls a file, and wherever a guest wants it."""
    pages.add("/file", b"payload", type="application/octet-stream", headers={"Content-Disposition": 'attachment; filename="../../../../escaped.txt"'})
    before = sorted(path for path in host.folder.rglob("*") if "audit" not in path.name)
    outcomes = await attack(
        """const [download] = await Promise.all([page.waitForEvent('download'), page.evaluate(() => { location.href = '/file' })]);
        const outcomes = [];
        for (const path of ['../escaped.txt', '/data/../../escaped.txt', '/etc/escaped.txt', '/escaped.txt', '""" + str(host.folder) + """/escaped.txt', 'file:///escaped.txt', '/data/\\0x'])
          outcomes.push((await told(() => download.saveAs(path)))[0]);
        await download.saveAs(`/data/${download.suggestedFilename()}`);
        [outcomes, download.suggestedFilename(), (await told(() => download.path()))[0]]"""
    )
    assert "done" not in outcomes[0]
    assert "/" not in outcomes[1]
    assert outcomes[2] == "Error"
    assert [path.name for path in host.folder.rglob("*") if path not in before and "audit" not in path.name] == [outcomes[1]]
    assert (host.folder / "data" / outcomes[1]).read_bytes() == b"payload"
    (host.folder / "data" / outcomes[1]).unlink()


async def test_uploads_come_from_the_grant_only(attack, host):
    """By path, by a link that leads out, by DevTools, and by every other option that reads a file."""
    link = host.folder / "data" / "link"
    link.symlink_to(host.folder / "secret.txt")
    secret = str(host.folder / "secret.txt")
    outcomes = await attack(
        f"""await page.setContent('<input type=file multiple>');
        const outcomes = [], input = page.locator('input');
        for (const path of ['{secret}', '/etc/passwd', '/data/../secret.txt', '/data/link', '../secret.txt', 'file://{secret}']) {{
          for (const attempt of [
            () => input.setInputFiles(path), () => input.setInputFiles([{{path}}]), () => page.addScriptTag({{path}}), () => page.addInitScript({{path}}),
            () => browser.newContext({{storageState: path}}), () => page.routeFromHAR(path), () => page.route('**/f', (route) => route.fulfill({{path}}).catch(() => route.abort())).then(() => page.evaluate(() => fetch('/f').then((answer) => answer.text()))),
            () => context.newCDPSession(page).then((cdp) => cdp.send('DOM.setFileInputFiles', {{files: [path], nodeId: 1}})),
          ]) outcomes.push(await told(attempt));
        }}
        [outcomes.map(([name, value]) => `${{name}}: ${{value}}`), await page.evaluate(async () => Promise.all([...document.querySelector('input').files].map((file) => file.text())))]"""
    )
    link.unlink()
    assert not [outcome for outcome in outcomes[0] if outcome.startswith("done")]
    assert not [outcome for outcome in outcomes[0] if "the secret of the host" in outcome or "root:" in outcome]
    assert outcomes[1] == []


# ── options of contexts ──────────────────────────────────────────────────────────────────────────────────────────────

#: What Playwright for Python takes, and JavaScript does not know under that name.
SMUGGLED = {
    "recordHarPath": "'HOST/new.har'", "record_har_path": "'HOST/new.har'", "recordVideoDir": "'HOST/videos'", "record_video_dir": "'HOST/videos'",
    "storage_state": "'HOST/secret.txt'", "client_certificates": "[{origin: 'https://a.test', certPath: 'HOST/secret.txt', keyPath: 'HOST/secret.txt'}]",
    "ignore_https_errors": "true", "user_data_dir": "'HOST/profile'", "userDataDir": "'HOST/profile'", "args": "['--no-sandbox']",
    "executablePath": "'HOST/secret.txt'", "env": "{A: 'b'}", "downloadsPath": "'HOST/downloads'",
}  # fmt: skip


@pytest.mark.parametrize("option", SMUGGLED)
async def test_options_under_other_names_reach_nothing(attack, host, option):
    before = sorted(path.name for path in host.folder.iterdir())
    value = SMUGGLED[option].replace("HOST", str(host.folder))
    name, message = await attack(f"await told(async () => {{ const c = await browser.newContext({{ {option}: {value} }}); await c.newPage(); await c.close(); }})")
    assert name == "TypeError"
    assert message.startswith(f"newContext has no option '{option}'")
    assert sorted(path.name for path in host.folder.iterdir()) == before
