"""The examples with pages, in a real browser."""

import asyncio
import shutil

import pytest

from tests.support.devtools import chromium
from tests.support.fronts import fronts
from tests.support.markdown import ROOT

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
async def browser(tmp_path):
    async with chromium(tmp_path / "profile") as running:
        yield running


@pytest.fixture
async def example(tmp_path):
    """A function that serves a folder of ``examples/`` on a free port."""
    folder = tmp_path / "example"
    folder.mkdir()
    async with fronts(folder) as start:

        async def serve(name):
            shutil.copytree(ROOT / "examples" / name, folder, dirs_exist_ok=True)
            yaml = (folder / "host.yaml").read_text().replace("127.0.0.1:8080", "127.0.0.1:0")
            return await start({}, yaml=yaml)

        yield serve


async def seen(page, expression, wanted):
    """Wait until an expression has a value, which a page reaches in its own time."""
    async with asyncio.timeout(60):
        while (value := await page(expression)) != wanted:
            await asyncio.sleep(0.05)
    return value


LINES = "[...document.querySelectorAll('#lines li')].map((line) => line.textContent).reverse()"


async def test_two_people_chat(example, browser):
    app = await example("chat")
    anna = await browser.page(f"{app.url}/?name=anna")
    await seen(anna, LINES, ["room: anna is here"])
    bert = await browser.page(f"{app.url}/?name=b%C3%A4rt%20%3Cb%3E")
    await seen(bert, LINES, ["room: bärt <b> is here"])
    say = "(() => { const form = document.forms[0]; form.text.value = %r; form.requestSubmit(); })()"
    await anna(say % "hello <i>there</i>")
    await seen(bert, LINES, ["room: bärt <b> is here", "anna: hello <i>there</i>"])
    await bert(say % "grüezi 𝒳")
    await seen(anna, LINES, ["room: anna is here", "room: bärt <b> is here", "anna: hello <i>there</i>", "bärt <b>: grüezi 𝒳"])
    first = await anna("document.getElementById('clock').textContent")
    async with asyncio.timeout(60):
        # Server-sent events go on while the socket is used.
        while (await anna("document.getElementById('clock').textContent")) in ("", first):
            await asyncio.sleep(0.05)
    await bert("location.href = 'about:blank'")
    await seen(anna, f"{LINES}.at(-1)", "room: bärt <b> has left")


async def test_progress_goes_on_after_a_broken_connection(example, browser):
    app = await example("sse")
    page = await browser.page(app.url)
    await seen(page, "document.getElementById('state')?.textContent", "done")
    assert await page("[...document.querySelectorAll('#steps li')].map((line) => line.textContent)") == ["fetch", "build", "test", "pack", "ship"]
    assert await page("document.querySelector('progress').value") == 1
    assert app.app("sse").answered >= 3
