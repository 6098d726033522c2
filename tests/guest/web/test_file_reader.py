"""FileReader."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Guest

READ = "const read = (blob, how, ...more) => new Promise((done) => { const r = new FileReader(); r.onloadend = () => done(r.result); r[how](blob, ...more) });"

CASES = [
    ("await read(new Blob(['hé']), 'readAsText')", "hé"),
    ("await read(new Blob([new Uint8Array([0xe9])]), 'readAsText', 'latin1')", "é"),
    ("await read(new Blob([new Uint8Array([0xe9])], {type: 'text/plain;charset=iso-8859-1'}), 'readAsText')", "é"),
    ("await read(new Blob([new Uint8Array([0xe9])], {type: 'text/plain;charset=iso-8859-1'}), 'readAsText', 'no-such-label')", "é"),
    ("await read(new Blob([new Uint8Array([0xff, 0xfe, 0x41, 0])]), 'readAsText', 'utf-8')", "A"),
    ("await read(new Blob(['hi'], {type: 'a/b'}), 'readAsDataURL')", "data:a/b;base64,aGk="),
    ("await read(new Blob([]), 'readAsDataURL')", "data:application/octet-stream;base64,"),
    ("(await read(new Blob([new Uint8Array([0, 255, 128])]), 'readAsBinaryString')).split('').map((c) => c.charCodeAt(0))", [0, 255, 128]),
    ("[...new Uint8Array(await read(new File(['ab'], 'n'), 'readAsArrayBuffer'))]", [97, 98]),
    ("const r = new FileReader(); const log = []; for (const t of ['loadstart', 'progress', 'load', 'loadend', 'abort', 'error']) r['on' + t] = (e) => log.push([t, r.readyState, e.loaded, e.total]); r.readAsText(new Blob(['abc'])); const at = [r.readyState, r.result]; await new Promise((d) => r.addEventListener('loadend', d)); [at, log]", [[1, None], [["loadstart", 1, 0, 3], ["progress", 1, 3, 3], ["load", 2, 3, 3], ["loadend", 2, 3, 3]]]),
    ("const r = new FileReader(); const log = []; for (const t of ['loadstart', 'load', 'loadend', 'abort']) r['on' + t] = () => log.push(t); r.readAsText(new Blob(['abc'])); r.abort(); await new Promise((d) => setTimeout(d)); [log, r.readyState, r.result]", [["abort", "loadend"], 2, None]),
    # A read that a listener of `load` starts: the first one has no loadend.
    ("const r = new FileReader(); const log = []; const end = new Promise((done) => { r.onloadend = () => done(log.push('end ' + r.result)) }); r.onload = () => { r.onload = null; log.push(r.result); r.readAsText(new Blob(['two'])) }; r.readAsText(new Blob(['one'])); await end; log", ["one", "end two"]),
    ("[FileReader.EMPTY, FileReader.LOADING, FileReader.prototype.DONE, FileReader.length, new FileReader().error]", [0, 1, 2, 0, None]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value"), CASES)
def test_values(guest: Guest, code: str, value: Any) -> None:
    assert guest.eval(READ + code) == value


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("new FileReader().readAsText()", "TypeError"),
        ("new FileReader().readAsText({})", "TypeError"),
        ("const r = new FileReader(); r.readAsText(new Blob([])); r.readAsText(new Blob([]))", "InvalidStateError"),
        ("FileReader.prototype.readAsText.call({}, new Blob([]))", "TypeError"),
        ("FileReader.prototype.result", "TypeError"),
    ],
)
def test_refusals(guest: Guest, code: str, name: str) -> None:
    assert guest.error(code)["name"] == name
