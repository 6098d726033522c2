"""Events, abort signals and DOMException as the DOM Standard has them."""

from __future__ import annotations

from .conftest import Guest


def test_dispatch(guest: Guest) -> None:
    assert guest.eval(
        """const t = new EventTarget(), log = []; const f = (e) => log.push(['f', e.type, e.target === t, e.currentTarget === t, e.eventPhase]);
        t.addEventListener('x', f); t.addEventListener('x', f); t.addEventListener('x', f, true); t.addEventListener('x', {handleEvent(e) { log.push(['object', this !== t]) }});
        t.addEventListener('x', () => log.push('once'), {once: true}); t.addEventListener('x', null);
        const e = new Event('x'); const r = t.dispatchEvent(e); t.dispatchEvent(new Event('x')); t.removeEventListener('x', f); t.removeEventListener('x', f, true); t.dispatchEvent(new Event('x'));
        [r, log.length, log.slice(0, 4), e.eventPhase, e.currentTarget, e.isTrusted]"""
    ) == [True, 9 - 1, [["f", "x", True, True, 2], ["f", "x", True, True, 2], ["object", True], "once"], 0, None, False]  # fmt: skip


def test_stopping_cancelling_passive(guest: Guest) -> None:
    assert guest.eval(
        """const t = new EventTarget(), log = []; t.addEventListener('x', (e) => { log.push(1); e.stopImmediatePropagation() }); t.addEventListener('x', () => log.push(2));
        t.addEventListener('c', (e) => e.preventDefault()); t.addEventListener('p', (e) => e.preventDefault(), {passive: true});
        t.dispatchEvent(new Event('x'));
        [log, t.dispatchEvent(new Event('c')), t.dispatchEvent(new Event('c', {cancelable: true})), t.dispatchEvent(new Event('p', {cancelable: true}))]"""
    ) == [[1], True, False, True]


def test_listener_errors_are_reported_and_the_rest_still_runs(guest: Guest) -> None:
    assert guest.eval("const t = new EventTarget(); let n = 0; t.addEventListener('x', () => { throw new Error('first') }); t.addEventListener('x', () => n++); t.dispatchEvent(new Event('x')); n") == 1
    assert guest.of("w.reject")[0].value["message"] == "first"


def test_signals_remove_listeners(guest: Guest) -> None:
    assert guest.eval("const t = new EventTarget(), c = new AbortController(); let n = 0; t.addEventListener('x', () => n++, {signal: c.signal}); t.dispatchEvent(new Event('x')); c.abort(); t.dispatchEvent(new Event('x')); t.addEventListener('x', () => n++, {signal: c.signal}); t.dispatchEvent(new Event('x')); n") == 1
    assert guest.error("new EventTarget().addEventListener('x', () => {}, {signal: {}})")["name"] == "TypeError"


def test_misuse(guest: Guest) -> None:
    for source in ("new Event()", "EventTarget.prototype.addEventListener.call({}, 'x', () => {})", "new EventTarget().dispatchEvent({})", "new EventTarget().addEventListener('x')", "new AbortSignal()", "Object.getOwnPropertyDescriptor(Event.prototype, 'type').get.call({})", "new EventTarget().addEventListener('x', 5)"):  # fmt: skip
        assert guest.error(source)["name"] == "TypeError", source
    assert guest.error("const t = new EventTarget(), e = new Event('x'); t.addEventListener('x', () => { try { t.dispatchEvent(e) } catch (x) { globalThis.inner = x } }); t.dispatchEvent(e); throw inner")["name"] == "InvalidStateError"


def test_custom_events_and_subclasses(guest: Guest) -> None:
    assert guest.eval("class T extends EventTarget {} class E extends CustomEvent {} const t = new T(); let d; t.addEventListener('x', (e) => { d = e.detail.a }); t.dispatchEvent(new E('x', {detail: {a: 1}})); [d, new CustomEvent('y').detail]") == [1, None]


def test_abort_controller(guest: Guest) -> None:
    assert guest.eval(
        """const c = new AbortController(), log = []; c.signal.onabort = function (e) { log.push([this === c.signal, e.isTrusted, e.type]) }; c.signal.addEventListener('abort', () => log.push('listener'));
        c.abort('why'); c.abort('again'); [c.signal.aborted, c.signal.reason, log, c.signal instanceof EventTarget]"""
    ) == [True, "why", [[True, True, "abort"], "listener"], True]
    assert guest.eval("const d = new AbortController(); d.abort(); [d.signal.reason.name, d.signal.reason instanceof DOMException, (() => { try { d.signal.throwIfAborted() } catch (e) { return e === d.signal.reason } })()]") == ["AbortError", True, True]
    assert guest.eval("const a = AbortSignal.abort(5); [a.aborted, a.reason]") == [True, 5]
    assert guest.eval("const t = AbortSignal.timeout(5); await new Promise((r) => t.addEventListener('abort', r)); t.reason.name") == "TimeoutError"


def test_abort_any(guest: Guest) -> None:
    assert guest.eval(
        """const a = new AbortController(), b = new AbortController(); const any = AbortSignal.any([a.signal, b.signal]), nested = AbortSignal.any([any]); let order = [];
        for (const [n, s] of [['b', b.signal], ['any', any], ['nested', nested]]) s.addEventListener('abort', () => order.push(n)); b.abort('r');
        [any.reason, nested.reason, order, AbortSignal.any([AbortSignal.abort(1)]).reason, AbortSignal.any([]).aborted]"""
    ) == ["r", "r", ["b", "any", "nested"], 1, False]


def test_a_listened_dependent_signal_survives_collection(guest: Guest) -> None:
    guest.eval("globalThis.c = new AbortController(); globalThis.hits = 0; AbortSignal.any([c.signal]).addEventListener('abort', () => hits++); 1")
    guest.command("gc")
    assert guest.eval("c.abort(); hits") == 1


def test_dom_exception(guest: Guest) -> None:
    assert guest.eval("const e = new DOMException('m', 'NotFoundError'); [e.name, e.message, e.code, String(e), e instanceof Error, Object.prototype.toString.call(e), DOMException.NOT_FOUND_ERR, e.NOT_FOUND_ERR, Object.keys(e).length, e.stack.split('\\n')[0]]") == ["NotFoundError", "m", 8, "NotFoundError: m", True, "[object DOMException]", 8, 8, 0, "NotFoundError: m"]  # fmt: skip
    assert guest.eval("const f = new DOMException('m', {name: 'X', cause: 1}); [f.name, f.cause, f.code, new DOMException().name]") == ["X", 1, 0, "Error"]
    assert "at thrower (/test.js:1:" in guest.error("(function thrower() { throw new DOMException('m', 'DataError') })()")["stack"]


def test_polyfills(guest: Guest) -> None:
    assert guest.eval("[typeof Symbol.dispose, typeof Symbol.asyncDispose, new SuppressedError(1, 2, 'm').suppressed, (() => { let n = 0; const g = (function* () { try { yield } finally { n++ } })(); g.next(); g[Symbol.dispose](); return n })()]") == ["symbol", "symbol", 2, 1]
