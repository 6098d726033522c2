"""What a guest may ask for: schemes, DevTools, options, sizes; and what becomes of popups, dialogs and events that nobody wants."""

import asyncio

import pytest
import pytest_asyncio
from playwright.async_api import Error

from isolate_host.errors import LimitExceeded, PolicyDenied
from tests.support.guarding import KEY

OPEN = {"allow": ["*://*:*"], "private_addresses": "allow"}


@pytest_asyncio.fixture(loop_scope="session")
async def anything(guarded):
    return guarded(OPEN)


# ── schemes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

REFUSED = ["file:///etc/passwd", "FILE:/etc/passwd", " file:///etc/passwd", "fi\tle:///etc/passwd", "view-source:http://a.test/", "view-source:file:///etc/passwd", "chrome://version", "chrome://settings", "devtools://devtools/bundled/inspector.html", "chrome-extension://abc/x.html", "about:version", "about:config", "about:chrome", "filesystem:http://a.test/temporary/x", "ftp://a.test/", "intent://x", "isolated-app://x", "chrome-error://chromewebdata/", "blob-x:y", "localhost:3000", "c:/x"]


@pytest.mark.parametrize("url", REFUSED)
async def test_other_schemes_are_refused_by_every_policy(anything, url):
    with pytest.raises(PolicyDenied) as caught:
        await anything.keeper.check_url("GET", url, None)
    assert caught.value.rule == "schemes of the web only"
    assert anything.denied == [caught.value]


@pytest.mark.parametrize("url", REFUSED[:8])
async def test_not_even_where_denials_are_only_recorded(guarded, url):
    with pytest.raises(PolicyDenied):
        await guarded(OPEN, mode="audit").keeper.check_url("GET", url, None)


@pytest.mark.parametrize("url", ["about:blank", "about:srcdoc", "data:text/html,x", "blob:http://a.test/x", "http://a.test/", "https://a.test/", "/relative", "javascript:1"])
async def test_pages_of_the_web_and_of_nowhere_pass(anything, url):
    await anything.keeper.check_url("GET", url, None)


TRICKS = {
    "location": "location.href = {url}",
    "assign": "location.assign({url})",
    "open": "window.open({url})",
    "frame": "document.body.append(Object.assign(document.createElement('iframe'), {{src: {url}}}))",
    "object": "document.body.append(Object.assign(document.createElement('object'), {{data: {url}}}))",
    "image": "document.body.append(Object.assign(new Image(), {{src: {url}}}))",
    "script": "document.body.append(Object.assign(document.createElement('script'), {{src: {url}}}))",
    "link": "Object.assign(document.createElement('a'), {{href: {url}}}).click()",
    "link to a new page": "Object.assign(document.createElement('a'), {{href: {url}, target: '_blank'}}).click()",
    "download": "Object.assign(document.createElement('a'), {{href: {url}, download: 'x'}}).click()",
    "form": "(() => {{ const f = document.createElement('form'); f.action = {url}; document.body.append(f); f.submit() }})()",
    "refresh": "document.head.append(Object.assign(document.createElement('meta'), {{httpEquiv: 'refresh', content: '0; url=' + {url}}}))",
    "base": "document.head.append(Object.assign(document.createElement('base'), {{href: {url}}}))",
    "style": "document.body.style.backgroundImage = `url(${{{url}}})`",
}


async def test_no_page_gets_to_a_file_by_itself(anything, pages, tmp_path):
    """Chromium refuses that; a later one that does not would fail here."""
    secret = tmp_path / "secret.html"
    secret.write_text("<title>secret</title><script>document.title = 'secret ran'</script>")
    context = await anything.context()
    page = await context.new_page()
    for url in (secret.as_uri(), "chrome://version", f"view-source:{secret.as_uri()}"):
        for trick in TRICKS.values():
            await page.goto(pages.url("/"))
            await page.evaluate(f"() => {{ try {{ {trick.format(url=repr(url))} }} catch {{ }} }}")
    outcomes = "url => Promise.all([fetch(url).then(r => r.text(), e => e.name), new Promise(done => { const x = new XMLHttpRequest(); x.onload = () => done(x.responseText); x.onerror = () => done('error'); x.open('GET', url); x.send() })])"
    assert await page.evaluate(outcomes, secret.as_uri()) == ["TypeError", "error"]
    await page.wait_for_load_state("networkidle")
    frames = [frame for opened in context.pages for frame in opened.frames]
    assert not [frame.url for frame in frames if frame.url.startswith(("file:", "chrome:", "view-source:"))]


