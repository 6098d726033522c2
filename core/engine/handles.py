"""Handle scopes, persistent handles, and text across the border.

A *local* is the address of a slot in the innermost handle scope; it dies with the scope. A *global* is the address of a slot
that lives until it is disposed. V8's C++ API takes either where it asks for ``Local<T>``.
"""

from __future__ import annotations

import ctypes
from types import TracebackType
from typing import Self

from isolate_host.engine.library import Native

__all__ = ["HandleScope", "Handles", "TryCatch"]

_REPLACE_INVALID_UTF8 = 8
_NO_NULL_TERMINATION = 2
_NORMAL_STRING = 0


class HandleScope:
    """``with handles.scope():`` frees every local made inside. It then waits among ``idle`` for its next use: each host call takes two."""

    __slots__ = ("_address", "_begin", "_buffer", "_end", "_idle", "_isolate")

    def __init__(self, native: Native, isolate: int, idle: list[HandleScope]) -> None:
        self._begin, self._end, self._isolate, self._idle = native.handle_scope, native.handle_scope_end, isolate, idle
        self._buffer = (ctypes.c_uint64 * 4)()
        self._address = ctypes.addressof(self._buffer)

    def __enter__(self) -> None:
        self._begin(self._address, self._isolate)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end(self._address)
        self._idle.append(self)


class TryCatch:
    """Catches what JavaScript throws while the block runs; look at it before the block ends."""

    __slots__ = ("_address", "_buffer", "_isolate", "_native")

    def __init__(self, native: Native, isolate: int) -> None:
        self._native, self._isolate = native, isolate
        self._buffer = (ctypes.c_uint64 * 16)()
        self._address = ctypes.addressof(self._buffer)

    def __enter__(self) -> Self:
        self._native.try_catch(self._address, self._isolate)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._native.try_catch_end(self._address)

    @property
    def terminated(self) -> bool:
        """Whether the watchdog, not an exception, ended the code."""
        return bool(self._native.try_catch_has_terminated(self._address))

    @property
    def exception(self) -> int | None:
        """Local of the thrown value, or ``None``."""
        caught = self._native.try_catch_has_caught(self._address)
        return self._native.try_catch_exception(self._address) if caught else None

    @property
    def message(self) -> int | None:
        """Local of V8's message (position and source line), or ``None``."""
        caught = self._native.try_catch_has_caught(self._address)
        return self._native.try_catch_message(self._address) if caught else None


class Handles:
    """Conversions that need the isolate: strings, byte buffers, arrays, globals."""

    def __init__(self, native: Native, isolate: int) -> None:
        self.native, self.isolate = native, isolate
        self._idle_scopes: list[HandleScope] = []

    def scope(self) -> HandleScope:
        """A handle scope, to be entered at once and left once."""
        return self._idle_scopes.pop() if self._idle_scopes else HandleScope(self.native, self.isolate, self._idle_scopes)

    def try_catch(self) -> TryCatch:
        """A new catch block."""
        return TryCatch(self.native, self.isolate)

    def string(self, data: bytes) -> int:
        """A JavaScript string from UTF-8. Never give it a ``str``: the bytes keep astral characters whole."""
        local = self.native.string_new(self.isolate, data, _NORMAL_STRING, len(data))
        if not local:
            raise MemoryError(f"a string of {len(data)} bytes is more than V8 can hold")
        return int(local)

    def utf8(self, local: int) -> bytes:
        """The bytes of a JavaScript *string*; lone surrogates become U+FFFD. Runs no guest code."""
        size = self.native.string_utf8_length(local, self.isolate)
        if size == 0:
            return b""
        data = bytearray(size)
        address = (ctypes.c_char * size).from_buffer(data)
        options = _REPLACE_INVALID_UTF8 | _NO_NULL_TERMINATION
        self.native.string_write_utf8(local, self.isolate, ctypes.addressof(address), size, None, options)
        del address
        return bytes(data)

    def display(self, local: int) -> str:
        """Any value as text, as ``String(value)`` would; may run guest code (``toString``). ``""`` when that throws."""
        box = (ctypes.c_uint64 * 4)()
        with self.try_catch():
            self.native.utf8_value(ctypes.addressof(box), self.isolate, local, _REPLACE_INVALID_UTF8)
            try:
                return ctypes.string_at(box[0], box[1]).decode("utf-8", "replace") if box[0] else ""
            finally:
                self.native.utf8_value_end(ctypes.addressof(box))

    def buffer(self, data: bytes | memoryview) -> int:
        """A new ``ArrayBuffer`` that holds a copy of ``data``. ``MemoryError`` when the guest's cap forbids it."""
        local = self.native.buffer_maybe_new(self.isolate, len(data), 1 if len(data) else 0)
        if not local:
            raise MemoryError(f"an ArrayBuffer of {len(data)} bytes is more than the guest may hold")
        if len(data):
            source = data if isinstance(data, bytes) else bytes(data)
            ctypes.memmove(self.native.buffer_data(local), source, len(source))
        return int(local)

    def contents(self, local: int) -> bytes:
        """A copy of what an ``ArrayBuffer`` or a view shows."""
        if self.native.is_array_buffer(local):
            size = self.native.buffer_length(local)
            return ctypes.string_at(self.native.buffer_data(local), size) if size else b""
        size = self.native.view_length(local)
        data = bytearray(size)
        if size:
            address = (ctypes.c_char * size).from_buffer(data)
            self.native.view_copy(local, ctypes.addressof(address), size)
            del address
        return bytes(data)

    def window(self, local: int) -> memoryview:
        """The bytes of an ``ArrayBuffer`` themselves. Valid only until JavaScript runs again."""
        if not self.native.is_array_buffer(local):
            raise TypeError("not an ArrayBuffer")
        size = self.native.buffer_length(local)
        return memoryview((ctypes.c_ubyte * size).from_address(self.native.buffer_data(local)) if size else b"").cast("B")

    def array(self, locals_: list[int]) -> int:
        """A JavaScript array of these locals."""
        elements = (ctypes.c_void_p * max(1, len(locals_)))(*locals_)
        return int(self.native.array_new(self.isolate, ctypes.addressof(elements), len(locals_)))

    def globalize(self, local: int) -> int:
        """A persistent handle to what ``local`` refers to; give it back with :meth:`dispose`."""
        value = ctypes.c_uint64.from_address(local).value
        return int(self.native.globalize(self.isolate, value))

    def dispose(self, handle: int) -> None:
        """Free a persistent handle."""
        self.native.dispose_global(handle)

    @staticmethod
    def same(one: int, other: int) -> bool:
        """Whether two handles refer to the same object."""
        return ctypes.c_uint64.from_address(one).value == ctypes.c_uint64.from_address(other).value
