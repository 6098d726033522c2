"""One worker process as the broker sees it: a channel of frames, a way to stop it, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from isolate_host.errors import ForkRefused, IsolateHostError, LimitExceeded, ProtocolError, SandboxViolation, WorkerCrashed
from isolate_host.host.death import Death, classify
from isolate_host.host.forkgate import ForkGate
from isolate_host.host.zygote import ZygoteProcess
from isolate_host.wire.frames import Frame, FrameReader, FrameTooLargeError, encode_frame
from isolate_host.worker.control import Exited

__all__ = ["FrameSink", "Worker", "WorkerLimits", "spawn_worker"]

_LAST_WORDS_LIMIT = 1 << 16
_MIB = 1 << 20
#: A call and the idle report that follows it.
_SMALL_BURST = 3
_FLUSH_EVERY = 25
#: Frames that are sent one by one wait for each other, but not for more than this: the worker begins while we make the others.
_QUEUE_AT_MOST = 8
#: Bytes that may wait for a worker, beyond two frames of the largest size.
_BACKLOG = 32 << 20
#: From the end of the channel to the exit report of a process that is really dying.
_CLOSED_CHANNEL_GRACE_S = 0.5


class FrameSink(Protocol):
    """Who gets a worker's frames and hears of its end."""

    def frame_received(self, frame: Frame) -> None:
        """One frame from the worker. It is hostile: raise ``ProtocolError`` to have the worker killed."""

    def worker_ended(self, error: IsolateHostError) -> None:
        """The worker is dead and reaped; ``error`` says of what."""


class WorkerLimits:
    """Limits that are put on the process itself. Equal limits make workers interchangeable."""

    __slots__ = ("cpu_s", "frame_bytes", "memory_mb")

    def __init__(self, memory_mb: float | None, cpu_s: float | None, frame_bytes: int | None) -> None:
        self.memory_mb, self.cpu_s, self.frame_bytes = memory_mb, cpu_s, frame_bytes

    @property
    def key(self) -> tuple[float | None, float | None, int | None]:
        """Identity for the pool of spares."""
        return self.memory_mb, self.cpu_s, self.frame_bytes