# ── DevTools ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "method",
    ["Browser.close", "Browser.crash", "Browser.setDownloadBehavior", "Target.createTarget", "Target.createBrowserContext", "Target.getTargets", "Target.attachToTarget", "Target.exposeDevToolsProtocol", "SystemInfo.getInfo", "SystemInfo.getProcessInfo", "Tracing.start", "Storage.getCookies", "Storage.clearDataForOrigin", "DOM.setFileInputFiles", "DOM.getFileInfo", "Page.setDownloadBehavior", "Network.loadNetworkResource", "Security.setIgnoreCertificateErrors", "Memory.simulatePressureNotification", "Extensions.loadUnpacked", "FileSystem.getDirectory", "Page.captureScreenshot", "nonsense", "", "page.navigate"],
)
async def test_messages_that_reach_beyond_the_page_are_refused(anything, method):
    with pytest.raises(PolicyDenied) as caught:
        anything.keeper.check_cdp(method, {})
    assert caught.value.op == "cdp"


@pytest.mark.parametrize("method", ["Runtime.evaluate", "Network.enable", "Page.reload", "DOM.getDocument", "Emulation.setCPUThrottlingRate", "Performance.getMetrics", "Browser.getVersion", "Debugger.enable", "Input.dispatchMouseEvent"])
async def test_messages_about_the_page_pass(anything, method):
    anything.keeper.check_cdp(method, {})


async def test_messages_with_urls_and_contexts_are_looked_into(anything):
    anything.keeper.check_cdp("Page.navigate", {"url": "http://a.test/"})
    with pytest.raises(PolicyDenied):
        anything.keeper.check_cdp("Page.navigate", {"url": "file:///etc/passwd"})
    with pytest.raises(PolicyDenied):
        anything.keeper.check_cdp("Network.clearBrowserCookies", {"browserContextId": "x"})
    with pytest.raises(LimitExceeded):
        anything.keeper.check_cdp("Emulation.setDeviceMetricsOverride", {"width": 10_000, "height": 10_000, "deviceScaleFactor": 4})


# ── options of contexts ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("options", [{"proxy": {"server": "http://127.0.0.1:1"}}, {"ignoreHTTPSErrors": True}, {"clientCertificates": [{"origin": "https://a.test"}]}, {"recordVideo": {"dir": "/data"}}, {"recordHar": {"path": "/data/x.har"}}, {"storageState": "/data/state.json"}, {"profile": "me"}])
async def test_options_that_are_the_hosts_are_refused(anything, options):
    with pytest.raises(PolicyDenied):
        await anything.keeper.admit_context(options)
    assert anything.keeper.contexts.reserved == 0


@pytest.mark.parametrize("options", [{"viewport": {"width": 100_000, "height": 1}}, {"viewport": {"width": 9000, "height": 9000}}, {"viewport": {"width": 1000, "height": 1000}, "deviceScaleFactor": 100}, {"screen": {"width": 20_000, "height": 10}}])
async def test_viewports_are_bounded(anything, options):
    with pytest.raises(LimitExceeded) as caught:
        await anything.keeper.admit_context(options)
    assert caught.value.kind == "browser_pixels"


@pytest.mark.parametrize("profile", ["", "..", "a/../b", "/etc", "a b", "a" * 200, 5, {"id": "x", "mode": "other"}, {"id": "x", "reset": 1}, {"mode": "storageState"}])
async def test_profiles_have_plain_names(anything, profile):
    with pytest.raises((TypeError, ValueError)):
        await anything.keeper.admit_context({"profile": profile})


# ── counts ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_contexts_are_counted(guarded):
    watched = guarded({**OPEN, "max_contexts": 2})
    first = await watched.context()
    await watched.context()
    with pytest.raises(LimitExceeded) as caught:
        await watched.context()
    assert caught.value.hint == f"close some, or raise {KEY}.max_contexts"
    await first.close()
    await watched.keeper.context_closed(first)
    await watched.context()


async def test_a_context_that_was_not_made_takes_no_place(guarded):
    watched = guarded({**OPEN, "max_contexts": 1})
    for _ in range(3):
        watched.keeper.abandon_context(await watched.keeper.admit_context({}))
    await watched.context()


async def test_pages_are_counted(guarded):
    watched = guarded({**OPEN, "max_pages": 2})
    context = await watched.context()
    for _ in range(2):
        watched.keeper.admit_page(context)
        await context.new_page()
    with pytest.raises(LimitExceeded) as caught:
        watched.keeper.admit_page(context)
    assert caught.value.kind == "browser_pages"


async def test_popups_beyond_the_limit_are_closed(guarded, pages):
    watched = guarded({**OPEN, "max_pages": 3})
    page = await watched.page()
    await page.goto(pages.url("/"))
    closed, enough = [], asyncio.Event()

    def opened(popup):
        popup.on("close", lambda _: (closed.append(popup), len(closed) == 18 and enough.set()))

    page.context.on("page", opened)
    await page.evaluate("() => { for (let i = 0; i < 20; i++) window.open('about:blank') }")
    async with asyncio.timeout(50):
        await enough.wait()
    assert await page.title() == "home"
    assert len(page.context.pages) == 3


