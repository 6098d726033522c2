"""Timers, microtasks and the clock."""

from __future__ import annotations

import pytest

from .conftest import Guest


def test_order_by_time_then_creation(guest: Guest) -> None:
    assert guest.eval(
        """const log = []; for (const [name, ms] of [['c', 20], ['a', 5], ['b', 5], ['d', 20], ['now', 0]]) setTimeout(() => log.push(name), ms);
        await new Promise((r) => setTimeout(r, 40)); log.join()"""
    ) == "now,a,b,c,d"


def test_microtasks_run_between_timers(guest: Guest) -> None:
    assert guest.eval(
        """const log = []; setTimeout(() => { log.push(1); Promise.resolve().then(() => log.push('micro')); queueMicrotask(() => log.push('task')) }, 0); setTimeout(() => log.push(2), 0);
        await new Promise((r) => setTimeout(r, 10)); log.join()"""
    ) == "1,micro,task,2"


def test_arguments_this_and_identifiers(guest: Guest) -> None:
    assert guest.eval(
        """const seen = await new Promise((r) => setTimeout(function (...args) { r([this === globalThis, args]) }, 1, 'a', 2)); const id = setTimeout(() => {}); clearTimeout(id);
        [...seen, typeof id, id > 0]"""
    ) == [True, ["a", 2], "number", True]  # fmt: skip


def test_clearing(guest: Guest) -> None:
    assert guest.eval(
        """let n = 0; const a = setTimeout(() => n++, 1); clearInterval(String(a)); clearTimeout(undefined); clearTimeout(12345); clearTimeout({});
        const i = setInterval(() => { if (++n === 3) clearInterval(i) }, 1); await new Promise((r) => setTimeout(r, 40)); n"""
    ) == 3
    assert guest.outlook == -1


def test_cleared_by_an_earlier_timer_of_the_same_moment(guest: Guest) -> None:
    assert guest.eval("let n = 0; setTimeout(() => clearTimeout(b), 1); const b = setTimeout(() => n++, 1); await new Promise((r) => setTimeout(r, 20)); n") == 0


@pytest.mark.parametrize("handler", ["'code()'", "undefined", "{}", "null", "1"])
def test_only_functions(guest: Guest, handler: str) -> None:
    assert guest.error(f"setTimeout({handler}, 1)")["name"] == "TypeError"


def test_delays_are_converted_as_in_browsers(guest: Guest) -> None:
    assert guest.eval(
        """const log = []; setTimeout(() => log.push('wrapped'), 2 ** 32 + 1); setTimeout(() => log.push('negative'), -5); setTimeout(() => log.push('text'), '2'); setTimeout(() => log.push('nan'), NaN);
        await new Promise((r) => setTimeout(r, 30)); log.join()"""
    ) == "negative,nan,wrapped,text"


def test_deep_chains_are_slowed_down(guest: Guest) -> None:
    elapsed = guest.eval("const t = performance.now(); for (let i = 0; i < 15; i++) await new Promise((r) => setTimeout(r, 0)); performance.now() - t")
    assert elapsed >= 4 * 8


def test_errors_are_reported_and_stop_nothing(guest: Guest) -> None:
    assert guest.eval("let n = 0; setTimeout(() => { throw new Error('in timer') }, 1); const i = setInterval(() => { n++; throw n }, 1); await new Promise((r) => setTimeout(r, 30)); clearInterval(i); n > 2") is True
    reports = [frame.value for frame in guest.of("w.reject")]
    assert reports[0]["message"] == "in timer"
    assert "in timer" in reports[0]["stack"] and "/test.js:1:" in reports[0]["stack"]
    assert reports[1] == 1


def test_microtask_errors_and_report_error(guest: Guest) -> None:
    guest.eval("queueMicrotask(() => { throw new Error('micro') }); reportError(new Error('told')); 1")
    assert [frame.value["message"] for frame in guest.of("w.reject")] == ["told", "micro"]
    assert guest.error("queueMicrotask(1)")["name"] == "TypeError"


def test_ten_thousand_timers(guest: Guest) -> None:
    assert guest.eval("let sum = 0; const ids = []; for (let i = 0; i < 10000; i++) ids.push(setTimeout(() => sum++, (i * 7919) % 50)); for (let i = 0; i < 10000; i += 2) clearTimeout(ids[i]); await new Promise((r) => setTimeout(r, 60)); sum") == 5000


