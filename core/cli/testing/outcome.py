"""What came of one test file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from isolate_host.client.console import ConsoleEntry
from isolate_host.client.test_results import TestRunResult

__all__ = ["FileOutcome", "SnapshotNews", "Totals"]


@dataclass(slots=True)
class SnapshotNews:
    """What was done about the snapshots of a file."""

    written: int = 0
    removed: int = 0
    #: Stored snapshots that nothing asks for, and which are still there.
    obsolete: tuple[str, ...] = ()
    #: Why some could not be written.
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class FileOutcome:
    """One file: its results, or the error that kept it from having any."""

    file: Path
    #: Its name in the guest, as in stack traces.
    guest_name: str
    source: str
    result: TestRunResult | None = None
    error: Exception | None = None
    #: Not started, because enough had failed before.
    bailed: bool = False
    duration_s: float = 0.0
    console: list[ConsoleEntry] = field(default_factory=list)
    #: Where a file of the guest lies here; ``None`` = below the folder that is ``/``.
    place_of: Callable[[str], Path | None] | None = None
    snapshots: SnapshotNews = field(default_factory=SnapshotNews)

    @property
    def success(self) -> bool:
        """Whether it ran, nothing failed, and its snapshots could be written."""
        return self.error is None and self.result is not None and self.result.success and not self.snapshots.problems


@dataclass(slots=True)
class Totals:
    """Counts over all files."""

    files: int = 0
    files_failed: int = 0
    files_not_run: int = 0
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    todo: int = 0
    total: int = 0

    @classmethod
    def of(cls, outcomes: list[FileOutcome]) -> Totals:
        """Add up."""
        totals = cls()
        for outcome in outcomes:
            totals.files += 1
            totals.files_not_run += outcome.bailed
            totals.files_failed += not outcome.success and not outcome.bailed
            if outcome.result is not None:
                for name in ("passed", "failed", "skipped", "todo", "total"):
                    setattr(totals, name, getattr(totals, name) + getattr(outcome.result, name))
        return totals
