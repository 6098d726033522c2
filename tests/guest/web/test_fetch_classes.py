"""Headers, FormData, Request and Response."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Guest

CASES = [
    ("[...new Headers([['B', '1'], ['a', '2'], ['b', ' 3 ']])]", [["a", "2"], ["b", "1, 3"]]),
    ("(() => { const h = new Headers(); h.append('set-cookie', 'a'); h.append('set-cookie', 'b'); return h.getSetCookie() })()", ["a", "b"]),
    ("new Response(null, {status: 204}).body", None),
    ("Response.json({a: 1}).headers.get('content-type')", "application/json"),
    ("Response.redirect('http://h/x', 301).headers.get('location')", "http://h/x"),
    ("Response.error().type", "error"),
    ("(async () => { const r = new Response('é'); const c = r.clone(); return [await r.text(), r.bodyUsed, c.bodyUsed, (await c.bytes()).length] })()", ["é", True, False, 2]),
    ("new Response('x').headers.get('content-type')", "text/plain;charset=UTF-8"),
    ("(async () => { const r = new Request('http://h/', {method: 'post', body: new URLSearchParams({a: 'b c'})}); return [r.method, (await r.formData()).get('a')] })()", ["POST", "b c"]),
    ("(async () => { const f = new FormData(); f.append('t', 'é'); f.append('f', new File(['\\r\\n--x'], 'a\"b.txt', {type: 'x/y'})); const g = await new Response(f).formData(); const file = g.get('f'); return [g.get('t'), file.name, file.type, await file.text()] })()", ["é", 'a"b.txt', "x/y", "\r\n--x"]),
    ("(() => { const c = new AbortController(); const r = new Request('http://h/', {signal: c.signal}); c.abort('why'); return [r.signal.aborted, r.signal.reason, Reflect.ownKeys(r)] })()", [True, "why", []]),
    ("(async () => { const r = new Request('http://h/', {method: 'PUT', body: ReadableStream.from([new Uint8Array([65])]), duplex: 'half'}); return r.text() })()", "A"),
    ("[Headers, Request, Response, FormData].map((C) => Object.getOwnPropertyDescriptor(globalThis, C.name).enumerable || C.length)", [0, 1, 0, 0]),
    ("Object.keys(Response.prototype).includes('json') && Object.keys(Response).join()", "error,json,redirect"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value"), CASES)
def test_values(guest: Guest, code: str, value: Any) -> None:
    assert guest.eval(f"await ({code})") == value


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("new Headers({'a b': '1'})", "TypeError"),
        ("new Headers({a: 'x\\r\\ny: z'})", "TypeError"),
        ("Headers.prototype.get.call({}, 'a')", "TypeError"),
        ("new Response('x', {status: 99})", "RangeError"),
        ("new Response('x', {status: 204})", "TypeError"),
        ("new Request('/relative')", "TypeError"),
        ("new Request('http://u:p@h/')", "TypeError"),
        ("new Request('http://h/', {body: 'x'})", "TypeError"),
        ("new Request('http://h/', {method: 'CONNECT'})", "TypeError"),
        ("const r = new Response('x'); await r.text(); await r.text()", "TypeError"),
        ("await new Response('x', {headers: {'content-type': 'multipart/form-data; boundary=a'}}).formData()", "TypeError"),
        ("await new Response('--a\\r\\nbroken', {headers: {'content-type': 'multipart/form-data; boundary=a'}}).formData()", "TypeError"),
        ("structuredClone(new Response('x'))", "DataCloneError"),
    ],
)
def test_refusals(guest: Guest, code: str, name: str) -> None:
    assert guest.error(code)["name"] == name


def test_they_cross(guest: Guest) -> None:
    assert guest.eval("new URL('http://h')") == {"$": "x", "k": "URL", "v": "http://h/"}
    assert guest.eval("new Headers({a: '1'})") == {"$": "x", "k": "Headers", "v": [["a", "1"]]}
    node = guest.eval("new Response('hi', {status: 201})")
    assert node["k"] == "Response" and node["v"]["status"] == 201 and node["v"]["body"] == {"$": "bin", "k": "Uint8Array", "b": 0}
    assert "whose body was read" in guest.error("const r = new Response('x'); r.text(); r")["message"]
    stream = guest.eval("new ReadableStream({start(c) { c.enqueue(new Uint8Array([1])); c.close() }})")
    assert stream["$"] == "st"
    guest.send({"t": "sc", "st": stream["r"], "n": 0})
    assert guest.of("sd")[-1].segments == [b"\1"]
    # Data never precedes the reply that announces its stream.
    assert [frame.kind for frame in guest.frames[-3:]] == ["ok", "sd", "se"]


def test_a_guest_that_patches_breaks_only_itself(guest: Guest) -> None:
    guest.eval("Headers.prototype.get = Response.prototype.text = () => 0; Object.defineProperty(URL.prototype, 'href', {value: 'x'}); 1")
    assert guest.eval("new URL('http://h')")["v"] == "http://h/"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        # A body that is here as a whole is read without a stream, and looks afterwards as if there had been one.
        ("const r = new Response('\\ufeffé'); const before = r.bodyUsed; const text = await r.text(); [before, text, r.bodyUsed, r.body.locked, r.body === r.body]", [False, "é", True, True, True]),
        ("const r = new Response('x'); const p = r.text(); [r.bodyUsed, await p, await r.text().catch((e) => e.name), await r.json().catch((e) => e.name)]", [True, "x", "TypeError", "TypeError"]),
        ("const r = new Response('x'); await r.text(); let e; try { r.clone() } catch (x) { e = x.name } e", "TypeError"),
        ("const r = new Response('x'); await r.text(); let e; try { r.body.getReader() } catch (x) { e = x.name } e", "TypeError"),
        ("const r = new Response('x'); await r.text(); await r.body.cancel().catch((e) => e.name)", "TypeError"),
        ("const r = new Response(new Uint8Array([255, 65])); const c = r.clone(); [await r.text(), [...await c.bytes()], r.bodyUsed, c.bodyUsed]", ["\ufffdA", [255, 65], True, True]),
        ("const b = new Uint8Array([1, 2]); const r = new Response(b); b[0] = 9; const got = await r.bytes(); got[1] = 7; [...got]", [1, 7]),
        ("const r = new Response('{\"a\": [1]}'); await r.json()", {"a": [1]}),
        ("await new Response('{').json().catch((e) => e.name)", "SyntaxError"),
        ("await new Response('').json().catch((e) => e.name)", "SyntaxError"),
        ("const r = new Response('abc'); r.body; await r.text()", "abc"),
        ("const r = new Response('abc'); const reader = r.body.getReader(); await r.text().catch((e) => e.name)", "TypeError"),
        ("const q = new Request('http://h/', {method: 'POST', body: 'a=1&b=%20', headers: {'content-type': 'application/x-www-form-urlencoded'}}); [...await q.formData()]", [["a", "1"], ["b", " "]]),
        ("const q = new Request('http://h/', {method: 'POST', body: 'x'}); await q.text(); let e; try { new Request(q) } catch (x) { e = x.name } e", "TypeError"),
        ("const b = await new Response('né', {headers: {'content-type': 'text/x'}}).blob(); [b.size, b.type]", [3, "text/x"]),
        ("(await new Response('né').arrayBuffer()).byteLength", 3),
    ],
)
def test_bodies_that_are_read_at_once(guest: Guest, code: str, value: Any) -> None:
    assert guest.eval(code) == value
