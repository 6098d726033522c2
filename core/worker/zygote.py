"""The zygote: executed fresh with an empty environment, boots V8 and the guest surface, locks itself, and forks workers.

``python -I -m isolate_host.worker.zygote CONTROL_FD PLAN_FD``. The plan is a JSON file: ``{"jit", "namespaces", "wasm",
"scripts": [[name, text], …], "services": [name, …]}``, the first script being the guest kernel. The zygote holds no secret, opens nothing later, and
has one thread: what a child inherits is what an attacker in a worker could read.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from isolate_host.engine import EngineUnavailable, Isolate, new_isolate
from isolate_host.worker import control
from isolate_host.worker.canary import attempt
from isolate_host.worker.channel import Channel, pack_frame
from isolate_host.worker.control import Exited, Forked, ForkOrder
from isolate_host.worker.gaps import settle_memory
from isolate_host.worker.kernel import Kernel
from isolate_host.worker.lockdown import ChildLimits, Lockdown, seal_executable_pages
from isolate_host.worker.loop import TurnLoop, Watchdog
from isolate_host.worker.namespaces import Layers, enter_namespaces
from isolate_host.worker.syscalls import LIBC, prctl

__all__ = ["main"]

_SET_PDEATHSIG, _SIGKILL = 1, 9
_CHANNEL_FD, _ORDERS_FD, _LAST_WORDS_FD = 0, 1, 2
_BROKEN_CHILD = 88
#: Longer than any order to fork.
_ORDER_BYTES = 512
_EAGER_CHARACTERS = 3_000_000
#: As often as Python wants a function called before it has its final, specialised form.
_REHEARSALS = 10


@dataclass(slots=True)
class Zygote:
    """Everything a child inherits."""

    control: socket.socket
    isolate: Isolate
    channel: Channel
    loop: TurnLoop
    lockdown: Lockdown
    #: Bytes of V8's heap that the template uses.
    used: int
    #: The first frame of every worker, made once.
    ready: bytes
    #: What :func:`settle_memory` filled gaps with.
    fillers: list[object]

    # ------------------------------------------------------------------ parent
    def serve(self) -> NoReturn:
        """Fork on request, report each death, leave when the broker goes."""
        wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        # A worker keeps this handler: it has no children, and taking it away would touch 120 KB of the enumerations behind `signal`.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = _poll_on(self.control.fileno(), wake_read)
        while True:
            for descriptor, _event in poll.poll():
                if descriptor == wake_read:
                    os.read(wake_read, 4096)
                    self._reap()
                else:
                    self._obey()

    def _obey(self) -> None:
        received = control.receive(self.control, _ORDER_BYTES)
        if received is None:
            os._exit(0)
        order, descriptors = ForkOrder.unpack(received[0]), received[1]
        pid = os.fork()
        if pid == 0:
            self._become_worker(order, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        pidfd = os.pidfd_open(pid)
        control.send(self.control, Forked(order.request, pid).pack(), (pidfd,))
        os.close(pidfd)

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            exited = Exited(pid, status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
            control.send(self.control, exited.pack())

    # ------------------------------------------------------------------ child
    def _become_worker(self, order: ForkOrder, descriptors: list[int]) -> NoReturn:
        try:
            self._run_worker(order, descriptors)
        except BaseException as error:  # noqa: BLE001 - the last words of a process that has no other way to speak
            os.write(_LAST_WORDS_FD, repr(error).encode("utf-8", "replace")[:1000])
        os._exit(_BROKEN_CHILD)

    def _run_worker(self, order: ForkOrder, descriptors: list[int]) -> None:
        signal.set_wakeup_fd(-1)
        channel_fd, orders_fd, last_words_fd = descriptors
        os.dup2(last_words_fd, _LAST_WORDS_FD)
        os.dup2(orders_fd, _ORDERS_FD)
        os.dup2(channel_fd, _CHANNEL_FD)
        self.lockdown.restrict_child()
        self.isolate.reseed(int.from_bytes(os.urandom(8), "little") >> 1)
        self.isolate.freeze_flags()
        watchdog = Watchdog(self.isolate, _ORDERS_FD)
        limits = ChildLimits(order.memory or None, order.cpu_seconds or None)
        if limits.memory is not None:
            self.isolate.limit_memory(limits.memory, self.used)
        self.isolate.abort_on_out_of_memory()
        self.lockdown.seal_child(limits)
        if order.attempt:
            attempt(order.attempt, self.isolate)
            return
        if order.spare:
            # Pages are copied now when they are written to. Its owner will not wait for those that every owner needs.
            self.loop.rehearse(watchdog)
        self.channel.send(self.ready)
        self.channel.flush()
        self.loop.run(watchdog)


def _poll_on(*descriptors: int) -> Any:
    import select

    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return poll


def _enter_pid_namespace(layers: Layers, control_socket: socket.socket) -> None:
    """Fork into the new pid namespace; the outer process only waits. As pid 1, our death takes every worker along."""
    if layers.get("namespaces.pid") != "on":
        return
    parent_pid = os.getpid()
    pid = os.fork()
    if pid:
        control_socket.close()
        _, status = os.waitpid(pid, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    prctl(_SET_PDEATHSIG, _SIGKILL)
    if os.getppid() not in (0, parent_pid):
        os._exit(0)


def _read_plan(descriptor: int) -> dict[str, Any]:
    with os.fdopen(descriptor, "rb") as file:
        file.seek(0)
        plan: dict[str, Any] = json.load(file)
    return plan


def _prepare(plan: dict[str, Any]) -> tuple[Isolate, Kernel]:
    """Boot V8 and load the surface."""
    flags = () if plan["wasm"] else ("--no-expose-wasm",)
    isolate = new_isolate(plan["jit"], (*flags, *plan.get("flags", ())))
    (_, kernel_source), *plugins = plan["scripts"]
    # Functions that the zygote has compiled cost a worker nothing; those of the TypeScript compiler are too many to have them all.
    isolate.compile_eagerly(sum(len(source) for _, source in plan["scripts"]) < _EAGER_CHARACTERS)
    kernel = Kernel(isolate, kernel_source.encode(), plan.get("services", ()))
    for name, source in plugins:
        kernel.load(name, source.encode())
    kernel.drain()
    isolate.compile_eagerly(False)
    isolate.run_microtasks()
    isolate.run_platform_tasks()
    return isolate, kernel


def _rehearse(isolate: Isolate, kernel: Kernel) -> None:
    """Do what each child does first, so that the code and the types that come of it lie in memory that all children share."""
    for _ in range(_REHEARSALS):
        isolate.reseed(1)
        kernel.turn([])
        kernel.drain()
        isolate.run_microtasks()


def _tell(control_socket: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send, or leave in silence: a broker that was stopped meanwhile wants to hear nothing."""
    try:
        control.send(control_socket, control.tell(message), descriptors)
    except OSError:
        os._exit(0)


