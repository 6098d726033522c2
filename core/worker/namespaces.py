"""Namespaces, an empty root, another user, no capabilities: done once in the zygote, inherited by every worker for free."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from pathlib import Path

from isolate_host.worker.syscalls import LIBC, mount, prctl, syscall, unshare

__all__ = ["NOBODY", "drop_capabilities", "drop_user", "empty_root", "enter_namespaces"]

NOBODY = 65534
_NAMESPACES = {
    "net": 0x40000000, "ipc": 0x08000000, "uts": 0x04000000, "mount": 0x00020000, "pid": 0x20000000, "cgroup": 0x02000000,
}
_NEW_USER = 0x10000000
_READ_ONLY, _NO_SUID, _NO_DEV, _NO_EXEC, _REMOUNT, _RECURSIVE, _PRIVATE = 1, 2, 4, 8, 32, 16384, 1 << 18
_DETACH = 2
_CAPBSET_DROP, _CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL = 24, 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
#: Any existing folder will do: inside the new mount namespace it is covered, outside nothing changes.
_MOUNT_POINTS = ("/dev/shm", "/mnt", "/proc", "/sys")  # noqa: S108 - nothing is written there

Layers = dict[str, str]


def enter_namespaces() -> Layers:
    """Leave the host's namespaces; each layer is ``on`` or ``off: reason``. The pid namespace holds for the next fork.

    Without root a user namespace comes first: it gives the rights for the others. Must run before any thread exists.
    """
    layers: Layers = {}
    if os.getuid() != 0:
        layers["namespaces.user"] = _attempt(_enter_user_namespace)
    for name, flag in _NAMESPACES.items():
        layers[f"namespaces.{name}"] = _attempt(lambda flag=flag: unshare(flag))
    return layers


def _attempt(step: object) -> str:
    try:
        step()  # type: ignore[operator]
    except OSError as error:
        return f"off: {error.strerror or error}"
    return "on"


def _enter_user_namespace() -> None:
    uid, gid = os.getuid(), os.getgid()
    unshare(_NEW_USER)
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def empty_root(layers: Layers) -> str:
    """Replace ``/`` by an empty read-only tmpfs; gives the layer's state."""
    if layers.get("namespaces.mount") != "on":
        return "off: no mount namespace"
    return _attempt(_pivot_to_nothing)


def _pivot_to_nothing() -> None:
    mount(None, b"/", None, _RECURSIVE | _PRIVATE)
    point = next(path for path in _MOUNT_POINTS if Path(path).is_dir())
    mount(b"none", point.encode(), b"tmpfs", _NO_SUID | _NO_DEV | _NO_EXEC, b"size=4k,nr_inodes=4,mode=555")
    os.chdir(point)
    syscall("pivot_root", b".", b".")
    if LIBC.umount2(b".", _DETACH) < 0:
        raise OSError(ctypes.get_errno(), "umount2")
    mount(b"none", b"/", None, _REMOUNT | _READ_ONLY | _NO_SUID | _NO_DEV | _NO_EXEC)
    os.chdir("/")


def drop_user(layers: Layers) -> str:
    """Become nobody when started as root; gives the layer's state."""
    if os.getuid() != 0 or layers.get("namespaces.user") == "on":
        return "on"

    def become_nobody() -> None:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)

    return _attempt(become_nobody)


def drop_capabilities() -> str:
    """Empty the bounding set and every capability; gives the layer's state."""

    def drop() -> None:
        for capability in range(64):
            if LIBC.prctl(_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) < 0:
                break
        with contextlib.suppress(OSError):
            prctl(_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL)
        syscall("capset", struct.pack("Ii", _CAPABILITY_VERSION_3, 0), bytes(24))

    return _attempt(drop)
