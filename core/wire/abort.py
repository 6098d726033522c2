"""Cancellation in the shape of the web: a controller aborts, its signal tells."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from isolate_host.errors import Aborted

__all__ = ["AbortController", "AbortSignal"]


class AbortSignal:
    """Tells whether work should stop, once and for good. Made by :class:`AbortController`; belongs to one event loop.

    >>> controller = AbortController()
    >>> controller.abort("no longer needed")
    >>> controller.signal.aborted, controller.signal.reason
    (True, 'no longer needed')
    """

    __slots__ = ("__weakref__", "_aborted", "_listeners", "_reason")

    def __init__(self) -> None:
        self._aborted = False
        self._reason: Any = None
        # A dict keeps the order of registration and removes in constant time.
        self._listeners: dict[object, Callable[[], object]] = {}

    @property
    def aborted(self) -> bool:
        """True from the moment of the abort."""
        return self._aborted

    @property
    def reason(self) -> Any:
        """What the controller gave as the reason; ``None`` before the abort or when it gave nothing."""
        return self._reason

    def throw_if_aborted(self) -> None:
        """Raise :class:`~isolate_host.errors.Aborted` after an abort; do nothing before."""
        if self._aborted:
            raise self.error()

    def error(self) -> Aborted:
        """The exception that stands for this abort."""
        if self._reason is None:
            return Aborted()
        if isinstance(self._reason, Aborted):
            return self._reason
        return Aborted(f"the operation was aborted: {self._reason}", reason=str(self._reason))

    async def wait(self) -> Any:
        """Wait for the abort and return its reason."""
        if not self._aborted:
            future = asyncio.get_running_loop().create_future()
            remove = self.add_listener(lambda: None if future.done() else future.set_result(None))
            try:
                await future
            finally:
                remove()
        return self._reason

    def add_listener(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call ``callback()`` once, at the abort; at once when it has happened. Returns a function that takes it off."""
        if self._aborted:
            callback()
            return lambda: None
        token = object()
        self._listeners[token] = callback

        def remove() -> None:
            self._listeners.pop(token, None)

        return remove

    @staticmethod
    def timeout(seconds: float) -> AbortSignal:
        """A signal that aborts by itself after ``seconds``. Needs a running event loop."""
        controller = AbortController()
        asyncio.get_running_loop().call_later(seconds, controller.abort, f"timed out after {seconds:g} s")
        return controller.signal

    def _fire(self, reason: Any) -> None:
        self._aborted = True
        self._reason = reason
        listeners = list(self._listeners.values())
        self._listeners.clear()
        for callback in listeners:
            # One listener that raises must not keep the others from hearing.
            try:
                callback()
            except Exception:
                logging.getLogger(__name__).exception("an abort listener raised")


class AbortController:
    """Holds the one switch of its :attr:`signal`."""

    __slots__ = ("signal",)

    def __init__(self) -> None:
        self.signal = AbortSignal()

    def abort(self, reason: Any = None) -> None:
        """Abort with ``reason`` (usually text). A second call changes nothing."""
        if not self.signal.aborted:
            self.signal._fire(reason)  # noqa: SLF001 (its one friend)
