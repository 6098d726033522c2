"""Host side of ``fetch`` in one runtime: decides, and sends; or decides, and lets the caller's own function answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from isolate_host.plugin import Capability, CapabilityRequest, GuestCall
from isolate_host.plugin.context import HostCallContext
from isolate_host.plugins.fetch.body import ResponseBody
from isolate_host.plugins.fetch.limits import FetchLimits, Throttle
from isolate_host.plugins.fetch.messages import FetchRequest, read_request
from isolate_host.plugins.fetch.policy import EgressPolicy
from isolate_host.plugins.fetch.sockets import read_protocols, read_socket_target
from isolate_host.plugins.fetch.targets import Targets
from isolate_host.plugins.fetch.transport import FetchResponse, Transport
from isolate_host.wire.streams import ByteSource

__all__ = ["BoundFetch", "Fetch"]


def _policy(request: CapabilityRequest) -> EgressPolicy:
    return EgressPolicy(request.policy, key=request.key, capability=request.name, origin=request.origin)


class Fetch(Capability):
    """The built-in transport."""

    def __init__(self, request: CapabilityRequest) -> None:
        self.guest_options = {"bound": False}
        self._targets = Targets()
        self._transport = Transport(
            _policy(request), request.policy, request.deny, key=request.key, base_dir=request.base_dir, names=request.extra.get("names"),
        )

    async def call(self, op: str, args: Sequence[Any], ctx: HostCallContext) -> Any:
        """``fetch(request)``: the task is cancelled when the guest aborts, and the connection with it. The others are for WebSockets."""
        if op == "fetch":
            return _reply(await self._transport.fetch(read_request(args[0] if args else None, self._targets.parse)))
        sockets = self._transport.sockets
        match op, list(args):
            case "connect", [url, protocols]:
                return await sockets.open(read_socket_target(url), read_protocols(protocols))
            case "receive", [number]:
                return await sockets.receive(number)
            case "send", [number, messages]:
                return await sockets.send(number, messages)
            case "close", [number, code, reason]:
                return await sockets.close(number, code, reason)
        raise LookupError(f"unknown operation {op!r}")

    async def aclose(self) -> None:
        await self._transport.aclose()


class BoundFetch(Capability):
    """The caller's function answers; a policy, when there is one, decides before the call is passed on.

    Connections are the caller's: a policy sees the URL, and an address only when the URL spells it out.
    """

    def __init__(self, request: CapabilityRequest) -> None:
        self.guest_options = {"bound": True}
        self._request = request
        self._policy = _policy(request) if request.configured else None
        self._throttle = Throttle(FetchLimits.read(request.policy), request.key)

    def passes(self, call: GuestCall) -> bool:
        """Judge the request by a look at its arguments; what they refer to stays the client's to take."""
        if call.op != "fetch":
            raise LookupError("WebSockets need the host's own transport, and here the caller answers fetch")
        args = call.peek()
        request = read_request(args[0] if args else None)
        if request.target.href != args[0]["url"]:
            # The client will read the text again. Another parser may find another host in it, so there is one spelling only.
            raise TypeError("the URL must be in its canonical form")
        self._permit(request)
        self._throttle.count()
        return True

    def _permit(self, request: FetchRequest) -> None:
        if self._policy is None:
            return
        for method in request.methods:
            denial = self._policy.decide(method, request.target).denial
            if denial is not None:
                self._request.deny(denial)


def _reply(response: FetchResponse) -> dict[str, Any]:
    return {
        "status": response.status,
        "statusText": response.status_text,
        "url": response.url,
        "redirected": response.redirected,
        "headers": [list(pair) for pair in response.headers],
        "body": _body(response.body),
    }


def _body(body: ResponseBody | None) -> bytes | ByteSource | None:
    if body is None:
        return None
    whole = body.arrived()
    return ByteSource(body) if whole is None else whole
