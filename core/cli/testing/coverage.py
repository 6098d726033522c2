"""Coverage of a whole command: where reports go, and the least that is good enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from isolate_host.cli.output import CommandError
from isolate_host.cli.testing.coverage_formats import json_coverage, lcov_coverage, text_coverage
from isolate_host.cli.testing.files import root_of
from isolate_host.cli.testing.outcome import FileOutcome
from isolate_host.client.coverage import Coverage, CoverageOptions, FileCoverage

__all__ = ["CoveragePlan"]

_FORMATS: Mapping[str, Callable[[Coverage], str]] = {"text": text_coverage, "lcov": lcov_coverage, "json": json_coverage}


@dataclass(frozen=True, slots=True)
class CoveragePlan:
    """What the options of the command say."""

    options: CoverageOptions
    #: A format and where it goes; ``None`` = the stream for people.
    reports: tuple[tuple[str, Path | None], ...]
    thresholds: Mapping[str, float]

    def report(self, outcomes: list[FileOutcome], stream: TextIO) -> list[str]:
        """Write the reports; what is below its threshold, in words. Raises ``CommandError``."""
        coverage = _joined(outcomes)
        for name, place in self.reports:
            text = _FORMATS[name](coverage)
            if place is None:
                stream.write(text)
            else:
                _write(place, text)
        for outcome in outcomes:
            found = outcome.result.coverage if outcome.result else None
            if found is None or found.error is not None:
                stream.write(f"{outcome.file} is not in the coverage: {found.error if found and found.error else 'it did not run'}\n")
        stream.writelines(f"{path} is not in the coverage: its code cannot be parsed\n" for path in coverage.unread)
        stream.flush()
        return self._missed(coverage)

    def _missed(self, coverage: Coverage) -> list[str]:
        ratios = coverage.ratios()
        return [
            f"coverage of {name} is {ratios[name].percent:g} %, less than the {least:g} % of --coverage-threshold"
            for name, least in self.thresholds.items() if ratios[name].percent < least
        ]


def _joined(outcomes: list[FileOutcome]) -> Coverage:
    """One report of all files, under the names that their files have here."""
    found: list[FileCoverage] = []
    unread: list[str] = []
    for outcome in outcomes:
        coverage = outcome.result.coverage if outcome.result else None
        if coverage is not None:
            found += [_at_home(file, outcome) for file in coverage.files.values()]
            unread += coverage.unread
    return Coverage.of(found, unread)


def _at_home(file: FileCoverage, outcome: FileOutcome) -> FileCoverage:
    """What the guest calls ``/src/a.ts`` is a file of this machine, if it is there."""
    place = outcome.place_of(file.path) if outcome.place_of else root_of(outcome.file) / file.path.lstrip("/")
    if place is None or not place.is_file():
        return file
    return FileCoverage(str(place), {**file.data, "path": str(place)})


def _write(place: Path, text: str) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise CommandError(f"cannot write {place}: {error.strerror}") from None
