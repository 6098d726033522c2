"""Reads the names of Playwright's JavaScript API out of the type declarations that its driver brings along."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["Interface", "read_interfaces"]

_BRACKETS = {"(": ")", "{": "}", "[": "]", "<": ">"}
_INTERFACE = re.compile(r"^export interface (\w+)(?:<[^{]*?>)?(?: extends (\w+)(?:<\w+>)?)? \{", re.MULTILINE)
_MEMBER = re.compile(r"(?:readonly )?(\[Symbol\.\w+\]|[\w$]+)\??(.*)$", re.DOTALL)


@dataclass
class Interface:
    """What JavaScript calls things."""

    base: str = ""
    #: Methods, with the names of their parameters in the longest overload.
    methods: dict[str, list[str]] = field(default_factory=dict)
    properties: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)


def read_interfaces(text: str) -> dict[str, Interface]:
    """Every exported interface of a declaration file."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE).replace("=>", "⇒")
    found: dict[str, Interface] = {}
    for match in _INTERFACE.finditer(text):
        interface = found.setdefault(match[1], Interface(match[2] or ""))
        for member in _split(text[match.end() : _closing(text, match.end() - 1)], ";"):
            _read_member(interface, member)
    return found


def _read_member(interface: Interface, member: str) -> None:
    match = _MEMBER.match(member)
    if match is None:
        raise ValueError(f"cannot read {member[:80]!r}")
    name, rest = match[1], match[2]
    if rest.startswith("<"):
        rest = rest[_closing(rest, 0) + 1 :]
    if not rest.startswith("("):
        interface.properties.add(name)
        return
    inside = rest[1 : _closing(rest, 0)]
    names = [re.sub(r"^\.\.\.", "", part).split(":")[0].rstrip("?").strip() for part in _split(inside, ",")]
    if len(names) >= len(interface.methods.get(name, [])):
        interface.methods[name] = names
    event = re.match(r"event: '(\w+)'", inside)
    if event and name == "on":
        interface.events.add(event[1])


def _closing(text: str, start: int) -> int:
    """Where the bracket at ``start`` is closed."""
    open_: list[str] = []
    at = start
    while True:
        letter = text[at]
        if letter in _BRACKETS:
            open_.append(_BRACKETS[letter])
        elif open_ and letter == open_[-1]:
            open_.pop()
            if not open_:
                return at
        elif letter in "'\"`":
            at = text.index(letter, at + 1)
        at += 1


def _split(text: str, separator: str) -> list[str]:
    """The parts between separators that stand outside of brackets."""
    parts, start, at = [], 0, 0
    while at < len(text):
        letter = text[at]
        if letter in _BRACKETS:
            at = _closing(text, at)
        elif letter in "'\"`":
            at = text.index(letter, at + 1)
        elif letter == separator:
            parts.append(text[start:at].strip())
            start = at + 1
        at += 1
    return [part for part in [*parts, text[start:].strip()] if part]