# ── dialogs and events ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_dialogs_that_nobody_handles_are_dismissed_and_reported(anything, pages):
    page = await anything.page()
    await page.goto(pages.url("/"))
    assert await page.evaluate("[alert('a'), confirm('b'), prompt('c', 'd')]") == [None, False, None]
    told = anything.keeper.collector.collected().dialogs
    assert [(record.dialog_type, record.message, record.attended) for record in told] == [("alert", "a", False), ("confirm", "b", False), ("prompt", "c", False)]


async def test_dialogs_that_the_guest_handles_are_left_to_it(anything, pages):
    page = await anything.page()
    anything.keeper.contexts.handles_dialog = lambda dialog: True
    page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept("yes")))
    await page.goto(pages.url("/"))
    assert await page.evaluate("prompt('c', 'd')") == "yes"


async def test_diagnostics_count_everything(anything, pages):
    page = await anything.page()
    heard = []
    off = anything.keeper.on_event(lambda record: heard.append(record.type))
    pages.add("/noisy", "<script>console.warn('careful', 1); fetch('/missing'); setTimeout(() => { throw new RangeError('late') })</script>")
    async with page.expect_event("pageerror"), page.expect_event("console"):
        await page.goto(pages.url("/noisy"))
    await page.wait_for_load_state("networkidle")
    counts = anything.keeper.diagnostics()
    assert (counts["contexts"], counts["pages"], counts["page_errors"]) == (1, 1, 1)
    assert counts["network_requests"] >= 2
    assert counts["browser_console_logs"] >= 1
    data = anything.keeper.get_collected_data()
    assert data.browser_console_logs[0].text == "careful 1"
    assert (data.page_errors[0].name, data.page_errors[0].message) == ("RangeError", "late")
    assert {request.request_id for request in data.network_requests} >= {response.request_id for response in data.network_responses}
    assert {"networkRequest", "networkResponse", "browserConsoleLog", "pageError"} <= set(heard)
    off()
    anything.keeper.clear_collected_data()
    assert anything.keeper.diagnostics()["collected_data"] == 0
    assert anything.keeper.diagnostics()["page_errors"] == 1


async def test_what_is_kept_of_events_is_bounded(guarded, pages):
    watched = guarded({**OPEN, "max_events": 10})
    page = await watched.page()
    await page.goto(pages.url("/"))
    async with page.expect_event("console", lambda message: message.text == "499"):
        await page.evaluate("() => { for (let i = 0; i < 500; i++) console.log(i); console.log('x'.repeat(100000)) }")
    assert len(watched.keeper.get_collected_data().browser_console_logs) <= 10
    assert watched.keeper.diagnostics()["browser_console_logs"] >= 500


async def test_a_listener_that_fails_disturbs_nobody(anything, pages):
    anything.keeper.on_event(lambda record: 1 / 0)
    page = await anything.page()
    await page.goto(pages.url("/"))
    assert anything.keeper.diagnostics()["network_requests"] >= 1


async def test_actions_end_when_the_policy_says(guarded):
    watched = guarded({**OPEN, "timeout_s": 0.2})
    page = await watched.page()
    with pytest.raises(Error, match="Timeout 200ms exceeded"):
        await page.click("#nowhere")
    assert [watched.keeper.timeout_ms(asked) for asked in (None, 0, 100, 1e9)] == [200, 200, 100, 200]


async def test_a_screenshot_of_twenty_thousand_pixels(anything, guarded, pages):
    tall = "<!doctype html><body style='margin: 0'><div style='width: 600px; height: 20000px; background: linear-gradient(red, blue)'>"
    page = await anything.page(viewport={"width": 600, "height": 400})
    await page.goto(pages.add("/tall", tall))
    await anything.keeper.check_screenshot(page, {"fullPage": True})
    picture = await page.screenshot(full_page=True)
    assert int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24]) == (600, 20000)
    strict = guarded({**OPEN, "max_screenshot_pixels": 1_000_000})
    page = await strict.page(viewport={"width": 600, "height": 400})
    await page.goto(pages.url("/tall"))
    await strict.keeper.check_screenshot(page, {})
    for options in ({"fullPage": True}, {"clip": {"x": 0, "y": 0, "width": 10_000, "height": 10_000}}):
        with pytest.raises(LimitExceeded, match="is too large: at most 1000000 in all"):
            await strict.keeper.check_screenshot(page, options)
    await page.evaluate("() => Object.defineProperty(document.documentElement, 'scrollHeight', {value: 1})")
    with pytest.raises(LimitExceeded):
        await strict.keeper.check_screenshot(page, {"fullPage": True})
