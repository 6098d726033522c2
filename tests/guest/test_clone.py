"""structuredClone, by the HTML algorithm."""

from __future__ import annotations

import pytest

from .conftest import Guest

SAME = """const same = (a, b, seen = new Map()) => { if (Object.is(a, b)) return true; if (typeof a !== 'object' || !a || !b) return false; if (seen.has(a)) return seen.get(a) === b; seen.set(a, b);
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
  if (a instanceof Date || a instanceof Number || a instanceof String || a instanceof Boolean) return Object.is(a.valueOf(), b.valueOf());
  if (a instanceof RegExp) return String(a) === String(b) && b.lastIndex === 0;
  if (a instanceof ArrayBuffer) return same(new Uint8Array(a), new Uint8Array(b), seen);
  if (ArrayBuffer.isView(a)) return a.byteOffset === b.byteOffset && a.byteLength === b.byteLength && same(a.buffer, b.buffer, seen) || a instanceof Uint8Array && String(a) === String(b);
  if (a instanceof Map || a instanceof Set) return same([...a], [...b], seen);
  const keys = Object.keys(a); return keys.length === Object.keys(b).length && (a.length === b.length) && keys.every((k) => Object.hasOwn(b, k) && same(a[k], b[k], seen)) };
"""
VALUES = [
    "undefined", "-0", "NaN", "10n", "'x'", "new Date(5)", "new Date(NaN)", "/a/gi", "Object(1)", "Object('s')", "Object(true)", "Object(1n)",
    "[1,,3]", "Object.assign([1], {extra: 2})", "({a: {b: [1, {c: 2}]}})", "new Map([[{k: 1}, new Set([1, [2]])]])", "new Uint8Array([1, 2]).buffer",
    "new Uint16Array(new ArrayBuffer(8), 2, 2)", "new Float16Array(new ArrayBuffer(8), 2, 2)", "new DataView(new ArrayBuffer(4), 1, 2)", "({'__proto__': 1, ['__proto__']: {x: 1}})",
    "(() => { const o = {}; o.self = o; o.list = [o]; return o })()", "(() => { const m = new Map(); m.set(m, m); return m })()",
    "(() => { const b = new ArrayBuffer(4); return [new Uint8Array(b), new Uint8Array(b, 1)] })()",
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES)
def test_copies(guest: Guest, value: str) -> None:
    assert guest.eval(f"{SAME} const a = {value}, b = structuredClone(a); same(a, b) && (typeof a !== 'object' || a !== b)") is True


@pytest.mark.parametrize("value", ["() => 1", "Symbol()", "new WeakMap()", "Promise.resolve()", "Object(Symbol())", "[new WeakRef({})]", "({f() {}})", "new Proxy(new Map(), {})", "new EventTarget()", "new AbortController().signal", "new Event('x')", "globalThis.performance"])  # fmt: skip
def test_refuses(guest: Guest, value: str) -> None:
    node = guest.error(f"structuredClone({value})")
    assert node["name"] == "DataCloneError"


def test_details(guest: Guest) -> None:
    assert guest.eval("class P { x = 1; get y() { return 2 } } const c = structuredClone(new P()); [c.constructor === Object, Object.keys(c).join()]") == [True, "x"]
    assert guest.eval("const e = structuredClone(Object.assign(new RangeError('m', {cause: {a: 1}}), {lost: 1})); [e instanceof RangeError, e.message, e.cause.a, 'lost' in e, typeof e.stack, Object.keys(e).length]") == [True, "m", 1, False, "string", 0]
    assert guest.eval("const c1 = new (class Custom extends Error { name = 'Custom' })('m'); const c2 = structuredClone(c1); [c2.name, Object.getPrototypeOf(c2) === Error.prototype]") == ["Error", True]
    assert guest.eval("const d = structuredClone(new DOMException('m', 'AbortError')); [d instanceof DOMException, d.name, d.code, d.message]") == [True, "AbortError", 20, "m"]
    assert guest.eval("const [x, y] = structuredClone((() => { const b = new ArrayBuffer(4); return [new Uint8Array(b), new Uint8Array(b, 1)] })()); x.buffer === y.buffer") is True
    assert guest.eval("const r = new ArrayBuffer(2, {maxByteLength: 8}); const s = structuredClone(r); [s.resizable, s.maxByteLength]") == [True, 8]
    assert guest.eval("const order = []; structuredClone({get a() { order.push('a'); return {get b() { order.push('b') }} }, get c() { order.push('c') }}); order.join('')") == "abc"
    assert guest.error("structuredClone({get x() { throw new RangeError('mine') }})")["message"] == "mine"
    assert guest.error("structuredClone()")["name"] == "TypeError"
    assert guest.eval("{ let o = {}; for (let i = 0; i < 50000; i++) o = i % 2 ? {o} : [o]; let c = structuredClone(o), n = 0; while ((c = c.o ?? c[0])) n++; n }") == 50000


def test_transfer(guest: Guest) -> None:
    assert guest.eval(
        "const b = new Uint8Array([1, 2, 3]).buffer; const c = structuredClone({b, v: new Uint8Array(b, 1)}, {transfer: [b]}); [b.byteLength, b.detached, c.b.byteLength, c.v[0], c.v.buffer === c.b]"
    ) == [0, True, 3, 2, True]  # fmt: skip
    assert guest.eval("const d = new ArrayBuffer(8); structuredClone(1, {transfer: [d]}); d.detached") is True
    for source in ("structuredClone(1, {transfer: [{}]})", "const b = new ArrayBuffer(1); structuredClone(1, {transfer: [b, b]})", "const b = new ArrayBuffer(1); structuredClone(b, {transfer: [b]}); structuredClone(b)"):
        assert guest.error(f"{{ {source} }}")["name"] == "DataCloneError"
    assert guest.eval("const k = new ArrayBuffer(4); try { structuredClone({k, f() {}}, {transfer: [k]}) } catch {} k.byteLength") == 4