def main(arguments: list[str]) -> NoReturn:
    """Start; any failure is reported on the control socket, so that the broker can say why."""
    control_socket = socket.socket(fileno=int(arguments[0]))
    plan = _read_plan(int(arguments[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    started = time.monotonic()
    try:
        layers: Layers = enter_namespaces() if plan["namespaces"] else {}
        _enter_pid_namespace(layers, control_socket)
        time.tzset()
        isolate, kernel = _prepare(plan)
        channel = Channel(_CHANNEL_FD)
        loop = TurnLoop(isolate, kernel, channel)
        _rehearse(isolate, kernel)
        isolate.collect_garbage()
        if plan["jit"] == "off":
            seal_executable_pages()
        lockdown = Lockdown(executable_memory=plan["jit"] != "off", off_heap_slack=plan["off_heap_slack"])
        # No core file may carry a tenant's memory, not even of the zygote.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        layers = lockdown.lock_zygote(layers)
    except (EngineUnavailable, OSError, RuntimeError) as error:
        _tell(control_socket, {"failed": str(error)})
        os._exit(1)
    gc.collect()
    gc.freeze()
    gc.disable()
    # glibc would keep one arena per thread; the watchdog's would add private pages to every worker.
    LIBC.mallopt(-8, 1)
    # Without a pid namespace a fork would outlive a zygote that is killed: it has no parent that it could die with.
    listener = lockdown.gate_forks() if plan.get("fork") and layers.get("namespaces.pid") == "on" else None
    if listener is not None:
        layers["fork"] = "on"
    hello = {"hello": layers, "boot_ms": round(1000 * (time.monotonic() - started), 1)}
    _tell(control_socket, hello, () if listener is None else (listener,))
    if listener is not None:
        os.close(listener)  # A worker that had it could answer for the broker.
    loop.ready = ready = pack_frame(json.dumps({"t": "w.ready", "layers": layers}, separators=(",", ":")).encode(), b"")
    try:
        used = isolate.heap_statistics()["used_heap_size"]
        Zygote(control_socket, isolate, channel, loop, lockdown, used, ready, settle_memory()).serve()
    except OSError:
        # The broker is gone; our end takes the workers along.
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
