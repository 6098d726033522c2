"""Runtimes that guest code creates, beside those that the host creates at the same guest's request."""

from __future__ import annotations

import time
from typing import Any

from measure import Row

import isolate_host as ih

__all__ = ["nested"]

_SETUP = """
import { createIsolateHost } from "isolate-host";
globalThis.host = createIsolateHost();
globalThis.child = await host.createRuntime();
globalThis.nestedEval = () => child.eval("1 + 1", "/a.js");
globalThis.nestedCreate = async () => (await host.createRuntime()).dispose();
globalThis.many = async (f, n) => { for (let i = 0; i < n; i++) await f() };
"""


async def nested(host: ih.IsolateHost, scale: float) -> list[Row]:
    """The same path both times: guest code asks, the host acts, guest code has the answer."""
    top = await host.create_runtime()

    async def top_eval() -> Any:
        return await top.eval("1 + 1", "/a.js")

    async def top_create() -> None:
        async with host.create_runtime():
            pass

    rows = []
    async with host.create_runtime(bindings={"tools": {"topEval": top_eval, "topCreate": top_create}}) as runtime:
        await runtime.eval(_SETUP)
        for what, count in (("Eval", int(600 * scale)), ("Create", int(40 * scale))):
            best = {"top": float("inf"), "nested": float("inf")}
            # In turns, and the best of several: what else the machine does falls on both.
            for _ in range(5):
                for kind, before in list(best.items()):
                    started = time.perf_counter()
                    await runtime.eval(f"await many({kind}{what}, {max(4, count // 5)})")
                    best[kind] = min(before, (time.perf_counter() - started) / max(4, count // 5))
            rows.append(Row(f"embedded: nested {what.lower()}", "ms", best["nested"] * 1000))
            rows.append(Row(f"embedded: nested {what.lower()} ÷ the same by a tool of the host", "×", best["nested"] / best["top"], "≤ 2"))
    await top.dispose()
    return rows
