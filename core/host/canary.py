"""Lets workers try to break out, before the first guest runs; whoever succeeds stops the host from serving."""

from __future__ import annotations

import asyncio

from isolate_host.errors import IsolateHostError, IsolationUnavailable, LimitExceeded, SandboxViolation, WorkerCrashed
from isolate_host.host.worker import WorkerLimits, spawn_worker
from isolate_host.host.zygote import ZygoteProcess
from isolate_host.worker.canary import ATTEMPTS

__all__ = ["run_canary"]

_TIMEOUT_S = 20.0
_LIMITS = WorkerLimits(32, 5, 1 << 20)
_EXPECTED: dict[str, type[IsolateHostError]] = {"memory": LimitExceeded}


async def run_canary(zygote: ZygoteProcess) -> None:
    """Raise :class:`IsolationUnavailable` when an attempt does not end as the lock demands; ``WorkerCrashed`` when the zygote died."""
    outcomes = await asyncio.gather(*(_attempt(zygote, name) for name in ATTEMPTS))
    if zygote.lost:
        raise WorkerCrashed("the zygote died during the canary run")
    for name, outcome in zip(ATTEMPTS, outcomes, strict=True):
        expected = _EXPECTED.get(name, SandboxViolation)
        if not isinstance(outcome, expected):
            raise IsolationUnavailable(
                f"canary: a locked worker that tried {name} ended with {type(outcome).__name__} ({outcome}), not {expected.__name__}",
                layers={"canary": str(outcome)},
                hint="do not serve untrusted code on this machine; see docs/explanation/security-model.md",
            )


async def _attempt(zygote: ZygoteProcess, name: str) -> IsolateHostError:
    try:
        worker = await spawn_worker(zygote, _LIMITS, attempt=name)
    except IsolateHostError as error:
        return error
    try:
        return await asyncio.wait_for(asyncio.shield(worker.ended), _TIMEOUT_S)
    except TimeoutError:
        worker.kill(WorkerCrashed(f"the attempt was still running after {_TIMEOUT_S:g} s"))
        return await worker.ended
