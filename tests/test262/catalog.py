"""Finds the test files of a checkout of test262, and reads what they ask for (INTERPRETING.md there)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

__all__ = ["DIRECTORIES", "Case", "find_cases"]

#: What the module layer of the project is measured by. Top-level await is in ``language/module-code/top-level-await``.
DIRECTORIES = ("language/module-code", "language/expressions/dynamic-import", "language/expressions/import.meta")
_ALWAYS = ("assert.js", "sta.js")
_FOR_ASYNC = "doneprintHandle.js"


@dataclasses.dataclass(frozen=True)
class Case:
    """One file in one mode."""

    path: str  # from the folder "test" of the checkout
    mode: str  # "module", "script" or "strict" (a script that begins with "use strict")
    harness: tuple[str, ...]  # files of the folder "harness", in order
    is_async: bool
    #: ``(phase, name of the error)`` of a test that must fail.
    negative: tuple[str, str] | None

    @property
    def name(self) -> str:
        """The path with the mode, which is how results are kept."""
        return f"{self.path} {self.mode}"

    @property
    def directory(self) -> str:
        """What it counts for: top-level await counts for itself."""
        if "/top-level-await/" in self.path:
            return "language/module-code/top-level-await"
        return next(name for name in DIRECTORIES if self.path.startswith(name + "/"))


def find_cases(root: Path, only: list[str] | None = None) -> Iterator[Case]:
    """The cases of the checkout at ``root``, or those whose path starts with one of ``only``."""
    for directory in DIRECTORIES:
        for file in sorted((root / "test" / directory).rglob("*.js")):
            path = file.relative_to(root / "test").as_posix()
            if "_FIXTURE" not in path and (not only or any(path.startswith(prefix) for prefix in only)):
                yield from _cases(path, _front_matter(file.read_text()))


def _front_matter(text: str) -> dict[str, Any]:
    _, _, rest = text.partition("/*---")
    data = yaml.safe_load(rest.partition("---*/")[0])
    return data if isinstance(data, dict) else {}


def _cases(path: str, meta: dict[str, Any]) -> Iterator[Case]:
    flags = set(meta.get("flags") or ())
    negative = meta.get("negative")
    harness = () if "raw" in flags else (*_ALWAYS, *([_FOR_ASYNC] if "async" in flags else ()), *(meta.get("includes") or ()))
    for mode in _modes(flags):
        yield Case(path, mode, harness, "async" in flags, (negative["phase"], negative["type"]) if negative else None)


def _modes(flags: set[str]) -> list[str]:
    if "module" in flags:
        return ["module"]
    if flags & {"noStrict", "raw"}:
        return ["script"]
    return ["strict"] if "onlyStrict" in flags else ["script", "strict"]
