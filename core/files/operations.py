"""What a guest can ask of files: the names of the operations, and which of their arguments are paths.

A relay (the broker, when a client answers) judges a call by this table alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from isolate_host.files.paths import Path, parse

__all__ = ["OPEN_MODES", "OPERATIONS", "Operation", "Subject", "subjects"]

#: Modes of ``open``: as in C and Node, and two that replace the whole file when it is closed.
OPEN_MODES: Final = frozenset({"r", "r+", "w", "wx", "w+", "wx+", "a", "ax", "a+", "ax+", "replace", "keep"})


@dataclass(frozen=True, slots=True)
class Operation:
    """``paths``: how many of the first arguments are paths. ``writes``: which of these change; ``switch``: the argument that says so."""

    paths: int = 1
    writes: tuple[int, ...] = ()
    switch: int | None = None


OPERATIONS: Final[dict[str, Operation]] = {
    "stat": Operation(),
    "names": Operation(),
    "file": Operation(),
    "read": Operation(),
    "get": Operation(writes=(0,), switch=2),
    "write": Operation(writes=(0,)),
    "open": Operation(writes=(0,), switch=1),
    "pread": Operation(),
    "fstat": Operation(),
    "sync": Operation(),
    "close": Operation(),
    "pwrite": Operation(writes=(0,)),
    "truncate": Operation(writes=(0,)),
    "times": Operation(writes=(0,)),
    "mkdir": Operation(writes=(0,)),
    "remove": Operation(writes=(0,)),
    "rename": Operation(paths=2, writes=(0, 1)),
    "copy": Operation(paths=2, writes=(1,)),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """One path of a call, and whether the call changes what is there."""

    path: Path
    writes: bool


def subjects(op: str, args: Sequence[Any]) -> list[Subject]:
    """What a call is about. Raises ``LookupError``, ``TypeError``, ``OSError`` and ``PolicyDenied``."""
    operation = OPERATIONS.get(op)
    if operation is None:
        raise LookupError(f"unknown operation {op!r}")
    if len(args) < operation.paths:
        raise TypeError(f"{op} needs {operation.paths} paths")
    writes = operation.writes if operation.switch is None or _switched(args, operation.switch) else ()
    return [Subject(parse(args[index]), index in writes) for index in range(operation.paths)]


def _switched(args: Sequence[Any], index: int) -> bool:
    """Whether the call changes anything: ``open`` does unless it says "r", ``get`` does when it may create."""
    value = args[index] if index < len(args) else None
    return value not in (None, False, "r")
