"""Runs web-platform-tests: ``python -m tests.wpt.run CHECKOUT --out results.json [--engine node --binary PATH] [PREFIX …]``."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import isolate_host as ih

from .catalog import Case, find_cases
from .engines import FLAGS, Engine, Native, Ours, broken
from .server import echo_server

Results = dict[str, dict[str, Any]]


async def run_all(engine: Engine, cases: list[Case], jobs: int) -> Results:
    """Run the cases, ``jobs`` at once."""
    results: Results = {}
    waiting = iter(cases)

    async def work() -> None:
        for case in waiting:
            started = time.monotonic()
            try:
                results[case.path] = await engine.run(case)
            except Exception as error:  # what breaks one case must not end the run
                results[case.path] = broken(f"{type(error).__name__}: {error}")
            tests = results[case.path]["tests"]
            passed = sum(test[1] == 0 for test in tests)
            print(f"{passed:5}/{len(tests):<5} {time.monotonic() - started:5.1f}s {case.path}", file=sys.stderr)

    await asyncio.gather(*(work() for _ in range(jobs)))
    return {case.path: results[case.path] for case in cases}


async def main(arguments: argparse.Namespace) -> Results:
    found = find_cases(arguments.checkout, arguments.only)
    cases = [dataclasses.replace(case, seconds=case.seconds * arguments.patience) for case in found]
    async with echo_server() as port:
        if arguments.engine != "ours":
            return await run_all(Native(arguments.engine, arguments.binary or arguments.engine, arguments.checkout, port), cases, arguments.jobs)
        with tempfile.TemporaryDirectory() as folder:
            async with ih.create_isolate_host(config=Ours.policy(Path(folder), port)) as host:
                return await run_all(Ours(host, arguments.checkout, port), cases, arguments.jobs)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=lambda text: Path(text).resolve(), help="a checkout of web-platform-tests; README.md says where to get one")
    parser.add_argument("only", nargs="*", help="only cases whose path starts with one of these")
    parser.add_argument("--engine", choices=["ours", *FLAGS], default="ours")
    parser.add_argument("--binary", help="the program, when it is not on the PATH under its own name")
    parser.add_argument("--out", type=Path, help="write the results here as JSON; what it has for other cases stays")
    parser.add_argument("--jobs", type=int, default=3, help="how many cases run at once (default: 3)")
    parser.add_argument("--patience", type=float, default=1, help="multiplies the time limits: for a busy machine")
    return parser.parse_args()


if __name__ == "__main__":
    options = parse()
    outcome = asyncio.run(main(options))
    if options.out is not None:
        before = json.loads(options.out.read_text()) if options.out.exists() else {}
        options.out.write_text(json.dumps({**before, **outcome}, indent=0, ensure_ascii=False) + "\n")
    counts = Counter(test[1] for result in outcome.values() for test in result["tests"])
    print(f"{counts[0]} of {counts.total()} subtests pass in {len(outcome)} cases")
