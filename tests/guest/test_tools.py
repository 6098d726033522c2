"""Tools as guest code sees them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import Guest


@pytest.fixture
def tools(new_guest: Callable[[], Guest]) -> Guest:
    """An isolate with three tools and one that the policy refuses."""
    guest = new_guest()
    kinds = {"greet": {"kind": "async"}, "add": {"kind": "sync"}, "ticks": {"kind": "generator"}}
    guest.init({"tools": {"tools": kinds, "denied": {"secret": "not allowed"}}})
    return guest


def test_global_functions(tools: Guest) -> None:
    assert tools.eval("[typeof greet, greet.name, typeof secret, Object.keys(globalThis).includes('greet')]") == ["function", "greet", "function", False]
    request = tools.start("const p = add(1, {x: [2]}); [p instanceof Promise, await p]")
    (frame,) = tools.of("call")
    assert frame.header["cap"] == "tools" and frame.header["op"] == "add" and frame.value == [1, {"x": [2]}]
    tools.send({"t": "ok", "id": frame.header["id"]}, 3)
    assert tools.reply(request).value == [True, 3]


def test_a_refused_tool_asks_the_host(tools: Guest) -> None:
    request = tools.start("await secret().catch((e) => e.message)")
    tools.send({"t": "err", "id": tools.of("call")[0].header["id"]}, {"$": "err", "name": "PolicyDenied", "message": "needs tools.allow", "stack": ""})
    assert tools.reply(request).value == "needs tools.allow"


def test_callbacks_and_handles(tools: Guest) -> None:
    request = tools.start("const h = await greet((n) => n * 2); await h.shout('x')")
    callback = tools.of("call")[0].value[0]
    assert tools.send({"t": "ref", "id": 1, "r": callback["r"]}, [21])[-1].value == 42
    tools.send({"t": "ok", "id": tools.of("call")[0].header["id"]}, {"shout": {"$": "fn", "r": 5, "n": "shout", "p": 1}})
    ref = tools.of("ref")[-1]
    assert ref.header["r"] == 5 and ref.header["p"] == 1 and ref.value == ["x"]
    tools.send({"t": "ok", "id": ref.header["id"], "p": 1}, "X!")
    assert tools.reply(request).value == "X!"


def test_generators_start_lazily(tools: Guest) -> None:
    assert tools.eval("globalThis.g = ticks(3, 'x'); [typeof g.next, g[Symbol.asyncIterator]() === g, Object.prototype.toString.call(g)]") == ["function", True, "[object AsyncGenerator]"]
    assert tools.of("call") == []
    request = tools.start("const seen = []; for await (const x of g) { seen.push(x); if (x === 2) break } seen")
    (frame,) = tools.of("call")
    assert frame.value == [3, "x"]
    tools.send({"t": "ok", "id": frame.header["id"]}, {"$": "it", "r": 9})
    for value in (1, 2):
        tools.send({"t": "ok", "id": tools.of("ref")[-1].header["id"]}, {"done": False, "value": value})
    assert tools.of("ref")[-1].header["m"] == "return"
    tools.send({"t": "ok", "id": tools.of("ref")[-1].header["id"]}, {"done": True, "value": {"$": "u"}})
    assert tools.reply(request).value == [1, 2]


def test_ending_a_generator_before_it_began_never_reaches_the_host(tools: Guest) -> None:
    assert tools.eval("const a = ticks(); const r = [await a.return(5), await a.next()]; const b = ticks(); r.push(await b.throw('t').catch((e) => e), await b.next()); r") == [
        {"value": 5, "done": True}, {"value": {"$": "u"}, "done": True}, "t", {"value": {"$": "u"}, "done": True},
    ]  # fmt: skip
    assert tools.of("call") == []


def test_requests_while_a_generator_starts_keep_their_order(tools: Guest) -> None:
    request = tools.start("const z = ticks(); await Promise.all([z.next(), z.next(), z.return()])")
    tools.send({"t": "ok", "id": tools.of("call")[0].header["id"]}, {"$": "it", "r": 9})
    for method, done in (("next", False), ("next", False), ("return", True)):
        ref = tools.of("ref")[-1]
        assert ref.header["m"] == method
        tools.send({"t": "ok", "id": ref.header["id"]}, {"done": done, "value": method})
    assert [item["value"] for item in tools.reply(request).value] == ["next", "next", "return"]


def test_a_generator_that_fails_to_start(tools: Guest) -> None:
    request = tools.start("const y = ticks(); const first = await y.next().catch((e) => e.message); [first, await y.next()]")
    tools.send({"t": "err", "id": tools.of("call")[0].header["id"]}, {"$": "err", "name": "Error", "message": "no", "stack": ""})
    assert tools.reply(request).value == ["no", {"value": {"$": "u"}, "done": True}]


def test_throw_reaches_the_host(tools: Guest) -> None:
    request = tools.start("const w = ticks(); await w.next(); await w.throw(new TypeError('into')).catch((e) => e.message)")
    tools.send({"t": "ok", "id": tools.of("call")[0].header["id"]}, {"$": "it", "r": 9})
    tools.send({"t": "ok", "id": tools.of("ref")[-1].header["id"]}, {"done": False, "value": 1})
    ref = tools.of("ref")[-1]
    assert ref.header["m"] == "throw" and ref.value[0]["name"] == "TypeError"
    tools.send({"t": "err", "id": ref.header["id"]}, {"$": "err", "name": "Error", "message": "out", "stack": ""})
    assert tools.reply(request).value == "out"
