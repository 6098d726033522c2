"""From a name to the addresses that may be connected to: looked up, judged and used in one step, so that nothing changes in between."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Protocol

from aiohttp.abc import AbstractResolver, ResolveResult

from isolate_host.errors import PolicyDenied
from isolate_host.plugins.fetch.policy import Decision, EgressPolicy

__all__ = ["JudgingResolver", "NameService", "SystemNames", "current_decision"]

#: The request that a connection is being made for.
current_decision: ContextVar[Decision] = ContextVar("current_decision")


class NameService(Protocol):
    """Turns names into addresses. A test injects its own as ``CapabilityRequest.extra["names"]``."""

    async def lookup(self, host: str) -> Sequence[str]:
        """The addresses of ``host``. Raises ``OSError``."""


class SystemNames:
    """The resolver of the operating system."""

    async def lookup(self, host: str) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        return [str(item[4][0]) for item in found]


class JudgingResolver(AbstractResolver):
    """What aiohttp asks when it makes a connection; it gets only addresses that the policy lets pass."""

    def __init__(self, policy: EgressPolicy | None, names: NameService, deny: Callable[[PolicyDenied], None]) -> None:
        self._policy, self._names, self._deny = policy, names, deny

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        texts = list(await self._names.lookup(host))
        if not texts:
            raise OSError(None, f"{host} has no address")
        return [_result(host, text, port) for text in self._passing(texts)]

    def _passing(self, texts: list[str]) -> list[str]:
        if self._policy is None:
            return texts
        decision = current_decision.get()  # without one there is nothing to judge by: an error, not a passage
        # A zone (fe80::1%eth0) is no part of the address that is judged.
        verdicts = [(text, self._policy.refuse_address(decision, ip_address(text.partition("%")[0]))) for text in texts]
        passing = [text for text, denial in verdicts if denial is None]
        if passing:
            return passing
        for _, denial in verdicts[:1]:
            if denial is not None:
                self._deny(denial)
        return texts  # mode audit: recorded, and let through

    async def close(self) -> None:
        """Nothing to give back."""


def _result(host: str, text: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return ResolveResult(hostname=host, host=text, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
