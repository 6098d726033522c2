"""Blob, File, streams, compression, navigator."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Guest

CASES = [
    ("new Blob(['ab', new Uint8Array([99]), new Blob(['d'])]).text()", "abcd"),
    ("new Blob(['abcdef']).slice(1, -1).slice(1, 3).text()", "cd"),
    ("new Blob(['a\\r\\nb\\rc'], {endings: 'native'}).text()", "a\nb\nc"),
    ("new Blob([], {type: 'Text/PLAIN'}).type + new Blob([], {type: 'é'}).type", "text/plain"),
    ("(async () => (await new Blob(['x'.repeat(200000)]).bytes()).length)()", 200000),
    ("(async () => { let n = 0; for await (const c of new Blob(['x'.repeat(200000)]).stream()) n += c.length; return n })()", 200000),
    ("(() => { const f = new File(['a'], 'n', {lastModified: 5, type: 't/x'}); return [f.name, f.lastModified, f.size, f.type, f instanceof Blob] })()", ["n", 5, 1, "t/x", True]),
    ("(() => { const f = structuredClone(new File(['a'], 'n', {lastModified: 5})); return [f instanceof File, f.name, f.lastModified] })()", [True, "n", 5]),
    ("structuredClone({b: new Blob(['a'])}).b.text()", "a"),
    ("Object.keys(new ReadableStream()).length + Reflect.ownKeys(new WritableStream()).length + Reflect.ownKeys(new TransformStream()).length", 0),
    ("(async () => { const r = new ReadableStream({type: 'bytes', pull(c) { c.byobRequest.view[0] = 7; c.byobRequest.respond(1) }}).getReader({mode: 'byob'}); const {value} = await r.read(new Uint8Array(4)); return [...value] })()", [7]),
    ("(async () => { const [a, b] = new Response('x').body.tee(); return await new Response(a).text() + await new Response(b).text() })()", "xx"),
    ("(async () => { const c = []; await ReadableStream.from(['a', 'b']).pipeTo(new WritableStream({write(x) { c.push(x) }})); return c })()", ["a", "b"]),
    ("(async () => { const s = new ReadableStream({cancel(r) { globalThis.r = r }}); await s.cancel('why'); return r })()", "why"),
    ("new CountQueuingStrategy({highWaterMark: 3}).highWaterMark", 3),
    ("(async () => Promise.all(['gzip', 'deflate', 'deflate-raw'].map((f) => new Response(new Blob(['hello']).stream().pipeThrough(new CompressionStream(f)).pipeThrough(new DecompressionStream(f))).text())))()", ["hello"] * 3),
    ("[typeof navigator.userAgent, navigator.hardwareConcurrency, global === globalThis]", ["string", 1, True]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value"), CASES)
def test_values(guest: Guest, code: str, value: Any) -> None:
    assert guest.eval(f"await ({code})") == value


@pytest.mark.parametrize(
    "code",
    [
        "new Blob('text')",
        "new Blob([], {endings: 'odd'})",
        "new File([])",
        "Blob.prototype.size",
        "ReadableStream.prototype.locked",
        "new ReadableStreamDefaultController()",
        "const s = new ReadableStream(); s.getReader(); s.getReader()",
        "new CompressionStream('zip')",
        "await new Response(new Blob([new Uint8Array([1, 2, 3])]).stream().pipeThrough(new DecompressionStream('gzip'))).text()",
        "await new Response(new Blob([new Uint8Array([31, 139])]).stream().pipeThrough(new DecompressionStream('gzip'))).text()",
        "new navigator.constructor()",
    ],
)
def test_refusals(guest: Guest, code: str) -> None:
    assert guest.error(code)["name"] == "TypeError"
