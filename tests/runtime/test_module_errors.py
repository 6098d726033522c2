"""Errors in modules, static and dynamic: the original place, a code frame, and the chain of imports."""

from __future__ import annotations

from typing import Any

import pytest

import isolate_host as ih

MODULES = {
    "/app/main.ts": 'import "./middle.ts"; export default 1',
    "/app/middle.ts": 'import { helper } from "./broken.ts"; helper()',
    "/app/broken.ts": "export interface A { x: number }\n\nexport function helper(): void {\n  const a: = 5\n}",
    "/app/throws.ts": "type Mode = 'a' | 'b'\nenum E { One = 1 }\n\nexport function fail(mode: Mode): never {\n  throw new RangeError(`no ${mode} ${E.One}`)\n}",
    "/app/missing.ts": 'import { nothing } from "./throws.ts"; export const x = nothing',
    "/app/top.ts": "const n: number = 1\nawait null\nthrow new TypeError('at the top' as string)",
    "/app/gone.ts": 'import "./not-there.ts"',
    "/app/data.json": "{ not json",
    "/app/json.ts": 'import data from "./data.json" with { type: "json" }; export default data',
    "/app/bare.ts": 'import data from "./data.json"; export default data',
}


@pytest.fixture
async def rt(host: ih.IsolateHost) -> Any:
    modules = ih.create_module_resolver()
    for name, source in MODULES.items():
        modules = modules.virtual(name, source, filename=name.rsplit("/", 1)[1], resolve_dir="/app")
    async with host.create_runtime(bindings=ih.Bindings(modules=modules), limits=ih.Limits(timeout_s=20)) as runtime:
        yield runtime


async def failure(rt: ih.Runtime, code: str) -> ih.GuestError:
    with pytest.raises(ih.GuestError) as caught:
        await rt.eval(code, "/app/entry.ts")
    assert await rt.eval("1 + 1") == 2
    return caught.value


@pytest.mark.parametrize("code", ['import "./main.ts"', 'await import("./main.ts")'])
async def test_a_syntax_error_deep_in_the_graph(rt: ih.Runtime, code: str) -> None:
    error = await failure(rt, code)
    assert error.name == "SyntaxError"
    assert "/app/broken.ts:4:12" in error.message or "/app/broken.ts:4:12" in (error.stack or "")
    assert error.frame is not None and "> 4 |   const a: = 5" in error.frame
    lines = [line.strip() for line in error.message.splitlines()[1:]]
    assert lines == ["imported from /app/middle.ts", "imported from /app/main.ts", "imported from /app/entry.ts"]


@pytest.mark.parametrize("code", ['import { fail } from "./throws.ts"; fail("a")', 'const { fail } = await import("./throws.ts"); fail("a")'])
async def test_a_throw_in_a_module(rt: ih.Runtime, code: str) -> None:
    error = await failure(rt, code)
    assert str(error) == "RangeError: no a 1"
    assert "at fail (/app/throws.ts:5:9)" in (error.stack or "")
    assert error.frame is not None and "> 5 |   throw new RangeError" in error.frame


@pytest.mark.parametrize("code", ['import "./top.ts"', 'await import("./top.ts")'])
async def test_a_throw_at_the_top_of_a_module_after_an_await(rt: ih.Runtime, code: str) -> None:
    error = await failure(rt, code)
    assert str(error) == "TypeError: at the top" and "/app/top.ts:3:7" in (error.stack or "")


async def test_a_missing_export(rt: ih.Runtime) -> None:
    error = await failure(rt, 'import "./missing.ts"')
    assert error.name == "SyntaxError" and "does not provide an export named 'nothing'" in error.message
    assert "imported by /app/missing.ts:1:" in error.message and "imported from /app/entry.ts" in error.message


@pytest.mark.parametrize("code", ['import "./gone.ts"', 'await import("./gone.ts")'])
async def test_a_module_that_is_not_there(rt: ih.Runtime, code: str) -> None:
    error = await failure(rt, code)
    assert error.guest_code == "ERR_MODULE_NOT_FOUND"
    assert "'./not-there.ts'" in error.message and "imported from /app/gone.ts" in error.message


async def test_json(rt: ih.Runtime) -> None:
    assert "/app/data.json" in str((await failure(rt, 'import "./json.ts"')).stack)
    assert '{ type: "json" }' in (await failure(rt, 'import d from "./bare.ts"; export default d')).message


async def test_an_unknown_attribute(rt: ih.Runtime) -> None:
    error = await failure(rt, 'await import("./main.ts", { with: { type: "css" } })')
    assert error.name == "TypeError" and "'css'" in error.message
