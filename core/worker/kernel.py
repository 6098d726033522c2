"""The guest kernel as the worker sees it: a table of JavaScript functions (docs/reference/protocol.md §5)."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Collection
from enum import IntEnum
from typing import Protocol

from isolate_host.engine import Isolate, report_rejections, run_script, use_stack_formatter
from isolate_host.worker.channel import RawFrame, pack_frame
from isolate_host.worker.services import load_services

__all__ = ["NO_TIMER", "STALLED", "CommonJsHost", "Kernel"]

NO_TIMER, STALLED = -1.0, -2.0


class _Entry(IntEnum):
    TURN = 0
    DRAIN = 1
    SETTLE = 2
    REJECTED = 3
    RUN_TIMER = 4
    OUTLOOK = 5
    PREPARE_STACK = 6
    ADD_SOURCE_MAP = 7
    LOAD = 8
    BUILTIN = 9
    DRAIN_EARLY = 10
    PROVIDES = 11
    COMMONJS_NAMES = 12
    COMMONJS_IMPORT = 13
    ABANDON = 14
    FORGET = 15


class CommonJsHost(Protocol):
    """What ``require`` asks of the worker. Each gives a local, or ``None`` with an exception pending."""

    def find(self, referrer: str, specifier: str) -> int | None:
        """JSON: ``[kind, id, filename, dirname]``, or ``["error", {…}]``."""

    def function(self, module_id: str) -> int | None:
        """The function whose body a CommonJS module is."""

    def text(self, module_id: str) -> int | None:
        """The text of a JSON module."""

    def evaluate(self, module_id: str) -> int | None:
        """The namespace of an ES module, evaluated."""


class Kernel:
    """Boots the bundle in an isolate and calls its functions. No Python object ever goes in, only strings and buffers."""

    def __init__(self, isolate: Isolate, bundle: bytes, services: Collection[str] = ()) -> None:
        self._isolate, self._handles = isolate, isolate.handles
        native = isolate.native
        #: Takes frames in the middle of a turn, when the guest's outbox is full; set by the turn loop.
        self.on_spill: Callable[[list[bytes]], None] | None = None
        #: Source maps by file name, kept while coverage is counted.
        self.source_maps: dict[str, bytes] | None = None
        #: Answers ``require``; set by the evaluator.
        self.commonjs: CommonJsHost | None = None
        with self._handles.scope():
            boot = run_script(isolate, bundle, "isolate-host:guest")
            environment = native.object_new(isolate.pointer)
            for name, value in {
                b"extras": native.context_extras(isolate.context),
                b"now": isolate.number_function(lambda: time.monotonic() * 1000.0),
                b"peek": isolate.peek_function(),
                b"promiseHook": isolate.promise_hook_function(),
                b"spill": isolate.number_function(self._spill),
                b"random": isolate.buffer_function(lambda size, _buffers: os.urandom(int(size))),
                b"compute": isolate.buffer_function(load_services(services)),
                b"findRequired": isolate.texts_function(lambda args: self.commonjs.find(*args) if self.commonjs else None),
                b"compileRequired": isolate.texts_function(lambda args: self.commonjs.function(*args) if self.commonjs else None),
                b"textOfRequired": isolate.texts_function(lambda args: self.commonjs.text(*args) if self.commonjs else None),
                b"evaluateRequired": isolate.texts_function(lambda args: self.commonjs.evaluate(*args) if self.commonjs else None),
            }.items():
                native.object_set(environment, isolate.context, self._handles.string(name), value)
            with self._handles.try_catch() as caught:
                table = isolate.call(boot, environment)
                if table is None:
                    raise RuntimeError(f"the guest surface does not boot: {self._handles.display(caught.exception or boot)}")
            self._functions = [
                self._handles.globalize(native.object_get_index(table, isolate.context, index)) for index in range(len(_Entry))
            ]
        report_rejections(isolate, self._functions[_Entry.REJECTED])
        use_stack_formatter(isolate, self._functions[_Entry.PREPARE_STACK])

    def load(self, name: str, source: bytes) -> None:
        """Run a capability's guest script: the body of ``function (registerCapability)``."""
        with self._handles.scope(), self._handles.try_catch() as caught:
            installer = run_script(self._isolate, b"(function (registerCapability) {" + source + b"\n})", f"isolate-host:{name}")
            if self._isolate.call(self._functions[_Entry.LOAD], installer) is None:
                raise RuntimeError(f"guest script of {name!r}: {self._handles.display(caught.exception or installer)}")

    def turn(self, frames: list[RawFrame]) -> bool:
        """Hand over a batch; microtasks have run when this returns. False when the turn was terminated or broke."""
        parts: list[bytes] = []
        buffers: list[int] = []
        with self._handles.scope():
            for frame in frames:
                body, segments = frame.body_and_segments()
                parts += (frame.header, body or b"null")
                buffers += [self._handles.buffer(segment) for segment in segments]
            text = self._handles.string(b"[" + b",".join(parts) + b"]")
            return self._isolate.call(self._functions[_Entry.TURN], text, self._handles.array(buffers)) is not None

    def drain(self) -> tuple[list[bytes], float]:
        """What the guest wants to send, as frames ready for the wire, and the outlook (see :meth:`outlook`)."""
        with self._handles.scope():
            result = self._isolate.call(self._functions[_Entry.DRAIN])
            if result is None:
                return [], self.outlook()
            if not self._isolate.native.is_array(result):
                return [], float(self._isolate.native.number_value(result))
            outlook, _, text = self._text(result).partition(b"\n")
            return self._frames(text, result), float(outlook)

    def _spill(self) -> float:
        """The guest's outbox is full; we are inside its call, so nothing may be raised here."""
        if self.on_spill is not None:
            with self._handles.scope():
                early = self._isolate.call(self._functions[_Entry.DRAIN_EARLY])
                self.on_spill([] if early is None else self._frames(self._text(early), early))
        return 0.0

    def _text(self, outbox: int) -> bytes:
        return self._handles.utf8(self._isolate.native.object_get_index(outbox, self._isolate.context, 0))

    def _frames(self, text: bytes, outbox: int) -> list[bytes]:
        native, context = self._isolate.native, self._isolate.context
        lines = text.split(b"\n")
        frames, next_buffer = [], 1
        for index in range(0, len(lines) - 1, 2):
            header, body, count = lines[index], lines[index + 1], 0
            if header[:1] != b"{":
                digits, _, rest = header.partition(b"{")
                header, count = b"{" + rest, int(digits)
            segments = [self._handles.contents(native.object_get_index(outbox, context, next_buffer + i)) for i in range(count)]
            next_buffer += count
            frames.append(pack_frame(header, body, segments))
        return frames

    def settle(self, request: int, peer: int, promise: int, namespace: int | None, show: int = 0) -> None:
        """Answer evaluation ``request`` of ``peer`` when ``promise`` (a local) settles; ``show`` asks for text (1) in colours (2)."""
        native = self._isolate.native
        number, peer_number, show_number = (native.number_new(self._isolate.pointer, float(value)) for value in (request, peer, show))
        arguments = [number, peer_number, promise, show_number] + ([namespace] if namespace else [])
        self._isolate.call(self._functions[_Entry.SETTLE], *arguments)

    def abandon(self) -> bool:
        """The owner has gone: whatever waits for the host fails. False when the guest surface broke."""
        with self._handles.scope():
            return self._isolate.call(self._functions[_Entry.ABANDON]) is not None

    def forget(self, modules: list[str]) -> bool:
        """Guest code has heard of it: clear what it left, except ``modules`` (ids and file names). False when the guest surface broke."""
        with self._handles.scope():
            kept = self._handles.string(json.dumps(modules).encode())
            return self._isolate.call(self._functions[_Entry.FORGET], kept) is not None

    def run_timer(self) -> None:
        """Run the timer that is due first; its microtasks have run when this returns."""
        with self._handles.scope():
            self._isolate.call(self._functions[_Entry.RUN_TIMER])

    def outlook(self) -> float:
        """Milliseconds until the next timer (0 = due), ``NO_TIMER``, or ``STALLED``: an evaluation waits for what nothing can bring."""
        with self._handles.scope():
            result = self._isolate.call(self._functions[_Entry.OUTLOOK])
            return float(self._isolate.native.number_value(result)) if result is not None else NO_TIMER

    def add_source_map(self, filename: str, source_map: bytes) -> None:
        """Let stacks of ``filename`` show original positions."""
        if self.source_maps is not None:
            self.source_maps[filename] = source_map
        with self._handles.scope():
            name = self._handles.string(filename.encode())
            self._isolate.call(self._functions[_Entry.ADD_SOURCE_MAP], name, self._handles.string(source_map))

    def builtin(self, specifier: str) -> int | None:
        """Local of the exports object of a module that guest plugin code provides (needs the caller's scope).

        Its code may run now, among whatever the guest did to the language. Raises ``LookupError`` when it fails.
        """
        with self._handles.try_catch() as caught:
            result = self._isolate.call(self._functions[_Entry.BUILTIN], self._handles.string(specifier.encode()))
            if result is None:
                why = self._handles.display(caught.exception) if caught.exception else "terminated"
                raise LookupError(f"the built-in module '{specifier}' failed to load: {why}")
        return result if self._isolate.native.is_object(result) else None

    def provides(self, specifier: str) -> bool:
        """Whether guest plugin code provides a module of that name."""
        with self._handles.scope():
            name = self._handles.string(specifier.encode())
            result = self._isolate.call(self._functions[_Entry.PROVIDES], name)
            return result is not None and self._handles.display(result) == "true"

    def commonjs_names(self, source: bytes) -> bytes:
        """JSON of the named exports of CommonJS text: ``{"exports": […], "reexports": […]}``."""
        with self._handles.scope():
            result = self._isolate.call(self._functions[_Entry.COMMONJS_NAMES], self._handles.string(source))
            return self._handles.utf8(result) if result is not None else b'{"exports":[],"reexports":[]}'

    def run_commonjs(self, module_id: str, names: list[str]) -> int | None:
        """Evaluate a CommonJS module for an ``import`` (needs the caller's scope): local of an array with the values of ``names``.

        ``None`` when it threw; the exception is pending.
        """
        asked = [self._handles.string(text.encode()) for text in (module_id, json.dumps(names))]
        return self._isolate.call(self._functions[_Entry.COMMONJS_IMPORT], *asked)
