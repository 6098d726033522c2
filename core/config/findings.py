"""What is wrong with a configuration: one :class:`Finding` each, with a place and a stable code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

__all__ = ["Finding", "Mark", "Severity", "path_text", "sorted_findings"]

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; line and column count from 1."""

    file: Path
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One error or warning. ``code`` is stable and documented in ``docs/reference/findings.md``."""

    code: str
    message: str
    mark: Mark
    severity: Severity = "error"
    hint: str | None = None
    #: The key it is about; empty for the whole file.
    path: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        return f"{self.mark}: {self.severity}[{self.code}]: {self.message}"

    def to_json(self) -> dict[str, Any]:
        """The finding as plain JSON."""
        data = asdict(self)
        del data["mark"]
        place = {"file": str(self.mark.file), "line": self.mark.line, "column": self.mark.column}
        return {**place, **data, "path": path_text(self.path)}


def path_text(path: Sequence[str | int]) -> str:
    """``("a", "b", 0, "c")`` as ``a.b[0].c``."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".")


def sorted_findings(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without repetition, in the order of the files' lines."""
    unique = dict.fromkeys(findings)
    return sorted(unique, key=lambda item: (str(item.mark.file), item.mark.line, item.mark.column, item.code, item.message))
