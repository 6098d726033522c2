"""What a guest's call of Playwright costs over the same call in Python: ``python benchmarks/browser.py [EXECUTABLE]``.

Both call ``page.evaluate("1")``, one after another, on one page each, in turns of a hundred, so that a change of the machine's mood meets both.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import sys
import time

from playwright.async_api import Page, async_playwright

import isolate_host as ih

ROUNDS, CALLS = 10, 100
_IN_GUEST = f"""
const times = [];
for (let i = 0; i < {CALLS}; i++) {{
  const started = performance.now();
  await page.evaluate("1");
  times.push(performance.now() - started);
}}
times
"""


async def in_python(page: Page) -> list[float]:
    """Milliseconds of each call."""
    times = []
    for _ in range(CALLS):
        started = time.perf_counter()
        await page.evaluate("1")
        times.append((time.perf_counter() - started) * 1000)
    return times


async def main() -> None:
    """Measure and print."""
    program = sys.argv[1] if len(sys.argv) > 1 else shutil.which("chromium") or shutil.which("google-chrome")
    async with async_playwright() as playwright, ih.create_isolate_host() as host:
        chromium = await playwright.chromium.launch(executable_path=program, chromium_sandbox=os.geteuid() != 0)

        async def create_context(options: dict[str, object] | None, _ctx: object) -> object:
            return await chromium.new_context(**(options or {}))  # type: ignore[arg-type]

        bindings = ih.Bindings(browser=ih.BrowserBinding(create_context=create_context))
        async with host.create_runtime(bindings=bindings) as runtime:
            page = await (await chromium.new_context()).new_page()
            await runtime.eval("globalThis.page = await browser.newPage(); undefined")
            await runtime.eval(_IN_GUEST)
            await in_python(page)
            python: list[float] = []
            guest: list[float] = []
            for _ in range(ROUNDS):
                python += await in_python(page)
                guest += await runtime.eval(_IN_GUEST)
        await chromium.close()
    for name, times in (("Python", python), ("guest", guest)):
        cuts = statistics.quantiles(times, n=100)
        print(f"{name:8} p5 {cuts[4]:.3f} ms   p50 {cuts[49]:.3f} ms   p95 {cuts[94]:.3f} ms   ({len(times)} calls)")
    quiet = [statistics.quantiles(times, n=20)[0] for times in (guest, python)]
    print(f"overhead p50 {statistics.median(guest) - statistics.median(python):.3f} ms   p5 (quiet moments) {quiet[0] - quiet[1]:.3f} ms")


if __name__ == "__main__":
    asyncio.run(main())
