"""AsyncContext: where the context of a variable goes, path by path."""

from __future__ import annotations

import pytest

from .conftest import Guest

PRELUDE = """const v = new AsyncContext.Variable({name: 'v', defaultValue: 'none'}); const out = []; const rec = () => out.push(v.get());
const tick = (ms = 1) => new Promise((r) => setTimeout(r, ms));
"""

#: What the TC39 proposal asks for; where V8's own propagation differs, the comment says so.
MATRIX = {
    "then": ("v.run('A', () => Promise.resolve().then(rec))", "A"),
    "await a primitive": ("await v.run('A', async () => { await 1; rec() })", "A"),
    "await a promise": ("await v.run('A', async () => { await Promise.resolve(); rec() })", "A"),
    "await a thenable": ("await v.run('A', async () => { await {then(r) { rec(); r() }}; rec() })", "A,A"),
    "await a rejection": ("await v.run('A', async () => { try { await Promise.reject(1) } catch { rec() } })", "A"),
    "settled from elsewhere": ("let r; const p = new Promise((x) => { r = x }); const q = v.run('A', async () => { await p; rec() }); v.run('B', () => r()); await q", "A"),
    "rejected from elsewhere": ("let r; const p = new Promise((_, x) => { r = x }); const q = v.run('A', async () => { try { await p } catch { rec() } }); v.run('B', () => r()); await q", "A"),
    "finally": ("await v.run('A', () => Promise.resolve().finally(rec))", "A"),
    "Promise.all": ("await v.run('A', () => Promise.all([1, Promise.resolve(2)]).then(rec))", "A"),
    "then registered elsewhere": ("const r = Promise.withResolvers(); v.run('B', () => r.promise.then(rec)); v.run('A', () => r.resolve()); await tick()", "B"),
    "for await": ("await v.run('A', async () => { for await (const x of [Promise.resolve(1)]) rec() })", "A"),
    "Array.fromAsync": ("await v.run('A', () => Array.fromAsync([1, 2], rec))", "A,A"),
    "promise subclass": ("class P2 extends Promise {} await v.run('A', async () => { await P2.resolve(1); rec() })", "A"),
    "queueMicrotask": ("v.run('A', () => queueMicrotask(rec)); await tick()", "A"),
    "setTimeout": ("v.run('A', () => setTimeout(rec, 1)); await tick(5)", "A"),
    "setTimeout that is nested": ("v.run('A', () => setTimeout(() => { rec(); setTimeout(rec, 1) }, 1)); await tick(10)", "A,A"),
    "setInterval": ("let n = 0; const id = v.run('A', () => setInterval(() => { rec(); if (++n === 2) clearInterval(id) }, 1)); await tick(15)", "A,A"),
    "listener: context of the dispatch": ("const t = new EventTarget(); v.run('A', () => t.addEventListener('e', rec)); v.run('B', () => t.dispatchEvent(new Event('e')))", "B"),
    "abort listener": ("const c = new AbortController(); v.run('A', () => c.signal.addEventListener('abort', rec)); v.run('B', () => c.abort())", "B"),
    "Snapshot.run": ("const s = v.run('A', () => new AsyncContext.Snapshot()); v.run('B', () => s.run(rec))", "A"),
    "Snapshot.wrap": ("const f = v.run('A', () => AsyncContext.Snapshot.wrap(rec)); v.run('B', f)", "A"),
    "nested run": ("v.run('A', () => { v.run('B', rec); rec() })", "B,A"),
    "after a throw": ("v.run('A', () => { try { v.run('B', () => { throw 1 }) } catch {} rec() })", "A"),
    "outside": ("v.run('A', () => {}); rec()", "none"),
    # V8 does not capture the context when a generator is made: the body runs in that of the caller of next().
    "generator body": ("const g = v.run('A', () => (function* () { rec(); yield 1; rec() })()); v.run('B', () => { g.next(); g.next() })", "B,B"),
    "two variables": ("const w = new AsyncContext.Variable(); await v.run('A', () => w.run(1, async () => { await tick(); out.push(v.get() + w.get()); v.run('B', () => out.push(v.get() + w.get())) }))", "A1,B1"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), MATRIX.values(), ids=MATRIX.keys())
def test_matrix(guest: Guest, source: str, expected: str) -> None:
    assert guest.eval(f"{PRELUDE} {source}; await tick(); out.join()") == expected


def test_exported_callbacks_run_where_they_were_handed_out(guest: Guest) -> None:
    guest.start(f"{PRELUDE} const f = () => v.get(); v.run('A', () => __emit('take', f)); v.run('B', () => __emit('take', f)); __emit('take', f); 1")
    first, second, third = (frame.value[1] for frame in guest.of("note"))
    answers = [guest.send({"t": "ref", "id": 10 + i, "r": node["r"]}, [])[-1].value for i, node in enumerate((first, second, third))]
    assert answers == ["A", "B", "none"]


def test_host_events_run_where_they_were_subscribed(guest: Guest) -> None:
    guest.eval(f"{PRELUDE} v.run('A', () => __on('e', rec)); globalThis.out = out; 1")
    guest.send({"t": "note", "cap": "events", "op": "emit"}, ["e", None])
    assert guest.eval("globalThis.out.join()") == "A"


def test_interface(guest: Guest) -> None:
    assert guest.eval(
        """const x = new AsyncContext.Variable({name: 'n', defaultValue: 5});
        [x.name, x.get(), new AsyncContext.Variable().name, new AsyncContext.Variable().get(), Object.prototype.toString.call(x), x.run(1, (a, b) => a + b + x.get(), 2, 3), AsyncContext.Snapshot.wrap(function f(a, b) {}).length]"""
    ) == ["n", 5, "", {"$": "u"}, "[object AsyncContext.Variable]", 6, 2]  # fmt: skip
    assert guest.error("AsyncContext.Variable.prototype.get.call({})")["name"] == "TypeError"
    assert guest.error("new AsyncContext.Variable().run(1, 2)")["name"] == "TypeError"
    assert guest.eval("Object.keys(globalThis).includes('AsyncContext')") is False
