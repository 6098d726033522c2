"""Proves at every boot that table and library agree; a mismatch names itself and stops the boot.

A wrong offset would be silent memory corruption, so each fragile entry of the table is exercised once here.
"""

from __future__ import annotations

import ctypes

from isolate_host.engine.isolate import Isolate
from isolate_host.engine.library import EngineUnavailable, Native
from isolate_host.engine.modules import ModuleInfo, ModuleMap
from isolate_host.engine.source import run_script

__all__ = ["check_engine", "check_layout"]

_BUFFER = 4096


def check_layout(native: Native) -> None:
    """``CreateParams`` must have its fingerprint where the table says, before an isolate is made with it."""
    params = (ctypes.c_uint64 * 64)()
    native.create_params(ctypes.addressof(params))
    word = native.abi.create_params_fingerprint_word
    if params[word] & 0xFF != 1:
        raise EngineUnavailable(f"self-check: CreateParams word {word} is {params[word]:#x}, the table expects allow_atomics_wait there")


def check_engine(isolate: Isolate) -> None:
    """Evaluate, count buffers, carry async context, link a module; ``EngineUnavailable`` names what failed."""
    checks = {
        "text round trip": _text_survives,
        "array buffer accounting": _buffers_are_counted,
        "continuation-preserved data": _context_round_trip,
        "native function result": _native_number,
        "module evaluation": _module_round_trip,
    }
    for name, check in checks.items():
        with isolate.handles.scope():
            if not check(isolate):
                raise EngineUnavailable(f"self-check: {name} failed with V8 {isolate.native.abi.version}")


def _text_survives(isolate: Isolate) -> bool:
    local = run_script(isolate, "'é😀' + '\\u{1F600}'.length".encode(), "selfcheck")
    return isolate.handles.utf8(local).decode() == "é😀2"


def _buffers_are_counted(isolate: Isolate) -> bool:
    before = isolate.allocator.used
    run_script(isolate, b"new ArrayBuffer(%d)" % _BUFFER, "selfcheck")
    return isolate.allocator.used == before + _BUFFER


def _context_round_trip(isolate: Isolate) -> bool:
    native, handles = isolate.native, isolate.handles
    probe = run_script(
        isolate,
        b"(x => { x.setContinuationPreservedEmbedderData('v'); const v = x.getContinuationPreservedEmbedderData();"
        b" x.setContinuationPreservedEmbedderData(undefined); return v })",
        "selfcheck",
    )
    result = isolate.call(probe, native.context_extras(isolate.context))
    return result is not None and handles.utf8(result) == b"v"


def _native_number(isolate: Isolate) -> bool:
    result = isolate.call(isolate.number_function(lambda: 0.1 + 0.2))
    return result is not None and isolate.native.number_value(result) == 0.1 + 0.2


def _module_round_trip(isolate: Isolate) -> bool:
    modules = ModuleMap(isolate, lambda *_: None, lambda _module, specifier: specifier)
    modules.add_source(ModuleInfo("selfcheck", "selfcheck:", "selfcheck", ""), b"export const answer = await 42")
    with isolate.handles.try_catch():
        if modules.evaluate("selfcheck", ()) is None:
            return False
    isolate.run_microtasks()
    native, handles = isolate.native, isolate.handles
    value = native.object_get(modules.namespace("selfcheck"), isolate.context, handles.string(b"answer"))
    return bool(native.number_value(value) == 42)
