"""Reports of coverage: a table for people, LCOV, and Istanbul's JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from isolate_host.client.coverage import METRICS, Coverage, FileCoverage, Ratio

__all__ = ["json_coverage", "lcov_coverage", "text_coverage"]

_HEADS = ("% Stmts", "% Branch", "% Funcs", "% Lines")
_MOST_LINES = 60


def text_coverage(coverage: Coverage) -> str:
    """A table as Istanbul's, with the lines that did not run."""
    rows = [("All files", coverage.ratios(), "")]
    rows += [(_shown(file.path), file.ratios(), _ranges(file.uncovered_lines())) for file in coverage.files.values()]
    width = max(len(name) for name, _, _ in rows)
    lines = ["", _line("Coverage".ljust(width), _HEADS, "Uncovered lines"), _line("-" * width, ("-" * len(head) for head in _HEADS), "-" * 15)]
    for name, ratios, missing in rows:
        numbers = (_percent(ratios[metric]).rjust(len(head)) for metric, head in zip(METRICS, _HEADS, strict=True))
        lines.append(_line(name.ljust(width), numbers, missing))
    return "\n".join(lines) + "\n"


def _line(name: str, cells: Iterator[str] | tuple[str, ...], last: str) -> str:
    return " | ".join((name, *cells, last)).rstrip(" |")


def _percent(ratio: Ratio) -> str:
    return f"{ratio.percent:g}" if ratio.total else "-"


def _ranges(numbers: list[int]) -> str:
    """``3,7-9``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    text = ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
    return text if len(text) <= _MOST_LINES else f"{text[:_MOST_LINES].rpartition(',')[0]},…"


def _shown(path: str) -> str:
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def json_coverage(coverage: Coverage) -> str:
    """Istanbul's ``coverage-final.json``."""
    return json.dumps({path: file.data for path, file in coverage.files.items()}, ensure_ascii=False) + "\n"


def lcov_coverage(coverage: Coverage) -> str:
    """LCOV, as code hosts and editors read it."""
    return "".join(f"{line}\n" for file in coverage.files.values() for line in _records(file))


def _records(file: FileCoverage) -> Iterator[str]:
    data, ratios = file.data, file.ratios()
    yield "TN:"
    yield f"SF:{_shown(file.path)}"
    for number, function in data["fnMap"].items():
        yield f"FN:{function['line']},{_name(function['name'])}"
        yield f"FNDA:{data['f'][number]},{_name(function['name'])}"
    yield from _totals("FN", ratios["functions"])
    for number, branch in data["branchMap"].items():
        for arm, count in enumerate(data["b"][number]):
            yield f"BRDA:{branch['line']},{number},{arm},{count}"
    yield from _totals("BR", ratios["branches"])
    for line, count in file.line_counts().items():
        yield f"DA:{line},{count}"
    yield from _totals("L", ratios["lines"])
    yield "end_of_record"


def _totals(prefix: str, ratio: Ratio) -> tuple[str, str]:
    return f"{prefix}F:{ratio.total}", f"{prefix}H:{ratio.covered}"


def _name(text: str) -> str:
    """Guest code chose it, and a line ends a record."""
    return "".join(character if character.isprintable() and character != "," else "_" for character in text)
