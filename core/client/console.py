"""What guest code prints, as the embedder's callback gets it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from isolate_host.client.callables import positional_capacity
from isolate_host.wire.context import HostCallContext

__all__ = ["ConsoleEntry", "ConsoleHandler", "console_caller"]

ConsoleHandler = Callable[["ConsoleEntry", HostCallContext], object]

_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


class ConsoleEntry:
    """One console call.

    ``type`` is ``output``, ``browserOutput``, ``dir``, ``table``, ``time``, ``timeLog``, ``count``, ``countReset``, ``assert``, ``group``,
    ``groupEnd``, ``clear`` or ``trace``; ``level`` is ``log``, ``debug``, ``info``, ``warn`` or ``error``; ``text`` (alias ``stdout``) is the
    formatted text and ``group_depth`` the number of open groups. What else a type needs (``label``, ``count``, ``duration_ms``, ``stack``,
    ``collapsed``, …) is an attribute as well, and in ``fields``.
    """

    __slots__ = ("fields", "group_depth", "level", "text", "type")

    def __init__(self, type: str, level: str = "log", text: str = "", group_depth: int = 0, **fields: Any) -> None:  # noqa: A002 (the contract's name)
        self.type = type
        self.level = level
        self.text = text
        self.group_depth = group_depth
        self.fields: Mapping[str, Any] = fields

    @property
    def stdout(self) -> str:
        """The same as ``text``."""
        return self.text

    def __getattr__(self, name: str) -> Any:
        try:
            return object.__getattribute__(self, "fields")[name]
        except KeyError:
            raise AttributeError(f"a console entry of type {self.type!r} has no {name!r}") from None

    @classmethod
    def from_guest(cls, data: Any) -> ConsoleEntry:
        """Read an entry that a guest sent: any shape is possible, so nothing is taken on trust."""
        values = {_HUMP.sub(r"_\1", str(key)).lower(): value for key, value in data.items()} if isinstance(data, dict) else {"text": data}
        depth = values.pop("group_depth", 0)
        kind, level, text = (values.pop(name, default) for name, default in (("type", "output"), ("level", "log"), ("text", "")))
        values.pop("fields", None)
        entry = cls(str(kind), str(level), text if isinstance(text, str) else str(text), depth if isinstance(depth, int) else 0)
        entry.fields = values
        return entry

    def __repr__(self) -> str:
        return f"ConsoleEntry({self.type!r}, {self.level!r}, {self.text!r})"


def console_caller(handler: Callable[..., object]) -> ConsoleHandler:
    """``handler`` in its full form; one that takes only the entry is accepted."""
    if positional_capacity(handler) >= 2:
        return handler
    return lambda entry, _ctx: handler(entry)
