"""Host side of ``serve`` in one runtime: lets the client call the guest's handlers, and passes on what the guest says to its WebSockets."""

from __future__ import annotations

from isolate_host.plugin import Capability, CapabilityRequest, ClientOps, GuestCall

__all__ = ["Serve"]

_SOCKETS = frozenset(("ws.open", "ws.message", "ws.close", "ws.error"))
_CALLS = frozenset(("boot", "fetch", "quiet")) | _SOCKETS
_NOTES = frozenset(("ws.passed", "ws.messages")) | _SOCKETS
_FROM_GUEST = frozenset(("send", "close"))
_TIMEOUT_S = 30.0
_REQUESTS = 1000
_MESSAGE_BYTES = 16 << 20
#: What a guest says to one WebSocket within a turn goes together, up to this size.
_BATCH_BYTES = 64 << 10


class Serve(Capability):
    """Decides how many requests run at once and for how long; payloads pass through undecoded."""

    def __init__(self, request: CapabilityRequest) -> None:
        policy = request.policy
        self.client = ClientOps(
            calls=_CALLS,
            notes=_NOTES,
            timeout_s=policy.get("request_timeout_s", _TIMEOUT_S if request.configured else None),
            in_flight=policy.get("requests", _REQUESTS),
            key=request.key,
        )
        self._message_bytes: int = policy.get("message_bytes", _MESSAGE_BYTES)
        # Several messages in one note are bounded together. As JSON a text takes up to six times its length.
        self.guest_options = {"batch": min(_BATCH_BYTES, self._message_bytes // 8)}

    def note(self, call: GuestCall) -> None:
        """``send`` and ``close`` of a WebSocket; a message beyond the limit is dropped with its connection by who holds that."""
        if call.op in _FROM_GUEST and call.size <= self._message_bytes:
            call.forward_note()
