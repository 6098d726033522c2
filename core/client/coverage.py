"""What of the code under test ran: Istanbul's data for each file, and what follows from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from isolate_host.errors import ProtocolError

__all__ = ["METRICS", "Coverage", "CoverageOptions", "FileCoverage", "Ratio", "read_coverage"]

METRICS = ("statements", "branches", "functions", "lines")
_TESTS_AND_PACKAGES = ("**/node_modules/**", "**/*.{test,spec}.*", "**/__tests__/**", "**/__mocks__/**")
_MAX_PATH = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageOptions:
    """Which files are in the report, by globs over their names in the guest (``src/**``, ``**/*.{ts,tsx}``, a folder).

    Without ``include`` it is whatever was loaded. By default tests and packages are left out; the test file itself always is.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = _TESTS_AND_PACKAGES

    def __post_init__(self) -> None:
        for name in ("include", "exclude"):
            value = getattr(self, name)
            if isinstance(value, str) or not all(isinstance(item, str) for item in value):
                raise TypeError(f"CoverageOptions.{name} must be globs: a tuple of texts")


@dataclass(frozen=True, slots=True)
class Ratio:
    """So many of so many."""

    covered: int = 0
    total: int = 0

    @property
    def percent(self) -> float:
        """Of nothing all is covered. Rounded down, so that 100 means all."""
        return 100.0 if not self.total else int(10_000 * self.covered / self.total) / 100

    def __add__(self, other: Ratio) -> Ratio:
        return Ratio(self.covered + other.covered, self.total + other.total)


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """One file. ``data`` is Istanbul's ``FileCoverage``, whose positions are those of the original text."""

    path: str
    data: Mapping[str, Any]

    def line_counts(self) -> dict[int, int]:
        """How often each line ran on which a statement begins."""
        counts: dict[int, int] = {}
        for number, place in self.data["statementMap"].items():
            line = place["start"]["line"]
            counts[line] = max(counts.get(line, 0), self.data["s"][number])
        return dict(sorted(counts.items()))

    def ratios(self) -> dict[str, Ratio]:
        """By ``statements``, ``branches``, ``functions`` and ``lines``."""
        branches = [count for counts in self.data["b"].values() for count in counts]
        counts: tuple[Collection[int], ...] = (self.data["s"].values(), branches, self.data["f"].values(), self.line_counts().values())
        return {name: Ratio(sum(map(bool, values)), len(values)) for name, values in zip(METRICS, counts, strict=True)}

    def uncovered_lines(self) -> list[int]:
        """Lines with statements of which none ran."""
        return [line for line, count in self.line_counts().items() if not count]

    def merged(self, other: FileCoverage) -> FileCoverage:
        """Both together. Of two texts with the same name the one with more statements counts."""
        mine, theirs = self.data, other.data
        if any(mine[name] != theirs[name] for name in ("statementMap", "fnMap", "branchMap")):
            return max(self, other, key=lambda file: len(file.data["s"]))
        added: dict[str, Any] = {name: {key: count + theirs[name][key] for key, count in mine[name].items()} for name in ("s", "f")}
        branches = {key: [a + b for a, b in zip(counts, theirs["b"][key], strict=True)] for key, counts in mine["b"].items()}
        return FileCoverage(self.path, {**mine, **added, "b": branches})


@dataclass(frozen=True, slots=True)
class Coverage:
    """All files by path. ``unread`` are those whose code could not be understood; ``error`` says why there is no report."""

    files: Mapping[str, FileCoverage] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    error: str | None = None

    @classmethod
    def of(cls, files: Iterable[FileCoverage], unread: Iterable[str] = (), error: str | None = None) -> Coverage:
        """Add up what several runs saw of the same files."""
        found: dict[str, FileCoverage] = {}
        for file in files:
            known = found.get(file.path)
            found[file.path] = file if known is None else known.merged(file)
        return cls(dict(sorted(found.items())), tuple(sorted(set(unread))), error)

    def ratios(self) -> dict[str, Ratio]:
        """Over all files."""
        totals = dict.fromkeys(METRICS, Ratio())
        for file in self.files.values():
            totals = {name: totals[name] + ratio for name, ratio in file.ratios().items()}
        return totals


def read_coverage(told: Any) -> Coverage:
    """The broker's report. It began in a worker that ran strangers' code, so its shape is checked. Raises ``ProtocolError``."""
    try:
        return Coverage.of((_file(item) for item in told["files"]), map(str, told["unread"]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ProtocolError(f"malformed coverage report: {type(error).__name__}") from None


def _file(item: Mapping[str, Any]) -> FileCoverage:
    path = item["path"]
    if not isinstance(path, str) or not path.startswith("/") or len(path) > _MAX_PATH or not path.isprintable():
        raise ValueError(path)
    statements = {key: _place(place) for key, place in item["statementMap"].items()}
    functions = {key: _function(told) for key, told in item["fnMap"].items()}
    branches = {key: _branch(told) for key, told in item["branchMap"].items()}
    data = {
        "path": path, "statementMap": statements, "fnMap": functions, "branchMap": branches,
        "s": {key: _count(item["s"][key]) for key in statements},
        "f": {key: _count(item["f"][key]) for key in functions},
        "b": {key: [_count(count) for count in item["b"][key]] for key in branches},
    }
    if any(len(item["b"][key]) != len(told["locations"]) for key, told in branches.items()):
        raise ValueError(path)
    return FileCoverage(path, data)


def _function(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": str(told["name"])[:200], "decl": _place(told["decl"]), "loc": _place(told["loc"]), "line": _count(told["line"])}


def _branch(told: Mapping[str, Any]) -> dict[str, Any]:
    locations = [_place(place) for place in told["locations"]]
    return {"loc": _place(told["loc"]), "type": str(told["type"])[:40], "locations": locations, "line": _count(told["line"])}


def _place(told: Mapping[str, Any]) -> dict[str, Any]:
    """Istanbul has ends of lines without a column, and branches that are nowhere (the ``else`` that is not there)."""
    return {end: {name: None if told[end].get(name) is None else _count(told[end][name]) for name in ("line", "column")} for end in ("start", "end")}


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(value)
    return value
