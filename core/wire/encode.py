"""Python values → value JSON (protocol §3)."""

from __future__ import annotations

import array
import dataclasses
import datetime as dt
import enum
import re
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import copysign, isfinite
from typing import Any, ClassVar

from isolate_host.errors import MarshalError
from isolate_host.wire.errors import error_fields
from isolate_host.wire.jsontext import MAX_DEPTH, MAX_SAFE_INTEGER, dump_json
from isolate_host.wire.kinds import ARRAY_FORMATS, BigInt, JSMap, JSRegExp, JSSet, TypedArray, Undefined
from isolate_host.wire.refusal import RefusalError, step
from isolate_host.wire.regexp import regexp_to_js
from isolate_host.wire.web_codecs import TO_WIRE

__all__ = ["Encoder", "Exporter", "encode_value"]

#: Gives the node of a value that crosses by reference (functions, promises, iterators, streams), or ``None``.
Exporter = Callable[[Any], "dict[str, Any] | None"]

_MAX_SEGMENTS = 4096
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)
# array.array and memoryview name their elements by struct codes; 'l' and 'L' have eight bytes here.
_KIND_BY_FORMAT = {
    "b": "Int8Array", "B": "Uint8Array", "c": "Uint8Array", "h": "Int16Array", "H": "Uint16Array", "i": "Int32Array", "I": "Uint32Array",
    "l": "BigInt64Array", "L": "BigUint64Array", "q": "BigInt64Array", "Q": "BigUint64Array", "f": "Float32Array", "d": "Float64Array",
}  # fmt: skip
_HINTS = {
    "date": "give a datetime with a timezone",
    "Decimal": "give a str or a float",
    "time": "give a str",
    "timedelta": "give a number, as in .total_seconds()",
    "UUID": "give str(uuid)",
}


_Handler = Callable[["Encoder", Any, int], Any]