def test_performance(guest: Guest) -> None:
    assert guest.eval("performance.now() >= 0 && performance.now() < 60000 && Math.abs(performance.timeOrigin - Date.now()) < 60000") is True
    assert guest.eval("performance.toJSON().timeOrigin === performance.timeOrigin") is True
    assert guest.eval(
        """const m = performance.mark('a', {startTime: 5, detail: 1}); performance.mark('b', {startTime: 15}); const x = performance.measure('x', 'a', 'b');
        [m.entryType, m.detail, x.duration, x.startTime, performance.getEntriesByType('measure').length, performance.getEntriesByName('a').length, (performance.clearMarks('a'), performance.getEntries().length)]"""
    ) == ["mark", 1, 10, 5, 1, 1, 2]  # fmt: skip
    assert guest.error("performance.measure('x', 'missing')")["name"] == "SyntaxError"


def test_rejections(guest: Guest) -> None:
    guest.eval("Promise.reject(1); const p = Promise.reject(2); p.catch(() => {}); const late = Promise.reject(3); queueMicrotask(() => late.catch(() => {})); 1")
    assert [frame.value for frame in guest.of("w.reject")] == [1]


def test_reports_precede_the_reply_of_the_evaluation(guest: Guest) -> None:
    guest.eval("__emit('entry', 1); Promise.reject(new Error('lost')); 1")
    kinds = [frame.kind for frame in guest.frames if frame.kind != "ok" or frame.header["id"] != 999]
    assert kinds == ["w.reject", "note", "ok"]


def test_events_of_the_global_object(guest: Guest) -> None:
    guest.eval(
        """globalThis.log = []; addEventListener('unhandledrejection', (e) => { log.push([e.reason, e.promise instanceof Promise]); if (e.reason === 'mine') e.preventDefault() });
        addEventListener('error', (e) => { log.push([e.message, e.error]); e.preventDefault() }); Promise.reject('mine'); Promise.reject('theirs'); reportError(5); 1"""
    )
    guest.command("timers")
    assert guest.eval("log") == [["Uncaught 5", 5], ["mine", True], ["theirs", True]]
    assert [frame.value for frame in guest.of("w.reject")] == ["theirs"]


def test_handlers_of_the_global_object(guest: Guest) -> None:
    guest.eval(
        """globalThis.log = []; onerror = function (...given) { log.push([this === globalThis, ...given]); return true };
        onunhandledrejection = (e) => { log.push([e.type, e.reason]); return e.reason !== 'mine' }; globalThis.onrejectionhandled = (e) => log.push([e.type, e.reason, e.promise === late, e.cancelable]);
        globalThis.late = Promise.reject('mine'); Promise.reject('theirs'); reportError(5); 1"""
    )
    guest.command("timers")
    assert guest.eval("log.splice(0)") == [[True, "Uncaught 5", "", 0, 0, 5], ["unhandledrejection", "mine"], ["unhandledrejection", "theirs"]]
    assert [frame.value for frame in guest.of("w.reject")] == ["theirs"]
    guest.eval("late.catch(() => {}); late.then(() => {}, () => {}); 1")
    guest.command("timers")
    assert guest.eval("log") == [["rejectionhandled", "mine", True, False]]
    assert guest.eval("[typeof onerror, onerror = 5, onerror, (() => { try { Object.getOwnPropertyDescriptor(globalThis, 'onerror').get.call({}) } catch (e) { return e.name } })()]") == [
        "function", 5, None, "TypeError",
    ]  # fmt: skip


def test_a_rejection_that_is_handled_in_time_is_not_told_of(guest: Guest) -> None:
    guest.eval("globalThis.log = []; onunhandledrejection = onrejectionhandled = (e) => log.push(e.type); const p = Promise.reject(1); p.catch(() => {}); 1")
    guest.command("timers")
    assert guest.eval("log") == []


def test_what_a_rejection_listener_starts_is_not_lost(guest: Guest) -> None:
    guest.eval("addEventListener('unhandledrejection', (e) => { e.preventDefault(); Promise.resolve().then(() => __emit('after', 1)) }); Promise.reject(1); 1")
    guest.command("timers")
    assert [frame.value for frame in guest.of("note")] == [["after", 1]]
