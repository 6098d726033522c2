"""Native ES modules: the module map, linking, evaluation, ``import()`` and ``import.meta``.

V8 asks for a module synchronously while it links, so the whole graph is loaded before (by the worker's loader) and recorded
here with :meth:`ModuleMap.link`. V8 itself gives cycles, live bindings and top-level await their meaning.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from isolate_host.engine.isolate import Isolate
from isolate_host.engine.source import MODULE_ORIGIN, SyntaxFailure, compile_source, describe_failure, run_script

__all__ = ["ModuleInfo", "ModuleMap", "ModuleRequest", "ModuleSyntaxError"]

_P = ctypes.c_void_p
_RESOLVE = ctypes.CFUNCTYPE(_P, _P, _P, _P, _P)
_DYNAMIC = ctypes.CFUNCTYPE(_P, _P, _P, _P, _P, _P)
_META = ctypes.CFUNCTYPE(None, _P, _P, _P)
_STEPS = ctypes.CFUNCTYPE(_P, _P, _P)
_EVALUATING, _EVALUATED, _ERRORED = 3, 4, 5
#: One native function serves all modules: a closure for each would need executable memory after the lock.
_BIND_RESOLVE = b"native => id => ({ resolve(specifier) { return native(id, `${specifier}`); } }).resolve"


class ModuleSyntaxError(Exception):
    """A module does not parse; ``failure`` says where."""

    def __init__(self, failure: SyntaxFailure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class ModuleRequest:
    """One import: the specifier as written and its ``type`` attribute (``""`` when absent)."""

    specifier: str
    type: str


@dataclass(frozen=True, slots=True)
class ModuleInfo:
    """Identity of a module: ``id`` (canonical path), and what ``import.meta`` tells it."""

    id: str
    url: str
    filename: str
    dirname: str


class _Entry:
    """``exports`` of a synthetic module, as handles; or ``names`` and ``run``, which gives them as an array when it is evaluated."""

    __slots__ = ("exports", "handle", "hash", "info", "names", "run")

    def __init__(self, info: ModuleInfo, handle: int, identity: int) -> None:
        self.info, self.handle, self.hash = info, handle, identity
        self.exports: dict[str, int] = {}
        self.names: list[str] = []
        self.run: Callable[[], int | None] | None = None


class ModuleMap:
    """All modules of one isolate. ``on_dynamic(referrer, request, resolver)`` starts an ``import()``; ``resolver`` is a global
    that :meth:`settle` or :meth:`fail` consumes. ``on_meta_resolve(module id, specifier)`` answers ``import.meta.resolve``.
    """

    def __init__(
        self,
        isolate: Isolate,
        on_dynamic: Callable[[str, ModuleRequest, int], None],
        on_meta_resolve: Callable[[str, str], str],
    ) -> None:
        self._isolate, self._native, self._handles = isolate, isolate.native, isolate.handles
        self._on_dynamic = on_dynamic
        self._by_id: dict[str, _Entry] = {}
        self._by_hash: dict[int, list[_Entry]] = {}
        self._links: dict[tuple[str, str, str], str] = {}
        keep, native = isolate.keep, isolate.native
        self._resolve = keep(_RESOLVE(self._resolve_callback))
        self._steps = keep(_STEPS(self._synthetic_callback))
        with self._handles.scope():
            resolve = isolate.string_function(on_meta_resolve)
            bind = run_script(isolate, _BIND_RESOLVE, "isolate-host:import-meta")
            self._bind_resolve = self._handles.globalize(isolate.call(bind, resolve) or 0)
        native.set_import_dynamically_callback(isolate.pointer, ctypes.cast(keep(_DYNAMIC(self._dynamic_callback)), _P))
        native.set_import_meta_callback(isolate.pointer, ctypes.cast(keep(_META(self._meta_callback)), _P))

    def __contains__(self, module_id: str) -> bool:
        return module_id in self._by_id

    def linked(self, referrer: str, request: ModuleRequest) -> str | None:
        """The module id that this import of ``referrer`` was resolved to."""
        return self._links.get((referrer, request.specifier, request.type))

    def link(self, referrer: str, request: ModuleRequest, module_id: str) -> None:
        """Record what an import resolves to. The first answer stays: a specifier never changes its meaning."""
        self._links.setdefault((referrer, request.specifier, request.type), module_id)

    def targets(self, kind: str) -> dict[str, list[str]]:
        """What each module was told that its requests of one kind (``type``) mean."""
        found: dict[str, list[str]] = {}
        for (referrer, _, request_type), target in self._links.items():
            if request_type == kind:
                found.setdefault(referrer, []).append(target)
        return found

    def keep_only(self, kept: Collection[str]) -> None:
        """Forget all other modules and every link from or to them. V8 keeps those that a function or a kept module still refers to."""
        for module_id in [known for known in self._by_id if known not in kept]:
            entry = self._by_id.pop(module_id)
            for handle in (entry.handle, *entry.exports.values()):
                self._handles.dispose(handle)
        self._by_hash = {}
        for entry in self._by_id.values():
            self._by_hash.setdefault(entry.hash, []).append(entry)
        self._links = {key: target for key, target in self._links.items() if key[0] in kept and target in kept}

    # ------------------------------------------------------------------ adding modules
    def add_source(self, info: ModuleInfo, source: bytes) -> list[ModuleRequest]:
        """Compile a module; its imports, in order. Raises :class:`ModuleSyntaxError`."""
        with self._handles.scope(), self._handles.try_catch() as caught:
            struct = compile_source(self._isolate, source, info.filename, MODULE_ORIGIN)
            module = self._native.compile_module(self._isolate.pointer, ctypes.addressof(struct), 0, 0)
            if not module:
                raise ModuleSyntaxError(describe_failure(self._isolate, caught, info.filename))
            self._register(info, module)
            return self._requests(module)

    def add_json(self, info: ModuleInfo, source: bytes) -> None:
        """A JSON module: its ``default`` export is the parsed value."""
        with self._handles.scope(), self._handles.try_catch() as caught:
            value = self._native.json_parse(self._isolate.context, self._handles.string(source))
            if not value:
                raise ModuleSyntaxError(describe_failure(self._isolate, caught, info.filename))
            self._add_synthetic(info, {"default": value})

    def add_builtin(self, info: ModuleInfo, exports: int) -> None:
        """A module whose exports are the own properties of the object ``exports`` (a local)."""
        with self._handles.scope():
            keys = self._native.object_own_keys(exports, self._isolate.context)
            names = [self._native.object_get_index(keys, self._isolate.context, i) for i in range(self._native.array_length(keys))]
            values = {self._handles.utf8(name): self._native.object_get(exports, self._isolate.context, name) for name in names}
            self._add_synthetic(info, {name.decode(): value for name, value in values.items()})

    def add_deferred(self, info: ModuleInfo, names: list[str], run: Callable[[], int | None]) -> None:
        """A module whose exports are the elements of the array that ``run`` gives when it is evaluated, in the order of ``names``.

        ``run`` gives ``None`` when the guest code that it called threw; the exception stays pending.
        """
        with self._handles.scope():
            entry = self._synthetic(info, names)
        entry.names, entry.run = names, run

    def _add_synthetic(self, info: ModuleInfo, values: dict[str, int]) -> None:
        entry = self._synthetic(info, list(values))
        entry.exports = {name: self._handles.globalize(value) for name, value in values.items()}

    def _synthetic(self, info: ModuleInfo, names: list[str]) -> _Entry:
        strings = [self._handles.string(name.encode()) for name in names]
        array = (ctypes.c_void_p * max(1, len(strings)))(*strings)
        span = (ctypes.c_uint64 * 2)(ctypes.addressof(array), len(strings))
        module = self._native.module_synthetic(
            self._isolate.pointer, self._handles.string(info.filename.encode()), ctypes.addressof(span), ctypes.cast(self._steps, _P)
        )
        return self._register(info, module)

    def _register(self, info: ModuleInfo, module: int) -> _Entry:
        entry = _Entry(info, self._handles.globalize(module), self._native.module_hash(module))
        self._by_id[info.id] = entry
        self._by_hash.setdefault(entry.hash, []).append(entry)
        return entry

    def _requests(self, module: int) -> list[ModuleRequest]:
        array, context = self._native.module_requests(module), self._isolate.context
        requests = []
        for index in range(self._native.fixed_array_length(array)):
            request = self._native.fixed_array_get(array, context, index)
            specifier = self._handles.utf8(self._native.request_specifier(request)).decode()
            requests.append(ModuleRequest(specifier, self._type_attribute(self._native.request_attributes(request), 3)))
        return requests

    def _type_attribute(self, attributes: int, stride: int) -> str:
        """The ``type`` of an attribute list; any other key makes the request one that no host supports."""
        chosen = ""
        for index in range(0, self._native.fixed_array_length(attributes), stride):
            key, value = (
                self._handles.utf8(self._native.fixed_array_get(attributes, self._isolate.context, index + i)).decode() for i in (0, 1)
            )
            chosen = value if key == "type" else f"{key}:{value}"
        return chosen

    # ------------------------------------------------------------------ running
    def link_graph(self, module_id: str) -> bool:
        """Bind the imports of a module and of all below it (needs a scope and a TryCatch of the caller)."""
        module, context = self._by_id[module_id].handle, self._isolate.context
        if self._native.module_status(module) == _ERRORED:
            return True
        return bool(self._native.module_instantiate(module, context, ctypes.cast(self._resolve, _P), None) & 0xFF)

    def is_running(self, module_id: str) -> bool:
        """Whether the evaluation of a module has begun and not ended."""
        return bool(self._native.module_status(self._by_id[module_id].handle) == _EVALUATING)

    def is_async(self, module_id: str) -> bool:
        """Whether a linked module, or one below it, awaits at its top level."""
        return bool(self._native.module_is_async(self._by_id[module_id].handle))

    def evaluate(self, module_id: str, graph: Iterable[str]) -> int | None:
        """Link and evaluate (needs a scope and a TryCatch of the caller): local of the evaluation's promise, or ``None``.

        ``graph`` has the modules below it, for the one case in which V8 may not be asked again: a module that was done before another
        of its cycle failed. V8 takes the process down there; by the specification the error of the cycle is the answer.
        """
        if not self.link_graph(module_id):
            return None
        native, context, module = self._native, self._isolate.context, self._by_id[module_id].handle
        if native.module_status(module) == _EVALUATED:
            below = (self._by_id[item].handle for item in graph if item in self._by_id)
            broken = next((handle for handle in below if native.module_status(handle) == _ERRORED), None)
            if broken is not None:
                resolver = native.resolver_new(context)
                native.resolver_reject(resolver, context, native.module_exception(broken))
                return int(native.resolver_promise(resolver))
        promise = native.module_evaluate(module, context)
        return int(promise) if promise else None

    def namespace(self, module_id: str) -> int:
        """Local of the module's namespace object."""
        return int(self._native.module_namespace(self._by_id[module_id].handle))

    def settle(self, resolver: int, value: int) -> None:
        """Resolve the promise of an ``import()`` with a local (a promise is followed)."""
        self._native.resolver_resolve(resolver, self._isolate.context, value)
        self._handles.dispose(resolver)

    def fail(self, resolver: int, error: int) -> None:
        """Reject the promise of an ``import()``."""
        self._native.resolver_reject(resolver, self._isolate.context, error)
        self._handles.dispose(resolver)

    # ------------------------------------------------------------------ V8 asks (no exception may leave these)
    def _entry_of(self, module: int) -> _Entry | None:
        candidates = self._by_hash.get(self._native.module_hash(module), ())
        return next((entry for entry in candidates if self._handles.same(entry.handle, module)), None)

    def _resolve_callback(self, _context: int, specifier: int, attributes: int, referrer: int) -> int | None:
        entry = self._entry_of(referrer)
        request = ModuleRequest(self._handles.utf8(specifier).decode(), self._type_attribute(attributes, 3))
        target = self.linked(entry.info.id, request) if entry else None
        if target is None or target not in self._by_id:
            text = self._handles.string(f"Cannot resolve module '{request.specifier}'".encode())
            self._native.throw_exception(self._isolate.pointer, self._native.type_error(text, None))
            return None
        return self._by_id[target].handle

    def _dynamic_callback(self, context: int, _options: int, resource: int, specifier: int, attributes: int) -> int | None:
        resolver = self._native.resolver_new(context)
        name = self._native.current_script_name(self._isolate.pointer) or resource
        request = ModuleRequest(self._handles.utf8(specifier).decode(), self._type_attribute(attributes, 2))
        self._on_dynamic(self._handles.display(name), request, self._handles.globalize(resolver))
        return int(self._native.resolver_promise(resolver))

    def _meta_callback(self, context: int, module: int, meta: int) -> None:
        entry = self._entry_of(module)
        if entry is None:
            return
        info, string = entry.info, self._handles.string
        for key, value in (("dirname", info.dirname), ("filename", info.filename), ("url", info.url)):
            self._native.object_set(meta, context, string(key.encode()), string(value.encode()))
        resolve = self._isolate.call(self._bind_resolve, string(info.id.encode()))
        if resolve is not None:
            self._native.object_set(meta, context, string(b"resolve"), resolve)

    def _synthetic_callback(self, context: int, module: int) -> int | None:
        entry = self._entry_of(module)
        if entry is None:
            return None
        exports = entry.exports
        if entry.run is not None:
            values = entry.run()
            if values is None:
                return None
            exports = {name: self._native.object_get_index(values, context, index) for index, name in enumerate(entry.names)}
        for name, value in exports.items():
            self._native.module_set_export(module, self._isolate.pointer, self._handles.string(name.encode()), value)
        resolver = self._native.resolver_new(context)
        self._native.resolver_resolve(resolver, context, self._handles.array([]))
        return int(self._native.resolver_promise(resolver))
