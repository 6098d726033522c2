"""The tools capability without a guest."""

import asyncio
import threading

import pytest

from isolate_host.errors import LimitExceeded, PolicyDenied
from isolate_host.testing import assert_denied

MODULE = """
import asyncio, threading, time
def greet(name): return f"hello {name}"
def where(): return threading.current_thread().name
async def shout(name, ctx): return f"{name.upper()} for {ctx.capability}"
async def ticks(n):
    try:
        for i in range(n):
            yield i
    finally:
        CLOSED.append(n)
def plain(n): yield from range(n)
async def lame():
    yield 1
    await asyncio.sleep(30)
async def slow(): await asyncio.sleep(30)
def stuck(): time.sleep(1)
def fail(): raise ValueError("no")
def stop(): raise StopIteration
CLOSED = []
class Box:
    async def inner(self): return "in"
box = Box()
"""


@pytest.fixture
def python_tools(capability, tmp_path, monkeypatch):
    import sys

    (tmp_path / "tool_module.py").write_text(MODULE)
    monkeypatch.delitem(sys.modules, "tool_module", raising=False)

    def open_tools(*names, **policy):
        return capability("tools", {"python": {name.replace(".", "_"): f"tool_module:{name}" for name in names}, **policy})

    yield open_tools
    sys.modules.pop("tool_module", None)


async def test_python_tools_of_every_kind(python_tools):
    tools = python_tools("greet", "shout", "ticks", "plain", "box.inner", "where")
    kinds = {name: tool["kind"] for name, tool in tools.capability.guest_options["tools"].items()}
    assert kinds == {"greet": "sync", "shout": "async", "ticks": "generator", "plain": "generator", "box_inner": "async", "where": "sync"}
    assert await tools.call("greet", "you") == "hello you"
    assert await tools.call("shout", "you") == "YOU for tools"
    assert [item async for item in await tools.call("ticks", 3)] == [0, 1, 2]
    assert [item async for item in await tools.call("plain", 3)] == [0, 1, 2]
    assert await tools.call("box_inner") == "in"
    assert await tools.call("where") != threading.current_thread().name


async def test_errors_are_the_tools_own(python_tools):
    tools = python_tools("fail", "stop")
    with pytest.raises(ValueError, match="no"):
        await tools.call("fail")
    with pytest.raises(RuntimeError, match="StopIteration"):
        await tools.call("stop")


async def test_time_limit_names_the_tool(python_tools):
    tools = python_tools("slow", "stuck", timeout_s=0.05)
    for name in ("slow", "stuck"):
        with pytest.raises(LimitExceeded, match=f"tool '{name}' took longer than 0.05 s"):
            await tools.call(name)


async def test_generator_is_closed_under_a_time_limit(python_tools):
    import sys

    tools = python_tools("ticks", timeout_s=5)
    generator = await tools.call("ticks", 9)
    assert await anext(generator) == 0
    await generator.aclose()
    assert sys.modules["tool_module"].CLOSED == [9]


async def test_slow_step_of_a_generator(python_tools):
    tools = python_tools("lame", timeout_s=0.05)
    steps = await tools.call("lame")
    assert await anext(steps) == 1
    with pytest.raises(LimitExceeded):
        await anext(steps)


async def echo(name, *args):
    return [name, *args]


async def test_bound_tools_are_forwarded(capability):
    tools = capability("tools", binding={"a": {"kind": "sync"}, "b": {"kind": "generator"}}, client=echo)
    assert tools.capability.guest_options["tools"] == {"a": {"kind": "sync"}, "b": {"kind": "generator"}}
    assert await tools.call("a", 1) == ["a", 1]
    with pytest.raises(LookupError, match="no tool 'c'"):
        await tools.call("c")


async def test_allow_restricts_what_is_bound(capability):
    tools = capability("tools", {"allow": ["get_*"]}, binding={"get_x": {}, "drop": {}}, client=echo)
    assert list(tools.capability.guest_options["tools"]) == ["get_x"]
    assert "policies.tools.allow" in tools.capability.guest_options["denied"]["drop"]
    assert await tools.call("get_x") == ["get_x"]
    with pytest.raises(PolicyDenied) as caught:
        await tools.call("drop")
    assert caught.value.hint == "add 'drop' to sandboxes.default.policies.tools.allow"
    with assert_denied("tools", "drop"):
        await tools.call("drop")


async def test_audit_mode_lets_pass_and_tells(capability):
    tools = capability("tools", {"allow": []}, binding={"drop": {}}, client=echo, mode="audit")
    assert await tools.call("drop") == ["drop"]
    assert [error.value for error in tools.denied] == ["drop"]


async def test_policy_wins_over_a_binding(python_tools, capability):
    python_tools("greet")
    tools = capability("tools", {"python": {"greet": "tool_module:greet"}}, binding={"greet": {}}, client=echo)
    assert await tools.call("greet", "you") == "hello you"


async def test_time_limit_of_the_caller(capability):
    async def slow(name):
        await asyncio.sleep(30)

    tools = capability("tools", {"timeout_s": 20}, binding={"a": {"timeout_s": 0.05}}, client=slow)
    with pytest.raises(LimitExceeded, match="0.05"):
        await tools.call("a")


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("no_such_module:x", "cannot be imported"),
        ("json:nothing", "has no 'nothing'"),
        ("json:__name__", "not a function"),
        ("tool_exit:x", "SystemExit"),
    ],
)
def test_bad_references(tmp_path, reference, text):
    from isolate_host.plugins.tools.python_tools import ToolReferenceError, import_tool

    (tmp_path / "tool_exit.py").write_text("raise SystemExit(3)")
    with pytest.raises(ToolReferenceError, match=text):
        import_tool(reference, tmp_path)
