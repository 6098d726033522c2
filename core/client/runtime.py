"""A script runtime: one isolate that evaluates code."""

from __future__ import annotations

import asyncio
import logging
import posixpath
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, ClassVar, Self

from isolate_host.client.answering import Leavings
from isolate_host.client.bindings import Bindings
from isolate_host.client.diagnostics import Diagnostics
from isolate_host.client.events import Events
from isolate_host.client.limits import check_number
from isolate_host.client.link import Channel
from isolate_host.client.log_text import log_text
from isolate_host.client.opening import Opening
from isolate_host.client.session import Session
from isolate_host.errors import Aborted, Disposed, IsolateHostError, MarshalError
from isolate_host.wire.abort import AbortSignal

__all__ = ["Runtime"]

_logger = logging.getLogger(__name__)


class Runtime:
    """Evaluates code in one locked isolate. Made by ``host.create_runtime()``; globals persist from one eval to the next."""

    #: Bindings, as the broker reads them, that are no callables of the caller.
    also_bound: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, session: Session, channel: Channel, cwd: str, admit: Callable[..., Awaitable[Self]], leavings: Leavings) -> None:
        self._session = session
        self._leavings = leavings
        self._channel = channel
        self._cwd = cwd
        self._admit = admit
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._disposing: asyncio.Task[None] | None = None
        session.on_rejection = self._report

    @property
    def id(self) -> str:
        """The runtime's id, as in ``HostCallContext.runtime_id``."""
        return str(self._channel.info.get("id", ""))

    @property
    def events(self) -> Events:
        """Named events to and from the guest."""
        return self._session.events

    @property
    def disposed(self) -> bool:
        """True when the runtime has ended, for whatever reason."""
        return self._session.end is not None or self._disposing is not None

    async def eval(
        self,
        code: str,
        filename: str = "/index.ts",
        timeout_s: float | None = None,
        signal: AbortSignal | None = None,
    ) -> Any:
        """Run ``code`` and return its completion value: the last expression statement, or a module's ``default`` export.

        Evals of one runtime run one after another. ``filename`` is relative to the runtime's ``cwd``; relative imports start at its
        folder. ``timeout_s`` narrows the runtime's limit for this eval.

        Aborting ``signal``, or cancelling the waiting task, ends the guest's work and with it the runtime, because its state is then
        unknown; an eval that has not begun yet is only taken off the queue. Raises ``GuestError`` for what the
        code throws (the runtime stays usable), ``ExecutionTimeout``, ``LimitExceeded``, ``Aborted``, ``MarshalError`` and, after
        the end of the runtime, ``Disposed``.
        """
        header, body = self._prepare(code, filename, timeout_s)
        signal = AbortSignal() if signal is None else _check_signal(signal)
        signal.throw_if_aborted()
        self._waiting += 1
        try:
            await self._my_turn(signal)
            try:
                return await self._run(header, body, signal)
            finally:
                self._turn.release()
        finally:
            self._waiting -= 1

    async def inspect(self, code: str, filename: str = "/index.ts", *, colors: bool = False) -> str:
        """Run ``code`` and return its completion value as text, the way Node's REPL shows it; the guest finds it as ``_``.

        For consoles and notebooks. Unlike with :meth:`eval`, cancelling the waiting task only ends the waiting: guest code goes on, and
        the runtime lives. Raises what ``eval`` raises.
        """
        header, body = self._prepare(code, filename, None)
        header["show"] = 2 if colors else 1
        async with self._in_turn(AbortSignal()):
            self._session.rejections.clear()
            text = await self._session.endpoint.request(header, body=body)
        if self._session.rejections:
            raise self._session.rejections[0]
        return str(text)

    @asynccontextmanager
    async def exclusive(self, signal: AbortSignal | None = None) -> AsyncIterator[Callable[[str, str, float | None], Awaitable[Any]]]:
        """Several evals of ``(code, filename, timeout_s)`` with no other between them. Raises as :meth:`eval` does."""
        self._check_alive()
        signal = AbortSignal() if signal is None else _check_signal(signal)
        signal.throw_if_aborted()
        async with self._in_turn(signal):
            yield lambda code, filename, timeout_s: self._run(*self._prepare(code, filename, timeout_s), signal)

    @asynccontextmanager
    async def _in_turn(self, signal: AbortSignal) -> AsyncIterator[None]:
        """No other eval meanwhile. :meth:`eval` itself does the same by hand: each eval would pay for the generator."""
        self._waiting += 1
        try:
            await self._my_turn(signal)
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._waiting -= 1

    async def settled(self) -> None:
        """Wait until guest code has nothing left to do: no timer, no host call, no module on its way.

        Raises what it failed of meanwhile: the first error that nobody caught, or what ended the runtime.

        >>> await runtime.eval("setTimeout(() => console.log('later'), 50)")   # doctest: +SKIP
        >>> await runtime.settled()                                             # doctest: +SKIP
        """
        self._check_alive()
        session = self._session
        await self._my_turn(AbortSignal())
        try:
            session.rejections.clear()
            await self._channel.settled()
        finally:
            self._turn.release()
        if session.rejections:
            raise session.rejections[0]
        if session.end is not None:
            raise session.end

    def _prepare(self, code: str, filename: str, timeout_s: float | None) -> tuple[dict[str, Any], bytes]:
        if not isinstance(code, str):
            raise TypeError(f"code must be a str, not {type(code).__name__}")
        self._check_alive()
        header: dict[str, Any] = {"t": "w.eval", "filename": absolute_filename(filename, self._cwd), "mode": "auto"}
        if timeout_s is not None:
            check_number("timeout_s", timeout_s)
            header["timeout_s"] = timeout_s
        try:
            return header, code.encode()
        except UnicodeEncodeError as error:
            raise MarshalError(f"the code has a lone surrogate at position {error.start}", path="$") from None

    async def _my_turn(self, signal: AbortSignal) -> None:
        """Take the lock, unless ``signal`` aborts first: then nothing has run and the runtime is unharmed."""
        if not self._turn.locked():
            await self._turn.acquire()  # does not yield: nothing can happen in between
            return
        acquiring = asyncio.ensure_future(self._turn.acquire())
        remove = signal.add_listener(acquiring.cancel)
        try:
            await acquiring
            signal.throw_if_aborted()
            self._check_alive()
        except BaseException as error:
            # The lock may have been granted in the same moment.
            if acquiring.done() and not acquiring.cancelled():
                self._turn.release()
            if isinstance(error, asyncio.CancelledError) and acquiring.cancelled():
                signal.throw_if_aborted()
            raise
        finally:
            remove()

    async def _run(self, header: dict[str, Any], body: bytes, signal: AbortSignal) -> Any:
        session = self._session
        session.rejections.clear()
        remove = signal.add_listener(lambda: self._kill(signal.error()))
        try:
            value = await session.endpoint.request(header, body=body)
        except asyncio.CancelledError:
            self._kill(Aborted("the task that awaited the eval was cancelled", reason="cancelled"))
            raise
        finally:
            remove()
        if session.rejections:
            # A promise that nobody handled failed during this eval: it would otherwise pass unseen.
            raise session.rejections[0]
        return value

    def _kill(self, error: IsolateHostError) -> None:
        self._session.ended(error)
        self._start_disposal(hard=True, reason=str(error))

    def _check_alive(self) -> None:
        end = self._session.end
        if end is not None or self._disposing is not None:
            message = end.message if isinstance(end, Disposed) else "the runtime was disposed" if end is None else f"the runtime has ended: {end}"
            raise Disposed(message) from end

    def lost(self) -> None:
        """The runtime has ended (:class:`Session` says why)."""

    def _report(self, error: BaseException) -> None:
        if not self._turn.locked():
            _logger.warning("unhandled rejection in runtime %s: %s", self.id, log_text(error))

    def fork(self, *, bindings: Bindings | dict[str, Any] | None = None) -> Opening[Self]:
        """An independent runtime with the same heap at this moment: ``async with runtime.fork() as branch``.

        It has the sandbox, limits and folder of this one, and ``bindings`` of its own or the same functions. Timers, leased objects and
        everything that waits stay with this runtime; random numbers of the two differ. Awaiting raises
        ``ForkRefused`` while evaluations or host calls are in flight, or where the machine cannot fork workers, and what
        ``create_runtime`` raises.
        """
        return Opening(lambda: self._branch(bindings, None), Runtime.dispose)

    async def _branch(self, bindings: Bindings | dict[str, Any] | None, key: str | None) -> Self:
        self._check_alive()
        session, channel = self._session, self._channel
        chosen = session.bindings if bindings is None else Bindings.coerce(bindings)
        return await self._admit(
            type(self), chosen, session.sandbox, self._cwd, lambda new: channel.fork({"key": key, "bindings": new.spec()}, new)
        )

    # -- life --------------------------------------------------------------------------------------------------------

    async def dispose(self, *, hard: bool = False, reason: str | None = None) -> None:
        """End the runtime; evals that run fail with ``Disposed``. Idempotent. Returns when its process is given back.

        A runtime with a ``key`` goes back to the pool of sessions, unless ``hard``.
        """
        await asyncio.shield(self._start_disposal(hard=hard, reason=reason))

    def _start_disposal(self, *, hard: bool, reason: str | None) -> asyncio.Task[None]:
        if self._disposing is None:
            self._disposing = asyncio.get_running_loop().create_task(self._dispose(hard=hard, reason=reason))
            self._disposing.add_done_callback(_look_at)
        return self._disposing

    async def _dispose(self, *, hard: bool, reason: str | None) -> None:
        if not hard and "key" in self._channel.info:
            self._session.leavings = self._leavings
        message = "the runtime was disposed" if reason is None else f"the runtime was disposed: {reason}"
        self._session.ended(Disposed(message))
        await self._channel.dispose(hard, reason)
        await self._session.settle()

    def diagnostics(self) -> Diagnostics:
        """What is going on; await it to add what the broker knows.

        ``id``, ``state`` (``idle``, ``active``, ``disposed``), ``isolation``, ``evals`` (running and queued), ``pending_tools``,
        ``pending_modules``, ``references`` (``leased`` to the guest, ``held`` from it), ``last_error``.
        """
        session = self._session
        references = session.endpoint.references
        answering = {name: dict(answerer.diagnostics()) for name, answerer in session.answerers.items()}
        return Diagnostics(
            {
                **{name: value for name, value in self._channel.info.items() if name != "client_options"},
                **answering,
                "state": "disposed" if self.disposed else "active" if self._turn.locked() else "idle",
                "evals": self._waiting,
                "pending_tools": session.endpoint.serving_of("tools"),
                "pending_modules": session.endpoint.serving_of("modules"),
                "references": {"leased": len(references.owned), "held": len(references.held)},
                "last_error": None if session.end is None else str(session.end),
            },
            None if self.disposed else self._ask,
        )

    def _ask(self) -> Awaitable[dict[str, Any]]:
        return self._channel.diagnostics()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.dispose()


