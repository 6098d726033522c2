"""Takes a worker from one owner of its session: nothing that was said for or by that owner gets past this point."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from isolate_host.errors import Disposed, IsolateHostError, ProtocolError
from isolate_host.host.worker import Worker
from isolate_host.wire.frames import Frame

__all__ = ["Parking"]

#: What a worker at rest may still say: how a finaliser failed, and that it is idle.
_HARMLESS = ("w.idle", "w.reject")
_MAX_STATIC_MODULES = 100_000


class Parking:
    """Attached to a worker between two owners (``FrameSink``).

    Orders it to reset, and drops every frame that comes before the answer: it belongs to the former owner. ``on_death`` is called
    when the worker ends later.
    """

    def __init__(self, worker: Worker, on_death: Callable[[IsolateHostError], None], *, keep_modules: bool = False) -> None:
        self._worker, self._on_death = worker, on_death
        self._rested: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        worker.attach(self)
        worker.resume_reading()
        worker.send(Frame({"t": "w.reset", "keep": "modules"} if keep_modules else {"t": "w.reset"}))

    async def rest(self, seconds: float) -> list[str] | None:
        """Wait until the worker has reset itself; the ids of the modules that it kept. ``None``: it did not in time, and is dead."""
        try:
            return await asyncio.wait_for(asyncio.shield(self._rested), seconds)
        except TimeoutError:
            self._worker.kill(Disposed("the guest did not come to rest when its owner had gone"))
        except IsolateHostError:
            pass
        await asyncio.shield(self._worker.ended)
        return None

    def frame_received(self, frame: Frame) -> None:
        """From the guest. At rest it has nothing to say."""
        kind = frame.header["t"]
        if kind == "w.reset" and not self._rested.done():
            kept = frame.header.get("kept")
            if not isinstance(kept, list) or len(kept) > _MAX_STATIC_MODULES or not all(isinstance(item, str) for item in kept):
                raise ProtocolError("malformed reset report")
            self._rested.set_result(kept)
        elif kind == "w.fault" or (self._rested.done() and kind not in _HARMLESS):
            raise ProtocolError("a worker without an owner spoke")

    def worker_ended(self, error: IsolateHostError) -> None:
        """The worker is dead and reaped."""
        if not self._rested.done():
            self._rested.set_exception(error)
            self._rested.exception()
        self._on_death(error)
