"""Every kind of request that a page can make obeys the policy: refused ones do not arrive, and with ``mode: audit`` the same ones do."""

import asyncio

import pytest
import pytest_asyncio

from isolate_host.errors import PolicyDenied
from tests.support.browsing import _site, _trap, browser, chromium, playwright
from tests.support.guarding import Guarded

__all__ = ["_site", "_trap", "browser", "chromium", "playwright"]

pytestmark = [pytest.mark.adversarial, pytest.mark.asyncio(loop_scope="session")]

#: Kind → what a page has in it. ``{url}`` is what the policy does not allow, ``{own}`` a path of the page's own site.
KINDS = {
    "image": "<img src='{url}'>",
    "picture": "<picture><source srcset='{url}'><img></picture>",
    "script": "<script src='{url}'></script>",
    "module": "<script type=module>import '{url}'</script>",
    "dynamic import": "<script>import('{url}').catch(() => 0)</script>",
    "stylesheet": "<link rel=stylesheet href='{url}'>",
    "css import": "<style>@import url('{url}');</style>",
    "css background": "<style>body {{ background: url('{url}') }}</style><body>x",
    "font": "<style>@font-face {{ font-family: f; src: url('{url}') }} p {{ font-family: f }}</style><p>text</p>",
    "iframe": "<iframe src='{url}'></iframe>",
    "object": "<object data='{url}'></object>",
    "embed": "<embed src='{url}'>",
    "video": "<video src='{url}' preload=auto></video>",
    "svg use": "<svg><image href='{url}'/></svg>",
    "manifest preload": "<link rel=preload as=fetch href='{url}' crossorigin>",
    "prefetch": "<link rel=prefetch href='{url}'>",
    "modulepreload": "<link rel=modulepreload href='{url}'>",
    "fetch": "<script>fetch('{url}').catch(() => 0)</script>",
    "fetch no-cors": "<script>fetch('{url}', {{mode: 'no-cors', method: 'POST', body: 'x'}}).catch(() => 0)</script>",
    "fetch keepalive": "<script>fetch('{url}', {{mode: 'no-cors', keepalive: true}}).catch(() => 0)</script>",
    "xhr": "<script>const x = new XMLHttpRequest(); x.open('GET', '{url}'); x.send()</script>",
    "beacon": "<script>navigator.sendBeacon('{url}', 'data')</script>",
    "ping": "<a ping='{url}' href='#x'>x</a><script>document.querySelector('a').click()</script>",
    "event source": "<script>new EventSource('{url}')</script>",
    "web socket": "<script>new WebSocket('{socket}')</script>",
    "worker fetch": "<script>new Worker(URL.createObjectURL(new Blob([`fetch('{url}', {{mode: 'no-cors'}}).catch(() => 0)`])))</script>",
    "worker import": "<script>new Worker(URL.createObjectURL(new Blob([`importScripts('{url}')`])))</script>",
    "worker socket": "<script>new Worker(URL.createObjectURL(new Blob([`new WebSocket('{socket}')`])))</script>",
    "shared worker": "<script>new SharedWorker(URL.createObjectURL(new Blob([`fetch('{url}', {{mode: 'no-cors'}}).catch(() => 0)`])))</script>",
    "service worker": "<script>navigator.serviceWorker.register('{own}/sw.js')</script>",
    "form": "<form method=post action='{url}'><input name=a></form><script>document.forms[0].submit()</script>",
    "meta refresh": "<meta http-equiv=refresh content='0; url={url}'>",
    "location": "<script>location.href = '{url}'</script>",
    "popup": "<script>window.open('{url}')</script>",
    "download": "<a href='{url}' download=x>x</a><script>document.querySelector('a').click()</script>",
    "csp report": "<meta http-equiv=x><script>1</script><img src='{own}/blocked.png'>",
    "redirected image": "<img src='{own}/away'>",
    "redirected fetch": "<script>fetch('{own}/away', {{mode: 'no-cors'}}).catch(() => 0)</script>",
    "redirected script": "<script src='{own}/away'></script>",
    "redirected frame": "<iframe src='{own}/away'></iframe>",
    "redirected twice": "<img src='{own}/far'>",
    "redirected form": "<form method=post action='{own}/away'></form><script>document.forms[0].submit()</script>",
    "speculation rules": '<script type=speculationrules>{{"prefetch": [{{"source": "list", "urls": ["{url}"], "eagerness": "immediate"}}]}}</script>',
    "css mask": "<style>p {{ mask-image: url('{url}') }}</style><p>x</p>",
    "audio": "<script>new Audio('{url}').load()</script>",
    "xslt": "<script>const x = new XMLHttpRequest(); x.open('GET', '{url}', false); try {{ x.send() }} catch (e) {{}}</script>",
    "srcdoc frame": "<iframe srcdoc=\"<img src='{url}'>\"></iframe>",
    "data frame": "<iframe src=\"data:text/html,<img src='{url}'>\"></iframe>",
    "blank popup": "<script>const w = window.open('about:blank'); w.document.write(`<img src='{url}'>`)</script>",
}

