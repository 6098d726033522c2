"""The demonstration: a guest written in TypeScript reports on an access log, then three guests misbehave.

``make demo``, or ``python examples/demo/run.py`` from any folder. Exits 1 when anything is not as it should be.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from access_log import BROKEN_LINES, INCIDENT_START, LINES, SCANNER, write_access_log

import isolate_host as ih

HERE = Path(__file__).resolve().parent
LOG = HERE / "build" / "access.log"
CHUNK_CHARACTERS = 64 * 1024


async def read_log() -> AsyncIterator[str]:
    """The tool ``readLog``: the log piece by piece, each only when the guest asks for it. Pieces end anywhere in a line."""
    file = await asyncio.to_thread(LOG.open, encoding="utf-8")
    with file:
        while piece := await asyncio.to_thread(file.read, CHUNK_CHARACTERS):
            yield piece


async def delete_log() -> None:
    """The tool ``deleteLog``, which the policy does not allow: this must never run."""
    raise AssertionError("the policy was not enforced")


def print_entry(entry: ih.ConsoleEntry) -> None:
    """What the guest prints."""
    print(entry.text)


BINDINGS = ih.Bindings(console=print_entry, tools={"readLog": read_log, "deleteLog": delete_log})


async def report(host: ih.IsolateHost) -> None:
    """The main job: run the program in ``report/`` and hold its findings against what the log was made of."""
    async with host.create_runtime(sandbox="report", bindings=BINDINGS) as runtime:
        summary = await runtime.eval('import { main } from "@report/main"; export default await main();')
    expect("lines read", summary["requests"] + summary["skipped"], LINES)
    expect("lines skipped", summary["skipped"], BROKEN_LINES)
    expect("incident found", summary["incident"]["from"], INCIDENT_START)
    expect("scanner found", summary["suspects"], [SCANNER])


async def denied_call(host: ih.IsolateHost) -> None:
    """A call that the policy does not allow fails in the guest; the message names the key that would grant it."""
    async with host.create_runtime(sandbox="report", bindings=BINDINGS) as runtime:
        error = await failure_of(runtime, "await deleteLog()")
    expect("denied by", type(error), ih.PolicyDenied)
    expect("key named", "sandboxes.report.policies.tools.allow" in str(error), True)
    print(f"denied     await deleteLog()  ->  {error}")


async def endless_loop(host: ih.IsolateHost) -> None:
    """A loop without end is stopped when its time is over."""
    async with host.create_runtime(sandbox="report") as runtime:
        error = await failure_of(runtime, "while (true) {}", timeout_s=0.5)
    expect("stopped by", type(error), ih.ExecutionTimeout)
    print(f"stopped    while (true) {{}}    ->  {error}")


async def memory_bomb(host: ih.IsolateHost) -> None:
    """A guest that hoards memory dies alone: its neighbour, started before, keeps its state."""
    async with host.create_runtime(sandbox="report") as neighbour, host.create_runtime(sandbox="report") as runtime:
        await neighbour.eval("globalThis.answer = 6 * 7")
        error = await failure_of(runtime, "const hoard = []; while (true) hoard.push(new Array(1e5).fill(hoard.length))")
        answer = await neighbour.eval("answer")
    expect("contained by", getattr(error, "kind", type(error)), "memory")
    expect("neighbour's answer", answer, 42)
    print(f"contained  a memory bomb      ->  {error}; the host goes on: its neighbour answers {answer}")


async def failure_of(runtime: ih.Runtime, code: str, timeout_s: float | None = None) -> ih.IsolateHostError:
    """The error that ``code`` must end with."""
    try:
        value = await runtime.eval(code, timeout_s=timeout_s)
    except ih.IsolateHostError as error:
        return error
    raise SystemExit(f"the demonstration failed: {code!r} should not have worked, but gave {value!r}")


def expect(what: str, found: Any, wanted: Any) -> None:
    """End the demonstration when something is not as it should be."""
    if found != wanted:
        raise SystemExit(f"the demonstration failed: {what}: {found!r}, not {wanted!r}")


async def main() -> None:
    """All of it, on one host inside of this process."""
    write_access_log(LOG)
    print(f"{LOG.name}: {LOG.stat().st_size / 1e6:.1f} MB, {LINES:,} lines\n")
    async with ih.create_isolate_host(config=HERE / "host.yaml") as host:
        await report(host)
        print()
        await denied_call(host)
        await endless_loop(host)
        await memory_bomb(host)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
