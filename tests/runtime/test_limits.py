"""Limits that hold: time, memory, CPU, output, calls in flight; abort; and the neighbours never notice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import isolate_host as ih

ENDLESS = {
    "loop": "while (true) {}",
    "catch-all loop": "for (;;) { try { for (;;) {} } catch {} finally { continue } }",
    "catastrophic regex": "/^(a+)+$/.test('a'.repeat(40) + 'b')",
    "microtask flood": "(function f() { Promise.resolve().then(f) })()",
    "async loop": "(async () => { for (;;) await null })()",
    "atomics wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    "sort": "for (;;) Array.from({ length: 2e5 }, (_, i) => i).sort(() => Math.random() - 0.5)",
    "uninterruptible builtin": "const a = new Array(2e6).fill(0); for (;;) a.fill(1).reverse()",
    "loop in an imported module": "await import('data-loop')",
    "awaits what never comes": "globalThis.__on('never', () => {}); await new Promise(() => {})",
    "proxy trap": "const p = new Proxy({}, { get() { for (;;) {} } }); p.x",
    "toString at the border": "({ toString() { for (;;) {} }, get a() { for (;;) {} } })",
}


@pytest.mark.parametrize("name", ENDLESS)
async def test_endless_work_is_stopped(host: ih.IsolateHost, name: str) -> None:
    modules = ih.create_module_resolver().virtual("data-loop", "for (;;) {}", filename="loop.js")
    async with host.create_runtime() as neighbour, host.create_runtime(bindings=ih.Bindings(modules=modules)) as runtime:
        with pytest.raises(ih.ExecutionTimeout) as caught:
            await runtime.eval(ENDLESS[name], "/endless.js", timeout_s=0.3)
        assert caught.value.timeout_s == 0.3
        with pytest.raises(ih.Disposed):
            await runtime.eval("1")
        assert await neighbour.eval("1 + 1") == 2


@pytest.mark.parametrize("code", ["setTimeout(() => { while (true) {} }, 5)", "setInterval(() => { while (true) {} }, 5)", "globalThis.__on('go', () => { while (true) {} })"])
async def test_loops_outside_an_eval_are_stopped_too(host: ih.IsolateHost, code: str) -> None:
    async with host.create_runtime(limits=ih.Limits(timeout_s=0.3)) as runtime:
        await runtime.eval(code)
        await runtime.events.emit("go", 1)
        for _ in range(100):
            await asyncio.sleep(0.05)
            if runtime.disposed:
                break
        with pytest.raises(ih.Disposed) as caught:
            await runtime.eval("1")
        assert isinstance(caught.value.__cause__, ih.ExecutionTimeout)


async def test_output_before_a_timeout_arrives(host: ih.IsolateHost) -> None:
    lines: list[str] = []
    bindings = ih.Bindings(console=lambda entry, ctx: lines.append(entry.text))
    async with host.create_runtime(bindings=bindings) as runtime:
        with pytest.raises(ih.ExecutionTimeout):
            await runtime.eval("console.log('before'); while (true) {}", timeout_s=0.2)
    assert lines == ["before"]


async def test_idle_runtimes_are_not_timed_out(host: ih.IsolateHost) -> None:
    async with host.create_runtime(limits=ih.Limits(timeout_s=0.1)) as runtime:
        await runtime.eval("setTimeout(() => { globalThis.fired = true }, 300)")
        await asyncio.sleep(0.5)
        assert await runtime.eval("fired") is True


@pytest.mark.parametrize(
    "bomb", ["const l = []; for (;;) l.push(new Array(1000).fill(1.5))", "let s = []; for (;;) s.push(new Uint8Array(100))"]
)
async def test_memory_is_bounded(host: ih.IsolateHost, bomb: str) -> None:
    async with host.create_runtime() as neighbour, host.create_runtime(limits=ih.Limits(memory_mb=48)) as runtime:
        with pytest.raises(ih.LimitExceeded) as caught:
            await runtime.eval(bomb, "/bomb.js", timeout_s=30)
        assert caught.value.kind == "memory"
        assert await neighbour.eval("1 + 1") == 2


async def test_a_large_buffer_is_a_range_error_and_nothing_dies(host: ih.IsolateHost) -> None:
    async with host.create_runtime(limits=ih.Limits(memory_mb=48)) as runtime:
        code = "const l = []; try { for (;;) l.push(new Uint8Array(1 << 20)) } catch (e) { const n = l.length; l.length = 0; e.name + ' ' + (n > 30 && n <= 48) }"
        assert await runtime.eval(code, "/b.js") == "RangeError true"
        assert await runtime.eval("1") == 1


async def test_cpu_is_bounded(host: ih.IsolateHost) -> None:
    async with host.create_runtime(limits=ih.Limits(cpu_s=1)) as runtime:
        with pytest.raises(ih.LimitExceeded) as caught:
            await runtime.eval("for (;;) {}", "/cpu.js", timeout_s=30)
        assert caught.value.kind == "cpu"


async def test_output_is_bounded(host: ih.IsolateHost) -> None:
    seen: list[Any] = []
    bindings = ih.Bindings(console=lambda entry, ctx: seen.append(entry))
    async with host.create_runtime(bindings=bindings, limits=ih.Limits(output_bytes=100_000)) as runtime:
        with pytest.raises(ih.LimitExceeded) as caught:
            await runtime.eval("for (;;) console.log('x'.repeat(1000))", "/flood.js", timeout_s=30)
        assert caught.value.kind == "output"
    assert 50 < len(seen) <= 100


async def test_calls_in_flight_are_bounded(host: ih.IsolateHost) -> None:
    gate = asyncio.Event()

    async def wait() -> str:
        await gate.wait()
        return "done"

    async with host.create_runtime(bindings=ih.Bindings(tools={"wait": wait}), limits=ih.Limits(ops_in_flight=4)) as runtime:
        refused = await runtime.eval(
            "globalThis.all = Array.from({ length: 6 }, () => wait().catch(e => e.name + ':' + e.code)); (await Promise.race(all))", "/ops.js"
        )
        assert refused == "LimitExceeded:limit-exceeded"
        gate.set()
        assert sorted(await runtime.eval("await Promise.all(all)")) == ["LimitExceeded:limit-exceeded"] * 2 + ["done"] * 4


async def test_aborting_an_eval_kills_its_runtime_only(host: ih.IsolateHost) -> None:
    controller = ih.AbortController()
    async with host.create_runtime() as neighbour, host.create_runtime() as runtime:
        task = asyncio.ensure_future(runtime.eval("while (true) {}", "/a.js", signal=controller.signal))
        await asyncio.sleep(0.1)
        controller.abort("enough")
        with pytest.raises(ih.Aborted) as caught:
            await task
        assert caught.value.reason == "enough"
        with pytest.raises(ih.Disposed):
            await runtime.eval("1")
        assert await neighbour.eval("2") == 2


async def test_a_signal_that_aborted_before_does_no_harm(host: ih.IsolateHost) -> None:
    controller = ih.AbortController()
    controller.abort("early")
    async with host.create_runtime() as runtime:
        with pytest.raises(ih.Aborted):
            await runtime.eval("1", signal=controller.signal)
        assert await runtime.eval("5") == 5


async def test_cancelling_the_task_stops_the_guest(host: ih.IsolateHost) -> None:
    async with host.create_runtime() as runtime:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(runtime.eval("while (true) {}", "/a.js"), 0.2)
        with pytest.raises(ih.Disposed):
            await runtime.eval("1")


async def test_dispose_while_running(host: ih.IsolateHost) -> None:
    runtime = await host.create_runtime()
    task = asyncio.ensure_future(runtime.eval("while (true) {}", "/a.js"))
    await asyncio.sleep(0.1)
    await runtime.dispose()
    with pytest.raises(ih.Disposed):
        await task


async def test_limits_can_only_narrow_a_sandbox(start_host: Any) -> None:
    host = await start_host("version: 1\nplugins: [console, tools]\nsandboxes: {small: {limits: {memory_mb: 64, timeout_s: 1}, policies: {console: {}}}}\n")
    async with host.create_runtime(sandbox="small", limits=ih.Limits(timeout_s=0.2)) as runtime:
        with pytest.raises(ih.ExecutionTimeout):
            await runtime.eval("while (true) {}", "/a.js")
    with pytest.raises(ih.PolicyDenied) as caught:
        await host.create_runtime(sandbox="small", limits=ih.Limits(memory_mb=128))
    assert "sandboxes.small.limits.memory_mb" in (caught.value.hint or "")
    with pytest.raises(ih.PolicyDenied, match="'tools'"):
        await host.create_runtime(sandbox="small", bindings=ih.Bindings(tools={"a": lambda: 1}))
    with pytest.raises(ih.ConfigError, match="unknown sandbox 'nope'"):
        await host.create_runtime(sandbox="nope")
