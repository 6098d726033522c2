"""Why modules cannot be loaded, as JavaScript errors."""

from __future__ import annotations

from dataclasses import dataclass

from isolate_host.engine import Isolate

__all__ = ["LoadFailure", "error_of"]


@dataclass(frozen=True, slots=True)
class LoadFailure:
    """Why a graph cannot be evaluated, as a JavaScript error will say it."""

    name: str
    message: str
    code: str | None = None
    stack: str | None = None


def error_of(isolate: Isolate, failure: LoadFailure) -> int:
    """Local of a JavaScript error that says what the failure says."""
    native, handles, context = isolate.native, isolate.handles, isolate.context
    make = {"SyntaxError": native.syntax_error, "TypeError": native.type_error}.get(failure.name, native.error)
    error = int(make(handles.string(failure.message.encode()), None))
    for key, value in (("code", failure.code), ("stack", failure.stack)):
        if value is not None:
            native.object_set(error, context, handles.string(key.encode()), handles.string(value.encode()))
    return error
