"""Writes inline snapshots into the test file that asked for them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from isolate_host.client.test_results import InlineSnapshot

__all__ = ["with_snapshots", "write_inline"]

_BOM = "\ufeff"
_OPEN = re.compile(r"\s*\(")
#: Also matches nothing.
_BLANK = re.compile(r"(?:\s|//[^\n]*\n|/\*.*?\*/)*", re.DOTALL)
_ESCAPE = re.compile(r"[`\\]|\$\{")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


class _NotUnderstood(Exception):
    """The call does not look as it should. The file stays as it is."""


def write_inline(file: Path, source: str, snapshots: Sequence[InlineSnapshot]) -> list[str]:
    """Rewrite ``file``, whose text was ``source`` when it ran; why some could not be written, if any."""
    try:
        text = file.read_bytes().decode()
        if text.removeprefix(_BOM) != source:
            return [f"{file} has changed meanwhile: its inline snapshots were not written"]
        rewritten, problems = with_snapshots(source, snapshots)
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        draft.write_bytes(((_BOM if text.startswith(_BOM) else "") + rewritten).encode())
        draft.chmod(file.stat().st_mode)
        draft.replace(file)
    except (OSError, UnicodeError) as error:
        return [f"cannot write inline snapshots into {file}: {error}"]
    return [f"{file}:{line}: the inline snapshot could not be written: its call is not understood" for line in problems]


def with_snapshots(source: str, snapshots: Sequence[InlineSnapshot]) -> tuple[str, list[int]]:
    """``source`` with the snapshots in their calls, and the lines of those whose call is not what was expected."""
    lines = source.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    problems = []
    # From the end, so that the places before stay where they are.
    for snapshot in sorted(snapshots, key=lambda item: (item.line, item.column), reverse=True):
        try:
            if snapshot.line > len(lines):
                raise _NotUnderstood
            line = lines[snapshot.line - 1]
            at = starts[snapshot.line - 1] + _index(line, snapshot.column)
            indent = line[: len(line) - len(line.lstrip())]
            source = _with_one(source, at, snapshot, indent)
        except _NotUnderstood:
            problems.append(snapshot.line)
    return source, sorted(problems)


def _index(line: str, column: int) -> int:
    """Columns count UTF-16 units, from 1."""
    units = 1
    for index, character in enumerate(line):
        if units >= column:
            return index
        units += 2 if ord(character) > 0xFFFF else 1
    return len(line)


def _with_one(source: str, at: int, snapshot: InlineSnapshot, indent: str) -> str:
    opened = _OPEN.match(source, at + len(snapshot.matcher))
    if not source.startswith(snapshot.matcher, at) or opened is None:
        raise _NotUnderstood
    arguments, end = _arguments(source, opened.end())
    literal = _literal(snapshot.text, indent)
    first, last = arguments[-1] if arguments else (end, end)
    if source[first] in "`'\"":
        if (_template if source[first] == "`" else _quoted)(source, first) != last:
            raise _NotUnderstood
        return source[:first] + literal + source[last:]
    if len(arguments) > 1:
        raise _NotUnderstood
    before = source[: arguments[0][1]] + ", " if arguments else source[: opened.end()]
    return before + literal + source[end:]


def _literal(text: str, indent: str) -> str:
    body = _ESCAPE.sub(lambda found: "\\" + found[0], text)
    if "\n" not in body:
        return f"`{body}`"
    step = "\t" if indent.startswith("\t") else "  "
    inner = "\n".join(f"{indent}{step}{line}" if line else "" for line in body.split("\n"))
    return f"`\n{inner}\n{indent}`"


def _arguments(source: str, start: int) -> tuple[list[tuple[int, int]], int]:
    """Where each argument begins and ends, and where the call's closing parenthesis is."""
    found: list[tuple[int, int]] = []
    first = _after_blank(source, start)
    while True:
        at = _step(source, first, ",)")
        if text := source[first:at].rstrip():
            found.append((first, first + len(text)))
        if source[at] == ")":
            return found, at
        first = _after_blank(source, at + 1)


def _after_blank(source: str, at: int) -> int:
    found = _BLANK.match(source, at)
    return found.end() if found else at


def _step(source: str, at: int, ends: str) -> int:
    """The next of ``ends`` from ``at`` on that is in no literal, comment or bracket."""
    while at < len(source):
        character = source[at]
        if character in ends:
            return at
        if character in "'\"":
            at = _quoted(source, at)
        elif character == "`":
            at = _template(source, at)
        elif source.startswith("//", at):
            at = source.find("\n", at) % (len(source) + 1)
        elif source.startswith("/*", at):
            at = _after(source, "*/", at + 2)
        elif character in _CLOSERS:
            at = _step(source, at + 1, _CLOSERS[character]) + 1
        else:
            at += 1
    raise _NotUnderstood


def _quoted(source: str, at: int) -> int:
    quote = source[at]
    at += 1
    while at < len(source) and source[at] != quote:
        at += 2 if source[at] == "\\" else 1
    return at + 1


def _template(source: str, at: int) -> int:
    at += 1
    while at < len(source) and source[at] != "`":
        if source.startswith("${", at):
            at = _step(source, at + 2, "}") + 1
        else:
            at += 2 if source[at] == "\\" else 1
    return at + 1


def _after(source: str, mark: str, at: int) -> int:
    found = source.find(mark, at)
    if found < 0:
        raise _NotUnderstood
    return found + len(mark)
