"""Capabilities that a parent passes on: by its own object, where the plugin lends it, and under the same policy."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, ClassVar

import pytest

import isolate_host as ih
from isolate_host.config.defaults import default_config
from isolate_host.host.broker import Broker
from isolate_host.host.embedded import EmbeddedLink
from isolate_host.plugin import Capability, CapabilityRequest, GuestCall, GuestScript, PluginRegistry, hookimpl
from tests.nested.conftest import IMPORT


class Gadget(Capability):
    """Counts, and lets the client answer ``ask``."""

    def __init__(self, request: CapabilityRequest) -> None:
        self.request = request
        self.guest_options = {"colour": "red"}
        self.used: list[str] = request.shared.setdefault("used", [])

    def passes(self, call: GuestCall) -> bool:
        self.used.append(f"{call.ctx.runtime_id} {call.op}")
        if call.op == "ask" and call.peek()[:1] == ["forbidden"]:
            raise ih.PolicyDenied("not this", capability="gadget", value="forbidden", rule="test")
        return call.op == "ask"

    async def call(self, op: str, args: Sequence[Any], ctx: Any) -> Any:
        return [op, *args]

    def lend(self, request: CapabilityRequest) -> Capability:
        assert request.parent is self and request.binding == self.request.binding
        return Gadget(request)


class Plugin:
    """A plugin ``name`` whose guest script defines a global of that name."""

    def __init__(self, name: str, make: Any) -> None:
        self.name, self.make = name, make

    @hookimpl
    def isolate_host_create_capability(self, request: CapabilityRequest) -> Capability:
        capability: Capability = self.make(request)
        return capability

    @hookimpl
    def isolate_host_guest_script(self) -> GuestScript:
        return GuestScript(self.name, f"""
        registerCapability("{self.name}", {{ install(sdk, options) {{
          sdk.defineGlobal("{self.name}", Object.freeze({{ colour: options.colour, do: (op, ...args) => sdk.call(op, ...args) }}));
        }} }});
        """)

    @hookimpl
    def isolate_host_is_harmless(self) -> bool:
        return False


@asynccontextmanager
async def open_host() -> AsyncIterator[ih.IsolateHost]:
    registry = PluginRegistry()
    registry.register("gadget", Plugin("gadget", Gadget))
    registry.register("kept", Plugin("kept", lambda _request: Capability()))
    broker = Broker(replace(default_config(), plugins=(*default_config().plugins, "gadget", "kept")), registry)
    await broker.start()
    async with ih.IsolateHost(EmbeddedLink(broker), await broker.control("hello", {})) as host:
        yield host


async def open_parent(host: ih.IsolateHost, answers: list[Any]) -> ih.Runtime:
    """A runtime that has both plugins' capabilities, and whose client answers ``gadget.ask``."""

    class Bound(ih.Runtime):
        also_bound: ClassVar[Mapping[str, Any]] = {"gadget": {}, "kept": {}}

    spec = {"sandbox": None, "limits": {}, "cwd": "/", "key": None, "nested": None}
    runtime: ih.Runtime = await host._open_runtime(ih.Bindings(), spec, Bound)

    def answer(op: str, args: list[Any], ctx: ih.HostCallContext) -> Any:
        answers.append((op, args[0], ctx.runtime_id))
        return {"answered": args[0], "back": args[1] if len(args) > 1 else None}

    runtime._session.on_call["gadget"] = answer
    return runtime


async def test_a_lent_capability() -> None:
    answers: list[Any] = []
    async with open_host() as host:
        parent = await open_parent(host, answers)
        assert await parent.eval(IMPORT + """
        const child = await nested.createRuntime({ bindings: { gadget } });
        export default [
          await child.eval("[gadget.colour, await gadget.do('twice', 1, 2)]"),
          await child.eval("const { answered, back } = await gadget.do('ask', 'x', (n) => n + 1); [answered, await back(1)]"),
          await child.eval("gadget.do('ask', 'forbidden').catch((error) => error.message)"),
          await (await nested.createRuntime()).eval("typeof gadget"),
        ];
        """) == [["red", ["twice", 1, 2]], ["x", 2], "not this", "undefined"]
        # What the child's capability forwards is a call of the parent's own guest: judged twice, and answered by the parent's client.
        assert answers == [("ask", "x", parent.id)]
        await parent.dispose()


async def test_any_depth() -> None:
    answers: list[Any] = []
    async with open_host() as host:
        parent = await open_parent(host, answers)
        assert await parent.eval(IMPORT + """
        const child = await nested.createRuntime({ bindings: { gadget } });
        export default await child.eval(`
          import { createIsolateHost } from "isolate-host";
          const grandchild = await createIsolateHost().createRuntime({ bindings: { gadget } });
          export default (await grandchild.eval("await gadget.do('ask', 'deep')")).answered;
        `);
        """) == "deep"
        assert answers == [("ask", "deep", parent.id)]
        await parent.dispose()


@pytest.mark.parametrize(
    ("bindings", "message"),
    [
        ("{ kept }", "the capability 'kept' cannot be passed on"),
        ("{ gadget: { do() {} } }", "bindings.gadget must be the 'gadget' of this runtime"),
        ("{ gadget: kept }", "bindings.gadget must be the 'gadget' of this runtime"),
    ],
)
async def test_what_cannot_be_passed_on(bindings: str, message: str) -> None:
    async with open_host() as host:
        parent = await open_parent(host, [])
        with pytest.raises((ih.GuestError, ih.PolicyDenied), match=re.escape(message)):
            await parent.eval(IMPORT + f"await nested.createRuntime({{ bindings: {bindings} }})")
        await parent.dispose()


async def test_a_parent_without_it_has_nothing_to_lend(capability: Any) -> None:
    """Whatever the guest script of a hostile parent says, the core looks at what that one has."""
    async with open_host() as host, host.create_runtime() as runtime:
        broker: Any = host._link._broker  # type: ignore[attr-defined]
        owner = broker._runtimes[runtime.id]
        door = owner._grants.capabilities["nested"]._request.children
        with pytest.raises(ih.PolicyDenied, match="has no 'gadget' to pass on"):
            await door.open("runtime", {"bindings": {}}, None, admit=lambda: lambda: None, lent=["gadget"])
        with pytest.raises(ih.PolicyDenied, match="guest code cannot answer 'gadget'"):
            await door.open("runtime", {"bindings": {"gadget": {}}}, None, admit=lambda: lambda: None)
        assert len(broker._runtimes) == 1
