"""What a canary worker tries once it is locked. Each attempt must end the process in the one way that the lock promises.

A fixed list and no parameter: the broker can name an attempt, it cannot hand over code.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

from isolate_host.engine import Isolate, run_script

__all__ = ["ATTEMPTS", "attempt"]


def _open_file(_isolate: Isolate) -> None:
    os.open("/", os.O_RDONLY)


def _open_socket(_isolate: Isolate) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def _fork(_isolate: Isolate) -> None:
    os.fork()


def _execute(_isolate: Isolate) -> None:
    os.execv("/proc/self/exe", ["canary"])  # noqa: S606 - it must fail; that is the point


def _signal_others(_isolate: Isolate) -> None:
    os.kill(-1, 0)


def _fill_memory(isolate: Isolate) -> None:
    with isolate.handles.scope():
        run_script(isolate, b"{ const hoard = []; for (;;) hoard.push(new Array(1000).fill(1.5)); }", "canary")


ATTEMPTS: dict[str, Callable[[Isolate], None]] = {
    "open": _open_file,
    "socket": _open_socket,
    "fork": _fork,
    "execve": _execute,
    "kill": _signal_others,
    "memory": _fill_memory,
}


def attempt(name: str, isolate: Isolate) -> None:
    """Try it. Returning at all means that the lock has a hole."""
    ATTEMPTS[name](isolate)
