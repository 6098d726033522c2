"""Lets a new context into the policy proxy: the browser learns the password once, and keeps it where neither pages nor guests can read it.

Playwright's own way (``username`` and ``password`` of the option ``proxy``) would write both into every trace, turn off the browser's cache,
and hold up each request of each page for as long as the context lives.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

from isolate_host.plugins.browser.credentials import ProxyCredentials

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, CDPSession, Page

__all__ = ["introduce"]

_TIMEOUT_MS: Final = 10_000


async def introduce(context: BrowserContext, url: str, credentials: ProxyCredentials) -> int | None:
    """Open ``url``, which only the proxy answers, in a page that is gone afterwards. The status; ``None`` when the proxy was not reached.

    The browser remembers for the whole context what it answered there: for each request from then on, whoever makes it.
    """
    from playwright.async_api import Error

    page = await context.new_page()
    try:
        session = await context.new_cdp_session(page)
        await _answer_for(session, url, credentials)
        answer = await page.goto(url, timeout=_TIMEOUT_MS)
        # A page that is closed while somebody listens to its requests may never be gone.
        await session.detach()
        return None if answer is None else answer.status
    except Error:
        return None
    finally:
        await _remove(page)


async def _answer_for(session: CDPSession, url: str, credentials: ProxyCredentials) -> None:
    from playwright.async_api import Error

    given = {"response": "ProvideCredentials", "username": credentials.username, "password": credentials.password}

    async def asked(event: dict[str, Any]) -> None:
        # A proxy of somebody else must not get it: whoever asks is the one at the address that we gave, or a careless embedder's.
        ours = event["authChallenge"].get("realm") == "isolate-host" and event["authChallenge"].get("scheme", "").lower() == "digest"
        with contextlib.suppress(Error):  # the page is gone already
            answer = given if ours else {"response": "CancelAuth"}
            await session.send("Fetch.continueWithAuth", {"requestId": event["requestId"], "authChallengeResponse": answer})

    async def paused(event: dict[str, Any]) -> None:
        with contextlib.suppress(Error):
            await session.send("Fetch.continueRequest", {"requestId": event["requestId"]})

    session.on("Fetch.authRequired", asked)
    session.on("Fetch.requestPaused", paused)
    await session.send("Fetch.enable", {"handleAuthRequests": True, "patterns": [{"urlPattern": url}]})


async def _remove(page: Page) -> None:
    from playwright.async_api import Error

    with contextlib.suppress(Error):
        await page.close()
        if page.video is not None:
            await page.video.delete()
