"""Importing large packages: the first time in a host, again in another runtime, and in Node.js, side by side.

Needs the packages of tests/packages (run ``pytest tests/packages`` once) and Node.js.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import tempfile
import time
from pathlib import Path

import isolate_host as ih

PACKAGES = Path(__file__).parents[1] / "tests/packages"
POLICY = """
version: 1
sandboxes:
  default: {{limits: {{memory_mb: 512}}, policies: {{node: {{}}, modules: {{node_modules: [{{mount: /node_modules, root: {root}}}]}}}}}}
"""
IN_NODE = "const t = performance.now(); await import('{name}'); console.log(performance.now() - t)"


async def guest(config: Path, name: str) -> tuple[float, float]:
    """Milliseconds of the first import and of one in the next runtime."""
    times = []
    async with ih.create_isolate_host(config=config) as host:
        for _ in range(2):
            async with host.create_runtime(sandbox="default") as runtime:
                await runtime.eval("1")
                started = time.perf_counter()
                await runtime.eval(f"await import('{name}'); 1")
                times.append(1000 * (time.perf_counter() - started))
    return times[0], times[1]


def node(name: str) -> float:
    """Milliseconds of the import in a new process of Node.js."""
    command = ["node", "--input-type=module", "-e", IN_NODE.format(name=name)]
    return float(subprocess.run(command, cwd=PACKAGES, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    """Print the best of several rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("packages", nargs="*", default=["effect", "mathjs"])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "host.yaml"
        config.write_text(POLICY.format(root=PACKAGES / "node_modules"))
        for name in args.packages:
            rounds = [(*asyncio.run(guest(config, name)), node(name)) for _ in range(args.rounds)]
            cold, warm, there = (min(times) for times in zip(*rounds, strict=True))
            print(f"{name}: cold {cold:.0f} ms ({cold / there:.2f}x), warm {warm:.0f} ms ({warm / there:.2f}x), Node.js {there:.0f} ms")


if __name__ == "__main__":
    main()
