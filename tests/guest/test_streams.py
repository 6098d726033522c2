"""Byte streams: credit in both directions, ends, aborts and cancellation."""

from __future__ import annotations

from collections.abc import Callable

from .conftest import Guest
from .test_references import call, with_kv

WINDOW = 1024 * 1024


def produced(guest: Guest) -> list[bytes]:
    """All segments that the guest has sent."""
    return [frame.segments[0] for frame in guest.of("sd")]


def claim(guest: Guest, stream: int = 2) -> None:
    """Say that we read it."""
    guest.send({"t": "sc", "st": stream, "n": 0})


def test_nothing_is_sent_before_somebody_reads(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    guest.start("globalThis.log = []; const bytes = () => ({[Symbol.asyncIterator]: () => ({next: () => { log.push('next'); return {done: true} }, return: () => { log.push('return'); return {done: true} }})}); kv.bytes(bytes()).catch(() => {}); kv.bytes(bytes()).catch(() => {}); 1")
    first, second = guest.of("call")
    guest.send({"t": "sc", "st": 2, "n": 0, "p": 1})
    assert guest.of("se")[0].header == {"t": "se", "st": 2, "p": 1}
    guest.send({"t": "ok", "id": first.header["id"]}, None)
    # the other one was answered, and nobody had asked for its stream
    guest.send({"t": "err", "id": second.header["id"]}, {"$": "err", "name": "Error", "message": "no", "stack": ""})
    guest.send({"t": "sc", "st": 4, "n": 0})
    assert guest.eval("log") == ["next", "return"]
    assert len(guest.of("se")) == 1


def test_a_small_stream(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    guest.start("kv.bytes((async function* () { yield new Uint8Array([1, 2]); await 1; yield new Uint16Array([3]).buffer; yield new Uint8Array(); yield new DataView(new ArrayBuffer(4), 1, 2) })()); 1")
    (frame,) = guest.of("call")
    assert frame.value == [{"$": "st", "r": 2}]
    claim(guest)
    kinds = [f.kind for f in guest.frames if f.kind in ("call", "sd", "se")]
    assert kinds == ["call", "sd", "sd", "sd", "se"]
    assert produced(guest) == [b"\1\2", b"\3\0", b"\0\0"]
    assert guest.of("se")[0].header == {"t": "se", "st": 2}


def test_never_more_than_the_window(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    guest.eval("globalThis.pulled = 0; kv.bytes((function* () { for (let i = 0; i < 20; i++) { pulled++; yield new Uint8Array(100000).fill(i) } })()); 1")
    claim(guest)
    assert sum(map(len, produced(guest))) == WINDOW
    assert guest.eval("pulled") == 11
    guest.send({"t": "sc", "st": 2, "n": 50})
    assert sum(map(len, produced(guest))) == WINDOW + 50
    assert guest.eval("pulled") == 11
    guest.send({"t": "sc", "st": 2, "n": 10_000_000, "p": 1})
    assert sum(map(len, produced(guest))) == 2_000_000
    assert max(map(len, produced(guest))) <= WINDOW
    assert b"".join(produced(guest)) == b"".join(bytes([i]) * 100000 for i in range(20))
    # whoever granted credit is who is addressed
    assert guest.of("se")[0].header == {"t": "se", "st": 2, "p": 1}


def test_a_large_chunk_is_cut(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    guest.eval("kv.bytes([new Uint8Array(1000000).fill(7)]); 1")
    for _ in range(8):
        guest.send({"t": "sc", "st": 2, "n": WINDOW // 2})
    assert b"".join(produced(guest)) == b"\7" * 1_000_000
    assert len(guest.of("se")) == 1


def test_the_producer_fails(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    guest.eval("kv.bytes((function* () { yield new Uint8Array(1); throw new RangeError('broke') })()); 1")
    claim(guest)
    (frame,) = guest.of("sx")
    assert frame.header == {"t": "sx", "st": 2, "d": "abort"} and frame.value["name"] == "RangeError"
    guest.eval("kv.bytes(['text']); 1")
    claim(guest, 4)
    assert guest.of("sx")[1].value["message"] == "A byte stream may only contain typed arrays and ArrayBuffers."


def test_the_consumer_cancels(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    guest.eval("globalThis.log = []; kv.bytes((function* () { try { for (;;) yield new Uint8Array(200000) } finally { log.push('cleanup') } })()); 1")
    claim(guest)
    guest.send({"t": "sx", "st": 2, "d": "cancel"})
    assert guest.eval("log") == ["cleanup"]
    before = len(guest.of("sd"))
    guest.send({"t": "sc", "st": 2, "n": WINDOW})
    assert len(guest.of("sd")) == before


def test_a_stream_can_be_sent_once(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    guest.command("load", name="twice", source="registerCapability('twice', {install(sdk) { sdk.defineGlobal('twice', () => { const s = sdk.byteStream([new Uint8Array(1)]); return sdk.call('x', s, s) }) }})")
    guest2 = new_guest()
    guest2.command("load", name="twice", source="registerCapability('twice', {install(sdk) { sdk.defineGlobal('twice', () => { const s = sdk.byteStream([new Uint8Array(1)]); return sdk.call('x', s, s) }) }})")
    guest2.init({"twice": {}})
    assert "the same byte stream twice" in guest2.error("await twice()")["message"]
    assert guest2.of("sd") == []


def test_reading_grants_credit(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    assert call(guest, "hold", {"$": "st", "r": 1, "p": 1}).value == "object"
    for _ in range(4):
        guest.send({"t": "sd", "st": 1, "p": 1}, None, (b"x" * (WINDOW // 4),))
    assert guest.of("sc") == []
    assert guest.eval("globalThis.reader = held.getReader(); (await reader.read()).value.length") == WINDOW // 4
    assert guest.of("sc") == []
    assert guest.eval("(await reader.read()).value instanceof Uint8Array") is True
    assert [frame.header for frame in guest.of("sc")] == [{"t": "sc", "st": 1, "p": 1, "n": WINDOW // 2}]
    request = guest.start("reader.releaseLock(); let n = 0; for await (const chunk of held) n += chunk.length; n")
    guest.send({"t": "sd", "st": 1, "p": 1}, None, (b"yy",))
    guest.send({"t": "se", "st": 1, "p": 1})
    assert guest.reply(request).value == WINDOW // 2 + 2


def test_the_host_aborts_its_stream(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    call(guest, "hold", {"$": "st", "r": 1})
    guest.send({"t": "sd", "st": 1}, None, (b"ab",))
    guest.send({"t": "sx", "st": 1, "d": "abort"}, {"$": "err", "name": "TypeError", "message": "lost", "stack": ""})
    assert guest.eval("const reader = held.getReader(); const first = await reader.read(); const e = await reader.read().catch((e) => e); [held instanceof ReadableStream, first.value.length, e.message, await reader.read().catch((again) => again === e)]") == [True, 2, "lost", True]


def test_breaking_off_cancels(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    call(guest, "hold", {"$": "st", "r": 1})
    guest.send({"t": "sd", "st": 1}, None, (b"ab",))
    guest.eval("for await (const chunk of held) break; 1")
    assert [frame.header for frame in guest.of("sx")] == [{"t": "sx", "st": 1, "d": "cancel"}]


def test_a_forgotten_stream_is_cancelled(new_guest: Callable[[], Guest]) -> None:
    guest = with_kv(new_guest)
    call(guest, "hold", {"$": "st", "r": 1})
    guest.eval("globalThis.held = 0; 1")
    guest.command("gc")
    assert [frame.header["d"] for frame in guest.of("sx")] == ["cancel"]
