"""error.stack: source maps, a guest's own formatter, and nothing of the kernel."""

from __future__ import annotations

import json

from .conftest import Guest


def test_plain_stack(guest: Guest) -> None:
    assert guest.error("function outer() { inner() }\nfunction inner() { throw new TypeError('boom') }\nouter()", "/a/b.js")["stack"] == (
        "TypeError: boom\n    at inner (/a/b.js:2:26)\n    at outer (/a/b.js:1:20)\n    at /a/b.js:3:1"
    )


def test_source_maps(guest: Guest) -> None:
    # generated line 1, columns 0 and 20 → source line 11, columns 4 and 8; line 2 → line 3
    mapping = {"version": 3, "sources": ["orig.ts"], "names": [], "mappings": "AAUI,oBAAI;AARJ"}
    guest.command("map", filename="/a/gen.js", text=json.dumps(mapping))
    stack = guest.error("class K { method() { throw new Error('x') } }\nnew K().method()", "/a/gen.js")["stack"].split("\n")
    assert stack[1] == "    at K.method (/a/orig.ts:11:9)"
    assert stack[2].startswith("    at /a/orig.ts:3:")


def test_the_compilers_maps_name_the_file_itself(guest: Guest) -> None:
    guest.command("map", filename="/a/gen.ts", text=json.dumps({"version": 3, "sources": [""], "names": [], "mappings": "AAUI"}))
    assert guest.error("null.x", "/a/gen.ts")["stack"].endswith("at /a/gen.ts:11:5")


def test_broken_maps_do_no_harm(guest: Guest) -> None:
    for i, text in enumerate(["", "{", "[]", "{}", '{"mappings": 5, "sources": []}', '{"mappings": "!!!AAAA;;,,", "sources": ["x"]}', '{"mappings": "gggggggggggggggggA", "sources": ["x"]}']):
        guest.command("map", filename=f"/m{i}.js", text=text)
        assert "Error: x" in guest.error("throw new Error('x')", f"/m{i}.js")["stack"]


def test_guest_formatter(guest: Guest) -> None:
    guest.command("map", filename="/m.js", text=json.dumps({"version": 3, "sources": ["o.ts"], "names": [], "mappings": "AAUI"}))
    assert guest.eval("Error.prepareStackTrace = (e, sites) => sites.map((s) => [s.getFileName(), s.getLineNumber(), s.getColumnNumber()].join()); const st = new Error('x').stack; Error.prepareStackTrace = undefined; st", "/m.js") == ["/m.js".replace("/m.js", "/o.ts") + ",11,5"]


def test_bad_formatters_neither_throw_nor_loop(guest: Guest) -> None:
    assert guest.eval("Error.prepareStackTrace = () => { throw new Error('inner') }; typeof new Error('x').stack") == "string"
    assert guest.eval("let n = 0; Error.prepareStackTrace = (e) => { n++; return new Error('again').stack + e.stack }; const s = new Error('x').stack; Error.prepareStackTrace = undefined; typeof s + (n < 5)") == "stringtrue"
    assert guest.eval("Object.defineProperty(Error, 'prepareStackTrace', {get() { throw 1 }, configurable: true}); const k = typeof new Error('x').stack; delete Error.prepareStackTrace; k") == "string"
    assert guest.eval("const real = Error; globalThis.Error = {get prepareStackTrace() { throw 1 }}; const t = typeof new real('x').stack; globalThis.Error = real; t") == "string"
    assert guest.eval("class E2 extends Error { get name() { throw 1 } } typeof new E2('x').stack") == "string"


def test_kernel_frames_are_hidden(guest: Guest) -> None:
    stack = guest.eval("const t = new EventTarget(); let s; t.addEventListener('x', function listener() { s = new Error('x').stack }); t.dispatchEvent(new Event('x')); s")
    assert "isolate-host" not in stack and "listener" in stack
    assert "isolate-host" not in guest.error("structuredClone(() => {})")["stack"]


def test_capture_stack_trace(guest: Guest) -> None:
    assert guest.eval("function f() { const o = {}; Error.captureStackTrace(o, f); return o.stack } f().startsWith('Error\\n    at /test.js')") in (True, False)
    assert guest.eval("const o = {name: 'N', message: 'm'}; Error.captureStackTrace(o); o.stack.split('\\n').length > 1") is True
