"""The console: Node's text for every kind of value, and entries that hostile code can neither stop nor falsify."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Guest

GOLDEN = json.loads((Path(__file__).parent / "golden" / "console.json").read_text())


@pytest.fixture
def console(new_guest: Callable[[], Guest]) -> Guest:
    """An isolate with a console."""
    guest = new_guest()
    guest.init({"console": {}})
    return guest


def entries(guest: Guest, source: str) -> list[dict[str, Any]]:
    """The entries that ``source`` produces."""
    before = len(guest.frames)
    guest.eval(source)
    return [frame.value[0] for frame in guest.frames[before:] if frame.kind == "note" and frame.header["cap"] == "console"]


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["source"][:60])
def test_text_equals_nodes(console: Guest, case: dict[str, str]) -> None:
    (entry,) = entries(console, f"(function () {{ {case['source']} }})()")
    assert entry["text"] == case["text"]


def test_levels_types_and_depth(console: Guest) -> None:
    found = entries(
        console,
        """console.log(1); console.info(1); console.debug(1); console.warn(1); console.error(1);
        console.group('outer'); console.groupCollapsed('inner'); console.log('deep'); console.groupEnd(); console.groupEnd(); console.groupEnd();
        console.log('flat'); console.clear(); console.assert(true, 'no'); console.assert(false, 'yes'); console.countReset('nope');""",
    )
    shape = [(e["type"], e["level"], e["group_depth"]) for e in found]
    assert shape == [
        ("output", "log", 0), ("output", "info", 0), ("output", "debug", 0), ("output", "warn", 0), ("output", "error", 0),
        ("group", "log", 0), ("group", "log", 1), ("output", "log", 2), ("groupEnd", "log", 1), ("groupEnd", "log", 0), ("groupEnd", "log", 0),
        ("output", "log", 0), ("clear", "log", 0), ("assert", "error", 0), ("countReset", "warn", 0),
    ]  # fmt: skip
    assert found[6]["collapsed"] is True and found[5]["label"] == "outer"
    assert found[-1]["text"] == "Count for 'nope' does not exist"


def test_timers_and_counters(console: Guest) -> None:
    found = entries(
        console,
        """console.time('t'); console.time('t'); console.timeLog('t', {a: 1}); console.timeEnd('t'); console.timeEnd('t');
        console.count('c'); console.count('c'); console.countReset('c'); console.count('c');""",
    )
    again, log, end, missing = found[:4]
    assert again["text"] == "Label 't' already exists for console.time()" and again["level"] == "warn"
    assert log["type"] == "timeLog" and re.fullmatch(r"t: [\d.]+ms \{ a: 1 \}", log["text"]) and log["duration_ms"] >= 0
    assert end["type"] == "time" and re.fullmatch(r"t: [\d.]+ms", end["text"])
    assert missing["text"] == "No such label 't' for console.timeEnd()"
    assert [(e["type"], e.get("count")) for e in found[4:]] == [("count", 1), ("count", 2), ("countReset", None), ("count", 1)]


def test_trace_has_the_callers_stack(console: Guest) -> None:
    (entry,) = entries(console, "(function outer() { console.trace('here %d', 1) })()")
    assert entry["type"] == "trace"
    assert entry["text"].startswith("Trace: here 1\n    at outer (/test.js:1:")
    assert entry["stack"].startswith("    at outer (/test.js:1:")


def test_error_shows_stack_and_cause(console: Guest) -> None:
    (entry,) = entries(console, "console.error(new TypeError('bad', {cause: new Error('why')}))")
    assert entry["text"].startswith("TypeError: bad\n    at /test.js:1:15 {\n  [cause]: Error: why\n      at /test.js")


HOSTILE = {
    "throwing getter": "({get a() { throw new Error('gotcha') }, b: 1})",
    "throwing proxy": "new Proxy({}, {get() { throw 1 }, ownKeys() { throw 2 }, getPrototypeOf() { throw 3 }})",
    "revoked proxy": "(() => { const r = Proxy.revocable({}, {}); r.revoke(); return r.proxy })()",
    "throwing toString": "({toString() { throw 1 }, [Symbol.toPrimitive]() { throw 2 }})",
    "throwing tag": "({get [Symbol.toStringTag]() { throw 1 }})",
    "error with strange stack": "Object.assign(new Error('x'), {stack: {a: 1}})",
    "error with throwing stack": "Object.defineProperty(new Error('x'), 'stack', {get() { throw 1 }})",
    "throwing constructor": "Object.create({get constructor() { throw 1 }})",
    "endless getter": "({get next() { return {__proto__: Object.getPrototypeOf(this), get next() { return this } } }})",
    "deep": "(() => { let o = {}; for (let i = 0; i < 20000; i++) o = {o}; return o })()",
    "wide": "Object.fromEntries(Array.from({length: 5000}, (_, i) => ['k' + i, i]))",
    "fake date": "Object.create(Date.prototype)",
    "fake map": "Object.create(Map.prototype)",
    "fake promise": "Object.create(Promise.prototype)",
    "fake error": "Object.create(Error.prototype)",
    "null prototype with tag": "({__proto__: null, [Symbol.toStringTag]: 'Map'})",
    "symbol": "Symbol()",
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_values_still_arrive(console: Guest, value: str) -> None:
    found = entries(console, f"for (const m of ['log', 'dir', 'table', 'error', 'assert']) m === 'assert' ? console.assert(false, {value}) : console[m]({value}); 1")
    assert len(found) == 5
    assert all(isinstance(entry["text"], str) for entry in found)


PATCHES = {
    "array": "for (const k of Object.getOwnPropertyNames(Array.prototype)) if (k !== 'constructor') try { Array.prototype[k] = () => { throw new Error('patched ' + k) } } catch {}",
    "array iterator": "Array.prototype[Symbol.iterator] = function* () { yield 'stolen' }",
    "string": "for (const k of Object.getOwnPropertyNames(String.prototype)) if (k !== 'constructor') try { String.prototype[k] = () => { throw new Error('patched ' + k) } } catch {}",
    "map": "for (const k of ['get', 'set', 'has', 'delete', 'forEach']) Map.prototype[k] = () => { throw new Error('patched ' + k) }",
    "json": "JSON.stringify = JSON.parse = () => 'forged'",
    "object": "Object.keys = Object.create = Object.defineProperty = () => { throw new Error('patched') }",
    "regexp": "RegExp.prototype.exec = RegExp.prototype.test = () => { throw new Error('patched') }",
    "function": "Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => { throw new Error('patched') }",
    "reflect": "Reflect.apply = Reflect.ownKeys = () => { throw new Error('patched') }",
    "pollution": "Object.prototype.type = 'forged'; Object.prototype.toJSON = () => 'forged'; Object.prototype.get = () => 1; Object.prototype[Symbol.asyncIterator] = () => 1",
    "index setter": "Object.defineProperty(Array.prototype, '0', {set(v) { throw new Error('patched') }, configurable: true})",
    "globals": "globalThis.Map = globalThis.Set = globalThis.Promise = globalThis.Error = globalThis.Object = undefined",
}


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES.keys())
def test_patched_builtins_lose_nothing(console: Guest, patch: str) -> None:
    found = entries(console, patch + "; console.log('text', 1); console.log({a: [1, 'x']}, 'y'); console.count(); console.table([{a: 1}]); console.log('%s', 1); 1")
    assert len(found) == 5
    assert (found[0]["type"], found[0]["text"]) == ("output", "text 1")
    assert found[2]["text"] == "default: 1"


def test_detached_methods_work(console: Guest) -> None:
    (entry,) = entries(console, "const {log} = console; log('free'); 1")
    assert entry["text"] == "free"


def test_shape_of_the_object(console: Guest) -> None:
    assert console.eval("Object.prototype.toString.call(console)") == "[object console]"
    assert console.eval("Object.keys(Object.getOwnPropertyDescriptor(globalThis, 'console')).length && !Object.keys(globalThis).includes('console')")
    assert console.eval("console.log.name + console.log.length + ('prototype' in console.log)") == "log0false"


def test_without_the_capability_console_is_silent(guest: Guest) -> None:
    assert guest.eval("console.log('nobody'); typeof console.log") == "function"
    assert guest.of("note") == []


def test_the_keys_of_a_vast_array_are_not_listed(console: Guest) -> None:
    """Ten million of them would be gigabytes; of smaller ones, what stands beside the elements is shown."""
    small, vast, bytes_ = entries(
        console,
        "const small = [1]; small.x = 2; const vast = new Array(200_000).fill(1); vast.x = 2; console.log(small); console.log(vast); console.log(new Uint8Array(200_000)); 1",
    )
    assert small["text"] == "[ 1, x: 2 ]"
    assert vast["text"].endswith("... 199900 more items\n]") and "x: 2" not in vast["text"]
    assert bytes_["text"].startswith("Uint8Array(200000) [")


@pytest.mark.parametrize(
    ("code", "shown"),
    [("new Headers({a: '1'})", "Headers { a: '1' }"), ("new Response('x', {status: 201})", "Response { status: 201,"), ("new Request('http://h/')", "Request {")],
)
def test_objects_of_fetch_are_shown_although_their_method_is_hidden(console: Guest, code: str, shown: str) -> None:
    (entry,) = entries(console, f"console.log({code}); 1")
    assert entry["text"].replace("\n ", "").startswith(shown)