def _look_at(task: asyncio.Task[None]) -> None:
    # A kill has no caller to tell; whoever awaits dispose() still gets the error.
    if not task.cancelled() and task.exception() is not None:
        _logger.debug("disposing a runtime failed", exc_info=task.exception())


def _check_signal(signal: Any) -> AbortSignal:
    if not isinstance(signal, AbortSignal):
        raise TypeError(f"signal must be an AbortSignal, not {type(signal).__name__}")
    return signal


def absolute_filename(filename: str, cwd: str) -> str:
    """``filename`` as an absolute path; a folder means its ``index.ts``. Raises ``ValueError`` when it climbs above the root.

    >>> absolute_filename("lib/", "/app")
    '/app/lib/index.ts'
    """
    if not isinstance(filename, str):
        raise TypeError(f"filename must be a str, not {type(filename).__name__}")
    if not filename or "\0" in filename:
        raise ValueError(f"filename {filename!r} is empty or has a NUL")
    path = posixpath.join(cwd, filename)
    depth = 0
    for part in path.split("/"):
        depth += -1 if part == ".." else part not in ("", ".")
        if depth < 0:
            raise ValueError(f"filename {filename!r} leaves the root")
    if path.endswith("/"):
        path += "index.ts"
    return "/" + posixpath.normpath(path).lstrip("/")
