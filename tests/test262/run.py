"""Runs the module tests of test262: ``python -m tests.test262.run CHECKOUT --out ours.json [--node PATH] [PREFIX …]``."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

import isolate_host as ih

from .catalog import Case, find_cases
from .engines import Engine, Node, Ours

Results = dict[str, str]


async def run_all(engine: Engine, cases: list[Case], jobs: int) -> Results:
    """Run the cases, ``jobs`` at once."""
    results: Results = {}
    waiting = iter(cases)

    async def work() -> None:
        for case in waiting:
            try:
                results[case.name] = await engine.run(case)
            except Exception as error:  # what breaks one case must not end the run
                results[case.name] = f"{type(error).__name__}: {error}"
            if results[case.name]:
                print(f"{case.name}: {results[case.name]}", file=sys.stderr)

    await asyncio.gather(*(work() for _ in range(jobs)))
    return {case.name: results[case.name] for case in cases}


async def main(arguments: argparse.Namespace) -> Results:
    cases = list(find_cases(arguments.checkout, arguments.only))
    if arguments.node is not None:
        return await run_all(Node(arguments.node, arguments.checkout), cases, arguments.jobs)
    async with ih.create_isolate_host() as host:
        return await run_all(Ours(host, arguments.checkout), cases, arguments.jobs)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=lambda text: Path(text).resolve(), help="a checkout of test262")
    parser.add_argument("only", nargs="*", help="only cases whose path starts with one of these")
    parser.add_argument("--node", help="run in this binary of Node.js instead of in our runtimes")
    parser.add_argument("--out", type=Path, help="write the results here as JSON; what it has for other cases stays")
    parser.add_argument("--jobs", type=int, default=3, help="how many cases run at once (default: 3)")
    return parser.parse_args()


if __name__ == "__main__":
    options = parse()
    outcome = asyncio.run(main(options))
    if options.out is not None:
        before = json.loads(options.out.read_text()) if options.out.exists() else {}
        options.out.write_text(json.dumps({**before, **outcome}, indent=0) + "\n")
    print(f"{sum(not failure for failure in outcome.values())} of {len(outcome)} cases pass")