class Encoder:
    """Encodes one message. ``segments`` collects its binary parts."""

    __slots__ = ("_count", "_export", "_keep", "_seen", "segments")

    def __init__(self, export: Exporter | None = None) -> None:
        self.segments: list[bytes] = []
        self._export = export
        self._count = 0
        # id → container index, for mutable containers only: a shared () or a cached pattern is no identity worth keeping.
        self._seen: dict[int, int] = {}
        # Objects made on the way (properties, views) must outlive the message, or another could take over their id.
        self._keep: list[Any] = []

    def encode(self, value: Any) -> bytes:
        """The body for ``value``. Raises ``MarshalError``."""
        try:
            return dump_json(self.node(value, 0))
        except RefusalError as refusal:
            raise refusal.marshal_error() from None
        except RecursionError:
            raise MarshalError("the value nests too deep for the stack that is left", path="$") from None

    def node(self, value: Any, depth: int) -> Any:
        """The JSON-ready form of one value at container depth ``depth``."""
        kind = type(value)
        if kind is str or value is None or kind is bool:
            return value
        if kind is int:
            return value if -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER else _big(value)
        if kind is float:
            return value if value and isfinite(value) else _odd_float(value)
        handler = self._handlers.get(kind)
        return handler(self, value, depth) if handler is not None else self._other(value, depth)

    def _enter(self, value: Any, depth: int) -> dict[str, Any] | None:
        """Count a container that has identity; a node when it was entered before."""
        if depth >= MAX_DEPTH:
            raise RefusalError(f"nested deeper than {MAX_DEPTH} levels")
        index = self._seen.get(id(value))
        if index is not None:
            return {"$": "ref", "i": index}
        self._seen[id(value)] = self._count
        self._keep.append(value)
        self._count += 1
        return None

    def _items(self, values: Iterable[Any], depth: int) -> list[Any]:
        out: list[Any] = []
        node = self.node
        try:
            for value in values:
                kind = type(value)
                out.append(value if kind is str or kind is bool or value is None else node(value, depth))
        except RefusalError as refusal:
            refusal.steps.append(f"[{len(out)}]")
            raise
        return out

    def _list(self, value: Sequence[Any], depth: int) -> Any:
        return self._enter(value, depth) or self._items(value, depth + 1)

    def _tuple(self, value: Iterable[Any], depth: int) -> Any:
        if depth >= MAX_DEPTH:
            raise RefusalError(f"nested deeper than {MAX_DEPTH} levels")
        self._count += 1
        return self._items(value, depth + 1)

    def _dict(self, value: Mapping[Any, Any], depth: int) -> Any:
        for key in value:
            if type(key) is not str:
                return self._map(value, depth)
        return self._enter(value, depth) or self._object(value, depth + 1)

    def _object(self, value: Mapping[str, Any], depth: int) -> Any:
        out: dict[str, Any] = {}
        node = self.node
        key = ""
        try:
            for key, item in value.items():
                kind = type(item)
                out[key] = item if kind is str or kind is bool or item is None else node(item, depth)
        except RefusalError as refusal:
            refusal.steps.append(step(key))
            raise
        if "$" in out or any(key[:1].isdigit() for key in out):
            # JavaScript moves keys like "1" to the front, which would renumber the containers that references count.
            return {"$": "obj", "v": list(map(list, out.items()))}
        return out

    def _map(self, value: Mapping[Any, Any], depth: int) -> Any:
        known = self._enter(value, depth)
        if known is not None:
            return known
        pairs = []
        key: Any = ""
        try:
            for key, item in value.items():
                pairs.append([self.node(key, depth + 1), self.node(item, depth + 1)])
        except RefusalError as refusal:
            refusal.steps.append(step(key))
            raise
        return {"$": "map", "v": pairs}

    def _set(self, value: Iterable[Any], depth: int) -> Any:
        return self._enter(value, depth) or {"$": "set", "v": self._items(value, depth + 1)}

    def _binary(self, kind: str, data: bytes, depth: int) -> dict[str, Any]:
        if depth >= MAX_DEPTH:
            raise RefusalError(f"nested deeper than {MAX_DEPTH} levels")
        if len(self.segments) >= _MAX_SEGMENTS:
            raise RefusalError(f"more than {_MAX_SEGMENTS} binary values in one message", "join them, or send a stream")
        self._count += 1
        self.segments.append(data)
        return {"$": "bin", "k": kind, "b": len(self.segments) - 1}

    def _bytes(self, value: bytes, depth: int) -> Any:
        return self._binary("Uint8Array", value, depth)

    def _bytearray(self, value: bytearray, depth: int) -> Any:
        # A copy: the caller may change the buffer before the frame is written.
        index = self._seen.get(id(value))
        if index is not None:
            return {"$": "ref", "i": index}
        self._seen[id(value)] = self._count
        return self._binary("Uint8Array", bytes(value), depth)

    def _memoryview(self, value: memoryview, depth: int) -> Any:
        kind = _KIND_BY_FORMAT.get(value.format.lstrip("@=<"))
        if kind is None:
            raise RefusalError(f"a memoryview of format {value.format!r} has no typed array")
        return self._binary(kind, value.tobytes(), depth)

    def _array(self, value: array.array[Any], depth: int) -> Any:
        if value.typecode == "u":
            raise RefusalError("an array of characters has no typed array", "give a str")
        return self._binary(_KIND_BY_FORMAT[value.typecode], value.tobytes(), depth)

    def _typed_array(self, value: TypedArray, depth: int) -> Any:
        return self._binary(value.kind if value.kind in ARRAY_FORMATS else "Uint8Array", value.data, depth)

    def _datetime(self, value: dt.datetime, depth: int) -> Any:
        if value.tzinfo is None or value.utcoffset() is None:
            raise RefusalError("a datetime without a timezone names no moment", "use datetime.now(timezone.utc) or .replace(tzinfo=…)")
        self._count += 1
        return {"$": "date", "v": (value - _EPOCH) // _MILLISECOND}

    def _pattern(self, value: re.Pattern[Any], depth: int) -> Any:
        translated = regexp_to_js(value)
        if translated is None:
            raise RefusalError(f"the pattern {value.pattern!r} has no JavaScript form", "give an isolate_host.JSRegExp")
        return self._regexp(translated, depth)

    def _regexp(self, value: JSRegExp, depth: int) -> Any:
        self._count += 1
        return {"$": "re", "s": value.source, "f": value.flags}

    def _error(self, value: BaseException, depth: int) -> Any:
        known = self._enter(value, depth)
        if known is not None:
            return known
        node: dict[str, Any] = {"$": "err"}
        key = ""
        try:
            for key, item in error_fields(value).items():
                node[key] = self.node(item, depth + 1)
        except RefusalError as refusal:
            refusal.steps.append(step(key))
            raise
        return node

    def _platform(self, value: Any, depth: int) -> Any:
        known = self._enter(value, depth)
        if known is not None:
            return known
        name, to_wire = TO_WIRE[type(value)]
        return {"$": "x", "k": name, "v": self.node(to_wire(value), depth + 1)}

    def _dataclass(self, value: Any, depth: int) -> Any:
        known = self._enter(value, depth)
        if known is not None:
            return known
        return self._object({field.name: getattr(value, field.name) for field in dataclasses.fields(value)}, depth + 1)

    def _other(self, value: Any, depth: int) -> Any:
        """Subclasses, abstract containers, and what crosses by reference."""
        if isinstance(value, enum.Enum):
            return self.node(value.value, depth)
        for base, handler in self._bases:
            if isinstance(value, base):
                return handler(self, value, depth)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return self._dataclass(value, depth)
        if self._export is not None:
            node = self._export(value)
            if node is not None:
                return node
        for abstract, handler in self._abstract:
            if isinstance(value, abstract):
                return handler(self, value, depth)
        name = type(value).__name__
        if isinstance(value, type):
            raise RefusalError(f"the class {value.__name__} cannot cross", "give an instance or a function")
        hint = _HINTS.get(name) or ("give str(path)" if hasattr(value, "__fspath__") else "give plain data, or a function that returns it")
        raise RefusalError(f"a value of type {name} cannot cross to JavaScript", hint)

    _handlers: ClassVar[dict[type, _Handler]] = {
        list: _list,
        dict: _dict,
        tuple: _tuple,
        set: _set,
        frozenset: _set,
        bytes: _bytes,
        bytearray: _bytearray,
        memoryview: _memoryview,
        array.array: _array,
        dt.datetime: _datetime,
        re.Pattern: _pattern,
        OrderedDict: _dict,
        defaultdict: _dict,
        deque: _list,
        range: _tuple,
        BigInt: lambda _self, value, _depth: _big(value),
        Undefined: lambda _self, _value, _depth: {"$": "u"},
        JSMap: _map,
        JSSet: _set,
        JSRegExp: _regexp,
        TypedArray: _typed_array,
        **dict.fromkeys(TO_WIRE, _platform),
    }
    # Order matters: the first base that fits decides.
    _bases: ClassVar[tuple[tuple[type, _Handler], ...]] = (
        (str, lambda _self, value, _depth: str.__str__(value)),
        (bool, lambda _self, value, _depth: bool(value)),
        (int, lambda self, value, depth: self.node(int(value), depth)),
        (float, lambda self, value, depth: self.node(float(value), depth)),
        (BaseException, _error),
        (bytes, lambda self, value, depth: self._bytes(bytes(value), depth)),
        (bytearray, _bytearray),
        (dt.datetime, _datetime),
        (dict, _dict),
        (list, _list),
        (tuple, _tuple),
        (set, _set),
        (frozenset, _set),
    )
    _abstract: ClassVar[tuple[tuple[type, _Handler], ...]] = (
        (Mapping, _dict),
        (AbstractSet, _set),
        (Sequence, _list),
    )


def _big(value: int) -> dict[str, Any]:
    return {"$": "big", "v": f"{int(value):x}"}


def _odd_float(value: float) -> Any:
    if value == 0:
        return {"$": "n", "v": "-0"} if copysign(1, value) < 0 else 0
    if value != value:  # noqa: PLR0124 (only NaN differs from itself)
        return {"$": "n", "v": "NaN"}
    return {"$": "n", "v": "Infinity" if value > 0 else "-Infinity"}


def encode_value(value: Any, export: Exporter | None = None) -> tuple[bytes, list[bytes]]:
    """Encode one value: the body and the segments of a frame.

    ``export`` handles what crosses by reference; without it, functions and their like are refused. Raises ``MarshalError``.

    >>> encode_value({"n": 1, "raw": b"ab"})
    (b'{"n":1,"raw":{"$":"bin","k":"Uint8Array","b":0}}', [b'ab'])
    """
    encoder = Encoder(export)
    return encoder.encode(value), encoder.segments
