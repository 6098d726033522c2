"""Functions, promises and iterators that cross as leases; calls, cancellation, handlers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .conftest import Frame, Guest

HANDLERS = """registerCapability("kv", {
  install(sdk, options) {
    sdk.defineGlobal("kv", Object.freeze({ get: (key) => sdk.call("get", key), getWith: (signal, key) => sdk.callWith({ signal }, "get", key), bytes: (source) => sdk.call("put", sdk.byteStream(source)) }));
    sdk.handle("echo", (...args) => args);
    sdk.handle("later", async (value) => { await 1; return value; });
    sdk.handle("fail", () => { throw new RangeError("no"); });
    sdk.handle("wait", function () { return new Promise((resolve) => { this.signal.addEventListener("abort", () => sdk.note("aborted", this.signal.reason)); }); });
    sdk.handle("read", async (stream) => { const parts = []; for await (const chunk of stream) parts.push(chunk.length); return parts; });
    sdk.handle("hold", (value) => { globalThis.held = value; return typeof value; });
    sdk.handle("bad", () => Symbol());
    sdk.registerCodec("Point", { matches: (v) => #brand in Object(v) ? true : false, encode: (v) => [v.x, v.y], decode: ([x, y]) => new Point(x, y) });
    sdk.defineModule("kv:options", { options, cwd: sdk.cwd });
  },
  absent(sdk, hint) { sdk.defineGlobal("kv", { get() { throw new Error("needs " + hint); } }); },
});""".replace("#brand in Object(v) ? true : false", "v instanceof Point").replace(
    "sdk.registerCodec", "class Point { constructor(x, y) { this.x = x; this.y = y; } } sdk.defineGlobal('Point', Point); sdk.registerCodec"
)


def with_kv(new_guest: Callable[[], Guest]) -> Guest:
    """An isolate with the capability above."""
    guest = new_guest()
    guest.command("load", name="kv", source=HANDLERS)
    guest.init({"kv": {"limit": 5}})
    return guest


def call(guest: Guest, op: str, *args: Any, id: int = 70, segments: tuple[bytes, ...] = (), party: int | None = None) -> Frame:
    """Call a handler on behalf of a party (the broker itself, or a client) and answer the reply."""
    header = {"t": "call", "id": id, "cap": "kv", "op": op} | ({} if party is None else {"p": party})
    frames = guest.send(header, list(args), segments)
    return next(frame for frame in frames if frame.kind in ("ok", "err") and frame.header["id"] == id)


def test_calls_and_replies(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    first = guest.start("await Promise.all([kv.get('a'), kv.get('b')])")
    a, b = guest.of("call")
    assert a.header == {"t": "call", "cap": "kv", "op": "get", "id": a.header["id"]} and a.value == ["a"]
    guest.send({"t": "ok", "id": b.header["id"]}, 2)
    guest.send({"t": "ok", "id": a.header["id"]}, 1)
    assert guest.reply(first).value == [1, 2]
    second = guest.start("await kv.get('c').catch((e) => [e.name, e.message, e.code, e.stack.includes('/test.js:1:')])")
    guest.send({"t": "err", "id": guest.of("call")[-1].header["id"]}, {"$": "err", "name": "PolicyDenied", "message": "no", "stack": "", "code": "policy-denied"})
    assert guest.reply(second).value == ["PolicyDenied", "no", "policy-denied", True]


def test_arguments_that_cannot_cross_reject(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    assert guest.error("await kv.get({a: Symbol()})")["message"].startswith("$.a (argument 1) cannot cross")
    assert guest.of("call") == []


def test_cancellation(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    request = guest.start("const c = new AbortController(); setTimeout(() => c.abort('enough'), 1); await kv.getWith(c.signal, 'k').catch((e) => ['caught', e])")
    guest.command("timers")
    (cancel,) = guest.of("cancel")
    assert cancel.header["id"] == guest.of("call")[0].header["id"] and cancel.value == "enough"
    assert guest.reply(request).value == ["caught", "enough"]
    # the late reply still counts its leases, which come back
    guest.send({"t": "ok", "id": cancel.header["id"]}, {"$": "fn", "r": 3, "n": "f"})
    guest.command("gc")
    assert [frame.header["refs"] for frame in guest.of("drop")] == [[[3, 1]]]
    assert guest.eval("await kv.getWith(AbortSignal.abort('early'), 1).catch((e) => e)") == "early"
    assert len(guest.of("call")) == 1


def test_handlers(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    assert call(guest, "echo", 1, {"a": {"$": "u"}}).value == [1, {"a": {"$": "u"}}]
    assert call(guest, "later", "x").value == "x"
    assert call(guest, "fail").value["name"] == "RangeError"
    assert call(guest, "bad").value["name"] == "DataCloneError"
    assert call(guest, "nope").value["message"] == "The guest script of 'kv' has no handler for 'nope'"
    reply = guest.send({"t": "call", "id": 9, "p": 1, "cap": "kv", "op": "echo"}, [1])[-1]
    assert reply.header == {"t": "ok", "id": 9, "p": 1}


def test_cancelled_handlers_answer_once(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    guest.send({"t": "call", "id": 5, "cap": "kv", "op": "wait"}, [])
    frames = guest.send({"t": "cancel", "id": 5})
    assert [(f.kind, f.value["name"] if f.kind == "err" else f.value[0]["name"]) for f in frames] == [("note", "AbortError"), ("err", "AbortError")]
    assert guest.send({"t": "cancel", "id": 5}) == []


def test_absent_capability(new_guest: Callable[[], Guest]) -> None:
    guest = new_guest()
    guest.command("load", name="kv", source=HANDLERS)
    guest.init({}, {"kv": "sandboxes.agent.policies.kv"})
    assert guest.error("kv.get()")["message"] == "needs sandboxes.agent.policies.kv"


def test_codecs(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    assert guest.eval("const p = new Point(1, 2); [p, p]") == [{"$": "x", "k": "Point", "v": [1, 2]}, {"$": "ref", "i": 1}]
    reply = call(guest, "echo", {"$": "x", "k": "Point", "v": [3, 4]}, {"$": "ref", "i": 1}, {"$": "ref", "i": 2})
    assert reply.value == [{"$": "x", "k": "Point", "v": [3, 4]}, {"$": "ref", "i": 1}, [3, 4]]


def test_functions_are_leased_and_counted(guest: Guest) -> None:
    first = guest.eval("globalThis.f = function f(a, b) { return a + b }; f")
    again = guest.eval("[f, f]")
    assert first == {"$": "fn", "r": first["r"], "n": "f"} == again[0] == again[1]
    assert guest.send({"t": "ref", "id": 1, "r": first["r"]}, [20, 22])[-1].value == 42
    guest.send({"t": "drop", "refs": [[first["r"], 2]]})
    assert guest.send({"t": "ref", "id": 2, "r": first["r"]}, [1, 2])[-1].value == 3
    guest.send({"t": "drop", "refs": [[first["r"], 1], [999, 1]]})
    assert guest.send({"t": "ref", "id": 3, "r": first["r"]}, [1, 2])[-1].value["name"] == "ReferenceError"
    assert guest.eval("f")["r"] != first["r"]


def test_dropped_functions_are_collected(guest: Guest) -> None:
    node = guest.eval("globalThis.gone = 0; globalThis.registry = new FinalizationRegistry(() => gone++); (() => { const f = () => {}; registry.register(f); return f })()")
    guest.command("gc")
    assert guest.eval("gone") == 0
    guest.send({"t": "drop", "refs": [[node["r"], 1]]})
    guest.command("gc")
    assert guest.eval("gone") == 1


def test_host_functions(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    assert call(guest, "hold", {"$": "fn", "r": 8, "n": "hostFn", "p": 1}).value == "function"
    assert guest.eval("held.name") == "hostFn"
    request = guest.start("await held(1, held)")
    (ref,) = guest.of("ref")
    assert ref.header == {"t": "ref", "p": 1, "r": 8, "id": ref.header["id"]}
    assert ref.value == [1, {"$": "own", "r": 8, "p": 1}]
    guest.send({"t": "ok", "id": ref.header["id"], "p": 1}, "done")
    assert guest.reply(request).value == "done"
    # the same reference is the same function, received twice and given back twice
    assert call(guest, "echo", {"$": "fn", "r": 8, "n": "hostFn", "p": 1}, party=1).value == [{"$": "own", "r": 8, "p": 1}]
    # another party gets one of the guest's, which asks the first
    assert call(guest, "echo", {"$": "fn", "r": 8, "n": "hostFn", "p": 1}, id=71).value == [{"$": "fn", "r": 1, "n": "hostFn"}]
    guest.send({"t": "drop", "refs": [[1, 1]]})
    guest.eval("globalThis.held = undefined; 1")
    guest.command("gc")
    assert [frame.header for frame in guest.of("drop")] == [{"t": "drop", "p": 1, "refs": [[8, 3]]}]


def test_many_drops_share_a_frame(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    call(guest, "echo", *[{"$": "fn", "r": 100 + i, "n": ""} for i in range(50)])
    guest.command("gc")
    (drop,) = guest.of("drop")
    assert sorted(drop.header["refs"]) == [[100 + i, 1] for i in range(50)]


def test_own_references_come_home(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    node = guest.eval("globalThis.mine = () => 'mine'; mine")
    call(guest, "hold", {"$": "own", "r": node["r"]})
    assert guest.eval("held === mine") is True


def test_promises(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    node = guest.eval("[Promise.resolve(5), new Promise((_, r) => setTimeout(() => r(new Error('late')), 1))]")
    assert guest.send({"t": "ref", "id": 1, "r": node[0]["r"], "m": "await"}, [])[-1].value == 5
    guest.send({"t": "ref", "id": 2, "r": node[1]["r"], "m": "await"}, [])
    guest.command("timers")
    assert guest.frames[-1].value["message"] == "late"
    assert guest.of("w.reject") == []
    # and a promise of the host
    call(guest, "hold", {"$": "pr", "r": 4})
    ref = guest.of("ref")[-1]
    assert ref.header["m"] == "await"
    request = guest.start("await held")
    guest.send({"t": "ok", "id": ref.header["id"]}, "value")
    assert guest.reply(request).value == "value"
    assert guest.of("drop")[-1].header["refs"] == [[4, 1]]


def step(guest: Guest, r: int, method: str, *args: Any) -> Any:
    """One step of an iterator of the guest."""
    return guest.send({"t": "ref", "id": 60, "r": r, "m": method}, list(args))[-1]


def test_iterators_of_the_guest(guest: Guest) -> None:
    node = guest.eval("globalThis.log = []; (async function* () { try { const x = yield 1; yield x * 2 } finally { log.push('cleanup') } })()")
    assert node == {"$": "it", "r": node["r"]}
    assert step(guest, node["r"], "next").value == {"done": False, "value": 1}
    assert step(guest, node["r"], "next", 21).value == {"done": False, "value": 42}
    assert step(guest, node["r"], "return", "end").value == {"done": True, "value": "end"}
    assert guest.eval("log") == ["cleanup"]
    node = guest.eval("(function* () { yield Promise.resolve('sync'); throw new Error('in generator') })()")
    assert step(guest, node["r"], "next").value == {"done": False, "value": "sync"}
    assert step(guest, node["r"], "next").value["message"] == "in generator"
    node = guest.eval("({[Symbol.asyncIterator]() { let n = 0; return {next: async () => ({done: n > 0, value: n++})} }})")
    assert step(guest, node["r"], "next").value == {"done": False, "value": 0}
    assert step(guest, node["r"], "throw", "x").value == "x"
    assert guest.eval("[1, 2][Symbol.iterator]()")["$"] == "it"


def test_iterators_of_the_host(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    call(guest, "hold", {"$": "it", "r": 6})
    request = guest.start("const seen = []; for await (const x of held) { seen.push(x); if (x === 2) break } seen")
    for value in (1, 2):
        ref = guest.of("ref")[-1]
        assert ref.header["m"] == "next"
        guest.send({"t": "ok", "id": ref.header["id"]}, {"done": False, "value": value})
    ref = guest.of("ref")[-1]
    assert ref.header["m"] == "return"
    guest.send({"t": "ok", "id": ref.header["id"]}, {"done": True, "value": {"$": "u"}})
    assert guest.reply(request).value == [1, 2]
    assert guest.of("drop")[-1].header["refs"] == [[6, 1]]
    assert guest.eval("await held.next()") == {"value": {"$": "u"}, "done": True}


def test_host_iterator_requests_wait_for_each_other(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    call(guest, "hold", {"$": "it", "r": 6})
    request = guest.start("await Promise.allSettled([held.next(), held.next(), held.return('r')])")
    assert len(guest.of("ref")) == 1
    guest.send({"t": "err", "id": guest.of("ref")[0].header["id"]}, {"$": "err", "name": "Error", "message": "broke", "stack": ""})
    assert len(guest.of("ref")) == 1
    settled = guest.reply(request).value
    assert settled[0]["reason"]["message"] == "broke" and settled[2]["value"] == {"value": "r", "done": True}


def test_host_events(guest: Guest) -> None:
    guest.eval("globalThis.log = []; globalThis.off = __on('e', (x) => log.push(['a', x])); __on('e', () => { throw new Error('listener') }); __on('e', (x) => log.push(['b', x])); 1")
    guest.send({"t": "note", "cap": "events", "op": "emit"}, ["e", {"n": 1}])
    guest.eval("off(); off(); 1")
    guest.send({"t": "note", "cap": "events", "op": "emit"}, ["e", 2])
    assert guest.eval("log") == [["a", {"n": 1}], ["b", {"$": "ref", "i": 2}], ["b", 2]]
    assert len(guest.of("w.reject")) == 2
    guest.eval("__emit('out', {x: [1]}); __emit('bare'); 1")
    assert [frame.value for frame in guest.of("note")] == [["out", {"x": [1]}], ["bare", None]]
    assert guest.error("__emit('e', Symbol())")["name"] == "DataCloneError"
