"""Arguments of a guest as Playwright takes them. All of it is hostile: what is not understood is refused here, with the argument's name."""

from __future__ import annotations

import _sre  # type: ignore[import-not-found]
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from isolate_host.plugins.browser.objects import Objects
from isolate_host.plugins.browser.table import Api, Method

__all__ = ["Reader", "js_pattern", "to_moment"]

#: What the guest wraps in an object with this key: objects of the browser, regular expressions, and objects that have the key themselves.
MARK = "$pw"
_MAX_DEPTH = 100
_MAX_STEPS = 100
_MAX_PATTERN = 10_000
#: Two orders of the machine that runs patterns, the same in every Python.
_FAILURE: Final = 0
_SUCCESS: Final = 1


def js_pattern(source: str, flags: str) -> re.Pattern[str]:
    """A regular expression of JavaScript, for Playwright to send to its driver, which runs it in JavaScript.

    Playwright wants a compiled pattern, and reads nothing of it but source and flags. This one has the guest's source and a program that
    matches nothing: to compile the source would refuse what only JavaScript has, and to run it here could take for ever.
    """
    bits = sum(int(flag) for letter, flag in (("i", re.IGNORECASE), ("m", re.MULTILINE), ("s", re.DOTALL)) if letter in flags)
    return cast("re.Pattern[str]", _sre.compile(source, bits | int(re.UNICODE), [_FAILURE, _SUCCESS], 0, {}, (None,)))


class Reader:
    """Reads targets and arguments for the objects of one guest."""

    def __init__(self, api: Api, objects: Objects) -> None:
        self._api, self._objects = api, objects

    # ------------------------------------------------------------------ targets
    def target(self, target: Any) -> tuple[Any, str]:
        """The object that a call is for, and its class: ``7``, ``[7, "keyboard"]``, or a locator's steps from such. Raises ``LookupError``."""
        if isinstance(target, int):
            return self._objects.get(target)
        if isinstance(target, list) and len(target) == 2:
            owner, kind = self._objects.get(target[0])
            part = self._api.classes[kind].parts.get(target[1]) if isinstance(target[1], str) else None
            if part is None:
                raise LookupError(f"{kind} has no part {str(target[1])[:40]!r}")
            return getattr(owner, part[0]), part[1]
        if isinstance(target, dict):
            return self._locator(target)
        raise TypeError("a call needs an object of the browser")

    def _locator(self, target: Mapping[str, Any]) -> tuple[Any, str]:
        thing, kind = self.target(target.get("root"))
        steps = target.get("steps")
        if not isinstance(steps, list) or len(steps) > _MAX_STEPS:
            raise TypeError(f"a locator has at most {_MAX_STEPS} steps")
        for step in steps:
            if not isinstance(step, list) or not step or not isinstance(step[0], str):
                raise TypeError("a step of a locator is a method and its arguments")
            method = self._api.classes[kind].steps.get(step[0])
            if method is None:
                raise LookupError(f"{kind} has no method {step[0][:40]!r}")
            found = getattr(thing, method.name)
            # Some are properties in Python and methods in JavaScript.
            thing = found(**self.keywords(f"{kind.lower()}.{step[0]}", method, step[1:])) if callable(found) else found
            kind = method.kind
        return thing, kind

    # ------------------------------------------------------------------ arguments
    def keywords(self, where: str, method: Method, args: Sequence[Any]) -> dict[str, Any]:
        """All arguments by their names in Python. What is ``null`` is left out, as an argument that was not given. Raises ``TypeError``."""
        given = dict(zip(method.positional, args, strict=False))
        rest = args[len(method.positional) :]
        options = rest[0] if rest else None
        if len(rest) > 1 or not (options is None or isinstance(options, dict)):
            raise TypeError(f"{where} takes {len(method.positional)} arguments and options")
        for name, value in (options or {}).items():
            python = method.options.get(name)
            if python is not None:
                given[python] = value
            elif value is not None:
                known = ", ".join(sorted(method.options)) or "none"
                raise TypeError(f"{where} has no option {name[:60]!r}; there are: {known}")
        return {name: self.value(value) for name, value in given.items() if value is not None}

    def value(self, value: Any, depth: int = 0) -> Any:
        """A value with the guest's marks replaced by what they stand for."""
        if depth > _MAX_DEPTH:
            raise TypeError(f"an argument is nested more than {_MAX_DEPTH} deep")
        if isinstance(value, dict):
            if MARK in value:
                return self._marked(value, depth)
            return {key: self.value(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, depth + 1) for item in value]
        if isinstance(value, re.Pattern):
            return js_pattern(value.pattern, "")
        return value

    def _marked(self, value: Mapping[str, Any], depth: int) -> Any:
        match value.get(MARK), value.get("v"):
            case "o", target:
                return self.target(target)[0]
            case "r", [str(source), str(flags)] if len(source) <= _MAX_PATTERN:
                return js_pattern(source, flags)
            case "v", dict(inner):
                return {key: self.value(item, depth + 1) for key, item in inner.items()}
        raise TypeError("an argument is malformed")


def to_moment(value: Any) -> Any:
    """A time of the page's clock: JavaScript counts milliseconds, Python seconds."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return dt.datetime.fromtimestamp(value / 1000, dt.UTC)
    return value
