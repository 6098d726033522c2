"""What ``eval`` returns and what it raises, over both links."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime
from typing import Any

import pytest

import isolate_host as ih

pytestmark = pytest.mark.usefixtures("link")


@pytest.fixture
async def rt(host: ih.IsolateHost) -> Any:
    async with host.create_runtime(limits=ih.Limits(timeout_s=30)) as runtime:
        yield runtime


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("6 * 7", 42),
        ("0.1 + 0.2", 0.1 + 0.2),
        ("'é😀' + '\\u{1F600}'", "é😀😀"),
        ("2 ** 53", 2.0**53),
        ("-0", -0.0),
        ("1/0", math.inf),
        ("undefined", None),
        ("null", None),
        ("let a = 1", None),
        ("[1, 'x', [true, null]]", [1, "x", [True, None]]),
        ("({a: {b: [1]}, ['__proto__']: 2})", {"a": {"b": [1]}, "__proto__": 2}),
        ("new Map([[1, 'one'], ['k', {v: 2}]])", {1: "one", "k": {"v": 2}}),
        ("new Set([1, 2])", {1, 2}),
        ("new Date(0)", datetime(1970, 1, 1, tzinfo=UTC)),
        ("10n ** 30n", 10**30),
        ("new Uint8Array([1, 2, 255])", b"\x01\x02\xff"),
        ("await Promise.resolve(5)", 5),
        ("Promise.resolve(6)", 6),
        ("const x = await new Promise(r => setTimeout(r, 5, 'late')); x", "late"),
        ("for (let i = 0; i < 3; i++) i * 2", 4),
        ("export default 7", 7),
        ("export const q = 1", None),
        ("const n: number = 8; n", 8),
        ("enum E { A = 3 } E.A", 3),
        ("function id<T>(x: T): T { return x } id<string>('generic')", "generic"),
        ("class R { [Symbol.dispose]() { globalThis.gone = true } } { using r = new R() } globalThis.gone", True),
        ("new Intl.NumberFormat('de').format(1234.5)", "1.234,5"),
        ("new Date(Date.UTC(2026, 0, 2)).toLocaleDateString('en-GB', { timeZone: 'UTC' })", "02/01/2026"),
    ],
)
async def test_completion_values(rt: ih.Runtime, code: str, value: Any) -> None:
    result = await rt.eval(code)
    assert result == value
    assert type(result) is type(value) or isinstance(value, int)


async def test_bigint_keeps_its_kind(rt: ih.Runtime) -> None:
    assert isinstance(await rt.eval("5n"), ih.BigInt)
    assert isinstance(await rt.eval("5"), int) and not isinstance(await rt.eval("5"), ih.BigInt)


async def test_globals_and_declarations_persist(rt: ih.Runtime) -> None:
    await rt.eval("let count = 1; function bump() { return ++count } globalThis.kept = 'yes'")
    assert await rt.eval("bump()") == 2
    assert await rt.eval("let count = 10; count") == 10
    assert await rt.eval("kept") == "yes"


async def test_runtimes_share_nothing(host: ih.IsolateHost) -> None:
    async with host.create_runtime() as one, host.create_runtime() as two:
        await one.eval("globalThis.secret = 1; Array.prototype.polluted = 1")
        assert await two.eval("[typeof secret, [].polluted]") == ["undefined", None]


async def test_random_numbers_differ_between_siblings(host: ih.IsolateHost) -> None:
    runtimes = [await host.create_runtime() for _ in range(6)]
    values = [await runtime.eval("[Math.random(), Math.random()].join()") for runtime in runtimes]
    assert len(set(values)) == len(values)


async def test_a_thrown_error_names_file_line_and_function(rt: ih.Runtime) -> None:
    with pytest.raises(ih.GuestError) as caught:
        await rt.eval("type T = number\nfunction deep(x: T): never {\n  throw new RangeError('too deep')\n}\ndeep(1)", "/app/main.ts")
    error = caught.value
    assert (error.name, error.message) == ("RangeError", "too deep")
    assert "at deep (/app/main.ts:3:9)" in (error.stack or "")
    assert "/app/main.ts:5:1" in (error.stack or "")
    assert error.frame is not None and "> 3 |   throw new RangeError" in error.frame
    assert await rt.eval("'still usable'") == "still usable"


async def test_error_details_cross(rt: ih.Runtime) -> None:
    with pytest.raises(ih.GuestError) as caught:
        await rt.eval("throw Object.assign(new Error('outer', { cause: new TypeError('inner') }), { code: 'E_X', extra: [1] })")
    error = caught.value
    assert (error.guest_code, error.props["extra"]) == ("E_X", [1])
    assert isinstance(error.cause, ih.GuestError) and str(error.cause) == "TypeError: inner"


@pytest.mark.parametrize(
    "thrown",
    [
        "null", "undefined", "'text'", "42", "Symbol('s')", "10n", "({ get name() { throw 1 } })", "new Date(NaN)", "() => 1",
        "new Proxy({}, { get() { throw 2 }, has() { throw 3 }, ownKeys() { throw 4 } })", "({ then(r) { throw 1 } })", "new (class extends Error { get message() { throw 5 } })()",
        "Object.assign(new Error('m'), { stack: 5, cause: globalThis })", "Object.create(null)",
    ],
)
async def test_anything_may_be_thrown(rt: ih.Runtime, thrown: str) -> None:
    with pytest.raises(ih.IsolateHostError):
        await rt.eval(f"throw ({thrown})")
    assert await rt.eval("1 + 1") == 2


@pytest.mark.parametrize(
    ("code", "filename", "line", "column"),
    [("let a = ;", "/a.js", 1, 9), ("foo(", "/a.js", 1, 5), ("let ok = 1\nlet b: = 2", "/a.ts", 2, 8), ("export const = 3", "/a.mjs", 1, 14)],
)
async def test_syntax_errors_say_where(rt: ih.Runtime, code: str, filename: str, line: int, column: int) -> None:
    with pytest.raises(ih.GuestError, match="^SyntaxError") as caught:
        await rt.eval(code, filename)
    assert f"{filename}:{line}:{column}" in (caught.value.stack or "")
    assert caught.value.frame is not None and "^" in caught.value.frame


async def test_unhandled_rejections_fail_the_eval(rt: ih.Runtime) -> None:
    with pytest.raises(ih.GuestError, match="nobody caught"):
        await rt.eval("Promise.reject(new Error('nobody caught')); 1")
    assert await rt.eval("Promise.reject(1).catch(() => {}); 2") == 2


async def test_what_can_never_settle_is_reported_at_once(rt: ih.Runtime) -> None:
    with pytest.raises(ih.GuestError) as caught:
        await rt.eval("await new Promise(() => {})")
    assert caught.value.guest_code == "ERR_UNSETTLED_TOP_LEVEL_AWAIT"
    assert await rt.eval("3") == 3


@pytest.mark.parametrize("code", ["Symbol('x')", "({ deep: [1, { s: Symbol() }] })", "new WeakMap()", "new Proxy({ a: 1 }, { ownKeys() { throw 1 } })"])
async def test_values_that_cannot_cross_name_their_path(rt: ih.Runtime, code: str) -> None:
    with pytest.raises(ih.IsolateHostError) as caught:
        await rt.eval(code)
    assert isinstance(caught.value, (ih.MarshalError, ih.GuestError))
    assert await rt.eval("'alive'") == "alive"


async def test_deep_and_huge_values(rt: ih.Runtime) -> None:
    with pytest.raises(ih.IsolateHostError):
        await rt.eval("let v = []; for (let i = 0; i < 100000; i++) v = [v]; v")
    assert len(await rt.eval("'x'.repeat(5_000_000)")) == 5_000_000
    assert len(await rt.eval("new Uint8Array(8 << 20)")) == 8 << 20
    with pytest.raises(ih.GuestError, match="RangeError"):
        await rt.eval("(function f() { f() })()")


async def test_cycles_and_identity(rt: ih.Runtime) -> None:
    value = await rt.eval("const o = { list: [] }; o.self = o; o.list.push(o, o.list); o")
    assert value["self"] is value
    assert value["list"][0] is value and value["list"][1] is value["list"]


async def test_functions_of_the_guest_can_be_called(rt: ih.Runtime) -> None:
    add = await rt.eval("async (a, b) => a + b")
    assert await add(1, 2) == 3
    boom = await rt.eval("() => { throw new TypeError('from inside') }")
    with pytest.raises(ih.GuestError, match="from inside"):
        await boom()


async def test_async_iterators_of_the_guest(rt: ih.Runtime) -> None:
    numbers = await rt.eval("globalThis.cleaned = 0; (async function* () { try { for (let i = 0; ; i++) yield i } finally { cleaned++ } })()")
    seen = []
    async for number in numbers:
        seen.append(number)
        if number == 3:
            break
    await numbers.aclose()
    assert seen == [0, 1, 2, 3]
    assert await rt.eval("cleaned") == 1


async def test_evals_queue(rt: ih.Runtime) -> None:
    await rt.eval("globalThis.order = []")
    code = "order.push('start' + {0}); await new Promise(r => setTimeout(r, 10)); order.push('end' + {0})"
    await asyncio.gather(*(rt.eval(code.replace("{0}", str(i))) for i in range(3)))
    assert await rt.eval("order") == ["start0", "end0", "start1", "end1", "start2", "end2"]


async def test_patched_builtins_do_not_reach_the_surface(rt: ih.Runtime) -> None:
    await rt.eval(
        """
        globalThis.spied = [];
        for (const k of ['call', 'apply', 'bind']) { const f = Function.prototype[k]; Function.prototype[k] = function (...a) { spied.push(k); return Reflect.apply(f, this, a) } }
        Array.prototype.push = () => { throw 1 }; Array.prototype[Symbol.iterator] = () => { throw 2 }; JSON.stringify = () => '{bad'; JSON.parse = () => ({ forged: true });
        Promise.prototype.then = () => { throw 3 }; Map.prototype.get = null; Object.prototype.toJSON = () => 'forged'; Object.prototype.t = 'ok'; String.prototype.slice = null; 0
        """,
        "/patch.js",
    )
    assert await rt.eval("({ a: [1, 2], m: new Map().set(1, 2) })", "/x.js") == {"a": [1, 2], "m": {1: 2}}
    with pytest.raises(ih.GuestError, match="still fine"):
        await rt.eval("throw new Error('still fine')", "/x.js")


async def test_use_after_dispose(host: ih.IsolateHost) -> None:
    runtime = await host.create_runtime()
    await runtime.dispose()
    await runtime.dispose()
    with pytest.raises(ih.Disposed):
        await runtime.eval("1")
    assert host.diagnostics()["runtimes"] == 0


async def test_events_both_ways(rt: ih.Runtime) -> None:
    seen: list[Any] = []
    off = rt.events.on("out", seen.append)
    await rt.eval("globalThis.got = []; globalThis.stop = __on('in', p => got.push(p)); __emit('out', { n: 1 })")
    await rt.events.emit("in", {"json": [1, None]})
    assert await rt.eval("got") == [{"json": [1, None]}]
    assert seen == [{"n": 1}]
    off()
    await rt.eval("__emit('out', 2); stop()")
    await rt.events.emit("in", 3)
    assert await rt.eval("got.length") == 1
    assert seen == [{"n": 1}]


async def test_console_shows_what_promises_and_iterators_hold(host: ih.IsolateHost) -> None:
    lines: list[str] = []
    async with host.create_runtime(bindings=ih.Bindings(console=lambda entry, ctx: lines.append(entry.text))) as runtime:
        await runtime.eval(
            "const bad = Promise.reject(3); bad.catch(() => {});"
            "console.log(Promise.resolve({ a: 1 }), new Promise(() => {}), bad);"
            "console.log(new Map([[1, { b: 2 }]]).entries(), new Set([1, 2]).values(), new Map([[1, 2]]).keys())",
            "/show.js",
        )
    # Word for word what Node 20 prints.
    assert lines == [
        "Promise { { a: 1 } } Promise { <pending> } Promise { <rejected> 3 }",
        "[Map Entries] { [ 1, { b: 2 } ] } [Set Iterator] { 1, 2 } [Map Iterator] { 1 }",
    ]
