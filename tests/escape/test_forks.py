"""Forked engines work: many workers, each running what V8 does with threads elsewhere (JIT, GC, WebAssembly, async)."""

from __future__ import annotations

import asyncio

import pytest

import isolate_host as ih

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WASM = "0,97,115,109,1,0,0,0,1,7,1,96,2,127,127,1,127,3,2,1,0,7,7,1,3,97,100,100,0,0,10,9,1,7,0,32,0,32,1,106,11"
WORKLOADS = {
    "let s = 0; for (let i = 0; i < 3e6; i++) s = (s + i * 7) % 1000003; s": 315,
    "let f = 0; for (let i = 1; i < 1e6; i++) f += 1 / i; Math.round(f * 1000)": 14_393,
    "let a = []; for (let k = 0; k < 20; k++) { a = []; for (let i = 0; i < 20000; i++) a.push({ i }) } a.length": 20_000,
    f"new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([{WASM}]))).exports.add(40, 2)": 42,
    f"(await WebAssembly.instantiate(new Uint8Array([{WASM}]))).instance.exports.add(1, 2)": 3,
    "let n = 0; for (let i = 0; i < 2000; i++) { await null; n++ } n": 2000,
    "const m = new Map(); for (let i = 0; i < 50000; i++) m.set('k' + i % 977, /\\d+/.exec('k' + i)[0]); m.size": 977,
    "JSON.parse(JSON.stringify(Array.from({ length: 20000 }, (_, i) => ({ i })).sort((a, b) => b.i - a.i)))[0].i": 19_999,
}


async def test_every_fork_computes_what_it_should(embedded: ih.IsolateHost) -> None:
    async def life(number: int) -> None:
        async with embedded.create_runtime() as runtime:
            for offset in range(3):
                code, expected = list(WORKLOADS.items())[(number + offset) % len(WORKLOADS)]
                assert await runtime.eval(code, "/work.js", timeout_s=60) == expected, code

    for start in range(0, 160, 8):
        await asyncio.gather(*(life(number) for number in range(start, start + 8)))
