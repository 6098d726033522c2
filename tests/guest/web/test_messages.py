"""MessageChannel, MessagePort and BroadcastChannel: order, transfer, and what a port keeps alive."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Guest

CASES = [
    ("new Promise((done) => { const {port1, port2} = new MessageChannel(); const got = []; port1.onmessage = (e) => { got.push(e.data); if (got.length === 3) done(got) }; for (const x of [1, 'b', {c: [3]}]) port2.postMessage(x) })", [1, "b", {"c": [3]}]),
    # A message is a task: microtasks come first, and a timer that was asked for earlier.
    ("new Promise((done) => { const {port1, port2} = new MessageChannel(); const order = []; port1.onmessage = () => { order.push('message'); queueMicrotask(() => order.push('microtask')) }; setTimeout(() => order.push('timer')); port2.postMessage(1); port2.postMessage(2); Promise.resolve().then(() => order.push('first')); setTimeout(() => done(order)) })", ["first", "timer", "message", "microtask", "message", "microtask"]),
    # Nothing is delivered before start(); addEventListener alone does not start.
    ("new Promise((done) => { const {port1, port2} = new MessageChannel(); const got = []; port1.addEventListener('message', (e) => got.push(e.data)); port2.postMessage(1); setTimeout(() => { got.push('started'); port1.start(); setTimeout(() => done(got)) }) })", ["started", 1]),
    # A port that travels keeps what waits for it.
    ("new Promise((done) => { const a = new MessageChannel(), b = new MessageChannel(); a.port2.postMessage('early'); b.port1.onmessage = (e) => { const [port] = e.ports; port.onmessage = (m) => done([m.data, port !== a.port1, e.data.here === port]) }; b.port2.postMessage({here: a.port1}, [a.port1]) })", ["early", True, True]),
    ("new Promise((done) => { const {port1, port2} = new MessageChannel(); const moved = structuredClone(port1, {transfer: [port1]}); moved.onmessage = (e) => done(e.data); port1.postMessage('lost'); port2.postMessage('x') })", "x"),
    ("new Promise((done) => { const {port1, port2} = new MessageChannel(); const log = []; port1.onmessage = (e) => log.push(e.data); port1.onclose = () => { log.push('close'); done(log) }; port2.postMessage('last'); port2.close(); port2.postMessage('never') })", ["last", "close"]),
    ("new Promise((done) => { const {port1, port2} = new MessageChannel(); const b = new Uint8Array([1, 2]); port1.onmessage = (e) => done([e.data.length, b.length, e.isTrusted, e.ports.length]); port2.postMessage(b, {transfer: [b.buffer]}) })", [2, 0, True, 0]),
    ("new Promise((done) => { const a = new BroadcastChannel('n'), b = new BroadcastChannel('n'), other = new BroadcastChannel('m'); const got = []; for (const c of [a, b, other]) c.onmessage = (e) => got.push([c.name, e.data.x]); const closed = new BroadcastChannel('n'); closed.onmessage = () => got.push('closed'); a.postMessage({x: 1}); closed.close(); setTimeout(() => done(got)) })", [["n", 1]]),
    ("Object.keys(MessagePort.prototype).join()", "postMessage,start,close,onmessage,onmessageerror,onclose"),
    ("[MessageChannel.length, MessagePort.length, BroadcastChannel.length, MessagePort.prototype.postMessage.length, Object.keys(new MessageChannel()).length]", [0, 0, 1, 1, 0]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "value"), CASES)
def test_values(guest: Guest, code: str, value: Any) -> None:
    assert guest.eval(f"await ({code})") == value


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("new MessagePort()", "TypeError"),
        ("new MessageChannel().port1.postMessage()", "TypeError"),
        ("new MessageChannel().port1.postMessage(1, 2)", "TypeError"),
        ("new MessageChannel().port1.postMessage(() => {})", "DataCloneError"),
        ("const {port1} = new MessageChannel(); port1.postMessage(0, [port1])", "DataCloneError"),
        ("const {port1, port2} = new MessageChannel(); structuredClone(port1)", "DataCloneError"),
        ("const {port1} = new MessageChannel(); port1.close(); structuredClone(port1, {transfer: [port1]})", "DataCloneError"),
        ("const {port1} = new MessageChannel(); structuredClone(0, {transfer: [port1, port1]})", "DataCloneError"),
        ("const c = new BroadcastChannel('x'); c.close(); c.postMessage(1)", "InvalidStateError"),
        ("new BroadcastChannel('x').postMessage(Symbol())", "DataCloneError"),
        ("MessagePort.prototype.postMessage.call(new EventTarget(), 1)", "TypeError"),
        ("MessagePort.prototype.onmessage", "TypeError"),
        ("Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage').set.call(new EventTarget(), () => {})", "TypeError"),
    ],
)
def test_refusals(guest: Guest, code: str, name: str) -> None:
    assert guest.error(code)["name"] == name


def test_an_open_port_keeps_nothing_alive(guest: Guest) -> None:
    guest.eval("globalThis.channel = new MessageChannel(); channel.port1.onmessage = () => {}; 1")
    assert guest.outlook == -1
    guest.start("await new Promise((done) => { channel.port1.onmessage = done })")
    assert guest.outlook == -2


def test_a_message_on_its_way_is_work(guest: Guest) -> None:
    guest.start("const {port1, port2} = new MessageChannel(); port1.onmessage = () => {}; port2.postMessage(1); 1")
    assert guest.outlook == 0
    guest.command("timers")
    assert guest.outlook == -1


def test_a_failed_transfer_moves_nothing(guest: Guest) -> None:
    assert guest.eval("const {port1, port2} = new MessageChannel(); const b = new ArrayBuffer(2); try { port1.postMessage(() => {}, [b]) } catch (e) { e.name + b.byteLength }") == "DataCloneError2"


def test_a_guest_that_patches_breaks_only_itself(guest: Guest) -> None:
    code = "Array.prototype[Symbol.iterator] = () => { throw 1 }; Promise.prototype.then = () => { throw 2 }; MessageEvent.prototype.initMessageEvent = 0; globalThis.MessageEvent = 0; new Promise((done) => { const {port1, port2} = new MessageChannel(); port1.onmessage = (e) => { globalThis.got = e.data + e.ports.length }; port2.postMessage(7) }); 1"
    guest.eval(code)
    guest.command("timers")
    assert guest.eval("got") == 7
