"""V8's embedder callbacks that hand over to guest-surface functions: promise rejections and stack traces."""

from __future__ import annotations

import ctypes

from isolate_host.engine.isolate import Isolate

__all__ = ["report_rejections", "use_stack_formatter"]

_P = ctypes.c_void_p


class _RejectMessage(ctypes.Structure):
    """``v8::PromiseRejectMessage``, passed by value: promise, event (0–3), value."""

    _fields_ = [("promise", _P), ("event", ctypes.c_int), ("value", _P)]


def report_rejections(isolate: Isolate, function: int) -> None:
    """Call ``function(event, promise, value)`` (a global) for each event of V8's rejection tracking."""
    native, handles = isolate.native, isolate.handles

    def on_reject(message: _RejectMessage) -> None:
        with handles.scope():
            event = native.number_new(isolate.pointer, float(message.event))
            # An empty value (handler added later) has a null slot; `undefined` stands in, found as a missing property.
            value = message.value or native.object_get(isolate.globals, isolate.context, handles.string(b"undefined"))
            isolate.call(function, event, message.promise, value)

    callback = isolate.keep(ctypes.CFUNCTYPE(None, _RejectMessage)(on_reject))
    native.set_promise_reject_callback(isolate.pointer, ctypes.cast(callback, _P))


def use_stack_formatter(isolate: Isolate, function: int) -> None:
    """Let ``function(error, callSites)`` (a global) compute ``error.stack``; an empty answer leaves the stack empty."""
    native, handles = isolate.native, isolate.handles

    def prepare(_context: int, error: int, sites: int) -> int | None:
        # The result must live in the caller's handle scope, so none is opened here.
        return isolate.call(function, error, sites) or handles.string(b"")

    callback = isolate.keep(ctypes.CFUNCTYPE(_P, _P, _P, _P)(prepare))
    native.set_prepare_stack_callback(isolate.pointer, ctypes.cast(callback, _P))
