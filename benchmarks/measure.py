"""Timing and the table."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Row", "percentile", "publish", "sample", "table"]


@dataclass(frozen=True)
class Row:
    """One figure. ``target`` is what issue 1 asked for, as text."""

    name: str
    unit: str
    value: float
    target: str = ""


async def sample(work: Callable[[], Awaitable[object]], count: int, warm_up: int) -> list[float]:
    """Seconds of each of ``count`` runs, sorted."""
    for _ in range(warm_up):
        await work()
    times = []
    for _ in range(count):
        started = time.perf_counter()
        await work()
        times.append(time.perf_counter() - started)
    return sorted(times)


def percentile(times: list[float], percent: float) -> float:
    """Of a sorted list."""
    return times[min(len(times) - 1, int(len(times) * percent / 100))]


def table(rows: list[Row]) -> str:
    """Markdown."""
    lines = ["| measure | figure | target |", "|---|---|---|"]
    for row in rows:
        figure = f"{row.value:,.0f}" if row.value >= 100 else f"{row.value:.2f}"
        lines.append(f"| {row.name} | {figure} {row.unit} | {row.target} |")
    return "\n".join(lines) + "\n"


def publish(text: str, section: str) -> None:
    """Put ``text`` into README.md, in the place of what stands between the comments ``section`` and ``end of section``."""
    page = Path(__file__).with_name("README.md")
    begin, end = f"<!-- {section} -->", f"<!-- end of {section} -->"
    before, _, rest = page.read_text().partition(begin)
    page.write_text(f"{before}{begin}\n\n{text}\n{end}{rest.partition(end)[2]}")
