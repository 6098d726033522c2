"""The one way in which a worker may become two: an order of the broker, and the kernel asks the broker before it forks.

A second seccomp filter, put on the zygote and so on every worker, hands three system calls to the broker (``SECCOMP_RET_USER_NOTIF``): a
``clone`` with exactly our flags, ``getppid``, by which the new process reports, and ``tgkill``, because a process id that is written into
a filter would be wrong in a fork. All that the broker judges stands in registers, so nothing can be exchanged between its look and
the call. Without a broker that listens, the calls fail.
"""

from __future__ import annotations

import ctypes
import os
import struct

from isolate_host.worker.syscalls import LIBC, NUMBERS, prctl

__all__ = ["CLONE_FLAGS", "clone_sibling", "install_gate"]

_CLONE_PARENT, _CLONE_CHILD_SETTID, _SIGCHLD = 0x8000, 0x01000000, 17
#: A sibling, child of the zygote as we are, so that the zygote reaps and reports it like any worker.
CLONE_FLAGS = _CLONE_PARENT | _CLONE_CHILD_SETTID | _SIGCHLD
_LOAD, _JUMP_EQ, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _USER_NOTIF = 0x7FFF0000, 0x7FC00000
_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _NEW_LISTENER = 1, 8
_PTHREAD_SIZE = 2048

# Holds the interpreter's lock over the call: in the fork there is no other thread that could give it back.
_HOLDING = ctypes.PyDLL(None, use_errno=True)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _program() -> bytes:
    return b"".join([
        _instruction(_LOAD, 0),
        _instruction(_JUMP_EQ, NUMBERS["getppid"], 4, 0),
        _instruction(_JUMP_EQ, NUMBERS["tgkill"], 3, 0),
        _instruction(_JUMP_EQ, NUMBERS["clone"], 0, 3),
        _instruction(_LOAD, 16),
        _instruction(_JUMP_EQ, CLONE_FLAGS, 0, 1),
        _instruction(_RETURN, _USER_NOTIF),
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, _ALLOW),
    ])


def install_gate() -> int | None:
    """Put the filter on this process; the descriptor by which its owner is asked. ``None`` where the kernel cannot."""
    prctl(_SET_NO_NEW_PRIVS, 1)
    program = _program()
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    listener = LIBC.syscall(ctypes.c_long(NUMBERS["seccomp"]), ctypes.c_long(_SET_MODE_FILTER), ctypes.c_long(_NEW_LISTENER), header)
    return int(listener) if listener >= 0 else None


def clone_sibling() -> int:
    """Fork this thread: 0 in the new process. Raises ``OSError`` when the kernel or the broker refuses."""
    child = _HOLDING.syscall(
        ctypes.c_long(NUMBERS["clone"]), ctypes.c_long(CLONE_FLAGS), ctypes.c_long(0), ctypes.c_long(0), ctypes.c_long(_address_of_tid()),
        ctypes.c_long(0),
    )
    if child < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return int(child)


def _address_of_tid() -> int:
    """Where the C library keeps this thread's id, which ``abort`` uses: it must be that of the new process there."""
    _HOLDING.pthread_self.restype = ctypes.c_ulong
    start = _HOLDING.pthread_self()
    tid = _HOLDING.gettid()
    for offset in range(256, _PTHREAD_SIZE, 4):
        if ctypes.c_int.from_address(start + offset).value == tid:
            return int(start + offset)
    raise OSError(0, "the C library keeps its thread id in an unknown place")
