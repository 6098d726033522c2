"""What the configuration says of isolation is what guests get."""

from __future__ import annotations

from typing import Any

import pytest

HOST = "version: 1\nplugins: [console, tools, modules]\nisolation: {{{0}}}\nsandboxes: {{default: {{}}}}\n"


@pytest.mark.parametrize(
    ("isolation", "wasm"),
    [("jit: full", "object"), ("jit: baseline", "object"), ("jit: off", "undefined"), ("wasm: false", "undefined")],
)
async def test_engine_modes(start_host: Any, isolation: str, wasm: str) -> None:
    host = await start_host(HOST.format(isolation))
    async with host.create_runtime() as runtime:
        assert await runtime.eval("typeof WebAssembly", "/w.js") == wasm
        assert await runtime.eval("let s = 0; for (let i = 0; i < 1e5; i++) s += i % 7; s", "/hot.js") == 299_995
        assert await runtime.eval("enum E { A = 3 } const r: number = E.A; r") == 3
        assert await runtime.eval("await import('data:,x').catch(e => e instanceof Error)", "/i.js") is True


async def test_effective_layers_are_in_diagnostics(start_host: Any) -> None:
    host = await start_host()
    async with host.create_runtime() as runtime:
        layers = runtime.diagnostics()["isolation"]
        assert layers["seccomp"] == layers["no_new_privs"] == layers["rlimits"] == "on"
    told = await host.diagnostics()
    assert told["isolation"]["seccomp"] == "on"
    assert told["runtimes"] == 0 and told["connected"] is True
