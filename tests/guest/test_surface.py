"""The shape of what the kernel adds: descriptors, names, lengths, nothing enumerable."""

from __future__ import annotations

from .conftest import Guest

ADDED = [
    "SuppressedError", "DOMException", "Event", "CustomEvent", "EventTarget", "addEventListener", "removeEventListener", "dispatchEvent", "AbortSignal",
    "AbortController", "ErrorEvent", "PromiseRejectionEvent", "onerror", "onunhandledrejection", "onrejectionhandled", "MessageEvent", "CloseEvent", "ProgressEvent", "setTimeout", "setInterval", "clearTimeout", "clearInterval", "self", "queueMicrotask",
    "reportError", "PerformanceEntry", "PerformanceMark", "PerformanceMeasure", "PerformanceObserverEntryList", "PerformanceObserver", "Performance", "performance", "structuredClone", "MessagePort", "MessageChannel", "BroadcastChannel", "AsyncContext", "ReadableStream", "ReadableStreamDefaultReader", "ReadableStreamBYOBReader", "ReadableStreamBYOBRequest",
    "ReadableStreamDefaultController", "ReadableByteStreamController", "WritableStream", "WritableStreamDefaultWriter", "WritableStreamDefaultController",
    "TransformStream", "TransformStreamDefaultController", "ByteLengthQueuingStrategy", "CountQueuingStrategy", "TextDecoder", "TextEncoder",
    "TextDecoderStream", "TextEncoderStream", "atob", "btoa", "URL", "URLSearchParams", "Blob", "File", "Headers", "FormData", "Request", "Response", "FileReader",
    "URLPattern", "CompressionStream", "DecompressionStream", "Navigator", "navigator", "global", "__on", "__emit",
]  # fmt: skip


def test_globals(guest: Guest) -> None:
    names = guest.eval("Object.getOwnPropertyNames(globalThis)")
    assert names[names.index("WebAssembly") + 1 :] == ADDED
    assert guest.eval("Object.keys(globalThis).filter((k) => k !== 'gc')") == []
    wrong = guest.eval(f"{ADDED}.filter((k) => {{ const d = Object.getOwnPropertyDescriptor(globalThis, k); return (d.get === undefined && !d.writable) || !d.configurable || d.enumerable }})")
    assert wrong == []


def test_names_and_lengths(guest: Guest) -> None:
    shapes = guest.eval("['setTimeout', 'setInterval', 'clearTimeout', 'queueMicrotask', 'structuredClone', 'reportError', 'addEventListener', 'Event', 'CustomEvent', 'EventTarget', 'AbortController', 'DOMException', 'PromiseRejectionEvent'].map((k) => globalThis[k].name + globalThis[k].length)")  # fmt: skip
    assert shapes == ["setTimeout1", "setInterval1", "clearTimeout0", "queueMicrotask1", "structuredClone1", "reportError1", "addEventListener2", "Event1", "CustomEvent1", "EventTarget0", "AbortController0", "DOMException0", "PromiseRejectionEvent2"]  # fmt: skip
    assert guest.eval("['setTimeout', 'structuredClone', 'queueMicrotask'].every((k) => { try { new globalThis[k](() => {}) } catch (e) { return e instanceof TypeError } })") is True


def test_interfaces(guest: Guest) -> None:
    assert guest.eval("Object.keys(EventTarget.prototype)") == ["addEventListener", "removeEventListener", "dispatchEvent"]
    assert guest.eval("Object.keys(AbortSignal).join() + '|' + Object.keys(AbortSignal.prototype).join()") == "abort,timeout,any|aborted,reason,throwIfAborted,onabort"
    assert guest.eval("Object.keys(Event).join()") == "NONE,CAPTURING_PHASE,AT_TARGET,BUBBLING_PHASE"
    assert guest.eval("[Event, EventTarget, AbortSignal, AbortController, CustomEvent, Performance, DOMException].map((C) => Object.prototype.toString.call(C.prototype)).join()") == "[object Event],[object EventTarget],[object AbortSignal],[object AbortController],[object CustomEvent],[object Performance],[object DOMException]"  # fmt: skip
    assert guest.eval("self === globalThis && AbortSignal.__proto__ === EventTarget && Object.getPrototypeOf(DOMException.prototype) === Error.prototype") is True


def test_init_happens_once(guest: Guest) -> None:
    (reply,) = guest.send({"t": "init", "id": 5}, {"caps": {}, "absent": {}})
    assert reply.kind == "err"


def test_stall_is_noticed(guest: Guest) -> None:
    guest.start("await new Promise(() => {})")
    assert guest.outlook == -2
    guest.eval("__on('x', () => {}); 1")
    assert guest.outlook == -1
