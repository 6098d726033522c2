"""Guest code that patches built-ins can hurt itself, but neither the kernel nor what crosses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import Guest

PATCHES = {
    "Promise.prototype.then": "Promise.prototype.then = () => { throw new Error('patched') }",
    "Promise species": "Object.defineProperty(Promise, Symbol.species, {get() { throw new Error('patched') }})",
    "Promise constructor": "Object.defineProperty(Promise.prototype, 'constructor', {get() { throw new Error('patched') }})",
    "globalThis.Promise": "globalThis.Promise = undefined",
    "every Array method": "for (const k of Object.getOwnPropertyNames(Array.prototype)) if (k !== 'constructor') try { Array.prototype[k] = () => { throw new Error('patched') } } catch {}",
    "array iterator": "Array.prototype[Symbol.iterator] = () => { throw new Error('patched') }",
    "array index setter": "Object.defineProperty(Array.prototype, '0', {set() { throw new Error('patched') }})",
    "every Map method": "for (const C of [Map, Set, WeakMap]) for (const k of ['get', 'set', 'has', 'add', 'delete', 'forEach']) if (C.prototype[k]) C.prototype[k] = () => { throw new Error('patched') }",
    "JSON": "JSON.parse = JSON.stringify = () => { throw new Error('patched') }",
    "Object": "for (const k of ['keys', 'create', 'defineProperty', 'freeze', 'hasOwn']) Object[k] = () => { throw new Error('patched') }",
    "Reflect": "for (const k of Object.keys(Object.getOwnPropertyDescriptors(Reflect))) Reflect[k] = () => { throw new Error('patched') }",
    "Function.prototype": "for (const k of ['call', 'apply', 'bind']) Function.prototype[k] = () => { throw new Error('patched') }",
    "String.prototype": "for (const k of ['indexOf', 'slice', 'startsWith', 'includes', 'split']) String.prototype[k] = () => { throw new Error('patched') }",
    "Object.prototype fields": "for (const k of ['p', 'm', 's', '$', 't', 'id', 'get', 'set', 'value', 'then0', 'toJSON', 'code', 'cause', 'options']) Object.prototype[k] = () => { throw new Error('patched') }",
    "typed arrays": "Uint8Array.prototype.set = Uint8Array.prototype.slice = ArrayBuffer.prototype.slice = () => { throw new Error('patched') }",
    "Error": "Error.prepareStackTrace = () => { throw new Error('patched') }; Error.stackTraceLimit = 0; Error.captureStackTrace = null",
    "timers": "globalThis.setTimeout = globalThis.queueMicrotask = undefined",
}  # fmt: skip


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES.keys())
def test_the_kernel_goes_on(new_guest: Callable[[], Guest], patch: str) -> None:
    guest = new_guest()
    guest.init({"console": {}, "tools": {"tools": {"greet": {"kind": "async"}}}})
    guest.eval("globalThis.saved = {setTimeout, greet, then: Promise.prototype.then, apply: Reflect.apply, Uint8Array}; 1")
    guest.eval(patch + "; 1")
    # a call and its reply
    guest.start("globalThis.bytes = new saved.Uint8Array(1); bytes[0] = 7; globalThis.promise = saved.greet('x', {a: [1, 'two', {b: 3}]}, bytes); 1")
    call = guest.of("call")[0]
    assert call.value == ["x", {"a": [1, "two", {"b": 3}]}, {"$": "bin", "k": "Uint8Array", "b": 0}]
    assert call.segments == [b"\7"]
    # (where guest code broke `then` itself, it can no longer subscribe: but then it does not need to)
    subscribed = guest.start("globalThis.answer = [0, 2]; saved.apply(saved.then, promise, [(v) => { globalThis.answer = v }]); 1")
    assert guest.reply(subscribed).kind == "ok" or "Promise" in patch
    guest.send({"t": "ok", "id": call.header["id"]}, [{"hello": {"$": "u"}}, 2])
    # the value came through, a timer runs, and values go out
    guest.eval("saved.setTimeout(() => { globalThis.fired = true }, 1); 1")
    guest.command("timers")
    assert guest.eval("({answer: answer[1], fired, key: Object.getOwnPropertyDescriptor ? 1 : 0})")["answer"] == 2
    assert guest.eval("fired") is True
    # a lease comes and goes
    node = guest.eval("(x) => x + 1")
    reply = guest.send({"t": "ref", "id": 50, "r": node["r"]}, [41])
    assert reply[-1].body == "42"


def test_rejections_are_reported_whatever_is_patched(new_guest: Callable[[], Guest]) -> None:
    guest = new_guest()
    guest.init()
    guest.eval("Promise.prototype.then = null; Promise.prototype.catch = null; Promise.reject(new Error('lost')); 1")
    assert guest.of("w.reject")[0].value["message"] == "lost"


def test_nothing_of_the_kernel_is_reachable(guest: Guest) -> None:
    # Stack frames of the kernel are strict: they lend neither functions nor receivers to a guest's formatter.
    found = guest.eval(
        """let seen = [];
        Error.prepareStackTrace = (error, sites) => { seen.push(...sites.map((s) => [s.getFunction() === undefined, s.getThis() === undefined, s.getFileName()])); return '' };
        await new Promise((resolve) => setTimeout(function named() { new Error('x').stack; resolve() }, 1));
        new EventTarget(); ({handleEvent() { new Error('y').stack }});
        const target = new EventTarget(); target.addEventListener('e', () => { new Error('z').stack }); target.dispatchEvent(new Event('e'));
        seen.filter(([, , file]) => String(file).startsWith('isolate-host'))"""
    )
    assert found == []


def test_extras_and_native_are_not_globals(guest: Guest) -> None:
    assert guest.eval("typeof extras + typeof native + typeof boot + typeof kernel + typeof registerCapability") == "undefined" * 5
