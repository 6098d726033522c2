"""Values, callbacks, streams of events: against V8, through both links."""

import asyncio
import datetime as dt
import gc
import math
import re

import pytest

import isolate_host as ih
from tests.support.pair import until

UTC = dt.UTC

JS_TO_PYTHON = [
    ("undefined", None),
    ("null", None),
    ("[true, 1, 1.5, -0.5, 'x', 2**53]", [True, 1, 1.5, -0.5, "x", float(2**53)]),
    ("({a: 1, b: {c: [undefined]}})", {"a": 1, "b": {"c": [None]}}),
    ("10n ** 30n", ih.BigInt(10**30)),
    ("-255n", ih.BigInt(-255)),
    ("new Date(86400000)", dt.datetime(1970, 1, 2, tzinfo=UTC)),
    ("/a+b/im", re.compile("a+b", re.IGNORECASE | re.MULTILINE)),
    ("/x/g", ih.JSRegExp("x", "g")),
    ("new Map([[1, 'a'], ['k', [2]]])", {1: "a", "k": [2]}),
    ("new Set([1, 'a'])", {1, "a"}),
    ("new Uint8Array([1, 2])", b"\x01\x02"),
    ("new Uint8Array([1, 2, 3, 4]).subarray(1, 3)", b"\x02\x03"),
    ("new Uint8Array([7]).buffer", b"\x07"),
    ("new Int32Array([-1])", ih.TypedArray("Int32Array", b"\xff" * 4)),
    ("new Float64Array([1.5])", ih.TypedArray.of("Float64Array", [1.5])),
    ("new DataView(new ArrayBuffer(2))", ih.TypedArray("DataView", b"\0\0")),
    ("[1,,3]", [1, None, 3]),
    ("({$: 'u'})", {"$": "u"}),
    ("Object('boxed')", "boxed"),
    ("'a\\ud800'", "a\ud800"),
    ("'💥'", "💥"),
]

ROUND_TRIPS = [
    None, True, 0, -1, 2**53 - 1, -(2**53), 2**64, 1.5, "", "é💥\ud800", [], {}, [[1], {"a": [None]}], {"__proto__": 1, "$": 2, "": 3},
    {1: 2, "a": "b"}, {1, 2}, b"", b"\0\xff" * 1000, dt.datetime(2024, 2, 29, 1, 2, 3, 4000, tzinfo=UTC), re.compile("(?P<n>a)|b"), ih.BigInt(1),
    ih.TypedArray.of("BigUint64Array", [2**64 - 1]), ih.JSRegExp("\\p{L}", "u"),
]  # fmt: skip


@pytest.fixture
async def rt(host):
    async with host.create_runtime() as runtime:
        yield runtime


async def test_javascript_values_in_python(rt):
    for source, expected in JS_TO_PYTHON:
        value = await rt.eval(source)
        assert value == expected, source
        assert type(value) is type(expected), source
    assert math.isnan(await rt.eval("NaN"))
    assert math.copysign(1, await rt.eval("-0")) == -1
    assert isinstance(await rt.eval("new Map([[{}, 1]])"), ih.JSMap)
    assert isinstance(await rt.eval("new Set([{}])"), ih.JSSet)


async def test_python_values_come_back_through_the_guest(rt):
    echo = await rt.eval("(value) => value")
    for value in ROUND_TRIPS:
        back = await echo(value)
        assert back == value
        assert type(back) is type(value) or isinstance(value, int)


async def test_what_python_values_are_in_javascript(rt):
    tell = await rt.eval("(value) => Object.prototype.toString.call(value) + ' ' + typeof value")
    for value, expected in [
        (None, "[object Null] object"), (ih.UNDEFINED, "[object Undefined] undefined"), (2**53, "[object BigInt] bigint"), (1.0, "[object Number] number"),
        ({1: 2}, "[object Map] object"), ({"a": 1}, "[object Object] object"), (set(), "[object Set] object"), (b"", "[object Uint8Array] object"),
        (dt.datetime.now(UTC), "[object Date] object"), (re.compile("a"), "[object RegExp] object"), ((1, 2), "[object Array] object"),
        (ValueError("x"), "[object Error] object"), (len, "[object Function] function"), (ih.JSMap([("a", 1)]), "[object Map] object"),
    ]:  # fmt: skip
        assert await tell(value) == expected


