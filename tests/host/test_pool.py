"""Spares, rotation, and what happens when the isolation is not what it should be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from isolate_host.config import IsolationConfig
from isolate_host.config.isolation import ZygoteConfig
from isolate_host.errors import Disposed, IsolationUnavailable
from isolate_host.guest import read_bundle
from isolate_host.host import canary, layers
from isolate_host.host.pool import WorkerPool
from isolate_host.host.template import Template
from isolate_host.host.worker import WorkerLimits
from isolate_host.worker.canary import ATTEMPTS
from tests.support.pair import until

LIMITS = WorkerLimits(64, None, 1 << 20)
#: For a zygote that starts on a machine under load.
PATIENCE_S = 10.0


def pool_with(**zygote: float) -> WorkerPool:
    isolation = replace(IsolationConfig(), zygote=ZygoteConfig(**zygote))
    return WorkerPool(Template("test", (("kernel", read_bundle()),)), isolation)


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    pool = pool_with(spares=2)
    yield pool
    await pool.close()


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def test_spares_are_kept_and_handed_out_once(pool: WorkerPool) -> None:
    pids = [(await pool.acquire(LIMITS)).host_pid()]
    # Many rounds: a spare that was taken in the very tick in which the last refill ended was once never replaced.
    for _ in range(8):
        await until(lambda: pool.spare_count() == 2, PATIENCE_S)
        pids += [(await pool.acquire(LIMITS)).host_pid() for _ in range(2)]
    await until(lambda: pool.spare_count() == 2, PATIENCE_S)
    assert len(set(pids)) == 17


async def test_spares_have_the_limits_asked_for(pool: WorkerPool) -> None:
    await pool.acquire(LIMITS)
    await until(lambda: pool.spare_count() == 2, PATIENCE_S)
    other = await pool.acquire(WorkerLimits(32, None, 1 << 20))
    assert other.limits.memory_mb == 32


async def test_a_dead_spare_is_not_handed_out(pool: WorkerPool) -> None:
    await pool.acquire(LIMITS)
    await until(lambda: pool.spare_count() == 2, PATIENCE_S)
    for worker in next(iter(pool._spares.values())):
        worker.kill(Disposed("the test killed it"))
        await worker.ended
    worker = await pool.acquire(LIMITS)
    assert not worker.ended.done()


async def test_a_zygote_is_replaced_after_its_forks_while_old_workers_live_on() -> None:
    pool = pool_with(spares=0, max_forks=len(ATTEMPTS) + 2)
    try:
        workers = [await pool.acquire(LIMITS) for _ in range(2)]
        old = pool._zygote
        assert old is not None
        await until(lambda: pool._zygote is not old, PATIENCE_S)
        workers.append(await pool.acquire(LIMITS))
        assert all(not worker.ended.done() for worker in workers)
        assert old.alive
        for worker in workers[:2]:
            worker.kill(Disposed("the test is over"))
        await until(lambda: not old.alive, PATIENCE_S)
        assert not workers[2].ended.done()
    finally:
        await pool.close()


async def test_closing_leaves_no_process(pool: WorkerPool) -> None:
    workers = [await pool.acquire(LIMITS) for _ in range(3)]
    pids = [worker.host_pid() for worker in workers]
    await pool.close()
    assert all(not Path(f"/proc/{pid}").exists() for pid in pids)
    with pytest.raises(Disposed):
        await pool.acquire(LIMITS)


async def test_a_canary_that_gets_out_stops_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    # The memory bomb ends in "memory", so demanding a sandbox violation of it stands for a lock that leaks.
    monkeypatch.setattr(canary, "_EXPECTED", {})
    pool = pool_with(spares=0)
    with pytest.raises(IsolationUnavailable, match="canary: a locked worker that tried memory"):
        await pool.start()
    await pool.close()


async def test_a_missing_layer_is_refused_or_warned_of(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    isolation = IsolationConfig()
    with pytest.raises(IsolationUnavailable) as caught:
        layers.judge_layers({"seccomp": "off: no such call", "landlock": "on"}, isolation)
    assert caught.value.layers == {"seccomp": "no such call"}
    assert layers.judge_layers({"landlock": "off: old kernel"}, isolation) == ["landlock is off: old kernel"]
    assert "landlock is off" in caplog.text
    monkeypatch.setenv(isolation.allow_insecure_env, "1")
    assert layers.judge_layers({"seccomp": "off: no such call"}, isolation) == ["seccomp is off: no such call"]
    assert "WITHOUT" in caplog.text


async def test_a_thousand_runtimes_leave_nothing_behind() -> None:
    pool = pool_with(spares=0, max_forks=400)
    try:
        await pool.start()

        async def one() -> None:
            worker = await pool.acquire(LIMITS)
            worker.kill(Disposed("done"))
            await worker.ended

        for _ in range(5):
            await asyncio.gather(*(one() for _ in range(8)))
        before = descriptors()
        for _ in range(120):
            await asyncio.gather(*(one() for _ in range(8)))
        await until(lambda: pool._starting is None, PATIENCE_S)
        await asyncio.sleep(0.1)
        assert descriptors() <= before + 6
        assert pool._zygote is not None and not pool._zygote._deaths and not pool._zygote._unclaimed
    finally:
        await pool.close()
