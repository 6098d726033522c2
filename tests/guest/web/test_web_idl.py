"""Every interface of the platform has the shape that Web IDL gives it, and shows nothing of how it is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Guest

WALK = Path(__file__).with_name("walk.js").read_text()

#: One object of each kind that guest code can make.
INSTANCES = [
    "new AbortController()", "new AbortController().signal", "new Blob(['x'])", "new File([], 'n')", "new FileReader()", "new FormData()", "new Headers({a: '1'})",
    "new Request('http://h/', {method: 'POST', body: 'x'})", "new Response('x')", "new URL('http://h/')", "new URLSearchParams('a=1')", "new URLPattern({})",
    "new ReadableStream()", "new ReadableStream().getReader()", "new ReadableStream({type: 'bytes'}).getReader({mode: 'byob'})", "new WritableStream()",
    "new WritableStream().getWriter()", "new TransformStream()", "new CompressionStream('gzip')", "new DecompressionStream('gzip')", "new TextDecoder()",
    "new TextEncoder()", "new TextDecoderStream()", "new TextEncoderStream()", "new MessageChannel()", "new MessageChannel().port1", "new BroadcastChannel('x')",
    "new EventTarget()", "new PerformanceObserver(() => {})", "performance", "performance.mark('m')", "navigator", "new CountQueuingStrategy({highWaterMark: 1})",
    "(() => { let c; new ReadableStream({start(x) { c = x }}); return c })()", "(() => { let c; new ReadableStream({type: 'bytes', start(x) { c = x }}); return c })()",
    "(() => { let c; new WritableStream({start(x) { c = x }}); return c })()", "(() => { let c; new TransformStream({start(x) { c = x }}); return c })()",
]  # fmt: skip


def test_every_interface(guest: Guest) -> None:
    answer = guest.eval(f"await {WALK}")
    assert answer["wrong"] == []
    assert answer["interfaces"] >= 50


@pytest.mark.parametrize("code", INSTANCES)
def test_instances_have_no_own_properties(guest: Guest, code: str) -> None:
    assert guest.eval(f"Reflect.ownKeys({code}).map(String)") == []


def test_errors_of_the_language(guest: Guest) -> None:
    assert guest.eval("[SuppressedError.name, SuppressedError.length, Object.keys(SuppressedError.prototype).length]") == ["SuppressedError", 3, 0]


def test_events_own_only_what_is_unforgeable(guest: Guest) -> None:
    kinds = "Event CustomEvent ErrorEvent MessageEvent CloseEvent ProgressEvent"
    assert guest.eval(f"'{kinds}'.split(' ').flatMap((k) => Reflect.ownKeys(new globalThis[k]('x')))") == ["isTrusted"] * 6


def test_what_is_shown_is_still_readable(guest: Guest) -> None:
    """The library's formatting works although its method is out of sight."""
    assert guest.eval("const controller = (() => { let c; new ReadableStream({start(x) { c = x }}); return c })(); Object.getOwnPropertySymbols(Object.getPrototypeOf(controller)).length") == 1
    assert guest.eval("Symbol.for('nodejs.util.inspect.custom') in new Response()") is False


def test_streams_work_whatever_is_on_controllers(guest: Guest) -> None:
    """The internal methods cannot be reached, so they cannot be replaced."""
    code = "let c; const s = new ReadableStream({start(x) { c = x; c.enqueue('a') }}); Object.setPrototypeOf(c, Object.create(Object.getPrototypeOf(c))); (await s.getReader().read()).value"
    assert guest.eval(code) == "a"
