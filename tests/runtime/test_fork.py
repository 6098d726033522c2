"""Branches of a live runtime: the same heap, and nothing else in common."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import isolate_host as ih
from isolate_host.host import forkgate
from tests.conftest import StartHost
from tests.runtime.test_sessions import pid_of, until_gone

CODE = "globalThis.n = 1; class Box { #v = 41; get v() { return ++this.#v } } globalThis.box = new Box(); globalThis.map = new Map([['k', [1]]]); const lexical = 'seen'; 0"


@pytest.fixture(autouse=True)
async def forks(host: ih.IsolateHost) -> None:
    if host.diagnostics()["isolation"].get("fork") != "on":
        pytest.skip("no pid namespace or no seccomp listener here: see test_where_nothing_forks")


async def test_a_branch_has_the_heap_and_goes_its_own_way(host: ih.IsolateHost) -> None:
    async with host.create_runtime() as trunk:
        await trunk.eval(CODE)
        assert await trunk.eval("box.v") == 42
        branches = [await trunk.fork() for _ in range(10)]
        assert len({await pid_of(item) for item in [trunk, *branches]}) == 11
        code = "n += %d; map.get('k').push(n); [n, box.v, lexical, map.get('k')]"
        results = await asyncio.gather(*(branch.eval(code % number) for number, branch in enumerate(branches)))
        assert results == [[1 + number, 43, "seen", [1, 1 + number]] for number in range(10)]
        assert await trunk.eval("[n, box.v, map.get('k').length]") == [1, 43, 1]
        await asyncio.gather(*(branch.dispose() for branch in branches))
        assert await trunk.eval("n") == 1
    assert host.diagnostics()["runtimes"] == 0


async def test_branches_of_branches_outlive_their_trunk(host: ih.IsolateHost) -> None:
    trunk = await host.create_runtime()
    await trunk.eval("globalThis.path = ['trunk']")
    one = await trunk.fork()
    await one.eval("path.push('one')")
    two = await one.fork()
    pid = await pid_of(trunk)
    await trunk.dispose()
    await until_gone(pid)
    await one.dispose()
    assert await two.eval("path.push('two'); path") == ["trunk", "one", "two"]
    async with two.fork() as three:
        assert await three.eval("path.length") == 3
    pid = await pid_of(two)
    await two.dispose()
    await until_gone(pid)


async def test_random_numbers_and_keys_differ(start_host: StartHost, host: ih.IsolateHost) -> None:
    async with host.create_runtime() as trunk:
        code = """
        const key = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
        [Math.random(), crypto.randomUUID(), (await crypto.subtle.exportKey('jwk', key.privateKey)).d]"""
        await trunk.eval("Math.random(); crypto.randomUUID()")
        await trunk.eval(f"await (async () => {{ {code.replace('[Math', 'return [Math')} }})()")
        branches = [await trunk.fork() for _ in range(3)]
        wrapped = f"await (async () => {{ {code.replace('[Math', 'return [Math')} }})()"
        drawn = [await item.eval(wrapped) for item in (trunk, *branches)]
        for values in zip(*drawn, strict=True):
            assert len(set(values)) == 4


async def test_tools_answer_each_branch(host: ih.IsolateHost) -> None:
    seen: list[str] = []

    async def who(ctx: ih.HostCallContext) -> str:
        seen.append(ctx.runtime_id)
        return ctx.runtime_id

    async with host.create_runtime(bindings={"tools": {"who": who}}) as trunk:
        await trunk.eval("globalThis.alias = who")
        async with trunk.fork() as branch, trunk.fork(bindings={"tools": {"other": lambda: 7}}) as changed:
            assert await branch.eval("[await who(), who === alias]") == [branch.id, True]
            assert await changed.eval("[typeof who, await other()]") == ["undefined", 7]
            assert await trunk.eval("await alias()") == trunk.id
        assert seen == [branch.id, trunk.id]


async def test_timers_and_leases_stay_with_the_trunk(host: ih.IsolateHost) -> None:
    async with host.create_runtime() as trunk:
        await trunk.eval("globalThis.ticks = 0; setInterval(() => ticks++, 1); globalThis.hold = (f) => { globalThis.f = f }; 0")
        await (await trunk.eval("hold"))(lambda: "host")
        mine = await trunk.eval("() => 'guest'")
        async with trunk.fork() as branch:
            before = await branch.eval("ticks")
            await branch.eval("await new Promise((done) => setTimeout(done, 50))")
            assert await branch.eval("ticks") == before
            assert await branch.eval("await f().catch((error) => error.name)") == "ReferenceError"
            assert await trunk.eval("await f()") == "host"
            assert await mine() == "guest"
        await trunk.eval("await new Promise((done) => setTimeout(done, 20))")
        assert await trunk.eval("ticks") > before


async def test_modules_are_the_same_ones(host: ih.IsolateHost) -> None:
    resolver = ih.create_module_resolver().virtual("@/counter", "export let hits = 0; export const hit = () => ++hits").virtual("@/new", "export default 'new'")
    async with host.create_runtime(bindings={"modules": resolver}) as trunk:
        await trunk.eval("(await import('@/counter')).hit()")
        async with trunk.fork() as branch:
            assert await branch.eval("(await import('@/counter')).hit()") == 2
            assert await branch.eval("(await import('@/new')).default") == "new"
        assert await trunk.eval("(await import('@/counter')).hit()") == 2


async def test_refused_while_something_is_in_flight(host: ih.IsolateHost) -> None:
    gate = asyncio.Event()
    async with host.create_runtime(bindings={"tools": {"wait": gate.wait}}) as trunk:
        await trunk.eval("globalThis.waiting = wait(); 0")
        with pytest.raises(ih.ForkRefused, match=r"host calls are in flight \(1\)") as caught:
            await trunk.fork()
        assert "await" in (caught.value.hint or "")
        running = asyncio.create_task(trunk.eval("await waiting; await new Promise((done) => setTimeout(done, 100))"))
        await asyncio.sleep(0.05)
        gate.set()
        with pytest.raises(ih.ForkRefused, match="in flight|run"):
            await trunk.fork()
        await running
        async with trunk.fork() as branch:
            assert await branch.eval("1 + 1") == 2
    with pytest.raises(ih.Disposed):
        await trunk.fork()


async def test_a_guest_that_is_busy_is_not_forked_and_lives(embedded: ih.IsolateHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forkgate, "_PATIENCE_S", 0.2)
    async with embedded.create_runtime() as trunk:
        await trunk.eval("setTimeout(() => { const end = Date.now() + 1000; while (Date.now() < end); }, 1); 0")
        await asyncio.sleep(0.05)
        with pytest.raises(ih.ForkRefused, match="busy"):
            await trunk.fork()
        assert await trunk.eval("'alive'") == "alive"
        monkeypatch.setattr(forkgate, "_PATIENCE_S", 5.0)
        async with trunk.fork() as branch:
            assert await branch.eval("1 + 1") == 2


async def test_a_branch_has_the_limits_of_its_trunk(host: ih.IsolateHost) -> None:
    async with host.create_runtime(limits=ih.Limits(memory_mb=32, timeout_s=5)) as trunk:
        await trunk.eval("globalThis.n = 1")
        async with trunk.fork() as hungry:
            with pytest.raises(ih.LimitExceeded) as caught:
                await hungry.eval("const all = []; for (;;) all.push(new Array(1e4).fill(all.length))")
            assert caught.value.kind == "memory"
        async with trunk.fork() as buffers:
            with pytest.raises(ih.GuestError, match="RangeError"):
                await buffers.eval("new ArrayBuffer(1e9)")
        async with trunk.fork() as endless:
            with pytest.raises(ih.ExecutionTimeout):
                await endless.eval("console.log?.('x'); for (;;) {}", timeout_s=0.3)
        assert await trunk.eval("n") == 1


async def test_branches_count_as_runtimes(start_host: StartHost) -> None:
    host = await start_host("version: 1\nmax_runtimes: 2\nsandboxes: {default: {policies: {console: {}}}}\n")
    async with host.create_runtime() as trunk, trunk.fork():
        with pytest.raises(ih.LimitExceeded, match="2 runtimes"):
            await trunk.fork()
        assert await trunk.eval("1") == 1


async def test_a_session_branches_into_a_session(host: ih.IsolateHost) -> None:
    async with host.get_namespaced_runtime("trunk") as trunk:
        await trunk.eval("globalThis.n = 1")
        async with trunk.fork("branch") as branch:
            assert (branch.key, branch.reused, await branch.eval("++n")) == ("branch", False, 2)
            with pytest.raises(ih.NamespaceInUse):
                await trunk.fork("branch")
        with pytest.raises(ih.NamespaceInUse, match="there is a session"):
            await trunk.fork("branch")
        with pytest.raises(ih.NamespaceInUse):
            await trunk.fork("trunk")
    async with host.get_namespaced_runtime("branch") as again, host.get_namespaced_runtime("trunk") as trunk:
        assert (again.reused, await again.eval("n"), await trunk.eval("n")) == (True, 2, 1)
    await asyncio.gather(host.dispose_namespace("branch"), host.dispose_namespace("trunk"))
    with pytest.raises(TypeError, match="new_key"):
        trunk.fork()


async def test_no_process_stays(host: ih.IsolateHost) -> None:
    trunk = await host.create_runtime()
    branches = [await trunk.fork() for _ in range(3)]
    pids = [await pid_of(item) for item in (trunk, *branches)]
    await host.close()
    for pid in pids:
        await until_gone(pid)


async def test_many_at_once(host: ih.IsolateHost) -> None:
    async with host.create_runtime() as trunk:
        await trunk.eval("globalThis.n = 5")
        branches = await asyncio.gather(*(trunk.fork() for _ in range(6)), return_exceptions=True)
        assert [item for item in branches if isinstance(item, BaseException)] == []
        assert await asyncio.gather(*(branch.eval("n") for branch in branches)) == [5] * 6
        await asyncio.gather(*(branch.dispose() for branch in branches))


async def test_a_branch_without_a_trunk_has_no_descriptor_of_it(embedded: ih.IsolateHost) -> None:
    trunk = await embedded.create_runtime()
    branch = await trunk.fork()
    ours, theirs = [
        {file.name: file.stat().st_ino for file in Path(f"/proc/{await pid_of(item)}/fd").iterdir()} for item in (trunk, branch)
    ]
    assert set(ours) == set(theirs) == {"0", "1", "2"}
    assert not set(ours.values()) & set(theirs.values())
    await trunk.dispose()
    await branch.dispose()
