"""Plugins whose other half runs in the client: what answers calls that the broker passes on to here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Protocol, cast

from isolate_host.client.console import ConsoleEntry
from isolate_host.errors import PluginError, PolicyDenied
from isolate_host.files.service import FileService
from isolate_host.wire.context import HostCallContext

__all__ = ["Answerer", "AnswererRequest", "GuestPort", "Leavings", "open_answerer"]

GROUP = "isolate_host.bindings"


class GuestPort(Protocol):
    """The way to the guest script of the capability. The capability has to allow the client to use it (``ClientOps``)."""

    async def call(self, op: str, *args: Any) -> Any:
        """Call what it registered with ``sdk.handle``."""

    def note(self, op: str, *args: Any) -> None:
        """The same, without an answer."""


@dataclass(frozen=True, slots=True)
class AnswererRequest:
    """What an answerer is made from."""

    name: str
    #: What the caller bound under the name.
    binding: Any
    #: What the capability tells its client (``Capability.client_options``).
    options: Mapping[str, Any]
    runtime_id: str
    #: Opens the files that the caller bound; ``None`` when it bound none.
    files: Callable[[], FileService] | None
    #: Tells the broker of a denial, for its audit record.
    denied: Callable[[PolicyDenied], None]
    #: Prints an entry on the console that the caller bound; ``None`` when it bound none.
    console: Callable[[ConsoleEntry], None] | None = None


class Answerer(Protocol):
    """Answers the calls of one capability of one runtime, in the process of the client. Made by the first request, then attached."""

    def attach(self, port: GuestPort, request: AnswererRequest) -> None:
        """A runtime uses it from now on: the first one, or the next owner of a session, with what that one bound and may do."""

    async def call(self, op: str, args: list[Any], ctx: HostCallContext) -> Any:
        """Answer one call."""

    def note(self, op: str, args: list[Any]) -> None:
        """Take a message that wants no reply. Must not raise."""

    def detach(self) -> None:
        """The owner of the session has gone; another may come."""

    def diagnostics(self) -> Mapping[str, Any]:
        """What ``runtime.diagnostics()`` shows under the capability's name."""

    async def aclose(self) -> None:
        """Nobody will come: give back everything."""


def open_answerer(request: AnswererRequest) -> Answerer:
    """What the entry point ``request.name`` of the group ``isolate_host.bindings`` makes. Raises ``PluginError``."""
    found = list(entry_points(group=GROUP, name=request.name))
    if not found:
        hint = f"its package needs an entry point in {GROUP}"
        raise PluginError(f"no installed plugin answers bindings of {request.name!r}", plugin=request.name, hint=hint)
    make = cast("Callable[[AnswererRequest], Answerer]", found[0].load())
    return make(request)


class Leavings:
    """What former owners of sessions left for the next ones, in this client."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[str, dict[str, Answerer]]] = {}

    def keep(self, key: str, runtime_id: str, answerers: dict[str, Answerer]) -> None:
        """The owner of session ``key`` has gone."""
        if answerers:
            self._left[key] = (runtime_id, answerers)

    async def take(self, key: str, runtime_id: str) -> dict[str, Answerer]:
        """For the next owner, when his isolate is still the same one; else they are closed."""
        left_by, answerers = self._left.pop(key, ("", {}))
        if left_by == runtime_id:
            return answerers
        await _close(answerers)
        return {}

    async def end(self, key: str) -> None:
        """The session was ended."""
        await _close(self._left.pop(key, ("", {}))[1])

    async def aclose(self) -> None:
        """Nobody takes up anything any more."""
        left, self._left = self._left, {}
        for _runtime_id, answerers in left.values():
            await _close(answerers)


async def _close(answerers: Mapping[str, Answerer]) -> None:
    await asyncio.gather(*(answerer.aclose() for answerer in answerers.values()), return_exceptions=True)
