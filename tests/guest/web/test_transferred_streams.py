"""Streams in the transfer list of structuredClone and postMessage."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Guest

MOVE = "const move = (stream) => structuredClone(stream, {transfer: [stream]}); const all = async (stream) => { const got = []; for await (const x of stream) got.push(x); return got };"

CASES = [
    ("const s = ReadableStream.from(['a', {b: 1}]); const t = move(s); [await all(t), s.locked]", [["a", {"b": 1}], True]),
    # Chunks are cloned on their way.
    ("const chunk = {n: 1}; const t = move(ReadableStream.from([chunk])); const [copy] = await all(t); [copy !== chunk, copy.n]", [True, 1]),
    # Nothing is read before somebody asks.
    ("let pulls = 0; const t = move(new ReadableStream({pull() { pulls++ }}, {highWaterMark: 0})); await new Promise((r) => setTimeout(r)); pulls", 0),
    ("let why; const t = move(new ReadableStream({cancel(reason) { why = reason }})); await t.cancel('enough'); why", "enough"),
    ("const t = move(new ReadableStream({start(c) { c.error(new RangeError('broken')) }})); await t.getReader().read().catch((e) => e.name + e.message)", "RangeErrorbroken"),
    ("const s = new ReadableStream({start(c) { c.enqueue(() => {}) }}); await move(s).getReader().read().catch((e) => e.name)", "DataCloneError"),
    ("const got = []; const s = new WritableStream({write(x) { got.push(x) }, close() { got.push('closed') }}); const w = move(s).getWriter(); w.write(1); w.write({a: 2}); await w.close(); [got, s.locked]", [[1, {"a": 2}, "closed"], True]),
    ("let why; const w = move(new WritableStream({abort(reason) { why = reason }})).getWriter(); await w.abort('stop'); why", "stop"),
    ("const s = new WritableStream({write() { throw new TypeError('no') }}); const w = move(s).getWriter(); await w.write(1).catch((e) => e.message)", "no"),
    ("const t = move(new TransformStream({transform(x, c) { c.enqueue(x * 2) }})); const w = t.writable.getWriter(); w.write(21); w.close(); [await all(t.readable), t instanceof TransformStream]", [[42], True]),
    ("const s = ReadableStream.from(['x']); const {port1, port2} = new MessageChannel(); const there = new Promise((r) => { port1.onmessage = (e) => r(e.data.body) }); port2.postMessage({body: s}, [s]); await all(await there)", ["x"]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value"), CASES)
def test_values(guest: Guest, code: str, value: Any) -> None:
    assert guest.eval(MOVE + code) == value


@pytest.mark.parametrize(
    "code",
    [
        "structuredClone(new ReadableStream())",
        "const s = new ReadableStream(); s.getReader(); structuredClone(s, {transfer: [s]})",
        "const s = new WritableStream(); s.getWriter(); structuredClone(s, {transfer: [s]})",
        "const s = new TransformStream(); s.readable.getReader(); structuredClone(s, {transfer: [s]})",
        "const s = new ReadableStream(); structuredClone({get x() { s.getReader() }, s}, {transfer: [s]})",
    ],
)
def test_refusals(guest: Guest, code: str) -> None:
    assert guest.error(code)["name"] == "DataCloneError"
