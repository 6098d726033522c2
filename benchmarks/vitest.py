"""1,000 trivial tests: ``isolate-host test`` beside Vitest in Node.js, in turns. The ratio counts; both feel the same machine.

``npm install --prefix FOLDER vitest`` somewhere, then ``python benchmarks/vitest.py FOLDER``.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = """
import { describe, expect, test } from "vitest";
describe("numbers", () => {
  for (let i = 0; i < 1000; i++) test(`number ${i}`, () => { expect(i + 1).toBe(i + 1) });
});
"""


def seconds(command: list[str | Path], folder: Path) -> tuple[float, float]:
    """Wall-clock and processor time of a whole command, which must succeed."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode or "1000 passed" not in done.stdout:
        sys.exit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - started, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where vitest is installed")
    parser.add_argument("--runs", type=int, default=5, help="of each (default 5)")
    args = parser.parse_args()
    vitest = args.folder.resolve() / "node_modules/.bin/vitest"
    ours = Path(sys.executable).with_name("isolate-host")
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder = Path(name)
        (folder / "trivial.test.js").write_text(SOURCE)
        pairs = [
            (seconds([ours, "test", "trivial.test.js"], folder), seconds([vitest, "run", "--no-color", "--root", folder], folder))
            for _ in range(args.runs)
        ]
    for place, what in enumerate(("wall clock", "processor")):
        mine, theirs = (statistics.median(pair[side][place] for pair in pairs) for side in (0, 1))
        print(f"{what}: isolate-host test {mine:.2f} s, vitest {theirs:.2f} s, ratio {mine / theirs:.2f} (target ≤ 1.5), median of {args.runs}")


if __name__ == "__main__":
    main()