async def test_identity_and_cycles_both_ways(rt):
    value = await rt.eval("const a = {}; a.self = a; a.list = [a]; a")
    assert value["self"] is value["list"][0] is value
    loop: list = []
    loop.append(loop)
    assert await (await rt.eval("(x) => x[0] === x"))(loop) is True


async def test_what_cannot_cross_names_its_path(rt):
    with pytest.raises(ih.GuestError, match=r"\$\.items\[3\]\.callback") as caught:
        await rt.eval("({items: [1, 2, 3, {callback: Symbol('x')}]})")
    assert caught.value.name == "DataCloneError"
    echo = await rt.eval("(x) => x")
    with pytest.raises(ih.MarshalError) as refused:
        await echo({"items": [1, 2, 3, {"callback": object()}]})
    assert refused.value.path.endswith(".items[3].callback")
    assert await rt.eval("'usable'") == "usable"


async def test_errors_of_the_guest(rt):
    with pytest.raises(ih.GuestError) as caught:
        await rt.eval(
            "class MyError extends Error { name = 'MyError'; code = 'E_MINE'; extra = [1] }\n"
            "throw new MyError('bad', {cause: new TypeError('inner')})",
            filename="/app/x.js",
        )
    error = caught.value
    assert (error.name, error.message, error.guest_code, error.props["extra"]) == ("MyError", "bad", "E_MINE", [1])
    assert "/app/x.js:2" in error.stack
    assert isinstance(error.__cause__, ih.GuestError)
    assert error.__cause__.name == "TypeError"
    for thrown, text in [("'text'", "text"), ("null", "null"), ("true", "true"), ("{a: 1}", "a")]:
        with pytest.raises(ih.GuestError, match=text):
            await rt.eval(f"throw ({thrown})")


async def test_errors_of_tools(host):
    class ToolError(Exception):
        code = "E_TOOL"

    def fail(kind):
        if kind == "own":
            raise ToolError("no luck") from KeyError("why")
        if kind == "type":
            raise TypeError("not that")
        if kind == "file":
            open("/nonexistent/secret")  # noqa: SIM115, PTH123
        raise ih.PolicyDenied("not allowed", capability="tools", value="x", rule="deny")

    async with host.create_runtime(bindings=ih.Bindings(tools={"fail": fail})) as rt:
        caught = await rt.eval("try { await fail('own') } catch (e) { [e.name, e.message, e.code, e.cause.name, e instanceof Error, e.stack.includes('.py')] }")
        assert caught == ["ToolError", "no luck", "E_TOOL", "KeyError", True, False]
        assert await rt.eval("try { await fail('type') } catch (e) { e instanceof TypeError }") is True
        assert await rt.eval("try { await fail('file') } catch (e) { [e.code, e.message.includes('secret')] }") == ["ENOENT", False]
        with pytest.raises(ih.PolicyDenied, match="not allowed"):
            await rt.eval("await fail('denied')")
        with pytest.raises(ih.GuestError) as through:
            await rt.eval("await fail('own')")
        assert (through.value.name, through.value.guest_code, through.value.cause.name) == ("ToolError", "E_TOOL", "KeyError")