#: Chromium makes these when it likes: what counts is that none arrives.
LAZY = {"speculation rules"}
POLICY = "sandboxes.default.policies.browser"


def site(pages, trap, kind, number):
    """One page for each kind, with a URL of its own that it is after."""
    url = trap.url(f"/trap{number}/")
    trap.add(f"/trap{number}/", "ok", headers={"Access-Control-Allow-Origin": "*"})
    pages.redirect(f"/{number}/away", url)
    pages.redirect(f"/{number}/far", f"/{number}/away")
    pages.add(f"/{number}/sw.js", f"fetch('{url}', {{mode: 'no-cors'}}).catch(() => 0)")
    headers = {"Content-Security-Policy": f"img-src 'none'; report-uri {url}"} if kind == "csp report" else {}
    html = KINDS[kind].format(url=url, socket=url.replace("http", "ws"), own=pages.url(f"/{number}"))
    return pages.add(f"/{number}/start", f"<!doctype html><body>{html}", headers=headers)


async def try_all(browser, pages, trap, mode):
    """All kinds in one page, each in a frame of its own. Kind → what was denied of it; and the kinds that arrived at the trap."""
    pages.reset()
    trap.reset()
    watched = Guarded(browser, {"allow": [pages.base], "private_addresses": "allow"}, mode, None, None)
    urls = [site(pages, trap, kind, number) for number, kind in enumerate(KINDS)]
    page = await watched.page()
    await page.goto(pages.add("/all", "<!doctype html>" + "".join(f"<iframe src='{url}'></iframe>" for url in urls)), wait_until="commit")
    eager = [(number, kind) for number, kind in enumerate(KINDS) if kind not in LAZY]
    found = await asyncio.gather(*(watched.until_denied(f"/trap{number}/") for number, _ in eager), return_exceptions=True)
    denied = {kind: outcome for (_, kind), outcome in zip(eager, found, strict=True)}
    if mode == "audit":
        await asyncio.gather(*(trap.until(f"/trap{number}/") for number, _ in eager), return_exceptions=True)
    arrived = {kind for number, kind in enumerate(KINDS) if trap.seen(f"/trap{number}/")}
    await watched.close()
    return denied, arrived


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def enforced(browser, _site, _trap):
    return await try_all(browser, _site, _trap, "enforce")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def audited(browser, _site, _trap):
    return await try_all(browser, _site, _trap, "audit")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in LAZY])
async def test_it_is_denied(enforced, kind):
    denial = enforced[0][kind]
    assert (denial.capability, denial.rule) == ("browser", f"no rule of {POLICY}.allow matches")
    assert f"to {POLICY}.allow" in denial.hint


@pytest.mark.parametrize("kind", KINDS)
async def test_it_does_not_arrive(enforced, kind):
    assert kind not in enforced[1]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in LAZY])
async def test_it_would_arrive_otherwise(audited, kind):
    """With ``mode: audit`` the same request is recorded and let through: so the tests above refuse what really is a request."""
    denied, arrived = audited
    assert isinstance(denied[kind], PolicyDenied)
    assert kind in arrived
