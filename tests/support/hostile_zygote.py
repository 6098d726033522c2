"""A zygote whose workers are compromised: locked exactly as the product locks them, then they run the Python they are sent.

This stands for an attacker who broke out of V8. The product has no such hook; it lives in this file only, which the tests
execute in the place of ``isolate_host.worker.zygote``.
"""

from __future__ import annotations

# What an attacker might use is imported before the lock: afterwards nothing can be opened.
import _thread
import ctypes
import mmap
import os
import resource
import signal
import socket
import sys
import time

from isolate_host.worker import zygote
from isolate_host.worker.channel import Channel, pack_frame
from isolate_host.worker.loop import TurnLoop

_TOOLS = {
    "_thread": _thread, "ctypes": ctypes, "mmap": mmap, "os": os, "resource": resource, "signal": signal,
    "socket": socket, "sys": sys, "time": time,
}


class Compromised(TurnLoop):
    """Runs what frames of type ``attack`` carry, and replies with what the attacker learned."""

    def run(self, watchdog: object) -> None:
        channel: Channel = self._channel
        while True:
            for frame in channel.read():
                scope = {**_TOOLS, "isolate": self._isolate, "result": None}
                try:
                    exec(frame.body_and_segments()[0].decode(), scope)
                    answer = repr(scope["result"])
                except BaseException as error:
                    answer = f"{type(error).__name__}: {error}"
                channel.send(pack_frame(b'{"t":"ok","id":1}', answer.encode()))
                channel.flush()


def become(uid: int) -> None:
    """Start as an unprivileged user would: no uid 0 from here on (the interpreter itself may lie where only root can read)."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    # A change of uid hides /proc/self from its owner, which an unprivileged start does not.
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)


def without_namespaces() -> dict[str, str]:
    """What a container that forbids ``unshare`` leaves."""
    return {f"namespaces.{name}": "off: Operation not permitted" for name in ("user", "net", "ipc", "uts", "mount", "pid", "cgroup")}


if sys.argv[3] != "-":
    become(int(sys.argv[3]))
if sys.argv[4] == "container":
    zygote.enter_namespaces = without_namespaces
zygote.TurnLoop = Compromised
zygote.main(sys.argv[1:3])
