"""Python type hints as TypeScript types, after what the values become when they cross (see ``docs/reference/values.md``)."""

from __future__ import annotations

import datetime as dt
import inspect
import json
import re
import types
import typing
from collections import abc
from typing import Any

from isolate_host.wire.kinds import BigInt
from isolate_host.wire.web import URL, Blob, File, FormData, Headers, Request, Response

__all__ = ["typescript_of"]

#: Beyond this a hint that contains itself is ``any``.
_DEPTH = 8
_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z")

_PLAIN: dict[Any, str] = {
    str: "string", bool: "boolean", int: "number", float: "number", BigInt: "bigint", object: "unknown",
    bytes: "Uint8Array", bytearray: "Uint8Array", memoryview: "Uint8Array", dt.datetime: "Date",
    list: "any[]", tuple: "any[]", dict: "Record<string, any>", set: "Set<any>", frozenset: "Set<any>",
    re.Pattern: "RegExp", URL: "URL", Blob: "Blob", File: "File", FormData: "FormData", Headers: "Headers", Request: "Request", Response: "Response",
}  # fmt: skip
_ARRAYS = (list, abc.Sequence, abc.MutableSequence)
_SETS = (set, frozenset, abc.Set, abc.MutableSet)
_RECORDS = (dict, abc.Mapping, abc.MutableMapping)
_ASYNC = (abc.AsyncIterator, abc.AsyncIterable, abc.AsyncGenerator, abc.Iterator, abc.Generator)


def typescript_of(hint: Any, *, given: bool = False) -> str:
    """The type of what a guest receives, or with ``given`` of what it may give; ``any`` for what says nothing."""
    return _Writer(given).write(hint, 0)


class _Writer:
    def __init__(self, given: bool) -> None:
        self._given = given

    def write(self, hint: Any, depth: int) -> str:
        if depth > _DEPTH or hint is inspect.Parameter.empty or hint is Any:
            return "any"
        if hint is None or hint is type(None):
            # Python's None is what a guest gives as either of them, and gets as null.
            return "null | undefined" if self._given else "null"
        if isinstance(hint, type) and hint in _PLAIN:
            if self._given and _PLAIN[hint] == "Uint8Array":
                return "ArrayBuffer | ArrayBufferView"
            return _PLAIN[hint]
        if typing.is_typeddict(hint):
            return self._object(hint, depth)
        return self._generic(hint, typing.get_origin(hint), typing.get_args(hint), depth)

    def _generic(self, hint: Any, origin: Any, arguments: tuple[Any, ...], depth: int) -> str:
        inner = [] if origin in (typing.Literal, abc.Callable) else [self.write(item, depth + 1) for item in arguments if item is not ...]
        if origin in (typing.Union, types.UnionType):
            return " | ".join(f"({item})" if "=>" in item else item for item in dict.fromkeys(inner))
        if origin is typing.Literal:
            return " | ".join(_constant(item) for item in arguments)
        if origin in (typing.Annotated, typing.Required, typing.NotRequired):
            return inner[0]
        if origin is abc.Callable or hint in (abc.Callable, typing.Callable):
            return "(...args: any[]) => any"
        if origin is tuple and not (len(arguments) == 2 and arguments[1] is ...):
            return f"[{', '.join(inner)}]"
        if origin in _ARRAYS or origin is tuple:
            return f"({inner[0]})[]" if re.search(r"[ |]", inner[0]) else f"{inner[0]}[]"
        if origin in _SETS:
            return f"Set<{inner[0]}>"
        if origin in _RECORDS:
            return f"Record<string, {inner[1]}>" if arguments[0] is str else f"Map<{inner[0]}, {inner[1]}>"
        if origin in _ASYNC:
            return f"AsyncIterable<{inner[0]}>"
        return "any"

    def _object(self, hint: Any, depth: int) -> str:
        try:
            members = typing.get_type_hints(hint)
        except Exception:  # noqa: BLE001 (a name that only a type checker can find)
            return "Record<string, any>"
        required = hint.__required_keys__
        written = [
            f"{name if _KEY.match(name) else json.dumps(name)}{'' if name in required else '?'}: {self.write(item, depth + 1)}"
            for name, item in members.items()
        ]
        return "{ " + "; ".join(written) + " }" if written else "{}"


def _constant(value: Any) -> str:
    if value is None:
        return "null"
    # bytes and enumerations have no literal on the other side.
    return json.dumps(value) if isinstance(value, (str, int)) and type(value) in (str, int, bool) else "any"
