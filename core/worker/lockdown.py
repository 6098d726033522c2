"""Puts the layers together: what the zygote does once, and what each child does before it sees its first frame."""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import resource
from dataclasses import dataclass
from pathlib import Path

from isolate_host.worker.forkgate import install_gate
from isolate_host.worker.landlock import LandlockRuleset
from isolate_host.worker.namespaces import Layers, drop_capabilities, drop_user, empty_root
from isolate_host.worker.seccomp import SeccompFilter, build_filter
from isolate_host.worker.syscalls import LIBC, prctl

__all__ = ["ChildLimits", "Lockdown", "seal_executable_pages"]

_SET_PDEATHSIG, _SET_DUMPABLE, _SET_NO_NEW_PRIVS = 1, 4, 38
_SIGKILL = 9
#: First descriptor that a worker must not have: it keeps 0 (channel), 1 (orders), 2 (last words).
_FIRST_FOREIGN_FD = 3


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """Limits of one worker. ``None`` = unlimited."""

    memory: int | None
    cpu_seconds: int | None


class Lockdown:
    """Built in the zygote while everything may still be opened; nothing is assembled in the child but a process id."""

    def __init__(self, *, executable_memory: bool, off_heap_slack: int) -> None:
        #: Memory beyond the guest's limit for what V8 itself needs (code, stacks, compiler zones), in bytes.
        self._slack = off_heap_slack
        self._executable_memory = executable_memory
        self._filter: SeccompFilter = build_filter(executable_memory=executable_memory)
        self._gated = False
        self._landlock = LandlockRuleset()

    def lock_zygote(self, layers: Layers) -> Layers:
        """File system, user and capabilities; inherited by every child. Gives all layers known so far."""
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("800")
        self._base_data = _data_segment()
        layers = {**layers, "empty_root": empty_root(layers), "landlock": self._landlock.state}
        layers["drop_privileges"] = drop_user(layers)
        layers["capabilities"] = drop_capabilities()
        prctl(_SET_DUMPABLE, 0)
        # These have no state "off": a child in which one of them fails does not live to say ready.
        certain = ("memory_limit", "no_new_privs", "rlimits", "seccomp", "single_process_per_isolate", "single_threaded_v8")
        return {**layers, **dict.fromkeys(certain, "on")}

    def gate_forks(self) -> int | None:
        """Install the fork gate, in the zygote; its listener, or ``None`` where there can be none (then nothing forks)."""
        listener = install_gate()
        if listener is not None:
            self._gated = True
            self._filter = build_filter(executable_memory=self._executable_memory, gated=True)
        return listener

    def restrict_child(self) -> None:
        """First half, before the watchdog thread: die with the zygote, no new privileges, Landlock, no foreign descriptor."""
        prctl(_SET_PDEATHSIG, _SIGKILL)
        prctl(_SET_NO_NEW_PRIVS, 1)
        self._landlock.restrict()
        if LIBC.close_range(_FIRST_FOREIGN_FD, 0x7FFFFFFF, 0) != 0:
            raise OSError("close_range failed")

    def seal_child(self, limits: ChildLimits) -> None:
        """Second half: resource limits, then the filter, after which nothing can be opened or changed."""
        values = dict.fromkeys(
            (
                resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_MEMLOCK,
                resource.RLIMIT_MSGQUEUE, resource.RLIMIT_SIGPENDING,
            ),
            0,
        )
        if self._gated:
            # A limit of 0 would also forbid the forks that the broker allows; what forbids the others is the filter.
            del values[resource.RLIMIT_NPROC]
        # Not 0: poll(2) refuses more descriptors than the limit. All three below it are taken, so none can be added.
        values[resource.RLIMIT_NOFILE] = _FIRST_FOREIGN_FD
        if limits.memory is not None:
            values[resource.RLIMIT_DATA] = self._base_data + limits.memory + self._slack
        for which, value in values.items():
            resource.setrlimit(which, (value, value))
        if limits.cpu_seconds is not None:
            # Soft limit: SIGXCPU, which the broker reads as "cpu". The hard limit one second later is SIGKILL.
            resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
        self._filter.install(os.getpid())


def seal_executable_pages() -> None:
    """Take the write permission from every executable page: libffi keeps its callbacks' code in writable ones.

    For ``jit: off``, when all callbacks exist. Afterwards no memory of the process is both writable and executable, and the
    seccomp filter lets none become so.
    """
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, permissions = line.split()[:2]
        if permissions.startswith("rwx"):
            start, end = (int(part, 16) for part in span.split("-"))
            if LIBC.mprotect(ctypes.c_void_p(start), ctypes.c_size_t(end - start), mmap.PROT_READ | mmap.PROT_EXEC) != 0:
                raise OSError(ctypes.get_errno(), "mprotect of the callback pages failed")


def _data_segment() -> int:
    """Private writable bytes of this process (VmData): what RLIMIT_DATA counts, mostly V8's reserved code range."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    raise OSError("VmData is missing in /proc/self/status")
