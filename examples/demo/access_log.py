"""Writes the demonstration's input: one day of a web server's access log, the same bytes each time.

Three things are hidden in it for the report to find: half an hour in which the API fails, a client that looks for holes, and lines that
are no log lines at all.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

__all__ = ["BROKEN_LINES", "INCIDENT_START", "LINES", "SCANNER", "write_access_log"]

LINES: Final = 18_000
BROKEN_LINES: Final = 25
SCANNER: Final = "198.51.100.77"
INCIDENT_START: Final = datetime(2025, 3, 4, 14, 0, tzinfo=UTC)

_SEED = 20_250_304
_MIDNIGHT = INCIDENT_START.replace(hour=0)
_INCIDENT = timedelta(minutes=30)
_DAY_S = 86_400
#: Route, share of the traffic, usual milliseconds.
_ROUTES = (
    ("/", 25, 12),
    ("/search?q={}", 18, 95),
    ("/items/{}", 22, 30),
    ("/api/v1/items/{}", 20, 22),
    ("/api/v1/orders", 6, 140),
    ("/static/app.js", 9, 3),
)
_HOLES = ("/.env", "/wp-login.php", "/admin.php", "/.git/config", "/backup.zip", "/phpmyadmin/")
_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15",
    "Crème-Brûlée-Bot/1.0 (+https://bot.example)",
)


def write_access_log(path: Path) -> None:
    """Write the log to ``path``. A reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.write_text("".join(f"{line}\n" for line in _lines()), encoding="utf-8")
    unfinished.replace(path)


def _lines() -> Iterator[str]:
    rng = random.Random(_SEED)  # noqa: S311 (the same each time is the point)
    broken = set(rng.sample(range(LINES), BROKEN_LINES))
    routes, shares, _ = zip(*_ROUTES, strict=True)
    for number in range(LINES):
        time = _MIDNIGHT + timedelta(seconds=number * _DAY_S / LINES)
        if number in broken:
            yield f"kernel: [{number}.000000] eth0: link is up"
        elif rng.random() < 0.01:
            yield _format(rng, time, SCANNER, rng.choice(_HOLES), 404, 2)
        else:
            route = rng.choices(routes, shares)[0]
            usual_ms = next(milliseconds for name, _, milliseconds in _ROUTES if name == route)
            yield _visit(rng, time, route, usual_ms)


def _visit(rng: random.Random, time: datetime, route: str, usual_ms: int) -> str:
    client = f"203.0.113.{rng.randrange(1, 250)}"
    target = route.format(rng.randrange(1000))
    milliseconds = max(1, round(usual_ms * rng.lognormvariate(0, 0.6)))
    status = rng.choices((200, 304, 404, 500), (900, 80, 15, 5))[0]
    if route.startswith("/api/") and timedelta(0) <= time - INCIDENT_START < _INCIDENT and rng.random() < 0.7:
        status, milliseconds = 503, milliseconds + 2000
    return _format(rng, time, client, target, status, milliseconds)


def _format(rng: random.Random, time: datetime, client: str, target: str, status: int, milliseconds: int) -> str:
    stamp = time.strftime("%d/%b/%Y:%H:%M:%S %z")
    size = 0 if status == 304 else rng.randrange(200, 40_000)
    return f'{client} - - [{stamp}] "GET {target} HTTP/1.1" {status} {size} "-" "{rng.choice(_AGENTS)}" {milliseconds}'
