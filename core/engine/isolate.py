"""One V8 isolate with one context, in the thread that made it, and the limits put on it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import TypeVar

from isolate_host.engine.abi import CallbackPair
from isolate_host.engine.allocator import CappedAllocator
from isolate_host.engine.handles import Handles
from isolate_host.engine.library import Native

__all__ = ["Isolate"]

_T = TypeVar("_T")

_PROMISE_HOOK = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_CONSTRUCTOR_THROWS = 0
_HAS_SIDE_EFFECT = 0
#: Young generation: three semi-spaces of 4 MiB (BASE_FLAGS). The old generation gets what is left of the limit.
_YOUNG_GENERATION = 12 << 20
_SMALLEST_OLD_GENERATION = 4 << 20


class Isolate:
    """The engine's centre: owns isolate and context, both entered for the life of the process.

    All methods belong to the creating thread, except :meth:`terminate`.
    """

    def __init__(self, native: Native, platform: int) -> None:
        self.native, self._platform = native, platform
        self.allocator = CappedAllocator(native)
        self._callbacks: list[object] = []
        params = (ctypes.c_uint64 * 64)()
        native.create_params(ctypes.addressof(params))
        params[native.abi.create_params_allocator_word] = self.allocator.address
        self.pointer = int(native.isolate_new(ctypes.addressof(params)))
        native.isolate_enter(self.pointer)
        self.handles = Handles(native, self.pointer)
        with self.handles.scope():
            empty = CallbackPair()
            local = native.context_new(self.pointer, None, None, None, empty, None, empty, empty)
            self.context = self.handles.globalize(local)
            #: ``globalThis``.
            self.globals = self.handles.globalize(int(native.context_global(self.context)))
        native.context_enter(self.context)
        # A callback that is registered now and removed in the worker is V8's documented way to lower the limit of a live heap.
        self._near_limit = ctypes.cast(ctypes.CDLL(None).abort, ctypes.c_void_p).value
        native.add_near_heap_limit_callback(self.pointer, self._near_limit, None)

    # ------------------------------------------------------------------ limits
    def limit_memory(self, limit: int, used: int) -> None:
        """Bound heap and array buffers of the live isolate to ``limit`` bytes beyond what the template uses: ``used`` of the heap.

        A heap that cannot stay inside aborts the process (the broker reads SIGABRT as "memory"); a buffer beyond it is a
        ``RangeError``. Off-heap memory that neither sees (WebAssembly) is bounded by RLIMIT_DATA.
        """
        old_generation = max(_SMALLEST_OLD_GENERATION, limit - _YOUNG_GENERATION) + used
        self.native.remove_near_heap_limit_callback(self.pointer, self._near_limit, old_generation)
        self.allocator.limit_to(limit)

    def abort_on_out_of_memory(self) -> None:
        """Make heap exhaustion SIGABRT, a signal that nothing else here raises, before any Python could run."""
        self.native.set_oom_handler(self.pointer, self._near_limit)

    def heap_statistics(self) -> dict[str, int]:
        """V8's heap figures in bytes, by the names of ``v8::HeapStatistics``."""
        words = (ctypes.c_size_t * 32)()
        self.native.heap_statistics(self.pointer, ctypes.addressof(words))
        return {name: int(words[i]) for i, name in enumerate(self.native.abi.heap_statistics_fields)}

    def collect_garbage(self) -> None:
        """Full collections until two in a row, which also compact: worth it before a fork shares the heap."""
        for _ in range(2):
            self.native.low_memory(self.pointer)

    # ------------------------------------------------------------------ control
    def terminate(self) -> None:
        """Stop the running JavaScript as soon as V8 looks. Callable from any thread."""
        self.native.terminate_execution(self.pointer)

    def resume(self) -> None:
        """Forget a termination, so that JavaScript may run again."""
        self.native.cancel_terminate_execution(self.pointer)

    def run_microtasks(self) -> None:
        """Drain the microtask queue."""
        self.native.perform_microtasks(self.pointer)

    def run_platform_tasks(self) -> None:
        """Run V8's own due tasks: finalisation callbacks, asynchronous WebAssembly compilation."""
        while self.native.pump_message_loop(self._platform, self.pointer, 0):
            pass

    def reseed(self, seed: int) -> None:
        """Give ``Math.random`` a new state. Forked siblings share it otherwise and draw the same numbers.

        Not by the flag ``--random-seed``: it is frozen in a worker, and would give all that are forked from it the same state again.
        """
        self.native.random_seed(self.native.random_generator(self.pointer), seed)
        with self.handles.scope():
            self.native.random_reset_context(ctypes.c_uint64.from_address(self.context).value)

    def compile_eagerly(self, eagerly: bool) -> None:
        """Compile whole scripts at once instead of each function at its first call. For what forks will share."""
        flag = b"--no-lazy" if eagerly else b"--lazy"
        self.native.set_flags(flag, len(flag))

    def freeze_flags(self) -> None:
        """Make V8's flags read-only memory: an exploit can no longer switch protections off."""
        self.native.freeze_flags()

    # ------------------------------------------------------------------ functions
    def call(self, function: int, *arguments: int) -> int | None:
        """Call a function with locals; the local of its result, or ``None`` when it threw or was terminated."""
        count = len(arguments)
        argv = (ctypes.c_void_p * count)(*arguments) if count else None
        result = self.native.function_call(function, self.pointer, self.context, self.globals, count, argv and ctypes.addressof(argv))
        return int(result) if result else None

    def number_function(self, compute: Callable[[], float]) -> int:
        """A JavaScript function without arguments that returns ``compute()``. The host code must not raise."""
        return self._native_function(lambda _arguments, _count: int(self.native.number_new(self.pointer, compute())))

    def buffer_function(self, compute: Callable[[bytes, list[memoryview]], bytes | str]) -> int:
        """A function ``(text, …ArrayBuffers)`` that returns an ``ArrayBuffer`` for ``bytes`` and a string for ``str``.

        ``compute`` sees the buffers in place, without a copy, and must not keep them. Only the guest surface may hold such a
        function, and must pass what is said here: nothing in it can be reached by guest code. ``undefined`` when memory is short.
        """

        def answer(arguments: int, count: int) -> int | None:
            windows = [self.handles.window(arguments + 8 * i) for i in range(1, count)]
            try:
                result = compute(self.handles.utf8(arguments), windows)
                return self.handles.string(result.encode()) if isinstance(result, str) else self.handles.buffer(result)
            except MemoryError:
                return None

        return self._native_function(answer)

    def string_function(self, compute: Callable[[str, str], str]) -> int:
        """A JavaScript function from two strings to one; a ``LookupError`` of the host becomes a ``TypeError``."""

        def answer(arguments: int, count: int) -> int | None:
            # V8 keeps arguments side by side, the first at the highest address.
            texts = [self.handles.display(arguments + 8 * index) if index < count else "undefined" for index in range(2)]
            try:
                return self.handles.string(compute(*texts).encode())
            except LookupError as error:
                message = self.handles.string(str(error.args[0]).encode())
                self.native.throw_exception(self.pointer, self.native.type_error(message, None))
                return None

        return self._native_function(answer)

    def peek_function(self) -> int:
        """A JavaScript function that looks where the language cannot, for ``console``: at a promise ``[state, result]`` (0 pending,
        1 fulfilled, 2 rejected), at an iterator or a weak collection ``[entries, 1 when they are pairs]``, else ``undefined``.
        """

        def answer(arguments: int, count: int) -> int | None:
            if not count or not self.native.is_object(arguments):
                return None
            if self.native.is_promise(arguments):
                state = self.native.promise_state(arguments)
                parts = [self._number(state)] + ([self.native.promise_result(arguments)] if state else [])
                return self.handles.array(parts)
            pairs = ctypes.c_bool(False)
            entries = self.native.preview_entries(arguments, ctypes.addressof(pairs))
            return self.handles.array([entries, self._number(pairs.value)]) if entries else None

        return self._native_function(answer)

    def texts_function(self, answer: Callable[[list[str]], int | None]) -> int:
        """A function that takes strings and returns the local that ``answer`` gives; what is pending when it gives ``None`` is thrown.

        Only the guest surface may hold such a function. The host code must not raise.
        """
        return self._native_function(lambda first, count: answer([self.handles.utf8(first + 8 * index).decode() for index in range(count)]))

    def promise_hook_function(self) -> int:
        """A function that has V8 call its argument for each step of a promise: ``(step, promise, parent)``, where the step is 0 made,
        1 settled, 2 about to run a reaction, 3 done with it. What is no function ends that. (V8 is built without hooks of its own for JavaScript.)
        """
        listener: list[int] = []

        def notify(step: int, promise: int, parent: int) -> None:
            # A listener that ends the watching leaves the rest of its own step to nobody.
            if listener:
                with self.handles.scope(), self.handles.try_catch():
                    self.call(listener[0], self._number(step), promise, parent)

        hook = self.keep(_PROMISE_HOOK(notify))
        address = ctypes.cast(hook, ctypes.c_void_p)

        def answer(arguments: int, count: int) -> int | None:
            if listener:
                self.handles.dispose(listener.pop())
            wanted = bool(count) and self.native.is_function(arguments)
            if wanted:
                listener.append(self.handles.globalize(arguments))
            self.native.set_promise_hook(self.pointer, address if wanted else None)
            return None

        return self._native_function(answer)

    def _number(self, value: float) -> int:
        return int(self.native.number_new(self.pointer, float(value)))

    def _native_function(self, answer: Callable[[int, int], int | None]) -> int:
        """Wrap ``answer(address of the first argument, count) -> local`` as a function whose only data is a C pointer."""
        slot = self.native.abi.return_value_index * 8

        def invoke(info: int) -> None:
            implicit, values, count = (ctypes.c_uint64.from_address(info + 8 * i).value for i in range(3))
            result = answer(values, count & 0xFFFFFFFF)
            if result:
                ctypes.c_uint64.from_address(implicit + slot).value = ctypes.c_uint64.from_address(result).value

        callback = self.keep(ctypes.CFUNCTYPE(None, ctypes.c_void_p)(invoke))
        return int(self.native.function_new(self.context, callback, None, 0, _CONSTRUCTOR_THROWS, _HAS_SIDE_EFFECT))

    def keep(self, callback: _T) -> _T:
        """Hold a ctypes callback for the life of the isolate: V8 keeps only its address."""
        self._callbacks.append(callback)
        return callback
