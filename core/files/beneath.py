"""Opening what lies below a folder, and nothing else: the kernel walks the path and refuses to leave, so there is no moment
between a check and its use.

A path is never joined to the root's and compared: renames, links and ``..`` would outrun that.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Callable
from typing import Final

from isolate_host.files.failures import Refused, failure
from isolate_host.files.paths import Path

__all__ = ["Opener", "kernel_opener", "opener_for", "walking_opener"]

#: ``opener(root, path, flags)`` → descriptor. The last name is not followed when ``flags`` has ``O_NOFOLLOW``.
Opener = Callable[[int, Path, int], int]

_SYS_OPENAT2: Final = 437
_NO_MAGICLINKS: Final = 0x02
_BENEATH: Final = 0x08
#: The kernel says EAGAIN when something was renamed while it resolved ``..`` of a link.
_TRIES: Final = 64


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def kernel_opener() -> Opener:
    """By ``openat2``: links are followed as long as they stay below the root."""
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    syscall.restype = ctypes.c_long
    size = ctypes.sizeof(_How)

    def open_beneath(root: int, path: Path, flags: int) -> int:
        how = _How(flags | os.O_CLOEXEC, 0, _BENEATH | _NO_MAGICLINKS)
        name = os.fsencode("/".join(path) or ".")
        for _ in range(_TRIES):
            found = syscall(_SYS_OPENAT2, ctypes.c_int(root), ctypes.c_char_p(name), ctypes.byref(how), ctypes.c_size_t(size))
            if found >= 0:
                return int(found)
            number = ctypes.get_errno()
            if number not in (errno.EAGAIN, errno.EINTR):
                break
        if number == errno.EXDEV:
            raise Refused("it is, or lies behind, a link that leads outside of the mount")
        raise failure(number)

    return open_beneath


def walking_opener() -> Opener:
    """Name by name, without ``openat2``: no link is followed at all."""

    def step(folder: int, name: str, flags: int) -> int:
        try:
            return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR) and _is_link(folder, name):
                raise Refused("it is, or lies behind, a link, and links need a kernel with openat2") from None
            raise failure(error.errno or errno.EIO) from None

    def open_beneath(root: int, path: Path, flags: int) -> int:
        folder = os.dup(root)
        try:
            for name in path[:-1]:
                folder, done = step(folder, name, os.O_PATH | os.O_DIRECTORY), folder
                os.close(done)
            found = step(folder, path[-1] if path else ".", flags)
        finally:
            os.close(folder)
        # O_PATH and O_NOFOLLOW together open the link itself.
        if not flags & os.O_NOFOLLOW and stat.S_ISLNK(os.fstat(found).st_mode):
            os.close(found)
            raise Refused("it is a link, and links need a kernel with openat2")
        return found

    return open_beneath


def _is_link(folder: int, name: str) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False


def opener_for(root: int) -> Opener:
    """The best that works on this machine: containers may forbid ``openat2``, and old kernels lack it."""
    opener = kernel_opener()
    try:
        os.close(opener(root, (), os.O_PATH | os.O_DIRECTORY))
    except OSError as error:
        if error.errno not in (errno.ENOSYS, errno.EPERM):
            raise
        return walking_opener()
    return opener
