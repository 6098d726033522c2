"""The report for people, with progress while tests run."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TextIO

from isolate_host.cli.failures import guest_text
from isolate_host.cli.testing.outcome import FileOutcome, Totals
from isolate_host.client.test_results import TestError, TestEvent, TestResult, TestRunResult
from isolate_host.errors import GuestError, IsolateHostError
from isolate_host.host.codeframe import code_frame, first_location

__all__ = ["Pretty", "Progress", "error_text", "file_error"]

_MARKS = {"pass": ("✓", "32"), "fail": ("✗", "31"), "skip": ("○", "33"), "todo": ("…", "36")}
_REDRAW_S = 0.1


class Progress:
    """One line on a terminal that is written over and over. Elsewhere nothing."""

    def __init__(self, stream: TextIO, files: int) -> None:
        self._stream, self._files = stream, files
        self._on = stream.isatty()
        self._tests = self._failed = self._done = 0
        self._drawn = 0.0
        self._shown = False

    def event(self, _file: Path, event: TestEvent) -> None:
        """Count, and draw now and then."""
        if event.type == "testEnd" and event.test is not None:
            self._tests += 1
            self._failed += event.test.status == "fail"
            if self._on and time.monotonic() - self._drawn > _REDRAW_S:
                self._draw()

    def file_done(self) -> None:
        """One file more."""
        self._done += 1
        self.clear()

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        failed = f", {self._failed} failed" if self._failed else ""
        self._stream.write(f"\r\x1b[K{self._done} of {self._files} files, {self._tests} tests{failed}")
        self._stream.flush()
        self._shown = True

    def clear(self) -> None:
        """Make room for other output."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False


class Pretty:
    """Writes each file as it ends, then the totals."""

    def __init__(self, stream: TextIO, *, every_test: bool) -> None:
        self._stream, self._every_test = stream, every_test
        self._colours = stream.isatty() and "NO_COLOR" not in os.environ

    def _paint(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colours else text

    def _line(self, text: str = "", indent: int = 0) -> None:
        self._stream.write("".join(f"{' ' * indent}{line}".rstrip() + "\n" for line in text.split("\n")))

    def file(self, outcome: FileOutcome) -> None:
        """One file: its tests, what failed, and what it printed."""
        if outcome.bailed:
            self._line(f"{self._paint('○', '33')} {outcome.file} (not run: enough has failed)")
            return
        mark, colour = _MARKS["pass" if outcome.success else "fail"]
        self._line(f"{self._paint(mark, colour)} {outcome.file} {self._summary(outcome)}")
        if outcome.result is not None:
            self._results(outcome, outcome.result)
        if outcome.error is not None:
            self._line(self._paint(file_error(outcome.error), "31"), 4)
        for name in outcome.snapshots.obsolete:
            self._line(f"obsolete snapshot: {name}", 4)
        for problem in outcome.snapshots.problems:
            self._line(self._paint(problem, "31"), 4)
        for entry in outcome.console:
            if entry.text:
                self._line(f"| {entry.text}".replace("\n", "\n| "), 4)
        self._stream.flush()

    def _results(self, outcome: FileOutcome, result: TestRunResult) -> None:
        for test in result.tests:
            if self._every_test or test.status == "fail":
                self._test(outcome, test)
        for error in (*result.errors, *(error for suite in result.suites for error in suite.errors)):
            self._line(self._paint(error_text(outcome, error), "31"), 4)

    def _summary(self, outcome: FileOutcome) -> str:
        result = outcome.result
        if result is None:
            return ""
        parts = [f"{result.total} test{'' if result.total == 1 else 's'}"]
        parts += [f"{count} {name}" for name, count in (("failed", result.failed), ("skipped", result.skipped), ("todo", result.todo)) if count]
        seed = f", seed {result.seed}" if result.seed is not None else ""
        return f"({', '.join(parts)}) {outcome.duration_s:.2f} s{seed}"

    def _test(self, outcome: FileOutcome, test: TestResult) -> None:
        mark, colour = _MARKS[test.status]
        note = f" ({test.note})" if test.note else ""
        tries = f" (after {test.retries} more tries)" if test.retries else ""
        self._line(f"{self._paint(mark, colour)} {test.full_name}{note}{tries}", 2)
        for error in test.errors:
            self._line(error_text(outcome, error), 6)

    def _snapshots(self, outcomes: list[FileOutcome]) -> str:
        results = [outcome.result.snapshots for outcome in outcomes if outcome.result]
        news = [outcome.snapshots for outcome in outcomes]
        obsolete = sum(len(item.obsolete) for item in news)
        counts = (
            (sum(item.failed for item in results), "failed"), (sum(item.matched for item in results), "passed"),
            (sum(item.written for item in news), "written"), (sum(item.removed for item in news), "removed"), (obsolete, "obsolete"),
        )
        shown = ", ".join(f"{count} {name}" for count, name in counts if count)
        return f"{shown} (--update removes them)" if obsolete else shown

    def end(self, outcomes: list[FileOutcome], seconds: float) -> None:
        """The totals."""
        totals = Totals.of(outcomes)
        counts = [(totals.failed, "failed", "31"), (totals.passed, "passed", "32"), (totals.skipped, "skipped", "33"), (totals.todo, "todo", "36")]
        shown = ", ".join(self._paint(f"{count} {name}", colour) for count, name, colour in counts if count) or "none"
        self._line(f"\nTests  {shown} ({totals.total})")
        passed = totals.files - totals.files_failed - totals.files_not_run
        files = [(totals.files_failed, "failed"), (passed, "passed"), (totals.files_not_run, "not run")]
        self._line(f"Files  {', '.join(f'{count} {name}' for count, name in files if count)} ({totals.files})")
        snapshots = self._snapshots(outcomes)
        if snapshots:
            self._line(f"Snapshots  {snapshots}")
        self._line(f"Time   {seconds:.2f} s")
        self._stream.flush()


def file_error(error: Exception) -> str:
    """Why a file could not be run."""
    if isinstance(error, GuestError):
        return guest_text(error)
    hint = f"\nhint: {error.hint}" if isinstance(error, IsolateHostError) and error.hint else ""
    return f"{error}{hint}"


def error_text(outcome: FileOutcome, error: TestError) -> str:
    """Message and stack of a failed test, and the line of the file that it came from."""
    text = error.stack if error.stack and error.message in error.stack else f"{error.message}\n{error.stack or ''}".rstrip()
    location = first_location(error.stack or "")
    if location is None or location[0] != outcome.guest_name or not 0 < location[1] <= outcome.source.count("\n") + 1:
        return text
    return f"{text}\n\n{code_frame(outcome.source, location[1], location[2])}\n"
