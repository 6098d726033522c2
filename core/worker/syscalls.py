"""Linux system calls that the standard library does not wrap: numbers for x86_64, and callers that raise ``OSError``."""

from __future__ import annotations

import ctypes
import os

__all__ = ["LIBC", "NUMBERS", "mount", "prctl", "syscall", "unshare"]

LIBC = ctypes.CDLL(None, use_errno=True)

#: Only what the lockdown names; the seccomp filter is an allow-list, so the rest of the table is not needed.
NUMBERS = {
    "read": 0, "write": 1, "poll": 7, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigprocmask": 14,
    "rt_sigreturn": 15, "mremap": 25, "madvise": 28, "getpid": 39, "clone": 56, "getppid": 110, "capset": 126, "pivot_root": 155, "gettid": 186,
    "futex": 202, "clock_gettime": 228, "exit_group": 231, "tgkill": 234, "seccomp": 317, "getrandom": 318,
    "pkey_mprotect": 329, "landlock_create_ruleset": 444, "landlock_restrict_self": 446,
}


def _check(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def syscall(name: str, *arguments: int | ctypes.c_void_p | bytes | object) -> int:
    """Make the call; integers are passed as ``long``, everything else as ctypes passes it."""
    values = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return _check(LIBC.syscall(ctypes.c_long(NUMBERS[name]), *values), name)


def prctl(option: int, *values: int) -> int:
    """``prctl(2)``, padded to five arguments."""
    padded = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    return _check(LIBC.prctl(ctypes.c_int(option), *padded), f"prctl({option})")


def unshare(flags: int) -> None:
    """``unshare(2)``."""
    _check(LIBC.unshare(ctypes.c_int(flags)), "unshare")


def mount(source: bytes | None, target: bytes, kind: bytes | None, flags: int, data: bytes | None = None) -> None:
    """``mount(2)``."""
    _check(LIBC.mount(source, target, kind, ctypes.c_ulong(flags), data), f"mount {target.decode()}")
