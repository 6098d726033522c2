"""Starting a daemon when none runs."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from isolate_host.client.options import DaemonOptions
from isolate_host.errors import NotConnected, error_from_wire
from isolate_host.wire.daemon_protocol import IDLE_EXIT_VARIABLE, READY_FD_VARIABLE

__all__ = ["start_daemon"]

# What a daemon without a configuration needs of our environment. It holds every tenant: the rest is none of its business.
_ENVIRONMENT = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "VIRTUAL_ENV")

# The daemon must be nobody's child: it outlives its starter, and leaves no zombie when it ends first. Forking here, in a process
# that may have threads, would be unsafe; a fresh interpreter does it.
_LAUNCHER = "import os, sys\nif os.fork():\n    os._exit(0)\nos.setsid()\nos.execv(sys.argv[1], sys.argv[1:])"


async def start_daemon(options: DaemonOptions) -> None:
    """Start a daemon on ``options.path`` and wait until it accepts.

    Of several clients that want one at the same time, one starts it and the others wait. Raises what made the daemon fail, or
    ``NotConnected``. Bounded by whoever calls: cancelling stops the wait.
    """
    path = options.path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    turn = asyncio.get_running_loop().run_in_executor(None, _take_turn, path)
    try:
        lock = await asyncio.shield(turn)
    except asyncio.CancelledError:
        turn.add_done_callback(lambda done: None if done.cancelled() or done.exception() else os.close(done.result()))
        raise
    try:
        if not _somebody_listens(path):
            await _start(options, path)
    finally:
        os.close(lock)


def _take_turn(path: Path) -> int:
    """Wait for the lock of those who start daemons at ``path``. Runs in a thread."""
    descriptor = os.open(f"{path}.start", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _somebody_listens(path: Path) -> bool:
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex(str(path)) == 0


async def _start(options: DaemonOptions, path: Path) -> None:
    with _log_file(path) as log, _pipe() as (ready, write):
        command, environment = _invocation(options, path, write)
        await asyncio.to_thread(_launch, command, environment, log, write)
        os.close(write)
        line = await _read_line(ready)
    if not line:
        raise NotConnected(f"the daemon could not be started: {_tail(path)}", hint=f"see {path}.log")
    message: dict[str, Any] = json.loads(line)
    if "error" in message:
        raise error_from_wire(message["error"])


def _invocation(options: DaemonOptions, path: Path, write: int) -> tuple[list[str], dict[str, str]]:
    """The command and its environment."""
    command = [sys.executable, "-P", "-m", "isolate_host", "serve", "--socket", str(path)]
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    if options.config is not None:
        command += ["--config", str(Path(options.config).absolute())]
        environment = dict(os.environ)  # the file may refer to any variable
    return command, environment | {READY_FD_VARIABLE: str(write), IDLE_EXIT_VARIABLE: str(options.idle_exit_s)}


def _launch(command: list[str], environment: dict[str, str], log: int, write: int) -> None:
    """Start ``command`` as nobody's child. Blocks for the few milliseconds of the launcher."""
    subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command],
        env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(write,), cwd="/", check=True,
    )  # fmt: skip


@contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    ready, write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        yield ready, write
    finally:
        os.close(ready)


@contextmanager
def _log_file(path: Path) -> Iterator[int]:
    descriptor = os.open(f"{path}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


async def _read_line(descriptor: int) -> bytes:
    """The one line that the daemon writes; empty when it died before."""
    loop = asyncio.get_running_loop()
    data = bytearray()
    done: asyncio.Future[None] = loop.create_future()

    def readable() -> None:
        chunk = os.read(descriptor, 4096)
        data.extend(chunk)
        if (not chunk or chunk.endswith(b"\n")) and not done.done():
            done.set_result(None)

    loop.add_reader(descriptor, readable)
    try:
        await done
    finally:
        loop.remove_reader(descriptor)
    return bytes(data)


def _tail(path: Path) -> str:
    try:
        text = Path(f"{path}.log").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        text = ""
    return text.rsplit("\n", 1)[-1][:500] or "it ended without a word"
