"""The compiler service: fair between tenants, bounded in time and size, cached."""

from __future__ import annotations

import asyncio
import time

import pytest

import isolate_host as ih


async def test_one_slow_text_does_not_hold_up_others(host: ih.IsolateHost) -> None:
    slow = "var a = 1 as number;\n" * 40_000
    async with host.create_runtime() as hostile, host.create_runtime() as other:
        assert await other.eval("const warm: number = 1; warm") == 1
        running = asyncio.ensure_future(hostile.eval(slow))
        await asyncio.sleep(0.05)
        started = time.monotonic()
        assert await other.eval(f"const z: number = {started}; z > 0") is True
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_text_that_is_too_large_is_refused(host: ih.IsolateHost) -> None:
    async with host.create_runtime() as runtime:
        with pytest.raises(ih.LimitExceeded) as caught:
            await runtime.eval("let a: number = 1;\n" * 100_000)
        assert caught.value.kind == "payload"
        assert await runtime.eval("2") == 2


@pytest.mark.parametrize("source", ["(" * 50_000, "[" * 50_000, "a?".replace("a", "a") + "b:" * 0 + "x?" * 20_000, "if(1){}else " * 20_000 + "1 as any", "let x: " + "A<" * 20_000])
async def test_hostile_texts_are_bounded(host: ih.IsolateHost, source: str) -> None:
    async with host.create_runtime(limits=ih.Limits(timeout_s=20)) as runtime:
        with pytest.raises(ih.IsolateHostError):
            await runtime.eval(source, "/hostile.ts")


async def test_plain_javascript_never_starts_the_compiler(embedded: ih.IsolateHost) -> None:
    async with embedded.create_runtime() as runtime:
        assert await runtime.eval("let a = 1; a < 2 && a > 0") is True
        assert embedded._link._broker._services.compiler._workers._pool is None
        assert await runtime.eval("let b: number = 2; b") == 2
        assert embedded._link._broker._services.compiler._workers._pool is not None


async def test_outcomes_are_cached_on_disk(start_host) -> None:
    code = "enum Cached { A = 41 } Cached.A + 1"
    for _ in range(2):
        host = await start_host()
        async with host.create_runtime() as runtime:
            assert await runtime.eval(code) == 42
