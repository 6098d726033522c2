"""Reads from a worker's exit status what killed it."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

from isolate_host.errors import IsolateHostError, LimitExceeded, SandboxViolation, WorkerCrashed

__all__ = ["Death", "classify"]

#: What V8 and the C++ library write when memory ends somewhere that has no handler of ours.
_OUT_OF_MEMORY_WORDS = ("out of memory", "bad_alloc", "OutOfMemory", "result.ptr) != nullptr", "Committing semi space failed")
_TAIL = 1500


@dataclass(frozen=True, slots=True)
class Death:
    """What the zygote and the kernel said of one dead worker."""

    status: int
    last_words: bytes
    cpu_s: float = 0.0
    max_rss_kib: int = 0


def classify(death: Death, memory_mb: float | None, cpu_s: float | None) -> IsolateHostError:
    """The error that a dead worker's pending work fails with, when the broker itself did not kill it.

    SIGABRT is the out-of-memory handler's signal and nothing else raises it; V8 also dies of SIGTRAP or SIGILL when
    ``malloc`` fails inside it, so there the last words decide.
    """
    tail = death.last_words[-_TAIL:].decode("utf-8", "replace")
    if not os.WIFSIGNALED(death.status):
        code = os.WEXITSTATUS(death.status) if os.WIFEXITED(death.status) else -1
        return WorkerCrashed(f"the worker left with status {code}", signal=None, detail=tail)
    number = os.WTERMSIG(death.status)
    name = signal.Signals(number).name
    if number == signal.SIGABRT or (number in (signal.SIGTRAP, signal.SIGILL) and any(word in tail for word in _OUT_OF_MEMORY_WORDS)):
        return _memory(memory_mb)
    if number == signal.SIGSYS:
        return SandboxViolation("the worker made a system call that the sandbox forbids", detail=tail)
    if number == signal.SIGXCPU or (number == signal.SIGKILL and cpu_s is not None and death.cpu_s >= cpu_s):
        limit = "" if cpu_s is None else f" of {cpu_s:g} s"
        return LimitExceeded(f"CPU limit{limit} exceeded", kind="cpu", hint="raise limits.cpu_s, or do less work")
    if number == signal.SIGKILL:
        return LimitExceeded("the kernel killed the worker, most likely for want of memory", kind="memory")
    return WorkerCrashed(f"the worker died of {name}", signal=name, detail=tail)


def _memory(memory_mb: float | None) -> LimitExceeded:
    limit = "" if memory_mb is None else f" of {memory_mb:g} MiB"
    return LimitExceeded(f"memory limit{limit} exceeded", kind="memory", hint="raise limits.memory_mb, or hold less data")
