"""A session: a runtime with a name, whose isolate waits for its next owner when this one gives it up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, ClassVar, Self

from isolate_host.client.bindings import Bindings
from isolate_host.client.link import Channel
from isolate_host.client.opening import Opening
from isolate_host.client.runtime import Runtime
from isolate_host.client.session import Session
from isolate_host.client.test_results import TestOptions, TestRunResult
from isolate_host.client.test_runtime import TestedRuntime, TestEvents
from isolate_host.errors import IsolateHostError, NamespaceInUse, NotConnected
from isolate_host.wire.abort import AbortSignal

__all__ = ["NamespacedRuntime"]

_logger = logging.getLogger(__name__)
#: Seconds between attempts to take a session up again whose former owner (we) the daemon still believes alive.
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


class NamespacedRuntime(TestedRuntime):
    """Made by ``host.get_namespaced_runtime(key)``. One handle owns the session; :meth:`dispose` gives it back.

    When the connection to a daemon is lost it is taken up again, if the session is still there: what runs fails with ``NotConnected``, and the
    handle goes on. Globals, static modules and event listeners of guest code stay for the next owner. Timers, other modules, console counters, host
    functions and everything that waits for the owner do not.
    """

    #: A sandbox need not grant tests to grant sessions.
    also_bound: ClassVar[Mapping[str, Any]] = {"tests": {"if_granted": True}}
    #: How it is opened again after the connection was lost, and who wants to know of it; set by the host.
    comeback: tuple[Callable[[Session], Awaitable[Channel]], Callable[[NamespacedRuntime], object]] | None = None
    _coming_back: asyncio.Task[None] | None = None

    @property
    def key(self) -> str:
        """The session's name."""
        return str(self._channel.info.get("key", ""))

    @property
    def reused(self) -> bool:
        """True when the isolate had an owner before."""
        return self._channel.info.get("reused") is True

    def lost(self) -> None:
        """The connection to the daemon was lost: the session waits there, so take it up again, once."""
        if self.comeback is not None and self._disposing is None and self._coming_back is None and isinstance(self._session.end, NotConnected):
            cause = self._session.end
            self._session.revive()
            self._coming_back = asyncio.get_running_loop().create_task(self._come_back(*self.comeback, cause))

    async def _come_back(
        self, reopen: Callable[[Session], Awaitable[Channel]], known: Callable[[NamespacedRuntime], object], cause: NotConnected
    ) -> None:
        try:
            channel = await self._reopen(reopen)
        except IsolateHostError as error:
            self._session.ended(error if isinstance(error, NotConnected) else NotConnected(f"{cause.message}: {error}"))
            return
        if channel.info.get("reused") is not True:
            # The daemon is another one, or the session was ended meanwhile. An isolate without its state is not what the caller has.
            self._session.ended(NotConnected(f"{cause.message}, and the session with it"))
            await channel.dispose(True, "the session was lost")
            return
        self._session.attach(channel)
        self._channel = channel
        self._coming_back = None
        known(self)
        _logger.info("took session %r up again after the connection was lost", self.key)

    async def _reopen(self, reopen: Callable[[Session], Awaitable[Channel]]) -> Channel:
        for pause in _PAUSES:
            with suppress(NamespaceInUse):
                return await reopen(self._session)
            await asyncio.sleep(pause)
        return await reopen(self._session)

    async def _back(self) -> None:
        if self._coming_back is not None:
            await asyncio.shield(self._coming_back)

    async def eval(
        self, code: str, filename: str = "/index.ts", timeout_s: float | None = None, signal: AbortSignal | None = None
    ) -> Any:
        """As :meth:`Runtime.eval`."""
        await self._back()
        return await super().eval(code, filename, timeout_s, signal)

    async def inspect(self, code: str, filename: str = "/index.ts", *, colors: bool = False) -> str:
        """As :meth:`Runtime.inspect`."""
        await self._back()
        return await super().inspect(code, filename, colors=colors)

    async def settled(self) -> None:
        """As :meth:`Runtime.settled`."""
        await self._back()
        await super().settled()

    async def dispose(self, *, hard: bool = False, reason: str | None = None) -> None:
        """As :meth:`Runtime.dispose`."""
        await self._back()
        await super().dispose(hard=hard, reason=reason)

    async def _branch(self, bindings: Bindings | dict[str, Any] | None, key: str | None) -> Self:
        await self._back()
        return await super()._branch(bindings, key)

    @property
    def test(self) -> TestEvents:
        """``rt.test.on_event(callback)``: what happens while tests run."""
        return self.runner.events

    async def run_tests(
        self,
        code: str,
        filename: str = "/index.test.ts",
        timeout_s: float | None = None,
        signal: AbortSignal | None = None,
        *,
        options: TestOptions | None = None,
        snapshots: Mapping[str, str] | None = None,
    ) -> TestRunResult:
        """Run the test file ``code`` as :meth:`TestRuntime.run` does, with the globals that earlier evals left.

        Raises ``PolicyDenied`` when the sandbox does not grant ``tests``.
        """
        await self._back()
        return await self.runner.run(code, filename, timeout_s, signal, options=options, snapshots=snapshots)

    def fork(self, new_key: str | None = None, *, bindings: Bindings | dict[str, Any] | None = None) -> Opening[Self]:
        """As :meth:`Runtime.fork`: a session ``new_key`` with the same heap at this moment; this one goes on as it is.

        Awaiting raises ``NamespaceInUse`` when there is a session of that name, owned or not.
        """
        if not isinstance(new_key, str):
            raise TypeError(f"new_key must be a str, not {type(new_key).__name__}")
        if not new_key:
            raise ValueError("new_key must not be empty")
        return Opening(lambda: self._branch(bindings, new_key), Runtime.dispose)
