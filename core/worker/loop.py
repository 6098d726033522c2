"""The turn loop: frames in, JavaScript to the end of its microtasks, frames out; then timers; then wait."""

from __future__ import annotations

import _thread
import json
import os

from isolate_host.engine import Isolate
from isolate_host.worker.channel import Channel, RawFrame, pack_frame
from isolate_host.worker.coverage import CoverageDesk
from isolate_host.worker.evaluator import Evaluator
from isolate_host.worker.forkgate import clone_sibling
from isolate_host.worker.kernel import STALLED, Kernel

__all__ = ["TurnLoop", "Watchdog"]

#: Frames for the worker itself start so; the broker writes ``t`` first.
_CONTROL = b'{"t":"w.'
_WATCHDOG_STACK = 256 << 10
#: Guest frames for one entry into JavaScript. What they bring forth is written before the rest of a burst is looked at, so that host and
#: worker do not wait for each other in turns: 33,000 small requests a second instead of 26,500.
_BATCH = 8
#: The smallest evaluation. More would take pages that not every owner needs.
_REHEARSAL = RawFrame(b'{"t":"w.eval","id":0,"p":1,"filename":"rehearsal","mode":"module"}', b"0")


class Watchdog:
    """A thread that waits for one byte from the broker and then stops whatever JavaScript runs.

    It must be started before the seccomp filter, which forbids new threads. After a stop the runtime is lost, so an order
    that comes a moment late does no harm.
    """

    def __init__(self, isolate: Isolate, fd: int) -> None:
        self._isolate, self._fd = isolate, fd
        self.fired = False
        # The bare thread, not threading.Thread: it costs a worker 200 KB less of memory that it would share.
        started = _thread.allocate_lock()
        started.acquire()
        _thread.stack_size(_WATCHDOG_STACK)
        _thread.start_new_thread(self._watch, (started,))
        started.acquire()

    def _watch(self, started: _thread.LockType) -> None:
        started.release()
        while os.read(self._fd, 1):
            self.fired = True
            self._isolate.terminate()
        os._exit(0)


