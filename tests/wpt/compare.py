"""Compares results: ``python -m tests.wpt.compare FOLDER`` reads ``{ours,node,deno,bun}.json`` there and prints the table for the documentation.

The measure: of the subtests that at least two of Node.js, Deno and Bun pass, how many each passes. With ``--misses`` it lists those
that we miss and that ``expected.json`` does not explain; with ``--check`` it fails when there are any.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from .catalog import DIRECTORIES

__all__ = ["Row", "compare", "explanation", "load", "unexplained"]

OTHERS = ("node", "deno", "bun")
EXPECTED = Path(__file__).with_name("expected.json")

Subtest = tuple[str, str]
"""The case and the name of the subtest."""


@dataclasses.dataclass
class Row:
    """One directory."""

    total: int = 0
    passed: Counter[str] = dataclasses.field(default_factory=Counter)


def load(path: Path) -> set[Subtest]:
    """The subtests that pass. Of equal names in one file, all must."""
    passed: dict[Subtest, bool] = {}
    for case, result in json.loads(path.read_text()).items():
        for name, status, _ in result["tests"]:
            passed[case, name] = passed.get((case, name), True) and status == 0
    return {subtest for subtest, fine in passed.items() if fine}


def directory_of(case: str) -> str:
    return next(name for name in DIRECTORIES if case.startswith(name + "/"))


def relevant(results: dict[str, set[Subtest]]) -> set[Subtest]:
    """What at least two of the others pass."""
    counts = Counter(subtest for name in OTHERS for subtest in results[name])
    return {subtest for subtest, count in counts.items() if count >= 2}


def compare(results: dict[str, set[Subtest]]) -> dict[str, Row]:
    rows = {directory: Row() for directory in DIRECTORIES}
    for subtest in relevant(results):
        row = rows[directory_of(subtest[0])]
        row.total += 1
        row.passed.update(name for name, passed in results.items() if subtest in passed)
    return rows


def explanation(case: str, name: str, expected: list[dict[str, Any]]) -> str | None:
    """Why we may miss this subtest."""
    for entry in expected:
        for pattern in entry["subtests"]:
            file, _, names = pattern.partition(" :: ")
            if re.fullmatch(file, case) and (not names or re.fullmatch(names, name, re.DOTALL)):
                return str(entry["reason"])
    return None


def unexplained(results: dict[str, set[Subtest]]) -> list[Subtest]:
    expected = json.loads(EXPECTED.read_text())
    return sorted(subtest for subtest in relevant(results) - results["ours"] if explanation(*subtest, expected) is None)


def table(rows: dict[str, Row]) -> str:
    lines = ["| directory | subtests | isolate-host | Node.js | Deno | Bun |", "|---|---:|---:|---:|---:|---:|"]
    whole = Row()
    for directory, row in rows.items():
        lines.append(f"| `{directory}` | {row.total} | " + " | ".join(str(row.passed[name]) for name in ("ours", *OTHERS)) + " |")
        whole.total += row.total
        whole.passed.update(row.passed)
    return "\n".join([*lines, f"| together | {whole.total} | " + " | ".join(str(whole.passed[name]) for name in ("ours", *OTHERS)) + " |"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    results = {name: load(options.folder / f"{name}.json") for name in ("ours", *OTHERS)}
    missed = unexplained(results)
    if options.misses:
        print("\n".join(f"{case} :: {name}" for case, name in missed))
    else:
        print(table(compare(results)))
    print(f"{len(missed)} misses without an explanation", file=sys.stderr)
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
