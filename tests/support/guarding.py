"""A real browser under a policy, without a guest: what stands between the two is driven directly."""

from __future__ import annotations

import asyncio
import json
import re

import pytest_asyncio

from isolate_host.plugins.browser.certificates import Certificates
from isolate_host.plugins.browser.keeper import Keeper
from isolate_host.plugins.browser.limits import BrowserLimits
from isolate_host.plugins.browser.owner import Owner
from isolate_host.plugins.browser.policy import BrowserPolicy

__all__ = ["Guarded", "guarded", "only", "open_page", "recorded", "snake"]

KEY = "sandboxes.default.policies.browser"


def snake(options):
    """Options as Python has them."""
    options = {name.replace("HTTPS", "Https"): value for name, value in options.items()}
    return {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower(): value for name, value in options.items()}


class Guarded:
    """A context with its keeper, and every denial in order."""

    def __init__(self, browser, policy, mode, names, files):
        self.browser, self.denied = browser, []
        self._news = asyncio.Event()
        known = BrowserPolicy(policy, KEY, "", mode, BrowserLimits.read(policy))
        self.keeper = Keeper(known, Owner(self._deny, lambda: files), "grant files", Certificates(), bound=True, names=names)
        self.mode = mode

    def _deny(self, error):
        self.denied.append(error)
        self._news.set()
        if self.mode == "enforce":
            raise error

    async def context(self, **options):
        admission = await self.keeper.admit_context(options)
        made = await self.browser.new_context(**snake(admission))
        await self.keeper.adopt_context(made, f"context-{self.keeper.contexts.count}", admission)
        return made

    async def page(self, **options):
        return await (await self.context(**options)).new_page()

    async def until_denied(self, value=""):
        """The first denial of something that contains ``value``, as soon as there is one."""
        async with asyncio.timeout(25):
            while True:
                self._news.clear()
                for error in self.denied:
                    if value in error.value:
                        return error
                await self._news.wait()

    async def close(self):
        for context in list(self.keeper.contexts._known):
            await context.close()
            self.keeper.contexts.forget(context)
        await self.keeper.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def guarded(browser):
    """Opens browsers under a policy: ``guarded({"allow": […]})``."""
    opened = []

    def start(policy, *, mode="enforce", names=None, files=None):
        found = Guarded(browser, policy, mode, names, files)
        opened.append(found)
        return found

    yield start
    for item in opened:
        await item.close()


async def recorded(file, wanted, times=1):
    """The lines of an audit record, as soon as ``wanted`` stands there: a thread writes it, behind what it tells of."""
    async with asyncio.timeout(25):
        while True:
            text = file.read_text() if file.exists() else ""
            lines = text.splitlines() if text.endswith("\n") else []
            if sum(wanted in line for line in lines) >= times:
                return [json.loads(line) for line in lines]
            await asyncio.sleep(0.02)


def only(*sites, **more):
    """A policy for these sites (or rules), on private addresses too."""
    return {"allow": [site if isinstance(site, (dict, str)) else site.base for site in sites], "private_addresses": "allow", **more}


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(guarded):
    """A page under a policy; ``page.watched`` is what watches it."""

    async def start(policy, **fields):
        watched = guarded(policy, **fields)
        page = await watched.page()
        page.watched = watched
        return page

    return start
