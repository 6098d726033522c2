"""Guests that compute for long step back while others answer, and only then."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

import isolate_host as ih
from isolate_host.host.priorities import may_raise_priorities
from tests.support.pair import until

USUAL = os.getpriority(os.PRIO_PROCESS, 0)
#: Whether this machine lets us try at all; where it does not, nobody's priority may change.
PERMITTED = may_raise_priorities()
BACK = 19 if PERMITTED else USUAL
CORES = os.sched_getaffinity(0)
BACK_CORES = CORES - {min(CORES)} or CORES
SPIN = "for (;;);"
#: A guest is looked at ten times a second; the rest is for a machine under load.
PATIENCE_S = 20.0


def pid_of(runtime: ih.Runtime) -> int:
    return runtime._channel._worker.host_pid()  # type: ignore[attr-defined, no-any-return]


def cores(runtime: ih.Runtime) -> set[int]:
    return os.sched_getaffinity(pid_of(runtime))


def priority(runtime: ih.Runtime) -> int:
    return os.getpriority(os.PRIO_PROCESS, pid_of(runtime))


@asynccontextmanager
async def answering(runtime: ih.Runtime) -> AsyncIterator[None]:
    """Small evaluations, one after another, until the block ends."""

    async def ask() -> None:
        while True:
            await runtime.eval("1 + 1")
            await asyncio.sleep(0.005)

    task = asyncio.create_task(ask())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def computing(runtime: ih.Runtime, source: str = SPIN) -> AsyncIterator[None]:
    """An evaluation without end, until the block ends."""
    task = asyncio.create_task(runtime.eval(source))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def compute_until_back(runtime: ih.Runtime) -> None:
    """Turns of a fifth of a second, until the guest has stepped back."""
    async with asyncio.timeout(20):
        while True:
            await runtime.eval("{ const end = performance.now() + 200; while (performance.now() < end); }")
            if priority(runtime) == BACK:
                return


async def test_who_computes_steps_back_while_others_answer(embedded: ih.IsolateHost) -> None:
    async with embedded.create_runtime() as light, embedded.create_runtime() as heavy, computing(heavy):
        async with answering(light):
            await until(lambda: (priority(heavy), cores(heavy)) == (BACK, BACK_CORES), PATIENCE_S)
            assert (priority(light), cores(light)) == (USUAL, CORES)
        # Nobody is there to make room for.
        await until(lambda: (priority(heavy), cores(heavy)) == (USUAL, CORES), PATIENCE_S)


async def test_who_comes_to_rest_comes_forward(embedded: ih.IsolateHost) -> None:
    async with embedded.create_runtime() as light, embedded.create_runtime() as heavy, answering(light):
        await compute_until_back(heavy)
        await until(lambda: priority(heavy) == USUAL, PATIENCE_S)


async def test_many_short_answers_are_no_computing(embedded: ih.IsolateHost) -> None:
    async with embedded.create_runtime() as light, embedded.create_runtime() as busy, embedded.create_runtime() as heavy:

        async def keep_asking() -> None:
            while True:
                await asyncio.gather(*(busy.eval("1") for _ in range(50)))

        task = asyncio.create_task(keep_asking())
        async with answering(light), computing(heavy):
            # Four rounds of stepping back and coming forward, so that the busy one has been looked at often enough.
            await until(lambda: priority(heavy) == BACK, PATIENCE_S)
            for _ in range(100):
                assert priority(busy) == USUAL
                await asyncio.sleep(0.01)
        task.cancel()


async def test_alone_nobody_steps_back(embedded: ih.IsolateHost) -> None:
    async with embedded.create_runtime() as first, embedded.create_runtime() as second, computing(first), computing(second):
        for _ in range(50):
            assert (priority(first), priority(second)) == (USUAL, USUAL)
            await asyncio.sleep(0.01)


async def test_a_branch_of_one_that_stepped_back_comes_forward(embedded: ih.IsolateHost) -> None:
    async with embedded.create_runtime() as light, embedded.create_runtime() as heavy, answering(light):
        await compute_until_back(heavy)
        async with await heavy.fork() as branch:
            await until(lambda: (priority(branch), cores(branch)) == (USUAL, CORES), PATIENCE_S)


def test_asks_whether_it_could_raise_them_again() -> None:
    """Without the capability it depends on RLIMIT_NICE, which systemd's LimitNICE sets, as setrlimit(2) says."""
    script = (
        "from isolate_host.worker.namespaces import drop_capabilities\n"
        "drop_capabilities()\n"
        "from isolate_host.host.priorities import may_raise_priorities\n"
        "print(may_raise_priorities())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(resource.getrlimit(resource.RLIMIT_NICE)[0] >= 20 - USUAL)]


async def test_a_priority_is_not_lowered_that_could_not_be_raised(embedded: ih.IsolateHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("isolate_host.host.priorities.may_raise_priorities", lambda: False)
    async with embedded.create_runtime() as light, embedded.create_runtime() as heavy, computing(heavy):
        async with answering(light):
            await until(lambda: cores(heavy) == BACK_CORES, PATIENCE_S)
            assert priority(heavy) == USUAL
        await until(lambda: cores(heavy) == CORES, PATIENCE_S)
