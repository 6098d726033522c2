"""Values to value JSON and back: every kind, identity, and what cannot cross."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Guest

ENCODED = {
    "'text \\u{1F600} \\u0000'": "text \U0001f600 \x00",
    "1.5": 1.5,
    "null": None,
    "undefined": {"$": "u"},
    "-0": {"$": "n", "v": "-0"},
    "[NaN, Infinity, -Infinity]": [{"$": "n", "v": v} for v in ("NaN", "Infinity", "-Infinity")],
    "[-255n, 0n]": [{"$": "big", "v": "-ff"}, {"$": "big", "v": "0"}],
    "[1,,undefined]": [1, {"$": "hole"}, {"$": "u"}],
    "new Date(7)": {"$": "date", "v": 7},
    "new Date(NaN)": {"$": "date", "v": None},
    "/a\\/b/giu": {"$": "re", "s": "a\\/b", "f": "giu"},
    "new Map([[{a: 1}, new Set([1])]])": {"$": "map", "v": [[{"a": 1}, {"$": "set", "v": [1]}]]},
    "[Object(1), Object('s'), Object(true), Object(2n)]": [
        {"$": "box", "v": 1}, {"$": "box", "v": "s"}, {"$": "box", "v": True}, {"$": "box", "v": {"$": "big", "v": "2"}},
    ],
    "({$: 1, b: 2})": {"$": "obj", "v": [["$", 1], ["b", 2]]},
    "({['__proto__']: 1, constructor: 2})": {"__proto__": 1, "constructor": 2},
    "(() => { const a = [1]; return {a, b: a} })()": {"a": [1], "b": {"$": "ref", "i": 1}},
    "(() => { const m = new Map(); m.set('me', m); return [m] })()": [{"$": "map", "v": [["me", {"$": "ref", "i": 1}]]}],
    "new (class P { x = 1; #y = 2; get z() { return 3 } })()": {"x": 1},
    "Object.create({inherited: 1}, {own: {value: 1, enumerable: true}, hidden: {value: 2}})": {"own": 1},
}  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), ENCODED.items(), ids=ENCODED.keys())
def test_encoded(guest: Guest, source: str, expected: Any) -> None:
    request = guest.start(f"({source})")
    assert json.loads(guest.reply(request).body) == expected


def test_bytes_cross_as_segments(guest: Guest) -> None:
    request = guest.start(
        "const b = new Uint8Array([1, 2, 3, 4]).buffer; [b, new Uint8Array(b, 1, 2), new DataView(b, 2), new Uint16Array(b), new Uint8Array()]"
    )
    frame = guest.reply(request)
    assert [node["k"] for node in frame.value] == ["ArrayBuffer", "Uint8Array", "DataView", "Uint16Array", "Uint8Array"]
    assert frame.segments == [b"\1\2\3\4", b"\2\3", b"\3\4", b"\1\2\3\4", b""]


def test_bytes_are_a_snapshot(guest: Guest) -> None:
    guest.eval("const view = new Uint8Array([1]); __emit('e', view); view[0] = 9; 1")
    assert guest.of("note")[0].segments == [b"\1"]


def test_errors_keep_what_matters(guest: Guest) -> None:
    node = guest.eval("Object.assign(new RangeError('bad', {cause: [1]}), {code: 'E_BAD', extra: {deep: true}, errors: 'not a list'})")
    assert (node["name"], node["message"], node["cause"], node["code"]) == ("RangeError", "bad", [1], "E_BAD")
    assert node["props"] == {"extra": {"deep": True}, "errors": "not a list"}
    node = guest.eval("new AggregateError([new Error('one')], 'many')")
    assert [error["message"] for error in node["errors"]] == ["one"]
    node = guest.eval("new DOMException('stop', 'AbortError')")
    assert (node["name"], node["message"]) == ("AbortError", "stop")


REFUSED = {
    "Symbol('x')": "$ cannot cross to the host: it is a symbol",
    "({items: [0, 1, 2, {callback: Symbol()}]})": "$.items[3].callback cannot",
    "({'a-b': [new WeakMap()]})": '$["a-b"][0] cannot',
    "[new WeakRef({})]": "$[0] cannot",
    "({get x() { throw new TypeError('no') }})": "$.x cannot cross to the host: reading it threw TypeError: no",
    "new Proxy({}, {ownKeys() { throw 1 }})": "reading it threw 1",
    "[new Proxy(new Map(), {})]": "$[0] cannot cross to the host: it is a proxy",
    "Object.create(Date.prototype)": "it is a proxy or an object with a borrowed prototype",
    "new Map([['k', {v: Symbol()}]])": "$.k.v cannot",
    "(() => { let o = {}; for (let i = 0; i < 200; i++) o = {o}; return o })()": "nested more than 100 levels deep",
    "(() => { const b = new ArrayBuffer(1); structuredClone(b, {transfer: [b]}); return b })()": "a detached ArrayBuffer",
    "(() => { const r = Proxy.revocable({}, {}); r.revoke(); return {p: r.proxy} })()": "$.p cannot",
}


@pytest.mark.parametrize(("source", "message"), REFUSED.items(), ids=REFUSED.keys())
def test_what_cannot_cross_names_the_path(guest: Guest, source: str, message: str) -> None:
    node = guest.error(source)
    assert node["name"] == "DataCloneError"
    assert message in node["message"]


def test_arguments_are_numbered(guest: Guest) -> None:
    node = guest.error("__emit('e', {a: [Symbol()]})")
    assert node["message"].startswith("$[1].a[0] (argument 2) cannot") or "(argument 2)" in node["message"]


def test_a_failed_value_leaves_no_lease(guest: Guest) -> None:
    guest.error("({f() {}, s: Symbol()})")
    request = guest.start("await new Promise(() => {})")
    assert not [frame for frame in guest.frames if frame.header.get("id") == request]
    assert guest.outlook == -2  # nothing holds the guest: no lease was left behind


@pytest.mark.parametrize(
    "thrown", ["Symbol('t')", "undefined", "null", "'text'", "({a: Symbol()})", "Object.assign(new Error('e'), {s: Symbol()})",
               "new Proxy({}, {get() { throw 1 }, ownKeys() { throw 2 }, getPrototypeOf() { throw 3 }})",
               "Object.assign(new Error('e'), {get name() { throw 1 }})", "Object.defineProperty(new Error('e'), 'stack', {get() { throw 1 }})"],
)  # fmt: skip
def test_anything_thrown_arrives(guest: Guest, thrown: str) -> None:
    request = guest.start(f"throw {thrown}")
    assert guest.reply(request).kind == "err"


DECODED = [
    (["x", 1, None, True, {"a": [1]}], "v[0] === 'x' && v[2] === null && v[4].a[0] === 1"),
    ([{"$": "u"}, {"$": "hole"}, 1], "v.length === 3 && v[0] === undefined && !(1 in v) && v[2] === 1"),
    ({"$": "n", "v": "-0"}, "Object.is(v, -0)"),
    ({"$": "n", "v": "NaN"}, "Number.isNaN(v)"),
    ({"$": "big", "v": "-ff"}, "v === -255n"),
    ({"$": "date", "v": 5}, "v instanceof Date && v.getTime() === 5"),
    ({"$": "date", "v": None}, "Number.isNaN(v.getTime())"),
    ({"$": "re", "s": "a", "f": "g"}, "v instanceof RegExp && v.flags === 'g'"),
    ({"$": "map", "v": [["a", {"$": "set", "v": [1]}]]}, "v instanceof Map && v.get('a').has(1)"),
    ({"$": "box", "v": "s"}, "typeof v === 'object' && v.valueOf() === 's'"),
    ({"$": "obj", "v": [["$", 1], ["__proto__", 2]]}, "v.$ === 1 && Object.keys(v).join() === '$,__proto__' && Object.getPrototypeOf(v) === Object.prototype"),
    ({"__proto__": {"polluted": 1}, "x": {"$": "u"}}, "Object.keys(v).join() === '__proto__,x' && v.polluted === undefined"),
    ({"a": {"b": 1}, "again": {"$": "ref", "i": 2}, "root": {"$": "ref", "i": 1}}, "v.again === v.a && v.root === v"),
    ({"$": "err", "name": "TypeError", "message": "m", "code": "E", "cause": 1, "props": {"p": 2}}, "v instanceof TypeError && v.message === 'm' && v.code === 'E' && v.cause === 1 && v.p === 2 && v.stack.startsWith('TypeError: m')"),
    ({"$": "err", "name": "ToolError", "message": "m"}, "v instanceof Error && v.name === 'ToolError' && String(v) === 'ToolError: m'"),
    ({"$": "err", "name": "AbortError", "message": "m"}, "v instanceof DOMException && v.code === 20"),
    ({"$": "err", "name": "AggregateError", "message": "m", "errors": [1]}, "v instanceof AggregateError && v.errors[0] === 1"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "check"), DECODED, ids=[str(value)[:60] for value, _ in DECODED])
def test_decoded(guest: Guest, value: Any, check: str) -> None:
    guest.eval("__on('v', (v) => { globalThis.v = v }); 1")
    guest.send({"t": "note", "cap": "events", "op": "emit"}, ["v", value])
    assert guest.eval(check) is True


def test_bytes_decoded(guest: Guest) -> None:
    guest.eval("__on('v', (v) => { globalThis.v = v }); 1")
    nodes = [{"$": "bin", "k": kind, "b": i} for i, kind in enumerate(("Uint8Array", "ArrayBuffer", "Float64Array", "DataView"))]
    guest.send({"t": "note", "cap": "events", "op": "emit"}, ["v", nodes], (b"\1\2", b"\3", b"\0" * 8, b"\4"))
    assert guest.eval("v[0] instanceof Uint8Array && v[0][1] === 2 && new Uint8Array(v[1])[0] === 3 && v[2][0] === 0 && v[3].getUint8(0) === 4") is True


@pytest.mark.parametrize("node", [{"$": "nope"}, {"$": "ref", "i": 9}, {"$": "bin", "k": "Uint8Array", "b": 7}, {"$": "x", "k": "Nope", "v": 1}])
def test_broken_frames_are_reported_not_fatal(guest: Guest, node: dict[str, Any]) -> None:
    guest.send({"t": "note", "cap": "events", "op": "emit"}, ["v", node])
    assert len(guest.of("w.reject")) == 1
    assert guest.eval("1 + 1") == 2
