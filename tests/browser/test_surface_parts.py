"""Parts of the surface by themselves: bounds that no page reaches in a test, types, and what is said where Playwright is missing."""

from __future__ import annotations

import re
import sys
import typing

import pytest

import isolate_host as ih
from isolate_host.errors import Disposed
from isolate_host.plugins.browser import objects as objects_module
from isolate_host.plugins.browser.arguments import js_pattern
from isolate_host.plugins.browser.objects import Objects
from isolate_host.plugins.browser.plugin import need_playwright
from isolate_host.plugins.browser.port import GuestLine
from isolate_host.plugins.browser.table import load_api


class Port:
    def __init__(self):
        self.notes = []

    def note(self, op, *args):
        self.notes.append((op, *args))

    async def call(self, op, *args):
        return (op, *args)


class Request:
    """Has the name and the state of Playwright's class."""

    url, method, headers = "http://a.example/", "GET", {}


class Page:
    url = "http://a.example/"


def test_events_that_a_guest_does_not_take_are_dropped_and_counted(monkeypatch):
    monkeypatch.setattr("isolate_host.plugins.browser.port._MAX_UNSEEN", 3)
    line, port = GuestLine(), Port()
    line.attach(port)
    assert [line.event(1, "console", n) for n in range(5)] == [True, True, True, False, False]
    assert line.dropped == 2
    line.seen(2)
    assert line.event(1, "console", 5)
    line.state([{"o": 1}])
    assert [note[0] for note in port.notes] == ["event"] * 4 + ["state"]


async def test_nobody_is_called_between_two_owners():
    line, gone = GuestLine(), []
    line.attach(Port())
    line.on_detach(lambda: gone.append(True))
    assert await line.call(1, ["x"]) == ("callback", 1, ["x"])
    line.detach()
    assert gone == [True]
    assert line.event(1, "console", None) is False
    with pytest.raises(Disposed):
        await line.call(1, [])


def test_the_oldest_passing_object_goes(monkeypatch):
    monkeypatch.setattr(objects_module, "_MAX_PASSING", 2)
    known = Objects(load_api())
    numbers = [known.describe(Request())["o"] for _ in range(3)]
    with pytest.raises(LookupError):
        known.get(numbers[0])
    assert known.get(numbers[2])[1] == "Request"


def test_lasting_objects_have_a_bound(monkeypatch):
    monkeypatch.setattr(objects_module, "_MAX_LASTING", 1)
    known = Objects(load_api())
    known.describe(Page())
    with pytest.raises(ih.LimitExceeded, match="objects of the browser"):
        known.describe(Page())


def test_an_object_is_forgotten_only_when_no_news_is_on_the_way():
    known, request = Objects(load_api()), Request()
    first = known.describe(request)
    assert first["s"]["url"] == "http://a.example/"
    assert known.describe(request) == {"o": first["o"]}
    assert known.give_back(first["o"], 1) is None
    assert known.give_back(first["o"], 2) is request
    assert known.describe(request)["o"] != first["o"]


def test_state_is_sent_again_when_it_changes():
    known, page = Objects(load_api()), Page()
    number = known.describe(page)["o"]
    page.url = "http://b.example/"
    assert known.describe(page) == {"o": number, "s": {"url": "http://b.example/"}}


def test_objects_that_are_not_offered_are_nothing():
    assert Objects(load_api()).describe(object()) is None


def test_a_pattern_of_a_guest_is_never_run():
    """Playwright takes it for a pattern (``typing.Pattern`` looks at the true class); whoever runs it finds nothing, at once."""
    pattern = js_pattern("^(?<n>(a+)+)$", "im")
    assert isinstance(pattern, typing.Pattern)
    assert (pattern.pattern, pattern.flags) == ("^(?<n>(a+)+)$", re.IGNORECASE | re.MULTILINE | re.UNICODE)
    assert pattern.search("a" * 60) is None


def test_the_table_has_no_way_out():
    api = load_api()
    assert not {"Browser", "BrowserType", "Playwright", "Selectors", "APIRequest"} & set(api.classes)
    for kind, table in api.classes.items():
        for name, method in {**table.calls, **table.steps}.items():
            assert not method.name.startswith("_"), (kind, name)
            paths = {option for option in method.options if option == "path"} | {arg for arg in method.positional if arg == "path"}
            # ``path`` of a cookie is none of a file.
            assert paths <= set(method.files) or name == "clearCookies", (kind, name)


def test_playwright_is_asked_for_by_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    with pytest.raises(ih.PluginError, match="needs Playwright") as caught:
        need_playwright()
    assert "isolate-host[browser]" in caught.value.hint


async def test_types(browser_host):
    result = await browser_host.typecheck(
        profile="browser-test",
        code="""
          import { expect as standing, errors } from "isolate-host:browser";
          test("types", async () => {
            const context = await browser.newContext({ viewport: { width: 1, height: 2 }, profile: "me" });
            const page = await context.newPage();
            const sum: number = await page.evaluate(([a, b]) => a + b, [1, 2]);
            const title: string = await page.evaluate(() => document.title);
            await expect(page.getByRole("button", { name: /go/ })).toBeVisible({ timeout: 3 });
            await standing(page).not.toHaveURL(title + sum);
            page.on("dialog", (dialog) => dialog.accept());
            await page.route("**/*", (route) => route.fulfill({ json: { a: 1 } }));
            page.nope();
          });
          page.click("x");
        """,
    )
    assert [(error.code, error.message.split(".")[0]) for error in result.errors] == [
        (2339, "Property 'nope' does not exist on type 'Page'"), (2304, "Cannot find name 'page'"),
    ]  # fmt: skip
