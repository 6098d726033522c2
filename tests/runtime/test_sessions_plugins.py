"""What plugins hold for the owner of a session goes with him: modules, writers, timers, mocks. And tests in a session."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import isolate_host as ih
from isolate_host.config import load_config
from isolate_host.host.broker import Broker
from isolate_host.host.embedded import EmbeddedLink
from isolate_host.plugin import PluginRegistry
from tests.conftest import StartHost

GRANTED = "version: 1\nsandboxes: {default: {policies: {modules: {}, console: {}, node: {}, tests: {}}}}\n"
WITHOUT = "version: 1\nsandboxes: {default: {policies: {modules: {}, console: {}}}}\n"


def packages() -> ih.ModuleResolver:
    return (
        ih.create_module_resolver()
        .virtual("@/part", "globalThis.parts = (globalThis.parts ?? 0) + 1; exports.n = 0", filename="part.cjs")
        .virtual("@/kept", "const part = require('@/part'); exports.hit = () => ++part.n", filename="kept.cjs", static=True)
        .virtual("@/loose", "globalThis.loose = (globalThis.loose ?? 0) + 1; exports.made = {}", filename="loose.cjs")
    )


async def test_commonjs_is_forgotten_unless_it_is_static(host: ih.IsolateHost) -> None:
    code = "import kept from '@/kept'; import loose from '@/loose'; (globalThis.seen ??= []).push(kept, loose.made); export default kept.hit()"
    async with host.get_namespaced_runtime("commonjs", bindings={"modules": packages()}) as one:
        assert await one.eval(code) == 1
    async with host.get_namespaced_runtime("commonjs", bindings={"modules": packages()}) as two:
        assert await two.eval(code) == 2
        assert await two.eval("[seen[0] === seen[2], seen[1] === seen[3], parts, loose]") == [True, False, 1, 2]
    await host.dispose_namespace("commonjs")


async def test_a_require_that_waits_ends_with_its_owner(host: ih.IsolateHost) -> None:
    asked = asyncio.Event()

    async def never(*_args: object) -> str:
        asked.set()
        await asyncio.Event().wait()
        return ""

    source = "exports.get = (name) => require(name)"
    waiting = ih.create_module_resolver().virtual("@/get", source, filename="get.cjs").virtual("@/slow", never, filename="slow.cjs")
    one = await host.get_namespaced_runtime("requires", bindings={"modules": waiting})
    await one.eval("import { get } from '@/get'; globalThis.get = get")
    evaluation = asyncio.ensure_future(one.eval("try { get('@/slow') } catch (error) { globalThis.why = error.message }; globalThis.after = 1"))
    await asked.wait()
    await one.dispose()
    with pytest.raises(ih.Disposed):
        await evaluation
    async with host.get_namespaced_runtime("requires") as two:
        assert two.reused is True
        assert await two.eval("[why, after]") == ["the owner of this session has gone", 1]
    await host.dispose_namespace("requires")


async def test_half_a_line_on_stdout_is_not_said_to_the_next_owner(start_host: StartHost) -> None:
    host, lines = await start_host(GRANTED), []
    bindings = {"console": lambda entry, _ctx: lines.append(entry.text)}
    async with host.get_namespaced_runtime("stdout", bindings=bindings) as one:
        await one.eval("process.stdout.write('mine'); process.env.KEPT = 'yes'; 0")
    async with host.get_namespaced_runtime("stdout", bindings=bindings) as two:
        await two.eval("process.stdout.write('yours\\n')")
        assert await two.eval("process.env.KEPT") == "yes"
        await two.settled()
    assert lines == ["yours"]


async def test_messages_on_their_way_are_lost_and_later_ones_are_not(host: ih.IsolateHost) -> None:
    setup = """
    const { port1, port2 } = new MessageChannel(), idle = new MessageChannel();
    globalThis.got = []; globalThis.ports = [port1, idle.port1, idle.port2];
    port2.onmessage = (event) => got.push(event.data); port1.postMessage('lost');
    idle.port1.postMessage('waits');
    globalThis.channel = new BroadcastChannel('news'); channel.onmessage = (event) => got.push(event.data);
    new BroadcastChannel('news').postMessage('old news'); 0"""
    async with host.get_namespaced_runtime("ports") as one:
        # In one turn with the end of the owner: nothing is delivered in between.
        asyncio.ensure_future(one.eval(setup + ";await new Promise(() => {})")).add_done_callback(lambda done: done.exception())
        while await _never_resting(one):
            pass
    async with host.get_namespaced_runtime("ports") as two:
        await two.eval("globalThis.got = []; ports[0].postMessage('a'); ports[0].postMessage('b'); ports[2].onmessage = (event) => got.push(event.data); 0")
        await two.settled()
        assert await two.eval("got") == ["a", "b", "waits"]
    await host.dispose_namespace("ports")


async def _never_resting(runtime: ih.Runtime) -> bool:
    await asyncio.sleep(0)
    return runtime.diagnostics()["evals"] == 0


async def test_modules_and_globals_of_a_plugin_go_with_its_grant(tmp_path: Path) -> None:
    config = tmp_path / "host.yaml"
    config.write_text(GRANTED)
    registry = PluginRegistry()
    broker = Broker(load_config(config, registry).config, registry)
    await broker.start()
    hello = await broker.control("hello", {})
    async with ih.IsolateHost(EmbeddedLink(broker), hello) as host:
        async with host.get_namespaced_runtime("grants") as one:
            assert await one.eval("import { join } from 'node:path'; globalThis.Buffer; export default join('a', 'b')") == "a/b"
        async with host.get_namespaced_runtime("grants") as two:
            assert await two.eval("import { join } from 'node:path'; export default [join('a', 'b'), typeof Buffer, typeof process.cwd]") == [
                "a/b", "function", "function",
            ]
        config.write_text(WITHOUT)
        await broker.reload(load_config(config, registry).config)
        async with host.get_namespaced_runtime("grants") as three:
            assert three.reused is True
            assert await three.eval("[typeof Buffer, typeof process, typeof setImmediate]") == ["undefined"] * 3
            with pytest.raises(ih.GuestError, match=r"no policy grants node"):
                await three.eval("await import('node:path')")
            with pytest.raises(ih.PolicyDenied, match="no policy grants tests") as refused:
                await three.run_tests("test('a', () => {})")
            assert refused.value.hint == "add policies.tests"


async def test_tests_run_in_a_session(start_host: StartHost) -> None:
    host = await start_host(GRANTED)
    async with host.get_namespaced_runtime("tested") as one:
        seen: list[str] = []
        one.test.on_event(lambda event: seen.append(event.type))
        await one.eval("globalThis.base = 40")
        result = await one.run_tests("test('adds', () => { expect(base + 2).toBe(42) }); globalThis.fromFile = 1")
        assert (result.success, result.passed, seen[0], seen[-1]) == (True, 1, "runStart", "runEnd")
        # Globals are kept, registered tests are not.
        again = await one.run_tests("test('other', () => { expect(fromFile).toBe(2) })")
        assert [(test.full_name, test.status) for test in again.tests] == [("other", "fail")]
        await one.eval("jest.useFakeTimers(); globalThis.faked = setTimeout")
        async with one.fork("tested-branch") as branch:
            assert (await branch.run_tests("test('here', () => { expect(fromFile).toBe(1) })")).passed == 1
    async with host.get_namespaced_runtime("tested") as two:
        # Time is real again.
        assert await two.eval("await new Promise((done) => setTimeout(done, 1)); setTimeout !== faked") is True
        result = await two.run_tests("import { test as t } from 'vitest'; t('second owner', () => { expect(base).toBe(40) })")
        assert [test.full_name for test in result.tests] == ["second owner"] and result.success


async def test_a_run_of_tests_ends_with_its_owner(start_host: StartHost) -> None:
    host = await start_host(GRANTED)
    one = await host.get_namespaced_runtime("cut")
    started = asyncio.Event()
    one.test.on_event(lambda event: started.set() if event.type == "testStart" else None)
    running = asyncio.ensure_future(one.run_tests("test('hangs', async () => { await new Promise(() => {}) }, 1e6)"))
    await started.wait()
    await one.dispose()
    with pytest.raises(ih.Disposed):
        await running
    async with host.get_namespaced_runtime("cut") as two:
        result = await two.run_tests("test('quick', () => { expect(1).toBe(1) })")
        assert [(test.full_name, test.status) for test in result.tests] == [("quick", "pass")]


async def test_a_session_without_a_sandbox_runs_tests(host: ih.IsolateHost) -> None:
    async with host.get_namespaced_runtime("plain") as runtime:
        assert (await runtime.run_tests("test('a', () => {})")).passed == 1
    await host.dispose_namespace("plain")