class TurnLoop:
    """Made in the zygote, so that every callback that V8 may make exists before the lock; :meth:`run` is the worker's life."""

    _watchdog: Watchdog
    #: The first frame of every worker.
    ready = b""

    def __init__(self, isolate: Isolate, kernel: Kernel, channel: Channel) -> None:
        self._isolate, self._kernel, self._channel = isolate, kernel, channel
        self._evaluator = Evaluator(isolate, kernel, channel)
        self._coverage = CoverageDesk(isolate, kernel, channel)
        self._pinged = False
        kernel.on_spill = self._write_early

    def run(self, watchdog: Watchdog) -> None:
        """Work until the broker closes the channel or kills the process."""
        self._watchdog = watchdog
        while True:
            self._take(self._channel.read())
            outlook = self._settle_down()
            while not self._rest(self._run_timers(outlook)):
                outlook = 0

    def rehearse(self, watchdog: Watchdog) -> None:
        """Do what a first owner asks for, and forget the answers: before guest code has seen anything of this isolate."""
        self._watchdog = watchdog
        self._take([_REHEARSAL])
        self._settle_down()
        self._evaluator.loader.forget(keep_all=False)
        self._channel.forget()

    # ------------------------------------------------------------------ work
    def _take(self, frames: list[RawFrame]) -> None:
        """Work through a batch; neighbouring guest frames share one entry into JavaScript."""
        batch: list[RawFrame] = []
        self._evaluator.loader.adopt()
        for frame in frames:
            if not frame.header.startswith(_CONTROL):
                if len(batch) == _BATCH:
                    self._deliver(batch)
                    self._settle_down()
                    self._channel.flush()
                    batch = []
                batch.append(frame)
                continue
            self._deliver(batch)
            batch = []
            self._control(frame)
        self._deliver(batch)

    def _deliver(self, batch: list[RawFrame]) -> None:
        if batch and not self._kernel.turn(batch):
            self._fault("terminated" if self._watchdog.fired else "engine")

    def _control(self, frame: RawFrame) -> None:
        header = json.loads(frame.header)
        if header["t"] == "w.eval":
            self._evaluator.evaluate(header, frame)
        elif header["t"] == "w.mods":
            self._evaluator.loader.answer(header, frame)
        elif header["t"] == "w.ping":
            self._pinged = True
        elif header["t"] == "w.reset":
            self._reset(keep_modules=header.get("keep") == "modules")
        elif header["t"] == "w.fork":
            self._fork()
        elif header["t"] == "w.cover":
            self._coverage.answer(header, frame)
        self._isolate.run_microtasks()

    def _fork(self) -> None:
        """Become two: here nothing changes; the other one gets a channel of its own and waits there for its owner."""
        try:
            child = clone_sibling()
        except OSError as error:
            report = {"t": "w.fork", "error": os.strerror(error.errno or 0)}
            self._channel.send(pack_frame(json.dumps(report, separators=(",", ":")).encode(), b""))
            return
        if child == 0:
            # Blocks until the broker, which the kernel asks, has put new descriptors in the place of our parent's.
            os.getppid()
            self._channel.forget()
            self._isolate.reseed(int.from_bytes(os.urandom(8), "little") >> 1)
            self._channel.seen, self._pinged = 0, False
            self._channel.send(self.ready)
            self._channel.flush()
            self.run(self._watchdog)

    def _reset(self, *, keep_modules: bool) -> None:
        """The owner of the session has gone: let guest code hear of it, then clear what belonged to that owner, and say so.

        What guest code still says goes out before our reply, and the broker drops it. A guest that does not come to rest is
        killed by the broker, which waits only so long.
        """
        sound = self._kernel.abandon()
        self._evaluator.abandon()
        self._coverage.stop()
        self._isolate.run_microtasks()
        self._isolate.run_platform_tasks()
        self._evaluator.abandon()
        kept = self._evaluator.loader.forget(keep_all=keep_modules)
        if not (sound and self._kernel.forget(self._evaluator.loader.shelf.names())) or self._watchdog.fired:
            self._fault("engine")
            return
        self._channel.seen, self._pinged = 0, False
        self._channel.send(pack_frame(json.dumps({"t": "w.reset", "kept": kept}, separators=(",", ":")).encode(), b""))

    def _settle_down(self) -> float:
        """After JavaScript ran: dynamic imports, V8's own tasks, and all that the guest wants to say. Gives the outlook."""
        loader = self._evaluator.loader
        while loader.dynamic or loader.ended:
            self._evaluator.finish_dynamic_imports()
            loader.finish_jobs()
            self._isolate.run_microtasks()
        self._isolate.run_platform_tasks()
        self._evaluator.loader.flush()
        if self._watchdog.fired:
            self._isolate.resume()
        frames, outlook = self._kernel.drain()
        for frame in frames:
            self._channel.send(frame)
        if self._watchdog.fired:
            self._watchdog.fired = False
            self._fault("terminated")
        return outlook

    def _write_early(self, frames: list[bytes]) -> None:
        """In the middle of a turn: write, and wait while the broker does not keep up."""
        for frame in frames:
            self._channel.send(frame)
        self._channel.flush()

    def _run_timers(self, outlook: float) -> float:
        """Run what is due, each as a task of its own; the outlook for what follows.

        Stops early when a frame has arrived: a chain of ``setTimeout(0)`` must not starve the host.
        """
        while outlook == 0:
            self._channel.flush()
            if self._channel.wait(0):
                break
            self._kernel.run_timer()
            outlook = self._settle_down()
        return outlook

    def _rest(self, outlook: float) -> bool:
        """Flush, and wait: true when a frame is to be read next, false when a timer is due."""
        if outlook == 0:
            return True
        if outlook > 0:
            self._announce_idle(outlook)
            self._channel.flush()
            return self._channel.wait(outlook)
        if outlook == STALLED or self._pinged:
            self._announce_idle(None, stalled=outlook == STALLED)
        self._channel.flush()
        return True

    # ------------------------------------------------------------------ reports
    def _announce_idle(self, wake: float | None, *, stalled: bool = False) -> None:
        """Tell the broker that nothing runs. A turn that just ends says nothing: its answer is enough, and the broker can ask."""
        self._pinged = False
        header = {"t": "w.idle", "wake": wake, "seen": self._channel.seen, "stalled": stalled}
        self._channel.send(pack_frame(json.dumps(header, separators=(",", ":")).encode(), b""))

    def _fault(self, kind: str) -> None:
        self._channel.send(pack_frame(b'{"t":"w.fault","kind":"%s"}' % kind.encode(), b""))
