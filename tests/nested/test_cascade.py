"""No child outlives its parent, however that ends; and nothing of it is left."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import isolate_host as ih
from tests.nested.conftest import IMPORT

#: A child of each kind, one of which has children itself, and a session that waits for an owner.
TREE = IMPORT + """
const source = "serve({ fetch: () => new Response('x') })";
globalThis.child = await nested.createRuntime({ bindings: { tools: { ready: () => ready() } } });
globalThis.server = await nested.createAppServer({ source });
await child.eval(`
  import { createIsolateHost } from "isolate-host";
  globalThis.grandchild = await createIsolateHost().createRuntime();
  await (await createIsolateHost().getNamespacedRuntime("deep")).dispose();
`);
globalThis.tests = await nested.createTestRuntime();
await (await nested.getNamespacedRuntime("waits")).dispose();
"""
LIVE = 4  # beside the parent, without the sessions that wait


async def live(host: ih.IsolateHost) -> tuple[int, int]:
    link: Any = host._link
    told = await link.control("diagnostics", {})
    return told["runtimes"], told["sessions_pooled"]


async def dispose(runtime: ih.Runtime) -> None:
    await runtime.dispose()


async def abort(runtime: ih.Runtime) -> None:
    stop = ih.AbortController()
    running = asyncio.ensure_future(runtime.eval("await ready(); await child.eval('while (true);')", signal=stop.signal))
    await runtime.reached.wait()  # type: ignore[attr-defined]
    stop.abort("enough")
    with pytest.raises(ih.Aborted):
        await running
    await runtime.dispose()


async def cancel(runtime: ih.Runtime) -> None:
    running = asyncio.ensure_future(runtime.eval("await child.eval('await ready(); while (true);')"))
    await runtime.reached.wait()  # type: ignore[attr-defined]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await runtime.dispose()


async def timeout(runtime: ih.Runtime) -> None:
    with pytest.raises(ih.ExecutionTimeout):
        await runtime.eval("await child.eval('while (true);')", timeout_s=0.2)
    await runtime.dispose()


async def spin(runtime: ih.Runtime) -> None:
    with pytest.raises(ih.ExecutionTimeout):
        await runtime.eval("while (true);", timeout_s=0.2)
    await runtime.dispose()


async def exhaust(runtime: ih.Runtime) -> None:
    with pytest.raises(ih.LimitExceeded):
        await runtime.eval("const all = []; while (true) all.push(new Array(1e5).fill(1))")
    await runtime.dispose()


async def crash(runtime: ih.Runtime) -> None:
    waiting = asyncio.ensure_future(runtime.eval("await ready(); await new Promise(() => setInterval(() => {}, 1000))"))
    await runtime.reached.wait()  # type: ignore[attr-defined]
    os.kill((await runtime.diagnostics())["pid"], signal.SIGKILL)
    with pytest.raises(ih.IsolateHostError):
        await waiting
    await runtime.dispose()


ENDS = pytest.mark.parametrize("end", [dispose, abort, cancel, timeout, spin, exhaust, crash])


@ENDS
async def test_the_tree_goes_with_its_root(host: ih.IsolateHost, end: Callable[[ih.Runtime], Awaitable[None]]) -> None:
    reached = asyncio.Event()
    limits = ih.Limits(memory_mb=64)
    runtime = await host.create_runtime(bindings={"tools": {"ready": reached.set}}, limits=limits, nested_host=ih.NestedHostPolicy(max_total_resources=20))
    runtime.reached = reached  # type: ignore[attr-defined]
    await runtime.eval(TREE)
    assert await live(host) == (1 + LIVE, 2)
    await end(runtime)
    # A daemon tells its client of a runtime that died by itself when its processes have been killed, not when they are reaped.
    while await live(host) != (0, 0):
        assert end in (exhaust, crash)


async def test_a_soft_dispose_ends_the_children_and_keeps_the_parent(host: ih.IsolateHost) -> None:
    async with host.get_namespaced_runtime("root", bindings={"tools": {"ready": lambda: None}}) as session:
        await session.eval(TREE)
        await session.eval("globalThis.kept = 1")
    assert await live(host) == (0, 1)
    async with host.get_namespaced_runtime("root", bindings={"tools": {"ready": lambda: None}}) as session:
        assert session.reused
        assert await session.eval("kept") == 1
        assert await session.eval("child.eval('1').then(() => 'alive', (error) => error.message)") == "the runtime was disposed"
        assert await session.eval(IMPORT + "export default await (await nested.createRuntime()).eval('7')") == 7
        assert await session.eval(IMPORT + "export default (await nested.getNamespacedRuntime('waits')).reused") is False
    await host.dispose_namespace("root")


async def test_a_reload_ends_what_the_old_isolate_made(host: ih.IsolateHost) -> None:
    source = """
    import { createIsolateHost } from "isolate-host";
    const child = await createIsolateHost().createRuntime({ bindings: { tools: { up: (n) => n + 1 } } });
    let n = 0;
    serve({ async fetch() { n = await child.eval(`await up(${n})`); return new Response(String(n)) } });
    """
    async with host.create_app_server(source=source) as server:
        for expected in ("1", "2"):
            assert await (await server.handle(ih.Request("GET", "http://x.test/"))).response.text() == expected
        await server.reload()
        assert await (await server.handle(ih.Request("GET", "http://x.test/"))).response.text() == "1"
        # The old isolate goes in the background.
        while (await live(host))[0] != 2:
            # An embedded host answers at once: without a pause here nothing else of this process would ever go on.
            await asyncio.sleep(0.01)
    assert await live(host) == (0, 0)


async def test_a_branch_does_not_own_the_children_of_its_trunk(host: ih.IsolateHost) -> None:
    async with host.create_runtime() as trunk:
        await trunk.eval(IMPORT + "globalThis.nested = nested; globalThis.child = await nested.createRuntime(); await child.eval('globalThis.n = 1')")
        async with trunk.fork() as branch:
            assert await branch.eval("child.eval('n').then(() => 'reached', (error) => error.message)") == "the runtime was disposed"
            assert await branch.eval("globalThis.own = await nested.createRuntime(); await own.eval('2')") == 2
            assert await trunk.eval("await child.eval('n')") == 1
        assert await trunk.eval("await child.eval('n')") == 1
    assert await live(host) == (0, 0)


async def test_killed_while_children_are_being_made() -> None:
    """No process, no descriptor, no place in a quota is left of children whose parent ended in the middle of their creation."""
    async with ih.create_isolate_host() as host:
        await ended_in_the_middle(host, 0)
    before, processes = descriptors(), children()
    async with ih.create_isolate_host() as host:
        for number in range(12):
            await ended_in_the_middle(host, number * 3)
        await settle(host)
    gc.collect()
    assert descriptors() <= before
    assert children() <= processes


async def ended_in_the_middle(host: ih.IsolateHost, number: int) -> None:
    """After ``number`` more turns of the loop."""
    begun = asyncio.Event()
    runtime = await host.create_runtime(bindings={"tools": {"begun": begun.set}})
    making = asyncio.ensure_future(runtime.eval(IMPORT + """
    const all = [1, 2, 3, 4, 5, 6].map((n) => n % 2 ? nested.createRuntime() : nested.getNamespacedRuntime("k" + n));
    await begun(); await Promise.all(all); await new Promise(() => setInterval(() => {}, 1000));
    """))
    await begun.wait()
    for _ in range(number):
        await asyncio.sleep(0)
    if number % 2:
        os.kill((await runtime.diagnostics())["pid"], signal.SIGKILL)
    else:
        await runtime.dispose(hard=True)
    with pytest.raises(ih.IsolateHostError):
        await making
    await runtime.dispose()


async def settle(host: ih.IsolateHost) -> None:
    """Until creations that were under way have found out: the broker's spare workers stand for the rest."""
    async with host.create_runtime() as runtime:
        assert await runtime.eval("1") == 1
    gc.collect()
    while (await live(host)) != (0, 0):
        await asyncio.sleep(0)


def children() -> set[str]:
    """Of this process; a browser that other tests share may be among them."""
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
