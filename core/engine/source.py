"""Compiling and running text: scripts, REPL evaluations, and what V8 says when it cannot parse."""

from __future__ import annotations

import ctypes
import re
from dataclasses import dataclass
from typing import Any

from isolate_host.engine.handles import TryCatch
from isolate_host.engine.isolate import Isolate

__all__ = ["MODULE_ORIGIN", "ScriptSource", "SyntaxFailure", "compile_function", "compile_source", "describe_failure", "evaluate_repl", "run_script"]

MODULE_ORIGIN = 8
_NOT_IN_A_SOURCE_URL = re.compile(r"[\s'\"]")


class ScriptSource(ctypes.Structure):
    """``v8::ScriptCompiler::Source``."""

    _fields_ = [
        ("source_string", ctypes.c_void_p), ("resource_name", ctypes.c_void_p),
        ("line_offset", ctypes.c_int), ("column_offset", ctypes.c_int), ("options", ctypes.c_int), ("padding", ctypes.c_int),
        ("source_map_url", ctypes.c_void_p), ("host_defined_options", ctypes.c_void_p), ("cached_data", ctypes.c_void_p),
        ("consume_task", ctypes.c_void_p), ("hint_callback", ctypes.c_void_p), ("hint_data", ctypes.c_void_p),
        ("tail", ctypes.c_uint64 * 4),
    ]


@dataclass(frozen=True, slots=True)
class SyntaxFailure:
    """Where and why V8 refused to parse. Line and columns count from 1; columns are UTF-16 units."""

    message: str
    filename: str
    line: int
    column: int
    end_column: int
    source_line: str

    @property
    def stack(self) -> str:
        """What ``error.stack`` says, so that a stack alone locates the error."""
        return f"SyntaxError: {self.message}\n    at {self.filename}:{self.line}:{self.column}"


def compile_source(isolate: Isolate, source: bytes, filename: str, options: int = 0) -> ScriptSource:
    """The struct that V8's compilers take."""
    result = ScriptSource()
    result.source_string = isolate.handles.string(source)
    result.resource_name = isolate.handles.string(filename.encode())
    result.options = options
    return result


def run_script(isolate: Isolate, source: bytes, filename: str) -> int:
    """Run trusted text (the guest surface, plugin scripts); the local of its completion value.

    Raises ``RuntimeError`` with V8's words when it does not parse or throws: a broken bundle must not boot.
    """
    struct = compile_source(isolate, source, filename)
    with isolate.handles.try_catch() as caught:
        script = isolate.native.compile(isolate.context, ctypes.addressof(struct), 0, 0)
        result = isolate.native.run(script, isolate.context) if script else None
        if result:
            return int(result)
        raise RuntimeError(f"{filename}: {_words(isolate, caught)}")


def compile_function(isolate: Isolate, source: bytes, filename: str, parameters: tuple[bytes, ...]) -> int | None:
    """The local of a function with this text as its body; ``None``, and a pending exception, when it does not parse."""
    struct = compile_source(isolate, source, filename)
    names = (ctypes.c_void_p * len(parameters))(*(isolate.handles.string(name) for name in parameters))
    function = isolate.native.compile_function(
        isolate.context, ctypes.addressof(struct), len(parameters), ctypes.addressof(names), 0, None, 0, 0
    )
    return int(function) if function else None


def evaluate_repl(isolate: Isolate, source: bytes, filename: str) -> int | None:
    """Start an evaluation with V8's REPL rules: completion value, top-level await, redeclaration of ``let`` and ``const``.

    Gives the local of a promise of ``{".repl_result": value}``, or ``None`` when the text did not parse or the watchdog
    ended it: the caller's :class:`TryCatch` says which. The name reaches stacks through a ``sourceURL`` comment.
    """
    name = _NOT_IN_A_SOURCE_URL.sub(lambda match: f"%{ord(match[0]):02x}", filename)
    text = isolate.handles.string(source + b"\n//# sourceURL=" + name.encode())
    promise = isolate.native.evaluate_global(isolate.pointer, text, 0, True)
    return int(promise) if promise else None


def describe_failure(isolate: Isolate, caught: TryCatch, filename: str) -> SyntaxFailure:
    """Read message and position from a :class:`TryCatch` that holds a parse error."""
    native, handles, context = isolate.native, isolate.handles, isolate.context
    message, error = caught.message, caught.exception
    if not message or not error:
        return SyntaxFailure("the source cannot be parsed", filename, 1, 1, 1, "")
    text = handles.display(native.object_get(error, context, handles.string(b"message")) or error)
    line_local = native.message_source_line(message, context)
    return SyntaxFailure(
        text,
        filename,
        _maybe_int(native.message_line(message, context)),
        _maybe_int(native.message_column(message, context)) + 1,
        _maybe_int(native.message_end_column(message, context)) + 1,
        handles.display(line_local) if line_local else "",
    )


def _maybe_int(value: Any) -> int:
    """``Maybe<int>``: the upper half when the low byte says that there is a value."""
    return (value >> 32) & 0xFFFFFFFF if value & 0xFF else 0


def _words(isolate: Isolate, caught: TryCatch) -> str:
    error = caught.exception
    if not error:
        return "terminated"
    stack = isolate.native.object_get(error, isolate.context, isolate.handles.string(b"stack"))
    return isolate.handles.display(stack) if stack else isolate.handles.display(error)
