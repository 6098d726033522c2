"""What guests may call, as ``scripts/playwright_table.py`` wrote it down. What is not in the table does not exist for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["Api", "ClassApi", "Method", "StateField", "load_api"]


@dataclass(frozen=True, slots=True)
class Method:
    """One method: its name in Python, what it gives, and how arguments are called on both sides."""

    name: str
    #: ``value``, ``bytes``, ``void``, ``errors``, a class, or ``[Class]`` and ``{Class}``.
    kind: str
    positional: tuple[str, ...]
    #: Names in JavaScript to names in Python.
    options: Mapping[str, str]
    #: Arguments that name a guest's file, and what is done with it.
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StateField:
    """A value that the guest reads without asking."""

    name: str
    kind: str
    is_method: bool


@dataclass(frozen=True, slots=True)
class ClassApi:
    """One class."""

    name: str
    calls: Mapping[str, Method]
    #: Makes locators: nothing happens in the browser.
    steps: Mapping[str, Method]
    state: Mapping[str, StateField]
    #: Objects that belong to this one: name in JavaScript to name in Python and class.
    parts: Mapping[str, tuple[str, str]]
    events: frozenset[str]


@dataclass(frozen=True, slots=True)
class Api:
    """The whole table."""

    classes: Mapping[str, ClassApi]
    assertions: Mapping[str, Mapping[str, Method]]
    context_options: Mapping[str, str]


@cache
def load_api() -> Api:
    """Read the table, once: it never changes."""
    data: dict[str, Any] = json.loads(files(__package__).joinpath("api.json").read_text(encoding="utf-8"))
    classes: dict[str, ClassApi] = {}
    for name in sorted(data["classes"], key=lambda name: "base" in data["classes"][name]):
        classes[name] = _read_class(name, data["classes"][name], classes)
    assertions = {
        group: {name: Method(python, "void", tuple(positional), options) for name, (python, positional, options) in methods.items()}
        for group, methods in data["assertions"].items()
    }
    return Api(classes, assertions, data["contextOptions"])


def _read_class(name: str, data: Mapping[str, Any], known: Mapping[str, ClassApi]) -> ClassApi:
    base = known.get(data.get("base", ""))
    return ClassApi(
        name,
        {**(base.calls if base else {}), **_methods(data.get("calls", {}))},
        {**(base.steps if base else {}), **_methods(data.get("steps", {}))},
        {**(base.state if base else {}), **_state(data.get("state", {}))},
        {key: (python, kind) for key, (python, kind) in data.get("parts", {}).items()},
        frozenset(data.get("events", ())),
    )


def _state(data: Mapping[str, Any]) -> dict[str, StateField]:
    return {key: StateField(python, kind, bool(method)) for key, (python, kind, method) in data.items()}


def _methods(data: Mapping[str, Any]) -> dict[str, Method]:
    return {key: Method(python, kind, tuple(positional), options, *files) for key, (python, kind, positional, options, *files) in data.items()}
