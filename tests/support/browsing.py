"""One Chromium and two sites for all tests of a worker. They live in the event loop of the session: tests that use them do too."""

from __future__ import annotations

import os

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from tests.support.chromium import find_chromium, place_encoder
from tests.support.guarding import guarded
from tests.support.pages import open_pages

__all__ = ["_site", "_trap", "browser", "chromium", "guarded", "pages", "playwright", "trap"]


@pytest.fixture(scope="session")
def chromium():
    """The path of the machine's Chromium."""
    return find_chromium()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright(tmp_path_factory):
    """The driver, which finds the machine's ffmpeg where its own would be."""
    folder = tmp_path_factory.mktemp("encoder")
    place_encoder(folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PLAYWRIGHT_BROWSERS_PATH", str(folder))
        driver = await async_playwright().start()
    yield driver
    await driver.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(playwright, chromium):
    """The browser of an embedder: launched as an embedder would, without anything of ours."""
    launched = await playwright.chromium.launch(executable_path=chromium, headless=True, chromium_sandbox=os.geteuid() != 0)
    yield launched
    await launched.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _site():
    async with open_pages() as pages:
        yield pages


@pytest.fixture
def pages(_site):
    """The site, empty but for its home page: ``pages.add("/a", "<p>…")``, ``pages.url("/a")``, ``pages.other``, ``pages.seen("/a")``."""
    _site.reset()
    return _site


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _trap():
    async with open_pages() as pages:
        yield pages


@pytest.fixture
def trap(_trap):
    """A second site, on another port, for what no policy allows."""
    _trap.reset()
    return _trap
