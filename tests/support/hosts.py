"""Opens real hosts for tests: embedded, or over a daemon process of its own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from pathlib import Path

import isolate_host as ih

__all__ = ["daemon_pid", "open_host", "stop_daemon"]


async def open_host(link: str, folder: Path, config: Path | None = None) -> ih.IsolateHost:
    """A host over ``link`` (``embedded`` or ``daemon``). A daemon that was started for it ends soon after its last client."""
    if link == "embedded":
        return await ih.create_isolate_host(config=config)
    options = ih.DaemonOptions(socket_path=folder / "s", auto_start=True, idle_exit_s=0.5, config=config, timeout_s=30)
    return await ih.create_isolate_host(daemon=options)


def daemon_pid(folder: Path) -> int | None:
    """The process that serves ``folder``: the one that holds the lock. (A dead one may stay a zombie until init looks.)"""
    try:
        with (folder / "s.lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read())
    except (FileNotFoundError, ValueError):
        pass
    return None


def stop_daemon(folder: Path, number: int = signal.SIGTERM, seconds: float = 10) -> None:
    """End the daemon of ``folder`` and wait until it is gone."""
    pid = daemon_pid(folder)
    if pid is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
    limit = time.monotonic() + seconds
    while daemon_pid(folder) is not None:
        if time.monotonic() > limit:
            raise TimeoutError(f"daemon {pid} did not end")
        time.sleep(0.005)