class Worker(asyncio.Protocol):
    """A locked process. Frames that arrive before :meth:`attach` wait."""

    def __init__(self, limits: WorkerLimits) -> None:
        self.limits = limits
        self.layers: dict[str, str] = {}
        self._reader = FrameReader(limits.frame_bytes) if limits.frame_bytes else FrameReader(1 << 30)
        self._backlog_limit = _BACKLOG + 2 * (limits.frame_bytes or 1 << 30)
        self._sink: FrameSink | None = None
        self._transport: asyncio.Transport | None = None
        self._early: list[Frame] = []
        self._kill_error: IsolateHostError | None = None
        self._silence = WorkerCrashed("the worker closed its channel")
        self._zygote: ZygoteProcess | None = None
        self._unwatch: Callable[[], None] | None = None
        self._outgoing: list[bytes] = []
        self._flush_scheduled = False
        #: True inside ``data_received``, and how many frames it cut last.
        self._reading, self._burst = False, 0
        #: How often it said something, in how many frames, and who wants to hear of it.
        self.heard = self.frames = 0
        self.on_heard: Callable[[], None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        loop = asyncio.get_running_loop()
        self._loop = loop
        self.ready: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[IsolateHostError] = loop.create_future()

    # ------------------------------------------------------------------ set-up (spawn_worker)
    def adopt(self, pidfd: int, orders: socket.socket, last_words_fd: int) -> None:
        """Take over the descriptors that belong to this worker."""
        self._pidfd, self._orders, self._last_words_fd = pidfd, orders, last_words_fd

    def belong_to(self, zygote: ZygoteProcess) -> None:
        """The zygote whose fork gate knows this worker."""
        self._zygote = zygote
        if zygote.gate is not None:
            self._unwatch = zygote.gate.watch(self)

    async def fork(self, order: Callable[[], None]) -> Worker:
        """Another worker with the same memory, told to come into being by ``order``. Raises ``ForkRefused``, ``WorkerCrashed``."""
        if self.ended.done():
            raise self.ended.result()
        if self._zygote is None or self._zygote.gate is None or not self._zygote.alive:
            raise ForkRefused(
                "workers cannot fork here", hint="see isolation.fork, and diagnostics()['isolation']: namespaces.pid and fork must be on"
            )
        return await _fork_worker(self._zygote, self._zygote.gate, self, order)

    def could_not_fork(self, reason: str) -> None:
        """The worker tried and failed."""
        if self._zygote is not None and self._zygote.gate is not None:
            self._zygote.gate.refuse(self, reason)

    def attach(self, sink: FrameSink) -> None:
        """Give frames to ``sink`` from now on."""
        self._sink = sink
        early, self._early = self._early, []
        for frame in early:
            self._deliver(frame)
        if self.ended.done():
            sink.worker_ended(self.ended.result())

    def allow_frames_of(self, frame_bytes: int | None) -> None:
        """Another owner of the session, another ``limits.frame_bytes``."""
        self.limits = WorkerLimits(self.limits.memory_mb, self.limits.cpu_s, frame_bytes)
        self._reader.max_frame_bytes = frame_bytes or 1 << 30
        self._backlog_limit = _BACKLOG + 2 * (frame_bytes or 1 << 30)

    # ------------------------------------------------------------------ frames out
    def send(self, frame: Frame) -> None:
        """Queue a frame; answers to a burst of frames leave in one write. Raises ``LimitExceeded`` when it is too large."""
        # The worker finds control frames by their first key and segment lengths by the last.
        header = frame.header
        if "s" in header:
            del header["s"]
        self._outgoing += encode_frame(frame, self.limits.frame_bytes or (1 << 30))
        if self._reading:
            return
        if self._burst <= _SMALL_BURST and not self._flush_scheduled:
            # A guest that asks one thing at a time waits for this very frame: one loop iteration less.
            self._flush()
        elif not self._flush_scheduled:
            self._flush_scheduled = True
            self._loop.call_soon(self._flush)
        elif len(self._outgoing) >= _QUEUE_AT_MOST:
            self._flush()

    def _flush(self) -> None:
        self._flush_scheduled = False
        outgoing, self._outgoing = self._outgoing, []
        if not outgoing or self._transport is None or self._transport.is_closing():
            return
        self._transport.write(outgoing[0] if len(outgoing) == 1 else b"".join(outgoing))
        if self._transport.get_write_buffer_size() > self._backlog_limit:
            # It asks and asks and never reads the answers, which would pile up here.
            self.kill(LimitExceeded("the guest does not read what it asked for", kind="backlog"))

    async def drain(self) -> None:
        """Wait until the worker keeps up with what is sent to it."""
        await self._writable.wait()

    def pause_reading(self) -> None:
        """Stop reading from the worker: it will block when it writes more."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    # ------------------------------------------------------------------ stopping
    def stop_script(self) -> None:
        """Ask the watchdog to stop the running JavaScript; the worker then says what it still had to say and reports a fault."""
        with contextlib.suppress(OSError):
            self._orders.send(b"T")

    def kill(self, error: IsolateHostError) -> None:
        """SIGKILL; the first reason given is the one that pending work fails with."""
        if self._kill_error is None:
            self._kill_error = error
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def host_pid(self) -> int:
        """The worker's process id as this process sees it (tests and diagnostics). Raises ``LookupError`` when it is gone."""
        for line in Path(f"/proc/self/fdinfo/{self._pidfd}").read_text().splitlines():
            if line.startswith("Pid:") and int(line.split()[1]) > 0:
                return int(line.split()[1])
        raise LookupError("the worker is gone")

    def pid_or_none(self) -> int | None:
        """The process id, or ``None`` when the worker is gone."""
        try:
            return self.host_pid()
        except (LookupError, OSError):
            return None

    def report_exit(self, report: Exited | None) -> None:
        """The zygote reaped the process, or died with it."""
        last_words = b""
        with contextlib.suppress(OSError):
            last_words = os.read(self._last_words_fd, _LAST_WORDS_LIMIT)
        if report is None:
            self._finish(self._verdict(WorkerCrashed("the worker's zygote died", signal="SIGKILL"), signal.SIGKILL))
            return
        death = Death(report.status, last_words, report.cpu_s, report.max_rss_kib)
        self._finish(self._verdict(classify(death, self.limits.memory_mb, self.limits.cpu_s), report.status))

    def _verdict(self, died_of: IsolateHostError, status: int) -> IsolateHostError:
        """What we killed it for, unless it was dying already: of a forbidden call, or of whatever closed its channel."""
        if isinstance(died_of, SandboxViolation) or self._kill_error is None:
            return died_of
        if self._kill_error is self._silence and os.WIFSIGNALED(status) and os.WTERMSIG(status) != signal.SIGKILL:
            return died_of
        return self._kill_error

    def _finish(self, error: IsolateHostError) -> None:
        if self.ended.done():
            return
        if self._unwatch is not None:
            self._unwatch()
        if self._transport is not None:
            self._transport.close()
        for descriptor in (self._pidfd, self._last_words_fd):
            os.close(descriptor)
        self._orders.close()
        self.ended.set_result(error)
        if not self.ready.done():
            self.ready.set_exception(error)
            self.ready.exception()
        if self._sink is not None:
            self._sink.worker_ended(error)

    # ------------------------------------------------------------------ asyncio.Protocol
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(f"a stream transport is needed, not {type(transport).__name__}")
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self.heard += 1
        if self.on_heard is not None:
            self.on_heard()
        self._reading = True
        try:
            frames = self._reader.feed(data)
            self._burst = len(frames)
            self.frames += len(frames)
            for number, frame in enumerate(frames, 1):
                self._deliver(frame)
                if number % _FLUSH_EVERY == 0 and self._outgoing:
                    # The worker goes on with the first answers while we work on the rest of the burst.
                    self._flush()
        except FrameTooLargeError as error:
            self.kill(_too_large(error))
        except ProtocolError as error:
            self.kill(error)
        finally:
            self._reading = False
        if self._outgoing and not self._flush_scheduled:
            self._flush()

    def _deliver(self, frame: Frame) -> None:
        if not self.ready.done() and frame.header["t"] == "w.ready":
            layers = frame.header.get("layers")
            self.layers = layers if isinstance(layers, dict) else {}
            self.ready.set_result(None)
        elif self._sink is None:
            self._early.append(frame)
        else:
            self._sink.frame_received(frame)

    def connection_lost(self, exc: Exception | None) -> None:
        # Usually the process has died and its report follows. One that only closed its channel is of no more use.
        self._writable.set()
        if not self.ended.done():
            self._loop.call_later(_CLOSED_CHANNEL_GRACE_S, self._kill_silent)

    def _kill_silent(self) -> None:
        if not self.ended.done() and not self._is_dead():
            self.kill(self._silence)

    def _is_dead(self) -> bool:
        """Dead already: what it died of is in a report that a busy zygote has yet to send, and must not be taken for our doing."""
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return bool(poll.poll(0))

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()


def _too_large(error: FrameTooLargeError) -> LimitExceeded:
    """A value may be too large without malice; what cannot be told apart from an attack still costs the runtime its life."""
    return LimitExceeded(
        f"the guest sent a value of {error.size} bytes, more than the {error.limit} of limits.frame_bytes", kind="payload",
        hint="raise limits.frame_bytes, or send large data as a stream",
    )


async def spawn_worker(zygote: ZygoteProcess, limits: WorkerLimits, *, spare: bool = False, attempt: str | None = None) -> Worker:
    """Fork, lock and connect a worker; it has reported ready when this returns.

    A ``spare`` prepares itself further, as nobody waits for it. With ``attempt`` (the canary's) it tries to break out instead of
    serving, and this returns at once.
    """
    memory = None if limits.memory_mb is None else max(1, int(limits.memory_mb * _MIB))
    cpu = None if limits.cpu_s is None else max(1, round(limits.cpu_s + 0.499))

    async def fork(descriptors: list[int]) -> tuple[int, int]:
        return await zygote.fork(memory=memory, cpu_seconds=cpu, descriptors=descriptors, spare=spare, attempt=attempt)

    return await _begin_worker(zygote, limits, fork, wait=attempt is None)


async def _begin_worker(
    zygote: ZygoteProcess, limits: WorkerLimits, fork: Callable[[list[int]], Awaitable[tuple[int, int]]], *, wait: bool = True
) -> Worker:
    """``fork`` makes a process that owns the descriptors (channel, orders, last words); its pid inside and a pidfd."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    orders, orders_theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    words_read, words_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        pid, pidfd = await fork([theirs.fileno(), orders_theirs.fileno(), words_write])
    except BaseException:
        ours.close()
        orders.close()
        os.close(words_read)
        raise
    finally:
        theirs.close()
        orders_theirs.close()
        os.close(words_write)
    worker = Worker(limits)
    worker.adopt(pidfd, orders, words_read)
    worker.belong_to(zygote)
    zygote.on_death(pid, worker.report_exit)
    await _connect(worker, ours, wait=wait)
    return worker


async def _connect(worker: Worker, ours: socket.socket, *, wait: bool) -> None:
    try:
        ours.setblocking(False)
        await asyncio.get_running_loop().create_unix_connection(lambda: worker, sock=ours)
        if wait:
            await worker.ready
    except BaseException:
        # Whoever asked has gone: a worker that nobody knows of must not stay.
        worker.kill(WorkerCrashed("the worker was not wanted any more"))
        raise


async def _fork_worker(zygote: ZygoteProcess, gate: ForkGate, parent: Worker, order: Callable[[], None]) -> Worker:
    async def fork(descriptors: list[int]) -> tuple[int, int]:
        process = await gate.fork(parent, order, descriptors)
        return process.inner_pid, process.pidfd

    return await _begin_worker(zygote, parent.limits, fork)
