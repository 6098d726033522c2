"""TextEncoder, TextDecoder, their streams, atob and btoa."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Guest

CASES = [
    ("[...new TextEncoder().encode('é😀\\ud800')]", [195, 169, 240, 159, 152, 128, 239, 191, 189]),
    ("JSON.stringify(new TextEncoder().encodeInto('aé😀', new Uint8Array(4)))", '{"read":2,"written":3}'),
    ("new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff]))", "a\ufffd"),
    ("new TextDecoder('latin1').encoding", "windows-1252"),
    ("new TextDecoder('shift_jis').decode(new Uint8Array([0x82, 0xa0]))", "あ"),
    ("new TextDecoder('utf-16be').decode(new Uint8Array([0, 0x61]))", "a"),
    ("(() => { const d = new TextDecoder(); return d.decode(new Uint8Array([0xc3]), {stream: true}) + d.decode(new Uint8Array([0xa9])) })()", "é"),
    ("Object.keys(new TextDecoder()).concat(Object.keys(new TextEncoder()))", []),
    ("(async () => { let s = ''; for await (const c of new Blob(['hé']).stream().pipeThrough(new TextDecoderStream())) s += c; return s })()", "hé"),
    ("(async () => { const t = new TextEncoderStream(); const w = t.writable.getWriter(); w.write('\\ud83d'); w.write('\\ude00'); w.close(); return new Response(t.readable).text() })()", "😀"),
    ("btoa('a\\xff')", "Yf8="),
    ("atob(' Y f8= ') === 'a\\xff'", True),
    ("atob('YQ')", "a"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value"), CASES)
def test_values(guest: Guest, code: str, value: Any) -> None:
    assert guest.eval(code) == value


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("new TextDecoder('nope')", "RangeError"),
        ("new TextDecoder('utf-8', {fatal: true}).decode(new Uint8Array([0xff]))", "TypeError"),
        ("TextDecoder.prototype.decode.call({})", "TypeError"),
        ("new TextDecoder().decode('text')", "TypeError"),
        ("btoa('é€')", "InvalidCharacterError"),
        ("atob('a')", "InvalidCharacterError"),
        ("atob('YQ=')", "InvalidCharacterError"),
        ("atob()", "TypeError"),
    ],
)
def test_refusals(guest: Guest, code: str, name: str) -> None:
    assert guest.error(code)["name"] == name
