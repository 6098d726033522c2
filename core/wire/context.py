"""Identity and cancellation that accompany every call from a guest."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from isolate_host.wire.abort import AbortController, AbortSignal

__all__ = ["HostCallContext"]


class HostCallContext:
    """Who calls, on behalf of what, and until when.

    ``capability`` and ``op`` name the operation, ``runtime_id`` the isolate, ``resource_id`` this one call
    (``tools:greet:17``), ``request_id`` and ``metadata`` the app-server request it serves (``None`` and empty outside one),
    ``sandbox`` the policy's name, ``deadline`` the ``time.monotonic()`` second at which the work will be stopped
    (``None`` = no limit). ``signal`` aborts when the guest loses interest or the runtime ends.
    """

    __slots__ = (
        "_controller", "capability", "deadline", "metadata", "op", "request_id", "resource_id", "runtime_id", "sandbox",
    )

    def __init__(
        self,
        *,
        capability: str,
        op: str,
        runtime_id: str,
        resource_id: str,
        sandbox: str | None = None,
        request_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        deadline: float | None = None,
    ) -> None:
        self.capability = capability
        self.op = op
        self.runtime_id = runtime_id
        self.resource_id = resource_id
        self.sandbox = sandbox
        self.request_id = request_id
        self.metadata: Mapping[str, Any] = metadata or {}
        self.deadline = deadline
        self._controller: AbortController | None = None

    @property
    def signal(self) -> AbortSignal:
        """Aborts when the guest cancels the call, its runtime ends, or its request is aborted. Made on first use."""
        return self.controller.signal

    @property
    def controller(self) -> AbortController:
        """The core's end of :attr:`signal`."""
        if self._controller is None:
            self._controller = AbortController()
        return self._controller

    def abort(self, reason: Any) -> bool:
        """Abort :attr:`signal`, also for whoever looks at it only later. True when somebody had looked before."""
        used = self._controller is not None
        self.controller.abort(reason)
        return used

    def remaining(self) -> float | None:
        """Seconds until :attr:`deadline`, never negative; ``None`` = no limit."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())
