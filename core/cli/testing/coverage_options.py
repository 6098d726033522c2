"""The options of ``isolate-host test`` for coverage. Importing this is cheap: the parser of every verb is made at each start."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from isolate_host.cli.output import CommandError

if TYPE_CHECKING:
    from isolate_host.cli.testing.coverage import CoveragePlan

__all__ = ["add_coverage_options", "read_coverage_options"]

_METRICS = ("statements", "branches", "functions", "lines")
#: Where a format goes without ``=FILE``; ``None`` = to the stream for people.
_FORMATS = {"text": None, "lcov": Path("coverage/lcov.info"), "json": Path("coverage/coverage-final.json")}


def add_coverage_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = parser.add_argument_group("coverage", "Which code ran, counted by V8 in the isolate. Each of these options switches it on.")
    places = ", ".join(f"{name} to {place}" for name, place in _FORMATS.items() if place)
    group.add_argument("--coverage", action="store_true", help="report what of the tested code ran (tests and packages left out)")
    for name, metavar, words in (
        ("include", "GLOB", "only these files, by their names in the guest, such as 'src/**'"),
        ("exclude", "GLOB", "not these, instead of tests and packages"),
        ("threshold", "NAME=PERCENT", f"fail below it ({', '.join(_METRICS)})"),
        ("reporter", "NAME[=FILE]", f"{', '.join(_FORMATS)} (default: text; {places})"),
    ):
        group.add_argument(f"--coverage-{name}", metavar=metavar, action="append", default=[], help=f"{words}; may be repeated")


def read_coverage_options(args: argparse.Namespace) -> CoveragePlan | None:
    """What was asked for, if anything was. Raises ``CommandError``."""
    given = (args.coverage_include, args.coverage_exclude, args.coverage_threshold, args.coverage_reporter)
    if not (args.coverage or any(given)):
        return None
    from isolate_host.cli.testing.coverage import CoveragePlan
    from isolate_host.client.coverage import CoverageOptions

    options = CoverageOptions(include=tuple(args.coverage_include))
    if args.coverage_exclude:
        options = CoverageOptions(include=options.include, exclude=tuple(args.coverage_exclude))
    thresholds = dict(_threshold(part) for text in args.coverage_threshold for part in text.split(","))
    return CoveragePlan(options, tuple(_reporter(text) for text in args.coverage_reporter or ["text"]), thresholds)


def _threshold(text: str) -> tuple[str, float]:
    name, _, number = text.strip().partition("=")
    try:
        percent = float(number)
    except ValueError:
        percent = -1.0
    if name not in _METRICS or not 0 <= percent <= 100:
        raise CommandError(f"--coverage-threshold {text!r} is not understood", f"NAME=PERCENT, such as lines=80; the names are {', '.join(_METRICS)}")
    return name, percent


def _reporter(text: str) -> tuple[str, Path | None]:
    name, _, target = text.partition("=")
    if name not in _FORMATS:
        raise CommandError(f"unknown coverage reporter {name!r}", f"one of {', '.join(_FORMATS)}; NAME=FILE writes to a file")
    return name, Path(target) if target else _FORMATS[name]
