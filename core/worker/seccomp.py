"""The seccomp filter of a worker, assembled by hand: 19 system calls, everything else kills the process. Where workers may fork, two
more pass this filter, and wait at the one below it for the broker (:mod:`isolate_host.worker.forkgate`).

It is the one layer that may never be missing (docs/explanation/security-model.md). The list is what V8 with JIT, WebAssembly and
Intl plus the Python turn loop were measured to need once a worker is ready; ``tests/escape`` tries the others.
"""

from __future__ import annotations

import ctypes
import errno
import struct

from isolate_host.worker.forkgate import CLONE_FLAGS
from isolate_host.worker.syscalls import NUMBERS, syscall

__all__ = ["SeccompFilter", "build_filter"]

_ARCH_X86_64 = 0xC000003E
_X32_BIT = 0x40000000
_LOAD, _JUMP, _JUMP_EQ, _JUMP_GE, _JUMP_SET, _AND, _RETURN = 0x20, 0x05, 0x15, 0x35, 0x45, 0x54, 0x06
_KILL_PROCESS, _ALLOW = 0x80000000, 0x7FFF0000
_NUMBER_OFFSET, _ARCH_OFFSET = 0, 4
_PROT_EXEC, _MAP_SHARED, _MAP_ANONYMOUS = 4, 1, 0x20
_MODE_FILTER, _TSYNC = 1, 1

_PLAIN = (
    "read", "write", "poll", "munmap", "brk", "mremap", "getpid", "gettid", "rt_sigprocmask", "rt_sigreturn",
    "exit_group", "getrandom", "clock_gettime",
)
#: WAIT, WAKE, REQUEUE, CMP_REQUEUE, WAIT_BITSET, WAKE_BITSET. Priority-inheritance operations are an exploit staple.
_FUTEX_OPERATIONS = (0, 1, 3, 4, 9, 10)
_FUTEX_MASK = 0x7F
#: NORMAL, DONTNEED, FREE, DONTFORK, HUGEPAGE, NOHUGEPAGE, DONTDUMP.
_MADVISE = (0, 4, 8, 10, 14, 15, 16)
#: Stands for the worker's own process id until :meth:`SeccompFilter.install` knows it.
_PID_PLACEHOLDER = 0x7A5A3C1E


def _errno(code: int) -> int:
    return 0x00050000 | code


def _low(argument: int) -> int:
    """Offset of the low half of an argument in ``struct seccomp_data``."""
    return 16 + 8 * argument


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value & 0xFFFFFFFF)


def _on(name: str, body: list[bytes]) -> list[bytes]:
    """Run ``body`` (which returns on every path) for the call ``name``, else skip it."""
    return [_instruction(_JUMP_EQ, NUMBERS[name], 0, len(body)), *body]


def _value_in(argument: int, values: tuple[int, ...], otherwise: int, mask: int = 0xFFFFFFFF) -> list[bytes]:
    """Allow when ``argument & mask`` is one of ``values``."""
    tests = [_instruction(_JUMP_EQ, value, len(values) - i, 0) for i, value in enumerate(values)]
    return [_instruction(_LOAD, _low(argument)), _instruction(_AND, mask), *tests, _instruction(_RETURN, otherwise), _instruction(_RETURN, _ALLOW)]


def _mmap_body(executable: bool) -> list[bytes]:
    """Anonymous private memory only; with ``executable`` false never PROT_EXEC."""
    refuse = _errno(errno.EPERM)
    body = [
        _instruction(_LOAD, _low(3)),
        _instruction(_JUMP_SET, _MAP_ANONYMOUS, 0, 2),
        _instruction(_JUMP_SET, _MAP_SHARED, 1, 0),
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, refuse),
    ]
    return body if executable else [_instruction(_LOAD, _low(2)), _instruction(_JUMP_SET, _PROT_EXEC, 4, 0), *body]


def _no_exec_body() -> list[bytes]:
    return [
        _instruction(_LOAD, _low(2)),
        _instruction(_JUMP_SET, _PROT_EXEC, 1, 0),
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, _errno(errno.EACCES)),
    ]


class SeccompFilter:
    """A filter program, built once in the zygote and installed in each child."""

    def __init__(self, program: bytes) -> None:
        self._program = program

    def __len__(self) -> int:
        return len(self._program) // 8

    def install(self, pid: int) -> None:
        """Put the filter on all threads of this process. Needs no_new_privs. Irrevocable."""
        program = self._program.replace(struct.pack("<I", _PID_PLACEHOLDER), struct.pack("<I", pid))
        buffer = ctypes.create_string_buffer(program, len(program))
        header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
        syscall("seccomp", _MODE_FILTER, _TSYNC, header)


def _clone_body() -> list[bytes]:
    """The one form of ``clone`` that the fork gate hands to the broker, which decides."""
    return [
        _instruction(_LOAD, _low(0)),
        _instruction(_JUMP_EQ, CLONE_FLAGS, 1, 0),
        _instruction(_RETURN, _KILL_PROCESS),
        _instruction(_LOAD, _low(0) + 4),
        _instruction(_JUMP_EQ, 0, 1, 0),
        _instruction(_RETURN, _KILL_PROCESS),
        _instruction(_RETURN, _ALLOW),
    ]


def build_filter(*, executable_memory: bool, gated: bool = False) -> SeccompFilter:
    """The strict filter; ``executable_memory`` false (``jit: off``) also forbids making any page executable.

    ``gated``: the fork gate is installed below it, which asks the broker about ``clone``, ``getppid`` and ``tgkill``.
    """
    program = [
        _instruction(_LOAD, _ARCH_OFFSET),
        _instruction(_JUMP_EQ, _ARCH_X86_64, 1, 0),
        _instruction(_RETURN, _KILL_PROCESS),
        _instruction(_LOAD, _NUMBER_OFFSET),
        # x32 numbers share the architecture value, so they are refused by range.
        _instruction(_JUMP_GE, _X32_BIT, 0, 1),
        _instruction(_RETURN, _KILL_PROCESS),
    ]
    plain = sorted(NUMBERS[name] for name in _PLAIN)
    program += [_instruction(_JUMP_EQ, number, len(plain) - i, 0) for i, number in enumerate(plain)]
    program += [_instruction(_JUMP, 1), _instruction(_RETURN, _ALLOW)]
    program += _on("mmap", _mmap_body(executable_memory))
    for name in ("mprotect", "pkey_mprotect"):
        program += _on(name, [_instruction(_RETURN, _ALLOW)] if executable_memory else _no_exec_body())
    program += _on("futex", _value_in(1, _FUTEX_OPERATIONS, _KILL_PROCESS, _FUTEX_MASK))
    program += _on("madvise", _value_in(2, _MADVISE, _errno(errno.EINVAL)))
    # abort() signals itself; any other target is an attack.
    own = [_instruction(_RETURN, _ALLOW)] if gated else _value_in(0, (_PID_PLACEHOLDER,), _KILL_PROCESS)
    program += _on("tgkill", own)
    if gated:
        program += _on("getppid", [_instruction(_RETURN, _ALLOW)])
        program += _on("clone", _clone_body())
    program.append(_instruction(_RETURN, _KILL_PROCESS))
    return SeccompFilter(b"".join(program))