async def test_tools_of_every_kind(host):
    log = []

    async def later(n):
        await asyncio.sleep(0.001 * (10 - n))
        return n

    async def ticks(n):
        try:
            for i in range(n):
                try:
                    yield i
                except ih.GuestError as error:
                    yield error.message
        finally:
            log.append("cleanup")

    def handle(n):
        async def add(m):
            return handle(n + m)

        return {"value": lambda: n, "add": add}

    async def pending():
        async def bad():
            raise ValueError("late")

        return {"good": asyncio.sleep(0.01, "settled"), "bad": bad()}

    tools = {"later": later, "ticks": ticks, "handle": handle, "pending": pending, "now": lambda: 1}
    async with host.create_runtime(bindings=ih.Bindings(tools=tools)) as rt:
        assert await rt.eval("now() instanceof Promise") is True
        assert await rt.eval("Promise.all([0,1,2,3,4].map((n) => later(n)))") == [0, 1, 2, 3, 4]
        assert await rt.eval("const all = []; for await (const t of ticks(3)) all.push(t); all") == [0, 1, 2]
        assert log == ["cleanup"]
        assert await rt.eval("for await (const t of ticks(3)) { if (t === 1) break }; 'broke'") == "broke"
        await until(lambda: log == ["cleanup"] * 2)
        assert await rt.eval("const it = ticks(3)[Symbol.asyncIterator](); await it.next(); (await it.throw(new Error('thrown in'))).value") == "thrown in"
        assert await rt.eval("const h = await handle(1); const h2 = await h.add(2); await (await h2.add(3)).value()") == 6
        assert await rt.eval("const p = await pending(); [await p.good, await p.bad.catch((e) => e.message)]") == ["settled", "late"]


async def test_callbacks(host):
    async def use(callback):
        one_after_another = [await callback(n) for n in range(3)]
        return [one_after_another, await asyncio.gather(*(callback(n) for n in range(3)))]

    kept = []
    async with host.create_runtime(bindings=ih.Bindings(tools={"use": use, "keep": kept.append, "give": lambda f: f})) as rt:
        assert await rt.eval("await use(async (n) => n * 2)") == [[0, 2, 4], [0, 2, 4]]
        await rt.eval("const variable = new AsyncContext.Variable(); variable.run('inside', () => keep(() => variable.get()))")
        assert await kept[0]() == "inside"
        assert await rt.eval("const f = () => 1; (await give(f)) === f") is True
        with pytest.raises(ih.GuestError, match="from the callback"):
            await (await rt.eval("() => { throw new Error('from the callback') }"))()
        await rt.dispose()
        with pytest.raises(ih.Disposed):
            await kept[0]()


async def test_iterators_and_promises_of_the_guest(rt):
    iterator = await rt.eval("globalThis.log = []; (async function* () { try { yield 1; yield 2; yield 3 } finally { log.push('cleanup') } })()")
    assert [item async for item in iterator] == [1, 2, 3]
    iterator = await rt.eval("(async function* () { try { yield 1; yield 2 } finally { log.push('closed') } })()")
    assert await anext(iterator) == 1
    await iterator.aclose()
    assert await rt.eval("log") == ["cleanup", "closed"]
    nested = await rt.eval("({p: new Promise((resolve) => setTimeout(() => resolve(5), 5)), q: Promise.reject(new Error('q'))})")
    assert await nested["p"] == 5
    with pytest.raises(ih.GuestError, match="q"):
        await nested["q"]


async def test_references_are_given_back(host):
    async with host.create_runtime(bindings=ih.Bindings(tools={"take": lambda *functions: len(functions)})) as rt:
        for _ in range(20):
            assert await rt.eval("await take(...Array.from({length: 100}, () => () => 1))") == 100
        gc.collect()
        await until(lambda: rt.diagnostics()["references"]["held"] == 0)


async def test_cancelling_a_call_of_a_guest_function_reaches_nothing_else(rt):
    wait = await rt.eval("() => new Promise(() => {})")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(wait(), 0.05)
    assert await rt.eval("'alive'") == "alive"


async def test_events(rt):
    got = []
    off = rt.events.on("up", got.append)
    await rt.eval("globalThis.seen = []; const off = __on('down', (payload) => seen.push(payload)); __emit('up', {n: [1]})")
    await until(lambda: got == [{"n": [1]}])
    await rt.events.emit("down", {"m": 1})
    assert await rt.eval("seen") == [{"m": 1}]
    off()
    await rt.eval("off(); __emit('up', 2)")
    await rt.events.emit("down", 3)
    assert await rt.eval("seen.length") == 1
    assert len(got) == 1


async def test_large_payloads_both_ways(rt):
    data = bytes(range(256)) * 40_000
    length = await rt.eval("(bytes) => bytes.length")
    assert await length(data) == len(data)
    text = await rt.eval("'x'.repeat(5_000_000)")
    assert len(text) == 5_000_000
    assert len(await rt.eval("new Uint8Array(10_000_000).fill(7)")) == 10_000_000
