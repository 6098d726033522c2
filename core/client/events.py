"""Named events between host and guest, both ways: ``__on``/``__emit`` in the guest."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import Any

__all__ = ["Events"]

_logger = logging.getLogger(__name__)


class Events:
    """The events of one runtime. Payloads are plain data; delivery is in order and keeps no history."""

    __slots__ = ("_listeners", "_send", "_spawn")

    def __init__(self, send: Callable[[str, Any], Awaitable[None]], spawn: Callable[[Any], object]) -> None:
        self._send = send
        self._spawn = spawn
        self._listeners: dict[str, dict[object, Callable[[Any], object]]] = {}

    def on(self, name: str, callback: Callable[[Any], object]) -> Callable[[], None]:
        """Call ``callback(payload)`` (sync or async) for each event ``name`` from the guest. Returns a function that ends it."""
        if not isinstance(name, str):
            raise TypeError(f"an event's name must be a str, not {type(name).__name__}")
        if not callable(callback):
            raise TypeError(f"an event listener must be callable, not {type(callback).__name__}")
        token = object()
        listeners = self._listeners.setdefault(name, {})
        listeners[token] = callback

        def off() -> None:
            listeners.pop(token, None)

        return off

    async def emit(self, name: str, payload: Any = None) -> None:
        """Send an event to the guest's listeners; waits only while the way there is full.

        Raises ``MarshalError`` for what is not plain data and ``Disposed`` after the runtime's end.
        """
        if not isinstance(name, str):
            raise TypeError(f"an event's name must be a str, not {type(name).__name__}")
        await self._send(name, payload)

    def deliver(self, name: Any, payload: Any) -> None:
        """An event came from the guest. A listener that raises is logged and stops no other."""
        for callback in list(self._listeners.get(name, {}).values()) if isinstance(name, str) else ():
            try:
                result = callback(payload)
            except Exception:
                _logger.exception("a listener for the event %r raised", name)
            else:
                if inspect.isawaitable(result):
                    self._spawn(self._watch(name, result))

    async def _watch(self, name: str, result: Awaitable[object]) -> None:
        try:
            await result
        except Exception:
            _logger.exception("a listener for the event %r raised", name)
