"""The measured cases. Each gives rows; ``scale`` multiplies the work."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import Row, percentile, sample

import isolate_host as ih

__all__ = ["branch", "churn", "creation", "latency", "memory", "neighbour", "plugin_node", "sessions", "throughput"]

_MB = 1_000_000
_MANY = """
async function many(f, n) {
  let i = 0;
  await Promise.all(Array.from({ length: 100 }, async () => { while (i < n) { i++; await f(i, 1) } }));
}
"""


def add(a: float, b: float) -> float:
    """A tool that answers at once."""
    return a + b


async def add_async(a: float, b: float) -> float:
    """The same as a coroutine."""
    return a + b


async def latency(host: ih.IsolateHost, link: str, scale: float) -> list[Row]:
    """Round trips of small evaluations and of tool calls one after another."""
    target = {"embedded": "≤ 150", "daemon": "≤ 400"}[link]
    async with host.create_runtime(bindings=ih.Bindings(tools={"add": add, "addAsync": add_async})) as runtime:
        times = await sample(lambda: runtime.eval("1 + 1"), int(2000 * scale), 200)
        rows = [
            Row(f"{link}: eval `1 + 1`, p50", "µs", percentile(times, 50) * 1e6, target),
            Row(f"{link}: eval `1 + 1`, p99", "µs", percentile(times, 99) * 1e6),
        ]
        await runtime.eval("async function inTurn(f, n) { for (let i = 0; i < n; i++) await f(i, 1) }")
        for name in ("add", "addAsync"):
            # V8 optimises the way of a call after some thousand of them.
            count = int(10_000 * scale)
            await runtime.eval(f"await inTurn({name}, {int(2000 * scale)})")
            started = time.perf_counter()
            await runtime.eval(f"await inTurn({name}, {count})")
            goal = "≥ 8,000" if link == "embedded" and name == "add" else ""
            rows.append(Row(f"{link}: `await {name}()` one after another", "calls/s", count / (time.perf_counter() - started), goal))
    return rows


async def throughput(host: ih.IsolateHost, link: str, scale: float) -> list[Row]:
    """Many tool calls in flight, and bytes each way."""
    payload = os.urandom(4 * _MB)
    tools: dict[str, Any] = {"add": add, "addAsync": add_async, "size": len, "give": lambda: payload}
    rows = []
    async with host.create_runtime(bindings=ih.Bindings(tools=tools), limits=ih.Limits(memory_mb=512)) as runtime:
        await runtime.eval(_MANY)
        for name in ("add", "addAsync"):
            count = int(20000 * scale)
            await runtime.eval(f"await many({name}, 2000)")
            started = time.perf_counter()
            await runtime.eval(f"await many({name}, {count})")
            goal = "≥ 30,000" if link == "embedded" and name == "add" else ""
            rows.append(Row(f"{link}: 100 × `{name}()` in flight", "calls/s", count / (time.perf_counter() - started), goal))
        await runtime.eval(f"globalThis.bytes = new Uint8Array({len(payload)})")
        for title, code in (("guest → host", "await size(bytes)"), ("host → guest", "(await give()).length")):
            count = max(4, int(20 * scale))
            await runtime.eval(code)
            started = time.perf_counter()
            for _ in range(count):
                await runtime.eval(code)
            rate = count * len(payload) / _MB / (time.perf_counter() - started)
            rows.append(Row(f"{link}: bytes {title}", "MB/s", rate, "≥ 300" if link == "embedded" else ""))
    return rows


async def _creation_times(host: ih.IsolateHost, count: int, pause_s: float) -> list[float]:
    times = []
    for _ in range(count):
        started = time.perf_counter()
        runtime = await host.create_runtime()
        times.append(time.perf_counter() - started)
        await runtime.dispose()
        await asyncio.sleep(pause_s)
    return sorted(times)


async def creation(host: ih.IsolateHost, scale: float) -> list[Row]:
    """From the request to a locked, ready runtime: from a spare, and forked on demand by a host that keeps none."""
    count = int(100 * scale)
    spare = await _creation_times(host, count, 0.03)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "host.yaml"
        config.write_text("version: 1\nisolation: {zygote: {spares: 0}}\nsandboxes: {default: {}}\n")
        async with ih.create_isolate_host(config=config) as without_spares:
            forked = await _creation_times(without_spares, count, 0.0)
    return [
        Row("create a runtime, forked on demand, p50", "ms", percentile(forked, 50) * 1e3, "≤ 5"),
        Row("create a runtime, forked on demand, p95", "ms", percentile(forked, 95) * 1e3),
        Row("create a runtime from a spare, p50", "ms", percentile(spare, 50) * 1e3, "≤ 5"),
    ]


def _private_mb(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.findall(r"Private_(?:Clean|Dirty):\s+(\d+)", rollup)
    return sum(map(int, found)) / 1024


async def memory(host: ih.IsolateHost, scale: float) -> list[Row]:
    """Private memory of a worker beside many others, each after one evaluation."""
    count = int(200 * scale)
    runtimes = [await host.create_runtime() for _ in range(count)]
    await asyncio.gather(*(runtime.eval("[1, 2].map(n => n + 1)") for runtime in runtimes))
    private = sorted([_private_mb((await runtime.diagnostics())["pid"]) for runtime in runtimes])
    await asyncio.gather(*(runtime.dispose() for runtime in runtimes))
    return [Row(f"private memory of one of {count} runtimes, median", "MB", percentile(private, 50), "≤ 3")]


async def sessions(host: ih.IsolateHost, scale: float) -> list[Row]:
    """Private memory of sessions that wait for an owner, and how long it takes to become one."""
    names = [f"bench-{number}" for number in range(int(300 * scale))]
    pids = []
    for name in names:
        async with host.get_namespaced_runtime(name) as session:
            await session.eval("globalThis.kept = [1, 2].map(n => n + 1)")
            pids.append((await session.diagnostics())["pid"])
    total = sum(_private_mb(pid) for pid in pids)
    times = []
    for name in names:
        started = time.perf_counter()
        session = await host.get_namespaced_runtime(name)
        times.append(time.perf_counter() - started)
        await session.dispose()
    times.sort()
    await asyncio.gather(*(host.dispose_namespace(name) for name in names))
    return [
        Row(f"private memory of {len(names)} sessions that wait", "MB", total, "≤ 1000"),
        Row("take up a session, p50", "ms", percentile(times, 50) * 1e3, "≤ 2"),
        Row("take up a session, p95", "ms", percentile(times, 95) * 1e3),
    ]


async def branch(host: ih.IsolateHost, scale: float) -> list[Row]:
    """Ten branches of one warm runtime, one after another, as often as the scale says."""
    times = []
    async with host.create_runtime() as trunk:
        await trunk.eval("globalThis.state = Array.from({ length: 10000 }, (_, i) => ({ i }))")
        for _ in range(max(1, int(5 * scale))):
            branches = []
            for _ in range(10):
                started = time.perf_counter()
                branches.append(await trunk.fork())
                times.append(time.perf_counter() - started)
            await asyncio.gather(*(item.dispose() for item in branches))
            await asyncio.sleep(0.2)
    times.sort()
    return [
        Row("branch a warm runtime, best", "ms", times[0] * 1e3),
        Row("branch a warm runtime, p50", "ms", percentile(times, 50) * 1e3, "≤ 10"),
        Row("branch a warm runtime, p95", "ms", percentile(times, 95) * 1e3),
    ]


async def plugin_node(scale: float) -> list[Row]:
    """What the plugin node adds to a runtime that imports none of its modules: the fastest of many, taken in turns."""
    text = "version: 1\nisolation: {zygote: {spares: 0}}\nsandboxes: {without: {policies: {crypto: {}}}, with: {policies: {crypto: {}, node: {}}}}\n"
    fastest, private = {"without": 1e9, "with": 1e9}, {"without": 1e9, "with": 1e9}
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "host.yaml"
        config.write_text(text)
        async with ih.create_isolate_host(config=config) as host:
            for _ in range(int(100 * scale)):
                for name in ("without", "with"):
                    started = time.perf_counter()
                    async with host.create_runtime(sandbox=name) as runtime:
                        fastest[name] = min(fastest[name], time.perf_counter() - started)
                        await runtime.eval("1 + 1")
                        private[name] = min(private[name], _private_mb((await runtime.diagnostics())["pid"]))
    return [
        Row("plugin node: added to the creation of a runtime", "ms", (fastest["with"] - fastest["without"]) * 1e3, "≤ 1"),
        Row("plugin node: added to the private memory of a runtime", "MB", private["with"] - private["without"], "≤ 1"),
    ]


async def neighbour(host: ih.IsolateHost, scale: float) -> list[Row]:
    """Latency beside a guest that burns a core, as a ratio to latency alone."""
    count = int(800 * scale)
    async with host.create_runtime() as runtime, host.create_runtime() as busy:
        alone = percentile(await sample(lambda: runtime.eval("1 + 1"), count, 100), 50)
        burning = asyncio.ensure_future(busy.eval("for (;;) {}", "/burn.js", timeout_s=60))
        beside = percentile(await sample(lambda: runtime.eval("1 + 1"), count, 20), 50)
        burning.cancel()
        await asyncio.gather(burning, return_exceptions=True)
    return [Row("eval beside a CPU-bound neighbour ÷ eval alone, p50", "×", beside / alone, "≤ 2")]


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _resident_mb() -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


async def churn(host: ih.IsolateHost, scale: float) -> list[Row]:
    """Create, use and dispose of a thousand runtimes; what is left of them in this process."""

    async def one() -> None:
        async with host.create_runtime() as runtime:
            await runtime.eval("1")

    for _ in range(100):
        await one()
    descriptors, resident = _descriptors(), _resident_mb()
    count = int(1000 * scale)
    started = time.perf_counter()
    for _ in range(count // 10):
        await asyncio.gather(*(one() for _ in range(10)))
    seconds = time.perf_counter() - started
    return [
        Row(f"{count} runtimes created, used and disposed", "per second", count / seconds),
        Row(f"descriptors left by {count} runtimes", "", max(0, _descriptors() - descriptors), "0"),
        Row(f"memory left by {count} runtimes in the host", "MB", max(0.0, _resident_mb() - resident), "flat"),
    ]
