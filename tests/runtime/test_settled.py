"""``settled()``: a script's life goes on after its evaluation, and ends."""

from __future__ import annotations

import asyncio

import pytest

import isolate_host as ih


async def test_timers_and_calls_are_waited_for(host: ih.IsolateHost) -> None:
    async def slow() -> str:
        await asyncio.sleep(0.05)
        return "told"

    async with host.create_runtime(bindings=ih.Bindings(tools={"slow": slow})) as runtime:
        await runtime.eval("globalThis.log = []; setTimeout(() => { log.push('t1'); setTimeout(() => slow().then(v => log.push(v)), 20) }, 20); 1", "/a.js")
        await runtime.settled()
        assert await runtime.eval("log", "/a.js") == ["t1", "told"]
        await runtime.settled()


async def test_an_error_in_a_timer_surfaces(host: ih.IsolateHost) -> None:
    async with host.create_runtime() as runtime:
        await runtime.eval("setTimeout(() => { throw new RangeError('late') }, 10); 1", "/a.js")
        with pytest.raises(ih.GuestError, match="RangeError: late"):
            await runtime.settled()


async def test_the_end_of_the_runtime_surfaces(host: ih.IsolateHost) -> None:
    async with host.create_runtime(limits=ih.Limits(timeout_s=0.2)) as runtime:
        await runtime.eval("setTimeout(() => { for (;;) {} }, 10); 1", "/a.js")
        with pytest.raises(ih.ExecutionTimeout):
            await runtime.settled()
