"""Host side of the console: counts, and passes on without looking."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from isolate_host.errors import LimitExceeded
from isolate_host.plugin import Capability, CapabilityRequest, GuestCall

__all__ = ["Console"]


class Console(Capability):
    """The console of one runtime."""

    def __init__(self, request: CapabilityRequest) -> None:
        self._guest = request.guest
        self._limit = _smaller(request.policy.get("output_bytes"), request.limits.get("output_bytes"))
        self._key = f"{request.key}.output_bytes" if "output_bytes" in request.policy else "limits.output_bytes"
        self._used = 0
        self._over = False

    def note(self, call: GuestCall) -> None:
        """Pass one entry (``op`` ``entry``) to the client, as long as there is output left."""
        if call.op != "entry" or self._over:
            return
        if self._counted(call.size):
            call.forward_note()

    def write(self, entry: Mapping[str, Any]) -> None:
        """Print something that the host has to say for this guest, such as what its pages print. It counts as the guest's own output."""
        if not self._over and self._counted(len(json.dumps(entry))):
            self._guest.tell_client("entry", dict(entry))

    def _counted(self, size: int) -> bool:
        self._used += size
        self._over = self._limit is not None and self._used > self._limit
        if self._over:
            self._kill()
        return not self._over

    def _kill(self) -> None:
        # A guest that ignores its limit would otherwise go on filling the channel: it is ended, not merely silenced.
        message = f"the guest wrote more than {self._limit} bytes to the console"
        self._guest.kill(LimitExceeded(message, kind="output", hint=f"raise {self._key}"))


def _smaller(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
