"""Sessions: what the next owner finds, what is gone, and who may have one at all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import isolate_host as ih


async def until_gone(pid: int) -> None:
    """A process that was killed is reaped by its zygote."""
    for _ in range(500):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except FileNotFoundError:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the worker lives on")


async def pid_of(runtime: ih.Runtime) -> int:
    return (await runtime.diagnostics())["pid"]


async def test_globals_and_the_isolate_stay(host: ih.IsolateHost) -> None:
    first = await host.get_namespaced_runtime("tab")
    assert first.key == "tab" and first.reused is False
    await first.eval("globalThis.count = 1; function next() { return ++count }")
    pid, name = await pid_of(first), first.id
    await first.dispose()
    second = await host.get_namespaced_runtime("tab")
    assert second.reused is True and second.diagnostics()["reused"] is True
    assert (second.id, await pid_of(second)) == (name, pid)
    assert await second.eval("next()") == 2
    await second.dispose(hard=True)
    third = await host.get_namespaced_runtime("tab")
    assert third.reused is False
    assert await third.eval("typeof next") == "undefined"
    await third.dispose(hard=True)


async def test_a_script_runtime_with_a_key_is_a_session_too(host: ih.IsolateHost) -> None:
    async with host.create_runtime(key="script") as runtime:
        await runtime.eval("globalThis.kept = 'yes'")
    async with host.get_namespaced_runtime("script") as again:
        assert await again.eval("kept") == "yes"
    assert await host.dispose_namespace("script") is True


async def test_timers_end_with_their_owner(host: ih.IsolateHost) -> None:
    async with host.get_namespaced_runtime("timers") as one:
        await one.eval("globalThis.ticks = 0; setInterval(() => ticks++, 1); setTimeout(() => { ticks = 1e9 }, 30); AbortSignal.timeout(20).onabort = () => { ticks = 2e9 }; 0")
    async with host.get_namespaced_runtime("timers") as two:
        before = await two.eval("ticks")
        await two.eval("await new Promise((done) => setTimeout(done, 80))")
        assert await two.eval("ticks") == before < 1e9
    await host.dispose_namespace("timers")


async def test_the_console_starts_anew(host: ih.IsolateHost) -> None:
    entries: list[ih.ConsoleEntry] = []
    bindings = ih.Bindings(console=lambda entry, _ctx: entries.append(entry))
    async with host.get_namespaced_runtime("console", bindings=bindings) as one:
        await one.eval("globalThis.saved = console; console.count('a'); console.count('a'); console.time('t'); console.group('g'); console.log('in')")
    async with host.get_namespaced_runtime("console", bindings=bindings) as two:
        entries.clear()
        await two.eval("console.count('a'); console.timeEnd('t'); console.log('out')")
        # The same grant: the very same object.
        assert await two.eval("saved === console") is True
    assert [entry.text for entry in entries] == ["a: 1", "No such label 't' for console.timeEnd()", "out"]
    assert {entry.group_depth for entry in entries} == {0}
    await host.dispose_namespace("console")


async def test_each_owner_brings_its_own_tools(host: ih.IsolateHost) -> None:
    async with host.get_namespaced_runtime("tools", bindings={"tools": {"who": lambda: "first", "old": lambda: 1}}) as one:
        await one.eval("globalThis.alias = who; globalThis.stale = old")
        assert await one.eval("await who()") == "first"
    async with host.get_namespaced_runtime("tools", bindings={"tools": {"who": lambda: "second", "fresh": lambda: 2}}) as two:
        assert await two.eval("[typeof old, await who(), await alias(), await fresh()]") == ["undefined", "second", "second", 2]
        with pytest.raises(ih.GuestError):
            await two.eval("await stale()")
    async with host.get_namespaced_runtime("tools") as three:
        assert await three.eval("[typeof who, typeof fresh]") == ["undefined", "undefined"]
        with pytest.raises(ih.PolicyDenied, match="not granted"):
            await three.eval("await alias()")
    await host.dispose_namespace("tools")


async def test_a_global_of_the_guest_in_the_place_of_a_tool_stays(host: ih.IsolateHost) -> None:
    async with host.get_namespaced_runtime("own", bindings={"tools": {"greet": lambda: 1, "other": lambda: 1}}) as one:
        await one.eval("globalThis.greet = () => 'mine'; 0")
    async with host.get_namespaced_runtime("own") as two:
        assert await two.eval("[greet(), typeof other]") == ["mine", "undefined"]
    await host.dispose_namespace("own")


async def test_static_modules_stay_and_others_are_loaded_again(host: ih.IsolateHost) -> None:
    def resolver() -> ih.ModuleResolver:
        return (
            ih.create_module_resolver()
            .virtual("@/base", "export const id = {}")
            .virtual("@/kept", "import { id } from '@/base'; export { id }; export let hits = 0; export const hit = () => ++hits", static=True)
            .virtual("@/loose", "export const made = {}; globalThis.loose = (globalThis.loose ?? 0) + 1")
        )

    code = "import { hit, id } from '@/kept'; import { made } from '@/loose'; import { id as direct } from '@/base'; globalThis.seen ??= []; seen.push(id, made); export default [hit(), id === direct, seen.length]"
    async with host.get_namespaced_runtime("modules", bindings={"modules": resolver()}) as one:
        assert await one.eval(code) == [1, True, 2]
    async with host.get_namespaced_runtime("modules", bindings={"modules": resolver()}) as two:
        assert await two.eval(code) == [2, True, 4]
        assert await two.eval("[seen[0] === seen[2], seen[1] === seen[3], loose]") == [True, False, 2]
        # A function of a module that was forgotten may still import.
        assert await two.eval("(await import('@/kept')).hits") == 2
    await host.dispose_namespace("modules")


async def test_an_import_on_its_way_fails_with_its_owner(host: ih.IsolateHost) -> None:
    asked = asyncio.Event()

    async def never(*_args: object) -> str:
        asked.set()
        await asyncio.sleep(60)
        return ""

    resolver = ih.create_module_resolver().virtual("@/slow", never)
    one = await host.get_namespaced_runtime("import", bindings={"modules": resolver})
    running = asyncio.create_task(one.eval("globalThis.why = null; try { await import('@/slow') } catch (error) { why = error.message }"))
    await asked.wait()
    await one.dispose()
    with pytest.raises(ih.Disposed):
        await running
    async with host.get_namespaced_runtime("import", bindings={"modules": ih.create_module_resolver().virtual("@/slow", "export default 7")}) as two:
        assert await two.eval("why") == "the owner of this session has gone"
        assert await two.eval("(await import('@/slow')).default") == 7
    await host.dispose_namespace("import")


async def test_event_listeners_of_the_guest_stay(host: ih.IsolateHost) -> None:
    async with host.get_namespaced_runtime("events") as one:
        await one.eval("__on('ask', (value) => __emit('answer', value * 2)); 0")
    heard: asyncio.Queue[int] = asyncio.Queue()
    async with host.get_namespaced_runtime("events") as two:
        two.events.on("answer", heard.put_nowait)
        await two.events.emit("ask", 21)
        assert await heard.get() == 42
    await host.dispose_namespace("events")


async def test_one_owner_at_a_time(host: ih.IsolateHost) -> None:
    async with host.get_namespaced_runtime("mine"):
        with pytest.raises(ih.NamespaceInUse) as caught:
            await host.get_namespaced_runtime("mine")
        assert caught.value.key == "mine"
        with pytest.raises(ih.NamespaceInUse):
            await host.create_runtime(key="mine")
    await host.dispose_namespace("mine")


@pytest.mark.parametrize("pooled", [False, True])
async def test_of_many_creations_at_once_one_wins(host: ih.IsolateHost, pooled: bool) -> None:
    if pooled:
        async with host.get_namespaced_runtime("race") as before:
            await before.eval("globalThis.old = 1")
    tries = await asyncio.gather(*(host.get_namespaced_runtime("race") for _ in range(8)), return_exceptions=True)
    won = [item for item in tries if isinstance(item, ih.NamespacedRuntime)]
    assert len(won) == 1 and won[0].reused is pooled
    assert all(isinstance(item, ih.NamespaceInUse) for item in tries if item is not won[0])
    assert await won[0].eval("1 + 1") == 2
    await won[0].dispose(hard=True)


async def test_of_many_that_wait_for_an_owner_to_go_one_wins(host: ih.IsolateHost) -> None:
    first = await host.get_namespaced_runtime("queue")
    await first.eval("globalThis.old = 1")
    _, *tries = await asyncio.gather(first.dispose(), *(host.get_namespaced_runtime("queue") for _ in range(8)), return_exceptions=True)
    won = [item for item in tries if isinstance(item, ih.NamespacedRuntime)]
    assert len(won) <= 1
    assert all(isinstance(item, ih.NamespaceInUse) for item in tries if item not in won)
    await asyncio.gather(*(item.dispose() for item in won))
    async with host.get_namespaced_runtime("queue") as last:
        assert await last.eval("old") == 1
    await host.dispose_namespace("queue")


async def test_a_disposed_handle_says_so(host: ih.IsolateHost) -> None:
    runtime = await host.get_namespaced_runtime("handle")
    await asyncio.gather(runtime.dispose(), runtime.dispose())
    for _ in range(2):
        with pytest.raises(ih.Disposed, match="was disposed"):
            await runtime.eval("1")
    async with host.get_namespaced_runtime("handle") as other:
        # The old handle cannot harm the new owner.
        await runtime.dispose(hard=True)
        assert await other.eval("'alive'") == "alive"
    await host.dispose_namespace("handle")


async def test_dispose_namespace_of_an_owned_one(host: ih.IsolateHost) -> None:
    runtime = await host.get_namespaced_runtime("gone")
    pid = await pid_of(runtime)
    running = asyncio.create_task(runtime.eval("await new Promise(() => setInterval(() => {}, 1e6))"))
    await asyncio.sleep(0.05)
    assert await host.dispose_namespace("gone", reason="the user left") is True
    with pytest.raises(ih.Disposed, match="session 'gone' was invalidated by dispose_namespace: the user left"):
        await running
    with pytest.raises(ih.Disposed, match="invalidated"):
        await runtime.eval("1")
    await until_gone(pid)
    assert await host.dispose_namespace("gone") is False
    async with host.get_namespaced_runtime("gone") as fresh:
        assert fresh.reused is False


async def test_dispose_namespace_of_one_that_waits_and_of_one_on_its_way(host: ih.IsolateHost) -> None:
    runtime = await host.get_namespaced_runtime("pool")
    pid = await pid_of(runtime)
    await runtime.dispose()
    assert await host.dispose_namespace("pool") is True
    await until_gone(pid)
    runtime = await host.get_namespaced_runtime("pool")
    assert runtime.reused is False
    await asyncio.gather(runtime.dispose(), host.dispose_namespace("pool"))
    async with host.get_namespaced_runtime("pool") as fresh:
        assert fresh.reused is False
    await host.dispose_namespace("pool")


async def test_a_guest_that_does_not_come_to_rest_is_not_kept(host: ih.IsolateHost) -> None:
    runtime = await host.get_namespaced_runtime("busy")
    pid = await pid_of(runtime)
    running = asyncio.create_task(runtime.eval("for (;;) {}"))
    await asyncio.sleep(0.1)
    await runtime.dispose()
    with pytest.raises(ih.Disposed):
        await running
    await until_gone(pid)
    async with host.get_namespaced_runtime("busy") as fresh:
        assert fresh.reused is False
    await host.dispose_namespace("busy")


async def test_a_guest_that_goes_on_in_its_last_microtasks_is_not_kept(host: ih.IsolateHost) -> None:
    runtime = await host.get_namespaced_runtime("micro", bindings={"tools": {"wait": lambda: asyncio.sleep(60)}}, limits=ih.Limits(grace_s=0.3))
    running = asyncio.create_task(runtime.eval("for (;;) { try { await wait() } catch {} }"))
    await asyncio.sleep(0.1)
    await runtime.dispose()
    with pytest.raises(ih.Disposed):
        await running
    async with host.get_namespaced_runtime("micro") as fresh:
        assert fresh.reused is False
    await host.dispose_namespace("micro")


async def test_what_timed_out_or_was_aborted_is_never_reused(host: ih.IsolateHost) -> None:
    runtime = await host.get_namespaced_runtime("poison")
    await runtime.eval("globalThis.old = 1")
    with pytest.raises(ih.ExecutionTimeout):
        await runtime.eval("for (;;) {}", timeout_s=0.2)
    await runtime.dispose()
    async with host.get_namespaced_runtime("poison") as second:
        assert (second.reused, await second.eval("typeof old")) == (False, "undefined")
        controller = ih.AbortController()
        running = asyncio.create_task(second.eval("await new Promise(() => setInterval(() => {}, 1e6))", signal=controller.signal))
        await asyncio.sleep(0.05)
        controller.abort("enough")
        with pytest.raises(ih.Aborted):
            await running
    async with host.get_namespaced_runtime("poison") as third:
        assert third.reused is False
        with pytest.raises(ih.LimitExceeded):
            await third.eval("const all = []; for (;;) all.push(new Array(1e5).fill(all.length))")
    async with host.get_namespaced_runtime("poison") as fourth:
        assert fourth.reused is False
    await host.dispose_namespace("poison")


async def test_limits_of_the_next_owner_apply_or_are_refused_by_name(host: ih.IsolateHost) -> None:
    async with host.get_namespaced_runtime("limits", limits=ih.Limits(memory_mb=64)) as one:
        await one.eval("globalThis.old = 1")
    for limits, name in ((ih.Limits(memory_mb=96), "memory_mb"), (ih.Limits(cpu_s=5), "cpu_s")):
        with pytest.raises(ih.PolicyDenied, match=f"limits.{name}") as caught:
            await host.get_namespaced_runtime("limits", limits=limits)
        assert "dispose_namespace('limits')" in (caught.value.hint or "")
    # A refusal leaves the session as it was.
    async with host.get_namespaced_runtime("limits", limits=ih.Limits(memory_mb=64, timeout_s=0.2, ops_in_flight=1)) as two:
        assert (two.reused, await two.eval("old")) == (True, 1)
        with pytest.raises(ih.ExecutionTimeout):
            await two.eval("await new Promise((done) => setTimeout(done, 60000))")
    await host.dispose_namespace("limits")


async def test_small_messages_for_one_owner_large_ones_for_the_next(host: ih.IsolateHost) -> None:
    async with host.get_namespaced_runtime("frames", limits=ih.Limits(frame_bytes=1 << 16)) as one:
        await one.eval("globalThis.text = 'x'.repeat(1 << 18); 0")
    async with host.get_namespaced_runtime("frames", limits=ih.Limits(frame_bytes=1 << 20)) as two:
        assert len(await two.eval("text")) == 1 << 18
    async with host.get_namespaced_runtime("frames", limits=ih.Limits(frame_bytes=1 << 16)) as three:
        with pytest.raises(ih.LimitExceeded):
            await three.eval("text")
    await host.dispose_namespace("frames")


@pytest.mark.parametrize("key", ["", 3])
async def test_keys_are_texts(host: ih.IsolateHost, key: object) -> None:
    with pytest.raises((TypeError, ValueError), match="key"):
        host.get_namespaced_runtime(key)  # type: ignore[arg-type]
    with pytest.raises((TypeError, ValueError), match="key"):
        await host.dispose_namespace(key)  # type: ignore[arg-type]
