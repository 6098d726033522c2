"""MessageEvent, CloseEvent and ProgressEvent."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Guest

CASES = [
    ("(() => { const e = new MessageEvent('m'); return [e.type, e.data, e.origin, e.lastEventId, e.source, e.ports, Object.isFrozen(e.ports), e.isTrusted] })()", ["m", None, "", "", None, [], True, False]),
    ("(() => { const e = new MessageEvent('m', {data: 1, origin: '\\ud800', lastEventId: 7, cancelable: true}); return [e.data, e.origin, e.lastEventId, e.cancelable, e.ports === e.ports] })()", [1, "\ufffd", "7", True, True]),
    ("(() => { const e = new MessageEvent('m'); e.initMessageEvent('n', true, false, 5, 'o', 'i', null, []); return [e.type, e.bubbles, e.data, e.origin, e.lastEventId] })()", ["n", True, 5, "o", "i"]),
    ("(() => { const e = new MessageEvent('m', {data: 1}); addEventListener('m', () => e.initMessageEvent('n', false, false, 2)); dispatchEvent(e); return e.data })()", 1),
    ("(() => { const e = new CloseEvent('c'); return [e.code, e.reason, e.wasClean] })()", [0, "", False]),
    ("(() => { const e = new CloseEvent('c', {code: 65536 + 1000, reason: 'r', wasClean: 1}); return [e.code, e.reason, e.wasClean] })()", [1000, "r", True]),
    ("(() => { const e = new ProgressEvent('p', {lengthComputable: true, loaded: '1.5', total: 2}); return [e.lengthComputable, e.loaded, e.total] })()", [True, 1.5, 2]),
    ("(() => { const read = []; const bag = new Proxy({}, {get: (_, k) => { read.push(k) }}); new MessageEvent('m', bag); return read.join() })()", "bubbles,cancelable,composed,data,lastEventId,origin,ports,source"),
    ("(() => { const read = []; const bag = new Proxy({}, {get: (_, k) => { read.push(k) }}); new CloseEvent('m', bag); return read.join() })()", "bubbles,cancelable,composed,code,reason,wasClean"),
    ("[MessageEvent, CloseEvent, ProgressEvent].map((C) => C.name + C.length + Object.getPrototypeOf(C).name + Object.prototype.toString.call(new C('x')) + Reflect.ownKeys(new C('x')))", ["MessageEvent1Event[object MessageEvent]isTrusted", "CloseEvent1Event[object CloseEvent]isTrusted", "ProgressEvent1Event[object ProgressEvent]isTrusted"]),
    ("Object.keys(MessageEvent.prototype).join() + MessageEvent.prototype.initMessageEvent.length", "data,origin,lastEventId,source,ports,initMessageEvent1"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value"), CASES)
def test_values(guest: Guest, code: str, value: Any) -> None:
    assert guest.eval(f"await ({code})") == value


@pytest.mark.parametrize(
    "code",
    [
        "new MessageEvent()",
        "MessageEvent('m')",
        "new MessageEvent('m', 1)",
        "new MessageEvent('m', {ports: [{}]})",
        "new MessageEvent('m', {ports: null})",
        "new MessageEvent('m', {source: {}})",
        "new CloseEvent('c', {reason: Symbol()})",
        "new ProgressEvent('p', {loaded: NaN})",
        "Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data').get.call(new Event('m'))",
        "MessageEvent.prototype.initMessageEvent.call(new Event('m'), 'n')",
        "Object.getOwnPropertyDescriptor(CloseEvent.prototype, 'code').get.call({})",
    ],
)
def test_refusals(guest: Guest, code: str) -> None:
    assert guest.error(code)["name"] == "TypeError"
