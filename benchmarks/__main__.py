"""Measures what users feel: creating, evaluating, calling, moving bytes. Prints a table; ``--write`` puts it into README.md.

Run ``python benchmarks`` with isolate-host installed. Ratios within one run count; absolute figures drift with the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import cases
import files_cases
from measure import Row, publish, table
from nested_cases import nested
from network import network

import isolate_host as ih


async def over(link: str, folder: Path) -> ih.IsolateHost:
    """A host over one of the two links."""
    if link == "embedded":
        return await ih.create_isolate_host()
    return await ih.create_isolate_host(daemon=ih.DaemonOptions(socket_path=folder / "s", auto_start=True, timeout_s=30))


async def run(scale: float) -> list[Row]:
    """All cases over both links."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for link in ("embedded", "daemon"):
            host = await over(link, Path(folder))
            try:
                rows += await cases.latency(host, link, scale)
                rows += await cases.throughput(host, link, scale)
                if link == "embedded":
                    rows += await files_cases.files(host, scale)
                    rows += await cases.creation(host, scale)
                    rows += await cases.memory(host, scale)
                    rows += await cases.sessions(host, scale)
                    rows += await cases.branch(host, scale)
                    rows += await nested(host, scale)
                    rows += await cases.plugin_node(scale)
                    rows += await cases.neighbour(host, scale)
                    rows += await cases.churn(host, scale)
            finally:
                await host.close()
    return [*rows, *await network(scale)]


def describe_machine() -> str:
    """What the figures depend on."""
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} CPUs, {platform.system()} {platform.release()}, Python {platform.python_version()}, load {load:.1f} at the start"


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="how much work, relative to the usual (default 1)")
    parser.add_argument("--runs", type=int, default=3, help="the whole set so often; medians are shown (default 3)")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    args = parser.parse_args()
    machine = describe_machine()
    runs = [asyncio.run(run(args.scale)) for _ in range(args.runs)]
    rows = [Row(same[0].name, same[0].unit, statistics.median(row.value for row in same), same[0].target) for same in zip(*runs, strict=True)]
    text = f"{machine}; median of {args.runs} runs.\n\n{table(rows)}"
    print(text)
    if args.write:
        publish(text, "figures")


if __name__ == "__main__":
    main()
