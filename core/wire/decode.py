"""Value JSON → Python values (protocol §3). Every node is hostile until it was checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from math import copysign, inf, isfinite, nan
from typing import Any, ClassVar

from isolate_host.errors import GuestError, ProtocolError
from isolate_host.wire.errors import error_from_fields, fill_guest_error
from isolate_host.wire.jsontext import MAX_DEPTH, load_json
from isolate_host.wire.kinds import ELEMENT_SIZES, BigInt, JSMap, JSSet, TypedArray
from isolate_host.wire.refusal import RefusalError, step
from isolate_host.wire.regexp import regexp_from_js
from isolate_host.wire.web_codecs import FROM_WIRE

__all__ = ["Decoder", "Importer", "decode_value"]

#: Makes the proxy for a reference node (``fn pr it own st``). Raises ``ProtocolError`` or ``MarshalError``.
Importer = Callable[[str, "dict[str, Any]"], Any]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_ODD_NUMBERS = {"NaN": nan, "Infinity": inf, "-Infinity": -inf, "-0": copysign(0.0, -1)}
_REFERENCES = frozenset({"fn", "pr", "it", "own", "st"})
_PRIMITIVES = (str, int, float, bool, type(None))
# A guest may own a big integer of up to 2**30 bits; 1 MiB of digits is where we stop believing in numbers.
_MAX_BIGINT_DIGITS = 1 << 20
_UNFINISHED = object()


class Decoder:
    """Decodes one message. ``by_host``: its sender is the broker or a client, so its error descriptions are believed."""

    __slots__ = ("_by_host", "_codecs", "_containers", "_import", "_pinned", "_segments")

    def __init__(
        self,
        segments: Sequence[bytes] = (),
        import_: Importer | None = None,
        *,
        by_host: bool = False,
        codecs: Mapping[str, Callable[[Any], Any]] | None = None,
    ) -> None:
        self._segments = segments
        self._import = import_
        self._by_host = by_host
        self._codecs = codecs or {}
        self._containers: list[Any] = []
        # Indexes of Maps and Sets that something inside them refers to: these keep the placeholder's class.
        self._pinned: set[int] = set()

    def decode(self, body: bytes) -> Any:
        """The value of a body. Raises ``ProtocolError`` (malformed) or ``MarshalError`` (valid, but Python cannot hold it)."""
        tree = load_json(body)
        # Without tagged nodes and with few brackets there is nothing left to check.
        if b'"$"' not in body and body.count(b"[") + body.count(b"{") <= MAX_DEPTH and b"\\u00" not in body:
            return tree
        try:
            return self.value(tree, 0)
        except RefusalError as refusal:
            raise refusal.marshal_error() from None
        except RecursionError:
            raise ProtocolError("value nests too deep") from None

    def value(self, node: Any, depth: int) -> Any:
        """The Python value of one node; plain containers are filled in place."""
        kind = type(node)
        if kind is dict:
            if "$" in node:
                return self._tagged(node, depth)
            self._enter(node, depth)
            return self._object(node, depth + 1)
        if kind is list:
            self._enter(node, depth)
            return self._array(node, depth + 1)
        return node

    def _enter(self, placeholder: Any, depth: int) -> int:
        if depth >= MAX_DEPTH:
            raise ProtocolError(f"value nests deeper than {MAX_DEPTH}")
        self._containers.append(placeholder)
        return len(self._containers) - 1

    def _object(self, node: dict[str, Any], depth: int) -> dict[str, Any]:
        key = ""
        try:
            for key, item in node.items():
                kind = type(item)
                if kind is dict or kind is list:
                    # Replacing the value of a present key is safe while iterating.
                    node[key] = self.value(item, depth)
        except RefusalError as refusal:
            refusal.steps.append(step(key))
            raise
        return node

    def _array(self, node: list[Any], depth: int) -> list[Any]:
        index = 0
        try:
            for index, item in enumerate(node):
                kind = type(item)
                if kind is dict or kind is list:
                    hole = kind is dict and item.get("$") == "hole"
                    node[index] = None if hole else self.value(item, depth)
        except RefusalError as refusal:
            refusal.steps.append(f"[{index}]")
            raise
        return node

    def _tagged(self, node: dict[str, Any], depth: int) -> Any:
        tag = node["$"]
        if type(tag) is not str:
            raise ProtocolError("the tag of a node is not text")
        handler = self._tags.get(tag)
        if handler is not None:
            return handler(self, node, depth)
        if tag in _REFERENCES:
            if self._import is None:
                raise RefusalError("a reference cannot cross here")
            return self._import(tag, node)
        raise ProtocolError(f"unknown value node {tag[:20]!r}")

    def _undefined(self, node: dict[str, Any], depth: int) -> None:
        return None

    def _number(self, node: dict[str, Any], depth: int) -> float:
        try:
            return _ODD_NUMBERS[node["v"]]
        except (KeyError, TypeError):
            raise ProtocolError("bad number node") from None

    def _bigint(self, node: dict[str, Any], depth: int) -> BigInt:
        digits = _text(node, "v")
        bare = digits.removeprefix("-")
        # isalnum and isascii keep out the signs, spaces and underscores that int() would accept.
        if not bare.isalnum() or not bare.isascii() or len(bare) > _MAX_BIGINT_DIGITS:
            raise ProtocolError("bad bigint node")
        try:
            return BigInt(digits, 16)
        except ValueError:
            raise ProtocolError("bad bigint node") from None

    def _date(self, node: dict[str, Any], depth: int) -> dt.datetime | None:
        index = self._enter(None, depth)
        ms = node.get("v")
        if ms is None:
            return None
        if type(ms) not in (int, float) or not isfinite(ms):
            raise ProtocolError("bad date node")
        try:
            moment = _EPOCH + dt.timedelta(milliseconds=ms)
        except OverflowError:
            raise RefusalError("the Date lies outside the years 1 to 9999") from None
        self._containers[index] = moment
        return moment

    def _regexp(self, node: dict[str, Any], depth: int) -> Any:
        pattern = regexp_from_js(_text(node, "s"), _text(node, "f"))
        self._enter(pattern, depth)
        return pattern

    def _map(self, node: dict[str, Any], depth: int) -> Any:
        placeholder = JSMap()
        index = self._enter(placeholder, depth)
        pairs: list[tuple[Any, Any]] = []
        for pair in _list(node, "v"):
            if type(pair) is not list or len(pair) != 2:
                raise ProtocolError("a map entry is not a pair")
            key = self._step(pair[0], depth + 1, f".keys[{len(pairs)}]")
            pairs.append((key, self._step(pair[1], depth + 1, step(pair[0]))))
        if index not in self._pinned:
            try:
                plain = dict(pairs)
            except TypeError:
                plain = None
            # Fewer keys than entries: Python holds equal what JavaScript tells apart (1 and true, two equal byte arrays).
            if plain is not None and len(plain) == len(pairs):
                self._containers[index] = plain
                return plain
        for key, value in pairs:
            placeholder[key] = value
        return placeholder

    def _set(self, node: dict[str, Any], depth: int) -> Any:
        placeholder = JSSet()
        index = self._enter(placeholder, depth)
        members = [self._step(member, depth + 1, f"[{i}]") for i, member in enumerate(_list(node, "v"))]
        if index not in self._pinned:
            try:
                plain = set(members)
            except TypeError:
                plain = None
            if plain is not None and len(plain) == len(members):
                self._containers[index] = plain
                return plain
        for member in members:
            placeholder.add(member)
        return placeholder

    def _step(self, node: Any, depth: int, name: str) -> Any:
        try:
            return self.value(node, depth)
        except RefusalError as refusal:
            refusal.steps.append(name)
            raise

    def _binary(self, node: dict[str, Any], depth: int) -> Any:
        kind, number = node.get("k"), node.get("b")
        size = ELEMENT_SIZES.get(kind) if type(kind) is str else None
        if size is None or type(number) is not int or not 0 <= number < len(self._segments):
            raise ProtocolError("bad binary node")
        data = bytes(self._segments[number])
        if len(data) % size:
            raise ProtocolError("a typed array ends inside an element")
        value = data if kind in ("Uint8Array", "ArrayBuffer") else TypedArray(str(kind), data)
        self._enter(value, depth)
        return value

    def _error(self, node: dict[str, Any], depth: int) -> Any:
        name, message, stack = _text(node, "name"), _text(node, "message"), node.get("stack")
        if stack is not None and type(stack) is not str:
            raise ProtocolError("the stack of an error is not text")
        # The object exists before its parts: a cause may refer back to it.
        # The broker may have added a code frame to what the guest sent.
        frame = node.get("frame")
        error = GuestError(name, message, stack or None, frame=frame if type(frame) is str else None)
        index = self._enter(error, depth)
        fields: dict[str, Any] = {"name": name, "message": message, "stack": stack}
        for part in ("code", "cause", "errors", "props"):
            if part in node:
                fields[part] = self._step(node[part], depth + 1, f".{part}")
        if type(fields.get("props", {})) is not dict or type(fields.get("errors") or []) is not list:
            raise ProtocolError("bad parts of an error")
        known = error_from_fields(fields, by_host=self._by_host)
        if type(known) is not GuestError:
            self._containers[index] = known
            return known
        if type(node.get("frame")) is str:
            # Text for people that the broker adds; a guest that writes it itself fools only its own reader.
            error.frame = node["frame"]
        return fill_guest_error(error, fields)

    def _box(self, node: dict[str, Any], depth: int) -> Any:
        index = self._enter(_UNFINISHED, depth)
        value = self.value(node.get("v"), depth + 1)
        if not isinstance(value, _PRIMITIVES):
            raise ProtocolError("a boxed value is no primitive")
        self._containers[index] = value
        return value

    def _pairs_object(self, node: dict[str, Any], depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        self._enter(out, depth)
        for pair in _list(node, "v"):
            if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str:
                raise ProtocolError("bad object node")
            out[pair[0]] = self._step(pair[1], depth + 1, step(pair[0]))
        return out

    def _platform(self, node: dict[str, Any], depth: int) -> Any:
        name = _text(node, "k")
        codec = self._codecs.get(name) or FROM_WIRE.get(name)
        if codec is None:
            raise RefusalError(f"no plugin here understands a {name[:80]}")
        index = self._enter(_UNFINISHED, depth)
        value = codec(self.value(node.get("v"), depth + 1))
        self._containers[index] = value
        return value

    def _again(self, node: dict[str, Any], depth: int) -> Any:
        index = node.get("i")
        if type(index) is not int or not 0 <= index < len(self._containers) or self._containers[index] is _UNFINISHED:
            raise ProtocolError("bad back reference")
        found = self._containers[index]
        if isinstance(found, (JSMap, JSSet)):
            self._pinned.add(index)
        return found

    _tags: ClassVar[dict[str, Callable[[Decoder, dict[str, Any], int], Any]]] = {
        "u": _undefined,
        "n": _number,
        "big": _bigint,
        "date": _date,
        "re": _regexp,
        "map": _map,
        "set": _set,
        "bin": _binary,
        "err": _error,
        "box": _box,
        "obj": _pairs_object,
        "x": _platform,
        "ref": _again,
    }


def _text(node: dict[str, Any], key: str) -> str:
    value = node.get(key)
    if type(value) is not str:
        raise ProtocolError(f"{key!r} of a {node['$']} node is not text")
    return value


def _list(node: dict[str, Any], key: str) -> list[Any]:
    value = node.get(key)
    if type(value) is not list:
        raise ProtocolError(f"{key!r} of a {node['$']} node is not a list")
    return value


def decode_value(
    body: bytes,
    segments: Sequence[bytes] = (),
    import_: Importer | None = None,
    *,
    by_host: bool = False,
    codecs: Mapping[str, Callable[[Any], Any]] | None = None,
) -> Any:
    """Decode the body of a frame; an empty body is ``None``.

    Raises ``ProtocolError`` for what no honest peer sends and ``MarshalError`` for what Python cannot hold or nobody here understands.

    >>> decode_value(b'{"big":{"$":"big","v":"-ff"}}')
    {'big': BigInt(-255)}
    """
    if not body:
        return None
    return Decoder(segments, import_, by_host=by_host, codecs=codecs).decode(body)
