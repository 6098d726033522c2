"""Byte streams between guest and tools, both ways, through calls that the broker passes on unread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

import isolate_host as ih
from isolate_host.client.host import IsolateHost
from isolate_host.config import default_config
from isolate_host.host.broker import Broker
from isolate_host.host.embedded import EmbeddedLink
from isolate_host.plugin import Capability, CapabilityRequest, GuestScript, PluginRegistry, hookimpl

SIZE = 5_000_000

SCRIPT = """
registerCapability("probe", {
  install(sdk) {
    sdk.defineGlobal("bytes", (total, onStop) => sdk.byteStream((function* () {
      try { for (let sent = 0; sent < total; sent += 100000) yield new Uint8Array(Math.min(100000, total - sent)).fill(sent / 100000) }
      finally { onStop?.() }
    })()));
  },
});
"""


class ProbePlugin:
    """Lends guest code ``bytes(n)``: a byte stream of ``n`` bytes."""

    @hookimpl
    def isolate_host_create_capability(self, request: CapabilityRequest) -> Capability:
        return Capability()

    @hookimpl
    def isolate_host_is_harmless(self) -> bool:
        return True

    @hookimpl
    def isolate_host_guest_script(self) -> GuestScript:
        return GuestScript("probe", SCRIPT)


@pytest.fixture
async def rt() -> AsyncIterator[Any]:
    registry = PluginRegistry()
    registry.register("probe", ProbePlugin())
    broker = Broker(default_config(), registry)
    await broker.start()
    link = EmbeddedLink(broker)
    host = IsolateHost(link, await link.control("hello", {}))
    seen: dict[str, Any] = {}

    async def save(stream: ih.ByteStream) -> int:
        total = 0
        async for chunk in stream:
            total += len(chunk)
        return total

    async def peek(stream: ih.ByteStream) -> int:
        async for chunk in stream:
            seen["first"] = len(chunk)
            break
        await stream.aclose()
        return seen["first"]

    async def produce(total: int) -> ih.ByteSource:
        async def chunks() -> AsyncIterator[bytes]:
            try:
                for sent in range(0, total, 70_000):
                    yield b"x" * min(70_000, total - sent)
                    seen["produced"] = sent
            finally:
                seen["closed"] = True

        return ih.ByteSource(chunks())

    runtime: Any = await host.create_runtime(bindings=ih.Bindings(tools={"save": save, "peek": peek, "produce": produce}))
    runtime.seen = seen
    yield runtime
    await host.close()


async def test_a_guest_stream_reaches_a_tool(rt: Any) -> None:
    assert await rt.eval(f"await save(bytes({SIZE}))", "/s.js") == SIZE


async def test_a_tool_that_stops_reading_stops_the_guest(rt: Any) -> None:
    code = f"globalThis.stopped = false; [await peek(bytes({SIZE}, () => {{ stopped = true }})) > 0, await new Promise(r => setTimeout(r, 20, 0)), stopped]"
    assert await rt.eval(code, "/s.js") == [True, 0, True]


async def test_a_tool_stream_reaches_the_guest(rt: Any) -> None:
    code = f"let n = 0; for await (const chunk of await produce({SIZE})) n += chunk.length; n"
    assert await rt.eval(code, "/s.js") == SIZE
    assert rt.seen["closed"] is True


async def test_a_guest_that_does_not_read_stops_the_tool(rt: Any) -> None:
    await rt.eval(f"globalThis.s = await produce({SIZE}); 1", "/s.js")
    await asyncio.sleep(0.1)
    assert rt.seen["produced"] < 1_000_000
    assert await rt.eval("let n = 0; for await (const chunk of s) n += chunk.length; n", "/s.js") == SIZE


async def test_a_guest_that_breaks_ends_the_tool(rt: Any) -> None:
    await rt.eval(f"for await (const chunk of await produce({SIZE})) break; 1", "/s.js")
    await asyncio.sleep(0.05)
    assert rt.seen["closed"] is True
