"""WebAssembly.compileStreaming and instantiateStreaming."""

from __future__ import annotations

from pathlib import Path

import pytest

import isolate_host as ih

from .conftest import Guest

# (module (func (export "f") (result i32) (i32.const 42)))
MODULE = "const bytes = new Uint8Array([0,97,115,109,1,0,0,0,1,5,1,96,0,1,127,3,2,1,0,7,5,1,1,102,0,0,10,6,1,4,0,65,42,11]); const response = (type = 'application/wasm', init = {}) => new Response(bytes, {headers: type ? {'content-type': type} : {}, ...init});"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("(await WebAssembly.instantiateStreaming(response())).instance.exports.f()", 42),
        ("(await WebAssembly.instantiateStreaming(Promise.resolve(response('Application/WASM')), {})).module instanceof WebAssembly.Module", True),
        ("WebAssembly.Module.exports(await WebAssembly.compileStreaming(response())).length", 1),
        ("['compileStreaming', 'instantiateStreaming'].map((k) => WebAssembly[k].length + k + Object.getOwnPropertyDescriptor(WebAssembly, k).enumerable)", ["1compileStreamingtrue", "1instantiateStreamingtrue"]),
    ],
)  # fmt: skip
def test_values(guest: Guest, code: str, value: object) -> None:
    assert guest.eval(MODULE + code) == value


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("response('text/plain')", "TypeError"),
        ("response('application/wasm; charset=utf-8')", "TypeError"),
        ("new Response(bytes)", "TypeError"),
        ("response('application/wasm', {status: 404, headers: {'content-type': 'application/wasm'}})", "TypeError"),
        ("bytes", "TypeError"),
        ("undefined", "TypeError"),
        ("Promise.reject(new RangeError())", "RangeError"),
        ("new Response('x', {headers: {'content-type': 'application/wasm'}})", "CompileError"),
        ("(() => { const r = response(); r.text(); return r })()", "TypeError"),
    ],
)
def test_refusals(guest: Guest, code: str, name: str) -> None:
    assert guest.eval(MODULE + f"await WebAssembly.compileStreaming({code}).catch((e) => e.name)") == name


async def test_absent_without_webassembly(tmp_path: Path) -> None:
    config = tmp_path / "host.yaml"
    config.write_text("version: 1\nisolation: {wasm: false}\nsandboxes: {default: {}}\n")
    async with ih.create_isolate_host(config=config) as host, host.create_runtime() as runtime:
        assert await runtime.eval("typeof WebAssembly") == "undefined"
