"""Runtimes whose guests have the browser of ``tests/support/browsing.py``. All tests here run in one event loop."""

from __future__ import annotations

import inspect
import os
from pathlib import Path

import pytest
import pytest_asyncio

import isolate_host as ih
from tests.support.browsing import _site, _trap, browser, chromium, guarded, pages, playwright, trap

__all__ = ["_site", "_trap", "browser", "chromium", "guarded", "pages", "playwright", "trap"]

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Playwright objects belong to the loop in which they were made."""
    mark = pytest.mark.asyncio(loop_scope="session")
    for item in items:
        if _HERE in item.path.parents and inspect.iscoroutinefunction(getattr(item, "obj", None)):
            item.add_marker(mark, append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser_host():
    """A host without configuration: bindings are grants."""
    async with ih.create_isolate_host() as host:
        yield host


@pytest_asyncio.fixture(loop_scope="session")
async def guest(browser_host, browser):
    """Opens runtimes with ``browser`` bound to the shared Chromium; await it.

    Fields of ``BrowserBinding`` may be given, and ``bindings={…}`` and ``runtime={…}`` for the rest.
    """
    opened, contexts = [], []

    async def create_context(options, ctx):
        context = await browser.new_context(**(options or {}))
        contexts.append(context)
        return context

    async def create_page(context, ctx):
        return await context.new_page()

    async def start(*, bindings=None, runtime=None, **fields):
        binding = ih.BrowserBinding(**({} if "handler" in fields else {"create_context": create_context, "create_page": create_page}) | fields)
        rt = await browser_host.create_runtime(bindings=ih.Bindings(browser=binding, **(bindings or {})), **(runtime or {}))
        opened.append(rt)
        return rt

    start.contexts = contexts
    yield start
    for rt in opened:
        await rt.dispose()
    for context in contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_yaml(tmp_path, chromium):
    """Opens hosts from the text of a configuration, in which ``{chromium}`` and ``{sandbox}`` are filled in; await it."""
    hosts = []

    async def start(text, **values):
        file = tmp_path / f"host{len(hosts)}.yaml"
        values = {"chromium": chromium, "sandbox": "false" if os.geteuid() == 0 else "true", **values}
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        file.write_text(text)
        host = await ih.create_isolate_host(config=file)
        hosts.append(host)
        return host

    yield start
    for host in hosts:
        await host.close()
