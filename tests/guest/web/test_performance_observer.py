"""PerformanceObserver, and what marks and measures accept."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Guest

CASES = [
    ("new Promise((done) => { const o = new PerformanceObserver((list, self, more) => done([list.getEntries().map((e) => e.name).sort(), self === o, more.droppedEntriesCount])); o.observe({entryTypes: ['mark', 'measure', 'nothing']}); performance.mark('a'); performance.mark('b'); performance.measure('m', 'a', 'b') })", [["a", "b", "m"], True, 0]),
    ("new Promise((done) => { performance.mark('early'); const o = new PerformanceObserver((list) => done(list.getEntriesByName('early', 'mark').length)); o.observe({type: 'mark', buffered: true}) })", 1),
    ("(() => { const o = new PerformanceObserver(() => {}); o.observe({type: 'mark'}); performance.mark('x'); const first = o.takeRecords().length; return [first, o.takeRecords().length] })()", [1, 0]),
    ("new Promise((done) => { const o = new PerformanceObserver(() => done('called')); o.observe({type: 'mark'}); performance.mark('x'); o.disconnect(); setTimeout(() => done('silent')) })", "silent"),
    ("[PerformanceObserver.supportedEntryTypes, PerformanceObserver.supportedEntryTypes === PerformanceObserver.supportedEntryTypes, Object.isFrozen(PerformanceObserver.supportedEntryTypes)]", [["mark", "measure"], True, True]),
    ("(() => { const detail = {n: 1}; const m = performance.mark('x', {detail}); return [m.detail.n, m.detail === detail, performance.measure('y').detail] })()", [1, False, None]),
    ("(() => { performance.mark('a', {startTime: 3}); const m = performance.measure('m', {start: 'a', duration: 4}); return [m.startTime, m.duration] })()", [3, 4]),
    ("(() => { performance.mark('1', {startTime: 3}); return performance.measure('m', 1).startTime })()", 3),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value"), CASES)
def test_values(guest: Guest, code: str, value: Any) -> None:
    assert guest.eval(f"await ({code})") == value


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("new PerformanceObserver()", "TypeError"),
        ("new PerformanceObserver(() => {}).observe({})", "TypeError"),
        ("new PerformanceObserver(() => {}).observe({entryTypes: ['mark'], type: 'mark'})", "TypeError"),
        ("const o = new PerformanceObserver(() => {}); o.observe({type: 'mark'}); o.observe({entryTypes: ['mark']})", "InvalidModificationError"),
        ("new PerformanceMark('x', 1)", "TypeError"),
        ("performance.mark('x', {startTime: -1})", "TypeError"),
        ("performance.mark('x', {detail: () => {}})", "DataCloneError"),
        ("performance.measure('x', 'no such mark')", "SyntaxError"),
        ("performance.measure('x', {start: 1, end: 2, duration: 1})", "TypeError"),
        ("performance.measure('x', {start: 1}, 'a')", "TypeError"),
        ("performance.measure('x', {start: -1})", "TypeError"),
        ("new PerformanceEntry()", "TypeError"),
        ("new PerformanceMeasure()", "TypeError"),
    ],
)
def test_refusals(guest: Guest, code: str, name: str) -> None:
    assert guest.error(code)["name"] == name
