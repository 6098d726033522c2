"""Compares results: ``python -m tests.test262.compare OURS REFERENCE REFERENCE`` prints the table, and fails on a miss without a reason.

Counted are the cases that every reference passes: a V8 before ours and one after it, so that a feature of later versions does not count.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path

from .catalog import DIRECTORIES

__all__ = ["EXPECTED", "explanation", "misses", "relevant", "table"]

EXPECTED = Path(__file__).with_name("expected.json")
_AWAIT = "language/module-code/top-level-await"
Results = dict[str, str]


def relevant(references: list[Results]) -> set[str]:
    """The cases that all references pass."""
    return set.intersection(*({name for name, failure in results.items() if not failure} for results in references))


def misses(ours: Results, references: list[Results]) -> dict[str, str]:
    """The counted cases that we fail; a case that did not run is one of them."""
    return {name: ours.get(name, "did not run") for name in sorted(relevant(references)) if ours.get(name, "did not run")}


def explanation(name: str) -> str | None:
    """Why ``expected.json`` says that a case fails."""
    entries = json.loads(EXPECTED.read_text())
    return next((entry["reason"] for entry in entries if any(re.fullmatch(pattern, name) for pattern in entry["cases"])), None)


def table(ours: Results, references: list[Results]) -> list[str]:
    """Rows of a Markdown table."""
    counted = relevant(references)
    passed = Counter(_directory(name) for name in counted if not ours.get(name, "did not run"))
    totals = Counter(map(_directory, counted))
    rows = [f"| `{name}` | {passed[name]} of {totals[name]} | {passed[name] / totals[name]:.1%} |" for name in sorted(totals)]
    return [*rows, f"| together | {passed.total()} of {totals.total()} | {passed.total() / max(1, totals.total()):.1%} |"]


def _directory(name: str) -> str:
    return next(directory for directory in (_AWAIT, *DIRECTORIES) if name.startswith(directory + "/"))


if __name__ == "__main__":
    own, *others = (json.loads(Path(argument).read_text()) for argument in sys.argv[1:])
    print("\n".join(table(own, others)))
    unexplained = {name: failure for name, failure in misses(own, others).items() if explanation(name) is None}
    for missed, why in unexplained.items():
        print(f"unexplained: {missed}: {why}", file=sys.stderr)
    sys.exit(1 if unexplained else 0)
