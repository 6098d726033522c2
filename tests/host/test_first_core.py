"""Beside guests that fill all other cores, who answers keeps to the first one; what the broker starts meanwhile does not."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

import isolate_host as ih
from isolate_host.config import default_config
from isolate_host.host.broker import Broker
from isolate_host.host.embedded import EmbeddedLink
from isolate_host.host.first_core import Demand, FirstCore
from isolate_host.plugin import PluginRegistry
from tests.host.test_priorities import CORES, PATIENCE_S, answering, computing, cores
from tests.support.pair import until

FIRST = {min(CORES)}
SHOW_CORES = "import os; print(sorted(os.sched_getaffinity(0)))"
FEW, MANY = Demand(0.3, 400, 100), Demand(0.3, 900, 100)

pytestmark = pytest.mark.skipif(len(CORES) < 2, reason="this machine has one core only")


@pytest.fixture
async def own() -> AsyncIterator[ih.IsolateHost]:
    """A host in this process, whose broker takes it for its own."""
    registry = PluginRegistry()
    broker = Broker(default_config(), registry, own_process=True)
    await broker.start()
    async with ih.IsolateHost(EmbeddedLink(broker), await broker.control("hello", {})) as host:
        yield host
    assert os.sched_getaffinity(0) == CORES


@pytest.fixture
def first_core() -> Iterator[FirstCore]:
    found = FirstCore(CORES, FIRST)
    yield found
    found.leave()


async def crowd(host: ih.IsolateHost, stack: AsyncExitStack) -> None:
    """As many guests that compute as there are other cores."""
    for _ in range(len(CORES) - 1):
        await stack.enter_async_context(computing(await stack.enter_async_context(host.create_runtime())))


async def test_who_answers_keeps_to_the_first_core(own: ih.IsolateHost) -> None:
    async with own.create_runtime() as light, answering(light):
        async with AsyncExitStack() as stack:
            await crowd(own, stack)
            await until(lambda: (os.sched_getaffinity(0), cores(light)) == (FIRST, FIRST), PATIENCE_S)
        await until(lambda: (os.sched_getaffinity(0), cores(light)) == (CORES, CORES), PATIENCE_S)


async def test_a_branch_of_one_that_keeps_to_it_gets_all_cores_again(own: ih.IsolateHost) -> None:
    async with own.create_runtime() as light, own.create_runtime() as other, AsyncExitStack() as stack:
        await crowd(own, stack)
        async with answering(other), asyncio.timeout(PATIENCE_S):
            while cores(light) != FIRST:
                await light.eval("1")
                await asyncio.sleep(0.005)
            branch = await stack.enter_async_context(light.fork())
            assert await branch.eval("1") == 1
        await until(lambda: cores(branch) == CORES, PATIENCE_S)


async def test_what_is_started_meanwhile_has_all_cores(own: ih.IsolateHost) -> None:
    async with own.create_runtime() as light, AsyncExitStack() as stack:
        await crowd(own, stack)
        async with answering(light):
            await until(lambda: os.sched_getaffinity(0) == FIRST, PATIENCE_S)
            child = await asyncio.create_subprocess_exec(sys.executable, "-c", SHOW_CORES, stdout=subprocess.PIPE)
            shown, _ = await child.communicate()
            assert shown.decode().split("\n")[0] == str(sorted(CORES))
            # It goes on afterwards.
            await until(lambda: os.sched_getaffinity(0) == FIRST, PATIENCE_S)


async def test_who_has_its_process_not_to_itself_leaves_its_cores_alone(embedded: ih.IsolateHost) -> None:
    async with embedded.create_runtime() as light, AsyncExitStack() as stack:
        await crowd(embedded, stack)
        heavy = await stack.enter_async_context(embedded.create_runtime())
        async with computing(heavy), answering(light):
            await until(lambda: cores(heavy) == CORES - FIRST, PATIENCE_S)
            for _ in range(50):
                assert (os.sched_getaffinity(0), cores(light)) == (CORES, CORES)
                await asyncio.sleep(0.01)


def test_a_thread_of_that_time_gets_all_cores_when_it_ends(first_core: FirstCore) -> None:
    assert first_core.decide(crowded=True, demand=FEW)
    begun, go, seen = threading.Event(), threading.Event(), []

    def look() -> None:
        seen.append(os.sched_getaffinity(0))
        begun.set()
        go.wait()
        seen.append(os.sched_getaffinity(0))

    thread = threading.Thread(target=look)
    thread.start()
    begun.wait()
    first_core.leave()
    go.set()
    thread.join()
    assert seen == [FIRST, CORES]


@pytest.mark.parametrize(
    ("crowded", "demand", "kept"),
    [
        (False, FEW, False),
        (True, FEW, True),
        (True, Demand(0.0, 0, 0), True),
        # Many at once want throughput, and so every core.
        (True, Demand(0.3, 500, 100), False),
        # So do guests to which half a core is not enough.
        (True, Demand(0.6, 100, 100), False),
    ],
)
def test_when_it_begins(first_core: FirstCore, crowded: bool, demand: Demand, kept: bool) -> None:
    assert first_core.decide(crowded=crowded, demand=demand) is kept
    assert os.sched_getaffinity(0) == (FIRST if kept else CORES)


@pytest.mark.parametrize(
    ("crowded", "demand", "kept"),
    [(False, FEW, False), (True, Demand(0.6, 700, 100), True), (True, MANY, False), (True, Demand(0.8, 100, 100), False)],
)
def test_when_it_ends(first_core: FirstCore, crowded: bool, demand: Demand, kept: bool) -> None:
    """One core makes guests say more at a time, and need more of it: what it takes to begin would end it at once."""
    assert first_core.decide(crowded=True, demand=FEW)
    assert first_core.decide(crowded=crowded, demand=demand) is kept
    assert os.sched_getaffinity(0) == (FIRST if kept else CORES)


def test_a_core_that_was_taken_from_us_is_nobodys() -> None:
    assert FirstCore(CORES, {1023}).decide(crowded=True, demand=FEW) is False
    assert os.sched_getaffinity(0) == CORES
