"""Nothing of a former owner of a session can be reached by the next one, nor the other way: leases, replies, frames, streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

import isolate_host as ih


async def test_functions_of_a_former_owner_are_dead_even_when_their_numbers_return(host: ih.IsolateHost) -> None:
    called: list[str] = []
    keep = "globalThis.hold = (f) => { (globalThis.held ??= []).push(f) }; hold"
    one = await host.get_namespaced_runtime("leases")
    await (await one.eval(keep))(lambda: called.append("first"))
    await one.eval("await held[0]()")
    await one.dispose()
    two = await host.get_namespaced_runtime("leases")
    await (await two.eval("hold"))(lambda: called.append("second"))
    assert await two.eval("await held[0]().catch((error) => `${error}`)") == "ReferenceError: The host object belongs to a former owner of this session"
    await two.eval("await held[1]()")
    assert called == ["first", "second"]
    # Sent to the new owner, the dead one is a function of the guest and not one of his.
    dead = await two.eval("held[0]")
    assert isinstance(dead, ih.GuestFunction)
    with pytest.raises(ih.GuestError, match="former owner"):
        await dead()
    await two.dispose(hard=True)


async def test_letting_go_of_old_leases_gives_back_nothing_of_the_new_owner(host: ih.IsolateHost) -> None:
    one = await host.get_namespaced_runtime("drops")
    take = await one.eval("globalThis.held = []; globalThis.take = (...fs) => { held.push(...fs) }; take")
    await take(*((lambda n=n: n) for n in range(20)))
    await one.dispose()
    two = await host.get_namespaced_runtime("drops")
    await (await two.eval("globalThis.fresh = []; (...fs) => { fresh.push(...fs) }"))(*((lambda n=n: -n) for n in range(20)))
    assert two.diagnostics()["references"]["leased"] == 20
    await two.eval("held = null; for (let i = 0; i < 40; i++) { new ArrayBuffer(4e6); await new Promise((done) => setTimeout(done)) }")
    assert await two.eval("await Promise.all(fresh.map((f) => f()))") == [-n for n in range(20)]
    assert two.diagnostics()["references"]["leased"] == 20
    await two.dispose(hard=True)


async def test_what_the_guest_leased_is_dead_for_its_former_owner(host: ih.IsolateHost) -> None:
    one = await host.get_namespaced_runtime("proxies")
    function, iterator = await one.eval("[() => 1, (async function* () { yield 1; yield 2 })()]")
    assert [await function(), await anext(iterator)] == [1, 1]
    await one.dispose()
    async with host.get_namespaced_runtime("proxies") as two:
        other = await two.eval("() => 2")
        with pytest.raises(ih.Disposed):
            await function()
        with pytest.raises(ih.Disposed):
            await anext(iterator)
        assert await other() == 2
    await host.dispose_namespace("proxies")


async def test_a_late_result_of_a_former_owner_answers_nobody(host: ih.IsolateHost) -> None:
    one = await host.get_namespaced_runtime("late")
    callback = await one.eval("globalThis.go = []; () => new Promise((done) => go.push(done))")
    waiting = [asyncio.create_task(one.eval("await new Promise((done) => go.push(done))")), *(asyncio.create_task(callback()) for _ in range(5))]
    await asyncio.sleep(0.1)
    await one.dispose()
    assert all(isinstance(item, ih.Disposed) for item in await asyncio.gather(*waiting, return_exceptions=True))
    async with host.get_namespaced_runtime("late") as two:
        # The requests of this owner get the very numbers of the former one's.
        mine = await two.eval("globalThis.mine = []; (n) => new Promise((done) => mine.push(() => done(n)))")
        calls = [asyncio.create_task(mine(n)) for n in range(8)]
        assert await two.eval("await new Promise((done) => setTimeout(done, 20)); for (const done of go) done('stale'); await null; 'own'") == "own"
        assert not any(call.done() for call in calls)
        await two.eval("for (const done of mine) done(); 0")
        assert await asyncio.gather(*calls) == list(range(8))
    await host.dispose_namespace("late")


async def test_host_work_for_a_former_owner_is_aborted(host: ih.IsolateHost) -> None:
    signals: list[ih.AbortSignal] = []
    cancelled = asyncio.Event()

    async def wait(ctx: ih.HostCallContext) -> None:
        signals.append(ctx.signal)
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()

    one = await host.get_namespaced_runtime("abort", bindings={"tools": {"wait": wait}})
    running = asyncio.create_task(one.eval("globalThis.end = wait().catch((error) => { globalThis.why = error.name }); await end"))
    while not signals:
        await asyncio.sleep(0.01)
    await one.dispose()
    with pytest.raises(ih.Disposed):
        await running
    await asyncio.wait_for(cancelled.wait(), 5)
    assert signals[0].aborted
    async with host.get_namespaced_runtime("abort") as two:
        assert await two.eval("why") == "AbortError"
    await host.dispose_namespace("abort")


async def test_code_that_runs_between_two_owners_leaves_nothing(host: ih.IsolateHost) -> None:
    entries: list[str] = []
    bindings = ih.Bindings(console=lambda entry, _ctx: entries.append(entry.text), tools={"wait": lambda: asyncio.sleep(60)})
    one = await host.get_namespaced_runtime("between", bindings=bindings)
    code = """
    globalThis.ran = [];
    wait().catch(() => {
      ran.push('catch'); console.log('late'); __emit('late', 1);
      setTimeout(() => ran.push('timer'), 1); queueMicrotask(() => { throw new Error('late') });
      Promise.reject(new Error('unseen'));
      wait().catch((error) => { ran.push(error.name); setInterval(() => ran.push('interval'), 1) });
    }); 0"""
    await one.eval(code)
    await one.dispose()
    entries.clear()
    async with host.get_namespaced_runtime("between", bindings=bindings) as two:
        heard: list[object] = []
        two.events.on("late", heard.append)
        await two.eval("await new Promise((done) => setTimeout(done, 50))")
        await two.settled()
        assert await two.eval("ran") == ["catch", "AbortError"]
        assert (entries, heard) == ([], [])
    await host.dispose_namespace("between")


async def test_streams_end_with_their_owner(host: ih.IsolateHost) -> None:
    closed = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 1000
                await asyncio.sleep(0.001)
        finally:
            closed.set()

    one = await host.get_namespaced_runtime("streams", bindings={"tools": {"open": lambda: ih.Response(body())}})
    await one.eval("globalThis.reader = (await open()).body.getReader(); await reader.read(); 0")
    out = await one.eval("new Response(new ReadableStream({ async pull(c) { c.enqueue(new Uint8Array(10)) }, cancel() { globalThis.cancelled = true } }))")
    reading = out.iter_bytes().__aiter__()
    assert await anext(reading)
    await one.dispose()
    await asyncio.wait_for(closed.wait(), 5)
    with pytest.raises((ih.IsolateHostError, StopAsyncIteration)):
        while True:
            await anext(reading)
    async with host.get_namespaced_runtime("streams", bindings={"tools": {"open": lambda: ih.Response(b"fresh")}}) as two:
        code = "let why; try { for (;;) if ((await reader.read()).done) { why = 'done'; break } } catch (error) { why = error.name } [why, cancelled]"
        assert await two.eval(code) == ["AbortError", True]
        assert await two.eval("await (await open()).text()") == "fresh"
    await host.dispose_namespace("streams")


async def test_generators_of_a_former_owner_are_finished(host: ih.IsolateHost) -> None:
    ended = asyncio.Event()

    async def numbers() -> AsyncIterator[int]:
        try:
            for n in range(1000):
                yield n
        finally:
            ended.set()

    one = await host.get_namespaced_runtime("generator", bindings={"tools": {"numbers": numbers}})
    assert await one.eval("globalThis.iterator = numbers(); (await iterator.next()).value") == 0
    await one.dispose()
    await asyncio.wait_for(ended.wait(), 5)
    async with host.get_namespaced_runtime("generator", bindings={"tools": {"numbers": numbers}}) as two:
        assert await two.eval("await iterator.next().catch((error) => error.message)") == "The host object belongs to a former owner of this session"
        assert await two.eval("(await numbers().next()).value") == 0
    await host.dispose_namespace("generator")


async def test_many_owners_in_turn(host: ih.IsolateHost) -> None:
    for turn in range(30):
        async with host.get_namespaced_runtime("turns", bindings={"tools": {"turn": lambda turn=turn: turn}}) as runtime:
            assert await runtime.eval("globalThis.sum = (globalThis.sum ?? 0) + await turn(); setInterval(() => {}, 1); sum") == turn * (turn + 1) // 2
    await host.dispose_namespace("turns")
