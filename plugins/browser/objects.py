"""The Playwright objects that one guest knows, by number. It can name no others."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import ParseResult, urlunparse

from isolate_host.errors import GuestError, LimitExceeded
from isolate_host.plugins.browser.table import Api

__all__ = ["Objects", "plain"]

#: Contexts, pages, frames, workers … of one guest. Far more than a machine can have open.
_MAX_LASTING = 10_000
#: Requests, messages, handles: a page makes them by the thousand, and a guest that never lets go loses the oldest.
_MAX_PASSING = 20_000
_PASSING = frozenset({
    "APIResponse", "ConsoleMessage", "Dialog", "ElementHandle", "JSHandle", "Request", "Response", "Route", "WebError", "WebSocket",
})


@dataclass(slots=True)
class _Entry:
    thing: Any
    kind: str
    #: How often the guest was told of it: what it gives back counts only when no news is on the way.
    told: int = 0
    state: dict[str, Any] = field(default_factory=dict)


class Objects:
    """Numbers for objects, and what the guest was told about each.

    The first number is random: a guest that was forked off, or whose browser is gone, may still name objects of before, and must not hit another.
    """

    def __init__(self, api: Api, refusal: Callable[[str], str | None] = lambda _url: None) -> None:
        #: ``refusal``: why a request for a URL was refused, which its failure then says in place of Chromium's guess.
        self._api, self._refusal = api, refusal
        #: Told of each object that the guest hears of for the first time.
        self.on_new: Callable[[int, Any, str], None] = lambda _number, _thing, _kind: None
        self._next = secrets.randbelow(1 << 40) + 1
        self._entries: OrderedDict[int, _Entry] = OrderedDict()
        self._passing: OrderedDict[int, _Entry] = OrderedDict()
        self._numbers: dict[Any, int] = {}

    def __len__(self) -> int:
        return len(self._entries) + len(self._passing)

    def get(self, number: Any) -> tuple[Any, str]:
        """The object and its class. Raises ``LookupError``."""
        entry = (self._entries.get(number) or self._passing.get(number)) if type(number) is int else None
        if entry is None:
            raise LookupError("this object is not known to the browser any more: its context was closed, or it was made in another runtime")
        return entry.thing, entry.kind

    def number_of(self, thing: Any) -> int | None:
        """Its number, when the guest knows it."""
        return self._numbers.get(thing)

    def things(self, kind: str) -> list[Any]:
        """All objects of a class that the guest knows."""
        return [entry.thing for entry in [*self._entries.values(), *self._passing.values()] if entry.kind == kind]

    def describe(self, thing: Any) -> dict[str, Any] | None:
        """What the guest is sent for ``thing``: its number, its class if that is new, and what has changed of its state.

        ``None`` for nothing, and for what guests may not have. Raises ``LimitExceeded``.
        """
        kind = type(thing).__name__
        if thing is None or kind not in self._api.classes:
            return None
        number = self._numbers.get(thing)
        if number is None:
            number = self._add(thing, kind)
            self.on_new(number, thing, kind)
        entry = self._entries.get(number) or self._passing[number]
        entry.told += 1
        told: dict[str, Any] = {"o": number} if entry.told > 1 else {"o": number, "c": kind}
        changed = self._changes(entry)
        if changed:
            told["s"] = changed
        return told

    def _add(self, thing: Any, kind: str) -> int:
        number = self._next
        self._next += 1
        self._numbers[thing] = number
        if kind in _PASSING:
            self._passing[number] = _Entry(thing, kind)
            if len(self._passing) > _MAX_PASSING:
                self._numbers.pop(self._passing.popitem(last=False)[1].thing, None)
            return number
        if len(self._entries) >= _MAX_LASTING:
            del self._numbers[thing]
            raise LimitExceeded(f"the guest holds {_MAX_LASTING} objects of the browser", kind="browser_objects", hint="close contexts and pages")
        self._entries[number] = _Entry(thing, kind)
        return number

    def _changes(self, entry: _Entry) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        for name, field_ in self._api.classes[entry.kind].state.items():
            try:
                value = getattr(entry.thing, field_.name)
                value = value() if field_.is_method else value
                if name == "failure" and value is not None:
                    value = self._refusal(entry.thing.url) or value
            except Exception:  # noqa: BLE001, S112
                # Not there at this moment, such as the frame of a request before its page exists.
                continue
            # Objects are compared by themselves: describing them is what the comparison saves.
            known = list(value) if isinstance(value, list) else value
            if name not in entry.state or entry.state[name] != known:
                entry.state[name] = known
                changed[name] = self.result(field_.kind, value)
        return changed

    def result(self, kind: str, value: Any) -> Any:
        """A result of a kind that the table names, as the guest is sent it."""
        if kind in ("value", "errors"):
            return plain(value)
        if kind == "bytes":
            return value
        if kind == "void":
            return None
        if kind.startswith("["):
            return [self.describe(item) for item in value]
        if kind.startswith("{"):
            return [[name, self.describe(item)] for name, item in value.items()]
        return self.describe(value)

    def event(self, value: Any) -> list[Any]:
        """What came with an event: an object, or a value."""
        return ["o", self.describe(value)] if type(value).__name__ in self._api.classes else ["v", plain(value)]

    def give_back(self, number: Any, told: Any) -> Any:
        """The guest has forgotten an object; the object, if it was the last word."""
        table = self._entries if number in self._entries else self._passing
        entry = table.get(number)
        if entry is None or entry.told != told:
            return None
        del table[number]
        self._numbers.pop(entry.thing, None)
        return entry.thing

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._passing.clear()
        self._numbers.clear()


def plain(value: Any, seen: dict[int, Any] | None = None) -> Any:
    """A value from Playwright as one that crosses: errors keep the page's stack, URLs become text."""
    if value is None or isinstance(value, (str, bytes, bool, int, float, dt.datetime)):
        return value
    seen = {} if seen is None else seen
    if id(value) in seen:
        return seen[id(value)]
    if isinstance(value, dict):
        made: dict[Any, Any] = {}
        seen[id(value)] = made
        made.update({key: plain(item, seen) for key, item in value.items()})
        return made
    if isinstance(value, (list, tuple)) and not isinstance(value, ParseResult):
        items: list[Any] = []
        seen[id(value)] = items
        items.extend(plain(item, seen) for item in value)
        return items
    if isinstance(value, ParseResult):
        return urlunparse(value)
    if isinstance(value, BaseException):
        name = getattr(value, "name", None) or type(value).__name__
        return GuestError(name, getattr(value, "message", str(value)), getattr(value, "stack", None) or "")
    return value
