"""Python classes for JavaScript values that Python has no counterpart for."""

from __future__ import annotations

import array
import struct
from collections.abc import Iterable, Iterator, MutableMapping, MutableSet
from typing import Any, Final

__all__ = ["ARRAY_FORMATS", "ELEMENT_SIZES", "UNDEFINED", "BigInt", "JSMap", "JSRegExp", "JSSet", "TypedArray", "Undefined"]


class Undefined:
    """The type of :data:`UNDEFINED`. JavaScript's ``undefined`` arrives as ``None``; use the constant to send one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNDEFINED"

    def __bool__(self) -> bool:
        return False

    def __copy__(self) -> Undefined:
        return self

    def __deepcopy__(self, memo: Any) -> Undefined:
        return self

    def __reduce__(self) -> str:
        return "UNDEFINED"


#: Sends ``undefined`` where ``None`` would send ``null``.
UNDEFINED: Final = Undefined()


class BigInt(int):
    """An integer that is a ``bigint`` in JavaScript, whatever its size. A plain ``int`` becomes one only beyond ±(2**53 − 1)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"BigInt({int(self)})"


#: struct format of each kind of view; the element size is what the format says.
ARRAY_FORMATS: Final[dict[str, str]] = {
    "ArrayBuffer": "B",
    "BigInt64Array": "q",
    "BigUint64Array": "Q",
    "DataView": "B",
    "Float32Array": "f",
    "Float64Array": "d",
    "Int16Array": "h",
    "Int32Array": "i",
    "Int8Array": "b",
    "Uint16Array": "H",
    "Uint32Array": "I",
    "Uint8Array": "B",
    "Uint8ClampedArray": "B",
}
#: Bytes of one element of each kind.
ELEMENT_SIZES: Final[dict[str, int]] = {kind: struct.calcsize(code) for kind, code in ARRAY_FORMATS.items()}


class TypedArray:
    """Binary data with the class that it has in JavaScript.

    ``kind`` is ``Int32Array``, ``ArrayBuffer``, ``DataView``, … and ``data`` the bytes in little-endian order.
    ``Uint8Array`` and ``ArrayBuffer`` arrive as plain ``bytes``; every other kind arrives as this class.

    >>> TypedArray.of("Int16Array", [1, -2]).tolist()
    [1, -2]
    """

    __slots__ = ("data", "kind")

    def __init__(self, kind: str, data: bytes | bytearray | memoryview) -> None:
        if kind not in ARRAY_FORMATS:
            raise ValueError(f"unknown typed array {kind!r}; one of {', '.join(ARRAY_FORMATS)}")
        self.kind = kind
        self.data = bytes(data)
        if len(self.data) % ELEMENT_SIZES[kind]:
            raise ValueError(f"{len(self.data)} bytes are no whole number of elements of a {kind}")

    @classmethod
    def of(cls, kind: str, items: Iterable[int | float]) -> TypedArray:
        """Build one from numbers. Raises ``ValueError`` for an unknown kind, ``OverflowError`` or ``TypeError`` for a bad number."""
        if kind not in ARRAY_FORMATS:
            raise ValueError(f"unknown typed array {kind!r}")
        return cls(kind, array.array(ARRAY_FORMATS[kind], items).tobytes())

    def tolist(self) -> list[Any]:
        """The elements as numbers."""
        elements = array.array(ARRAY_FORMATS[self.kind])
        elements.frombytes(self.data)
        return elements.tolist()

    def __bytes__(self) -> bytes:
        return self.data

    def __len__(self) -> int:
        return len(self.data) // ELEMENT_SIZES[self.kind]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypedArray) and (self.kind, self.data) == (other.kind, other.data)

    def __hash__(self) -> int:
        return hash((self.kind, self.data))

    def __repr__(self) -> str:
        return f"TypedArray({self.kind!r}, {len(self.data)} bytes)"


class JSRegExp:
    """A regular expression that Python's ``re`` cannot stand for. ``source`` and ``flags`` are JavaScript's."""

    __slots__ = ("flags", "source")

    def __init__(self, source: str, flags: str = "") -> None:
        self.source = source
        self.flags = flags

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JSRegExp) and (self.source, self.flags) == (other.source, other.flags)

    def __hash__(self) -> int:
        return hash((self.source, self.flags))

    def __repr__(self) -> str:
        return f"JSRegExp({self.source!r}, {self.flags!r})"


def _same_value_zero(value: Any) -> object:
    """A hashable stand-in that is equal exactly when JavaScript's Map calls two keys the same."""
    if value is None or isinstance(value, (str, bool, Undefined)):
        return (type(value), value)
    if isinstance(value, BigInt):
        return (BigInt, int(value))
    if isinstance(value, (int, float)):
        return (float, "NaN") if value != value else (float, value)  # noqa: PLR0124 (only NaN differs from itself)
    return (object, id(value))


class JSMap(MutableMapping[Any, Any]):
    """A ``Map`` with keys that a dict cannot hold: unhashable ones, or ``1`` beside ``true``.

    Containers are keys by identity, primitives by value, as in JavaScript; the order is that of insertion. Send one to make
    a ``Map`` out of text keys (a plain dict with only text keys becomes an object).
    """

    __slots__ = ("__weakref__", "_entries")

    def __init__(self, pairs: Iterable[tuple[Any, Any]] = ()) -> None:
        self._entries: dict[object, tuple[Any, Any]] = {}
        for key, value in pairs:
            self[key] = value

    def __getitem__(self, key: Any) -> Any:
        try:
            return self._entries[_same_value_zero(key)][1]
        except KeyError:
            raise KeyError(key) from None

    def __setitem__(self, key: Any, value: Any) -> None:
        self._entries[_same_value_zero(key)] = (key, value)

    def __delitem__(self, key: Any) -> None:
        try:
            del self._entries[_same_value_zero(key)]
        except KeyError:
            raise KeyError(key) from None

    def __iter__(self) -> Iterator[Any]:
        return (key for key, _ in self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"JSMap({len(self)} entries)"


class JSSet(MutableSet[Any]):
    """A ``Set`` with members that a set cannot hold. Equality of members is JavaScript's, as in :class:`JSMap`."""

    __slots__ = ("__weakref__", "_members")

    def __init__(self, members: Iterable[Any] = ()) -> None:
        self._members: dict[object, Any] = {}
        for member in members:
            self.add(member)

    def add(self, value: Any) -> None:
        """Add ``value`` unless it is there."""
        self._members.setdefault(_same_value_zero(value), value)

    def discard(self, value: Any) -> None:
        """Remove ``value`` if it is there."""
        self._members.pop(_same_value_zero(value), None)

    def __contains__(self, value: object) -> bool:
        return _same_value_zero(value) in self._members

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._members.values()))

    def __len__(self) -> int:
        return len(self._members)

    def __repr__(self) -> str:
        return f"JSSet({len(self)} members)"
