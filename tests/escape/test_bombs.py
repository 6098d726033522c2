"""26 memory bombs at a 64 MiB limit: each ends in a catchable error or a classified death, within its bound, and the neighbour lives."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

import isolate_host as ih
from isolate_host.host.runtime import BrokerRuntime

pytestmark = [pytest.mark.adversarial, pytest.mark.timeout(120)]

LIMIT_MB = 64
#: Limit, off-heap slack (24), and room for measurement: pages in transit while the kernel frees them.
CEILING_MB = LIMIT_MB + 24 + 40

DIES, LIVES, EITHER = "dies", "lives", "either"
CATCH = "try {{ {0} }} catch (e) {{ 'caught ' + e.name }}"
FLOOD = "{{ let l = []; try {{ for (;;) {0} }} catch (e) {{ l = null; 'caught ' + e.name }} }}"

BOMBS: dict[str, tuple[str, str]] = {
    "array of doubles": ("const a = []; for (;;) a.push(new Array(1e4).fill(1.1))", DIES),
    "object graph": ("let h = null; for (;;) h = { h, x: {} }", DIES),
    "promise flood": ("(function f() { for (let i = 0; i < 1e5; i++) Promise.resolve(i).then(() => i); Promise.resolve().then(f) })()", EITHER),
    "string doubling": ("const l = []; for (let i = 0; ; i++) l.push((i + 'x').repeat(1e6) + i)", EITHER),
    "flattened strings": ("const l = []; for (let i = 0; ; i++) { const s = ('a' + i).repeat(2e5); s.charCodeAt(5); l.push(s.split('').join('b')) }", DIES),
    "one huge string": (CATCH.format("'x'.repeat(2 ** 29 - 24).length"), EITHER),
    "huge ropes": ("let s = 'x'.repeat(2 ** 28); const l = []; for (let i = 0; i < 20; i++) { const t = s + i; t.indexOf('zz'); l.push(t) } l.length", EITHER),
    "map growth": ("const m = new Map(); for (let i = 0; ; i++) m.set(i, i)", DIES),
    "typed array of 1 GB": (CATCH.format("new Float64Array(1.25e8).length"), LIVES),
    "array buffer of 8 GB": (CATCH.format("new ArrayBuffer(2 ** 33).byteLength"), LIVES),
    "buffer flood, touched": (FLOOD.format("l.push(new Uint8Array(1 << 20).fill(1))"), LIVES),
    "buffer flood, untouched": (FLOOD.format("l.push(new Uint8Array(1 << 20))"), LIVES),
    "tiny buffers": (FLOOD.format("l.push(new Uint8Array(100))"), EITHER),
    "resizable buffers": (FLOOD.format("l.push(new ArrayBuffer(0, { maxByteLength: 2 ** 32 }))"), EITHER),
    "wasm memory of 4 GB": (CATCH.format("new WebAssembly.Memory({ initial: 65536 }).buffer.byteLength"), LIVES),
    "wasm memory grown": ("const m = new WebAssembly.Memory({ initial: 1 }); try { for (;;) { m.grow(160); new Uint8Array(m.buffer).fill(7) } } catch (e) { 'caught ' + e.name }", LIVES),
    "many wasm memories": (FLOOD.format("l.push(new WebAssembly.Memory({ initial: 1, maximum: 65536 }))"), EITHER),
    "longest array": (CATCH.format("new Array(2 ** 32 - 2).fill(0)"), DIES),
    "JSON bomb": ("const s = '['.repeat(5e6); " + CATCH.format("JSON.parse(s)"), EITHER),
    "huge BigInt": (CATCH.format("(2n ** (2n ** 29n)).toString(16).length"), EITHER),
    "BigInt flood": ("const l = []; for (;;) l.push(2n ** 1000000n + BigInt(l.length))", DIES),
    "regexp bomb": (CATCH.format("new RegExp('(?:a{0,1000}){0,1000}'.repeat(50)).test('b')"), EITHER),
    "code bomb": (CATCH.format("for (let i = 0; ; i++) (globalThis.q ??= []).push(new Function('return ' + '1+'.repeat(20000) + i))"), DIES),
    "deep parse": (CATCH.format("eval('('.repeat(1e6))"), EITHER),
    "outbox flood": ("for (;;) __emit('flood', 'x'.repeat(1e5))", EITHER),
    "result flood": ("'x'.repeat(4e7).length; new Array(64).fill('y'.repeat(1e6))", EITHER),
}


def peak_anonymous_mb(pid: int, stop: asyncio.Event) -> asyncio.Task[float]:
    """Sample the worker's private memory until it is gone."""

    async def watch() -> float:
        peak = 0.0
        while not stop.is_set():
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                break
            found = re.search(r"RssAnon:\s+(\d+)", status)
            peak = max(peak, int(found[1]) / 1024 if found else 0.0)
            await asyncio.sleep(0.004)
        return peak

    return asyncio.ensure_future(watch())


@pytest.mark.parametrize("name", BOMBS)
async def test_bomb(embedded: ih.IsolateHost, name: str) -> None:
    code, expected = BOMBS[name]
    async with embedded.create_runtime() as neighbour, embedded.create_runtime(limits=ih.Limits(memory_mb=LIMIT_MB, timeout_s=60)) as runtime:
        channel = runtime._channel
        assert isinstance(channel, BrokerRuntime) and channel._worker is not None
        stop = asyncio.Event()
        base = await peak_anonymous_mb_once(channel._worker.host_pid())
        peak = peak_anonymous_mb(channel._worker.host_pid(), stop)
        died = None
        try:
            await runtime.eval(code, "/bomb.js")
        except ih.LimitExceeded as error:
            died = error
        except (ih.GuestError, ih.MarshalError, ih.ExecutionTimeout):
            pass
        stop.set()
        growth = await peak - base
        assert growth < CEILING_MB, f"grew by {growth:.0f} MB"
        if expected == DIES:
            assert died is not None and died.kind == "memory"
        elif expected == LIVES:
            assert died is None
            assert await runtime.eval("40 + 2", "/after.js") == 42
        else:
            assert died is None or died.kind in ("memory", "payload")
        assert await neighbour.eval("1 + 1", "/n.js") == 2


async def peak_anonymous_mb_once(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"RssAnon:\s+(\d+)", status)
    assert found
    return int(found[1]) / 1024


def test_there_are_26() -> None:
    assert len(BOMBS) == 26
