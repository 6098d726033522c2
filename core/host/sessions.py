"""The sessions of a broker by name: who owns which, and those that wait for their next owner.

A name belongs to the identity that used it first (``scope``): one client cannot see, take or end the sessions of another, unless
their sandbox shares them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from isolate_host.config.sessions import SessionsConfig
from isolate_host.errors import Disposed, IsolateHostError, NamespaceInUse
from isolate_host.host.parking import Parking
from isolate_host.host.runtime import BrokerRuntime
from isolate_host.host.session import HostSession

__all__ = ["REST_S", "Claim", "SessionName", "SessionRegistry"]

_LOG = logging.getLogger("isolate_host.sessions")
#: A guest in which nothing runs resets itself in about a millisecond; this is for a machine under load (seconds).
REST_S = 5.0

SessionName = tuple[str, str]


@dataclass(slots=True)
class Claim:
    """A name in use. Exactly one creator, owner or clean-up holds it; the registry knows which."""

    name: SessionName
    #: Set while the name has an isolate.
    session: HostSession | None = None
    #: Set while a live owner has it.
    runtime: BrokerRuntime | None = None
    #: Done when a creation, or a change back into the pool, has ended.
    settling: asyncio.Future[None] | None = None
    #: True when it waits for an owner.
    pooled: bool = False
    timer: asyncio.TimerHandle | None = None


class SessionRegistry:
    """All named isolates of one broker. ``is_current`` says whether one was made as it would be made today."""

    def __init__(self, settings: Callable[[], SessionsConfig], is_current: Callable[[HostSession], bool]) -> None:
        self._settings, self._is_current = settings, is_current
        self._claims: dict[SessionName, Claim] = {}
        #: Those that wait for an owner, the one that has waited longest first.
        self._pooled: OrderedDict[SessionName, Claim] = OrderedDict()

    @property
    def pooled(self) -> int:
        """Sessions that wait for an owner."""
        return len(self._pooled)

    # ------------------------------------------------------------------ owners come
    async def claim(self, name: SessionName) -> Claim:
        """Take the name for a creation that follows; end with :meth:`settle`. Raises ``NamespaceInUse`` when it has an owner."""
        while True:
            claim = self._claims.get(name)
            if claim is None:
                claim = self._claims[name] = Claim(name)
                break
            if claim.pooled:
                self._unpool(claim)
                break
            if claim.settling is None or claim.session is None or claim.runtime is None:
                raise NamespaceInUse(
                    f"session {name[1]!r} has a live owner", key=name[1], hint="dispose it there, or choose another key",
                )
            # Its owner has gone and it is on its way into the pool.
            await asyncio.shield(claim.settling)
        claim.settling = asyncio.get_running_loop().create_future()
        return claim

    def settle(self, claim: Claim, session: HostSession | None, runtime: BrokerRuntime | None) -> None:
        """The creation has ended: with an owner, back in the pool (a session and no owner), or with nothing."""
        claim.session, claim.runtime = session, runtime
        if session is not None and session.worker.ended.done():
            claim.session = session = None
        if session is None:
            self._claims.pop(claim.name, None)
        elif runtime is None:
            self._pool(claim)
        _finish(claim)

    def ended(self, runtime: BrokerRuntime) -> None:
        """The runtime's worker is gone: its name is free."""
        for claim in list(self._claims.values()):
            if claim.runtime is runtime and claim.settling is None:
                del self._claims[claim.name]

    # ------------------------------------------------------------------ owners go
    async def park(self, runtime: BrokerRuntime, error: Disposed) -> None:
        """The owner gives its session up: clear what belonged to it, and keep the isolate for the next one."""
        claim = next((claim for claim in self._claims.values() if claim.runtime is runtime), None)
        if claim is None or claim.session is None or claim.settling is not None or not self._is_current(claim.session):
            runtime.end(error)
            await asyncio.shield(runtime.ended)
            return
        claim.settling = asyncio.get_running_loop().create_future()
        await asyncio.shield(asyncio.get_running_loop().create_task(self._park(claim, claim.session, runtime, error)))

    async def _park(self, claim: Claim, session: HostSession, runtime: BrokerRuntime, error: Disposed) -> None:
        seconds = (runtime.spec.limits.grace_s or 0.5) if len(runtime.evals) else REST_S
        try:
            runtime.release(error)
            parking = Parking(session.worker, lambda cause: self._died(claim, cause))
            kept = await parking.rest(seconds)
            await runtime.closed()
            if kept is None or not self._is_current(session):
                session.worker.kill(error)
                await asyncio.shield(session.worker.ended)
            else:
                session.ledger.retain(kept)
        finally:
            # A worker that is dead by now leaves no session: ``settle`` looks.
            self.settle(claim, session, None)

    # ------------------------------------------------------------------ the pool
    def _pool(self, claim: Claim) -> None:
        settings = self._settings()
        claim.pooled = True
        self._pooled[claim.name] = claim
        if settings.idle_s is not None:
            claim.timer = asyncio.get_running_loop().call_later(settings.idle_s, self._evict, claim, "nobody used it for too long")
        while len(self._pooled) > settings.max_pooled:
            self.evict_oldest()

    def _unpool(self, claim: Claim) -> None:
        claim.pooled = False
        self._pooled.pop(claim.name, None)
        if claim.timer is not None:
            claim.timer.cancel()
            claim.timer = None

    def evict_oldest(self) -> bool:
        """End the session that has waited longest; false when none waits."""
        if not self._pooled:
            return False
        self._evict(next(iter(self._pooled.values())), "room was needed")
        return True

    def evict_outdated(self) -> None:
        """After a reload: end those that wait and were made with other plugins or another isolation."""
        for claim in list(self._pooled.values()):
            if claim.session is not None and not self._is_current(claim.session):
                self._evict(claim, "the configuration changed")

    def _evict(self, claim: Claim, why: str) -> None:
        if claim.pooled and claim.session is not None:
            self._unpool(claim)
            self._claims.pop(claim.name, None)
            claim.session.worker.kill(Disposed(f"session {claim.name[1]!r} was ended: {why}"))

    def _died(self, claim: Claim, cause: IsolateHostError) -> None:
        """A worker ended while nobody owned it."""
        if claim.pooled:
            _LOG.warning("session %r ended without an owner: %s", claim.name[1], cause)
            self._unpool(claim)
            self._claims.pop(claim.name, None)

    # ------------------------------------------------------------------ ends
    async def dispose(self, name: SessionName, reason: str | None) -> bool:
        """End a session, whoever has it; false when there is none. A creation under way is waited for."""
        claim = self._claims.get(name)
        if claim is None:
            return False
        error = Disposed(f"session {name[1]!r} was invalidated by dispose_namespace{'' if reason is None else f': {reason}'}")
        while claim.settling is not None:
            await asyncio.shield(claim.settling)
        if claim.pooled and claim.session is not None:
            worker = claim.session.worker
            self._evict(claim, "dispose_namespace")
            await asyncio.shield(worker.ended)
        elif claim.runtime is not None:
            claim.runtime.end(error)
            await asyncio.shield(claim.runtime.ended)
        return True

    def end_scope(self, scope: str) -> None:
        """Whoever the sessions of ``scope`` belong to has gone for good: kill those that wait, and those on their way into the pool."""
        for claim in [claim for name, claim in self._claims.items() if name[0] == scope]:
            if claim.pooled:
                self._evict(claim, "its owner has ended")
            elif claim.session is not None:
                claim.session.worker.kill(Disposed("its owner has ended"))

    async def close(self) -> None:
        """End all that wait, and what is on its way into the pool."""
        waiting = [claim.session.worker for claim in self._pooled.values() if claim.session is not None]
        while self.evict_oldest():
            pass
        for claim in list(self._claims.values()):
            if claim.session is not None:
                claim.session.worker.kill(Disposed("the host was closed"))
                waiting.append(claim.session.worker)
        if waiting:
            await asyncio.wait([asyncio.shield(worker.ended) for worker in waiting])


def _finish(claim: Claim) -> None:
    settling, claim.settling = claim.settling, None
    if settling is not None and not settling.done():
        settling.set_result(None)
