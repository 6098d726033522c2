"""The broker's side of the fork gate: it allows the forks that it ordered, one by one, and kills whoever tries another.

See :mod:`isolate_host.worker.forkgate` and ADR 0015.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import logging
import os
import signal
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from isolate_host.errors import ForkRefused, IsolateHostError, SandboxViolation, WorkerCrashed

__all__ = ["ForkGate", "Guarded", "NewProcess"]

_LOG = logging.getLogger("isolate_host.forkgate")
_RECEIVE, _SEND, _IS_VALID, _ADD_DESCRIPTOR = 0xC0502100, 0xC0182101, 0x40082102, 0x40182103
_CONTINUE, _AT_NUMBER = 1, 1
_REQUEST = struct.Struct("=QIIiIQ6Q")
_RESPONSE = struct.Struct("=QqiI")
_DESCRIPTOR = struct.Struct("=QIIII")
_CLONE, _GETPPID, _TGKILL = 56, 110, 234
#: From the order to the new process's report (seconds), on a machine under load.
_PATIENCE_S = 5.0
#: In which the zygote's answer about a worker that it forked arrives (seconds).
_SETTLE_S = 0.5


class Guarded(Protocol):
    """A worker, as the gate sees it."""

    def host_pid(self) -> int: ...

    def kill(self, error: IsolateHostError) -> None: ...


@dataclass(frozen=True, slots=True)
class NewProcess:
    """A fork that reported: its pid as the zygote knows it, and a pidfd."""

    inner_pid: int
    pidfd: int


@dataclass(slots=True)
class _Order:
    parent: Guarded
    parent_pid: int
    zygote_pid: int
    #: Descriptors that the new process gets as 0, 1 and 2, in the place of its parent's.
    descriptors: list[int]
    done: asyncio.Future[NewProcess]
    cloned: bool = False
    #: The worker says that it failed.
    reported: bool = False


class ForkGate:
    """Answers the kernel's questions about the workers of one zygote. One order at a time: so at most one process is not yet known."""

    def __init__(self, listener: int) -> None:
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._workers: set[Guarded] = set()
        self._order: _Order | None = None
        #: Orders that were given up before the worker got to them; it may still try, and is told no.
        self._void: dict[Guarded, int] = {}
        self._turn = asyncio.Lock()
        self._loop.add_reader(listener, self._asked)

    def close(self) -> None:
        """Answer nothing more: the kernel lets the calls fail."""
        if self._listener >= 0:
            self._loop.remove_reader(self._listener)
            os.close(self._listener)
            self._listener = -1

    def watch(self, worker: Guarded) -> Callable[[], None]:
        """This worker is known; call the result when it has ended."""
        self._workers.add(worker)

        def ended() -> None:
            self._workers.discard(worker)
            self._void.pop(worker, None)

        return ended

    async def fork(self, parent: Guarded, order: Callable[[], None], descriptors: list[int]) -> NewProcess:
        """Let ``parent``, which ``order`` tells to, fork once.

        Raises ``ForkRefused`` when it does not get to it in time, and ``WorkerCrashed`` when it began and the new process does
        not report: then both are killed.
        """
        async with self._turn:
            pid = parent.host_pid()
            current = _Order(parent, pid, _status(pid, "PPid")[0], descriptors, self._loop.create_future())
            self._order = current
            try:
                order()
                return await asyncio.wait_for(asyncio.shield(current.done), _PATIENCE_S)
            except BaseException as error:
                failure = await asyncio.shield(asyncio.ensure_future(self._give_up(current)))
                if isinstance(error, TimeoutError):
                    raise failure from None
                raise
            finally:
                self._order = None
                if not current.done.done():
                    current.done.cancel()

    async def _give_up(self, order: _Order) -> IsolateHostError:
        if not order.cloned:
            if not order.reported:
                self._void[order.parent] = self._void.get(order.parent, 0) + 1
            return ForkRefused(f"the guest was busy for {_PATIENCE_S:g} s and could not be forked", hint="fork when it rests")
        strangers = self._strangers(order.zygote_pid)
        failure = WorkerCrashed("the worker did not fork as ordered")
        if not order.reported:
            order.parent.kill(failure)
        # A worker that the zygote has just forked is known in a moment; a fork that hides never is.
        await asyncio.sleep(_SETTLE_S)
        for pid in strangers - self._known():
            _kill(pid)
        return failure

    def refuse(self, worker: Guarded, reason: str) -> None:
        """The worker says that it could not fork."""
        order = self._order
        if order is not None and order.parent is worker and not order.done.done():
            # It may be lying, if the fork was allowed: then whoever is not known goes.
            order.reported = True
            order.done.set_exception(ForkRefused(f"the worker could not fork: {reason}"))

    # ------------------------------------------------------------------ the kernel asks
    def _asked(self) -> None:
        request = bytearray(_REQUEST.size)
        try:
            fcntl.ioctl(self._listener, _RECEIVE, request)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.EINTR):
                _LOG.exception("the fork gate cannot be read")
            return
        number, pid, _flags, call, _arch, _ip, *arguments = _REQUEST.unpack(request)
        try:
            allowed = self._judge(number, pid, call, arguments)
        except (OSError, LookupError):
            # It died meanwhile.
            allowed = None
        if allowed is None:
            self._violated(pid, call)
        with contextlib.suppress(OSError):
            flags, problem = (_CONTINUE, 0) if allowed == "go on" else (0, 0 if allowed == "done" else -errno.EPERM)
            fcntl.ioctl(self._listener, _SEND, bytearray(_RESPONSE.pack(number, 0, problem, flags)))

    def _judge(self, number: int, pid: int, call: int, arguments: list[int]) -> str | None:
        """``go on``: the kernel makes the call; ``done``: we have; ``no``: it comes too late; ``None``: an attack."""
        order = self._order
        if call == _TGKILL:
            return "go on" if arguments[0] == _inner_pid(pid) and arguments[2] == signal.SIGABRT else None
        if call == _CLONE and order is not None and not order.cloned and pid == order.parent_pid and not arguments[1]:
            order.cloned = True
            return "go on"
        if call == _CLONE and self._was_void(pid):
            return "no"
        if call == _GETPPID and order is not None and order.cloned and not order.done.done() and not self._knows(pid):
            self._equip(number, pid, order)
            return "done"
        return None

    def _was_void(self, pid: int) -> bool:
        worker = next((worker for worker in self._void if _pid_of(worker) == pid), None)
        if worker is None:
            return False
        self._void[worker] -= 1
        if not self._void[worker]:
            del self._void[worker]
        return True

    def _equip(self, number: int, pid: int, order: _Order) -> None:
        """Replace the descriptors that the fork shares with its parent, before it runs another instruction."""
        pidfd = os.pidfd_open(pid)
        try:
            fcntl.ioctl(self._listener, _IS_VALID, struct.pack("=Q", number))
            inner_pid = _inner_pid(pid)
            for target, source in enumerate(order.descriptors):
                fcntl.ioctl(self._listener, _ADD_DESCRIPTOR, bytearray(_DESCRIPTOR.pack(number, _AT_NUMBER, source, target, 0)))
        except BaseException:
            os.close(pidfd)
            raise
        order.done.set_result(NewProcess(inner_pid, pidfd))

    def _knows(self, pid: int) -> bool:
        return pid in self._known()

    def _known(self) -> set[int]:
        return {pid for pid in map(_pid_of, self._workers) if pid is not None}

    def _violated(self, pid: int, call: int) -> None:
        error = SandboxViolation("the worker tried to fork or to signal without an order", detail=f"system call {call}")
        _LOG.error("process %d: %s (%s)", pid, error, error.detail)
        for worker in self._workers:
            if _pid_of(worker) == pid:
                worker.kill(error)
                return
        _kill(pid)

    def _strangers(self, zygote: int) -> set[int]:
        """Children of the zygote that nobody knows: among them a fork that was allowed and did not report."""
        try:
            children = Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split()
        except OSError:
            return set()
        return {int(child) for child in children} - self._known()


def _pid_of(worker: Guarded) -> int | None:
    try:
        return worker.host_pid()
    except (LookupError, OSError):
        return None


def _status(pid: int, field: str) -> list[int]:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return [int(value) for value in line.split()[1:]]
    raise LookupError(field)


def _inner_pid(pid: int) -> int:
    """The process id as the worker and its zygote see it."""
    return _status(pid, "NStgid")[-1]


def _kill(pid: int) -> None:
    with contextlib.suppress(OSError):
        pidfd = os.pidfd_open(pid)
        try:
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        finally:
            os.close(pidfd)
