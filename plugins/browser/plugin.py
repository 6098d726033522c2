"""Host side of ``browser`` in one runtime: a browser of ours, or the way to the caller's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from isolate_host.errors import IsolateHostError, PluginError
from isolate_host.plugin import Capability, CapabilityRequest, ClientOps, GuestCall
from isolate_host.plugin.context import HostCallContext
from isolate_host.plugins.browser.lend import Lanes, LentBrowser
from isolate_host.plugins.browser.telling import console_entry
from isolate_host.plugins.console.plugin import Console

if TYPE_CHECKING:
    from isolate_host.plugins.browser.session import PlaywrightSession

__all__ = ["BoundBrowser", "Browser", "open_browser"]

_INSTALL = "install Playwright beside isolate-host: pip install 'isolate-host[browser]'"


def need_playwright() -> None:
    """Raises ``PluginError`` where Playwright is not installed."""
    try:
        import playwright.async_api  # noqa: F401
    except ImportError:
        raise PluginError("the browser needs Playwright, which is not installed", plugin="browser", hint=_INSTALL) from None


def open_browser(request: CapabilityRequest) -> Capability | None:
    """The browser that a policy launches; ``None`` when the policy has none: then the caller has to bind one."""
    from isolate_host.plugins.browser.launch import launches

    return Browser(request) if request.configured and launches(request.policy) else None


class Browser(Capability):
    """Playwright objects live here, in the broker. They belong to the isolate: the next owner of a session finds them."""

    def __init__(self, request: CapabilityRequest, lender: Browser | None = None) -> None:
        need_playwright()
        self._request, self._lender = request, lender
        self._session: PlaywrightSession | None = None
        self._opening: asyncio.Task[PlaywrightSession] | None = None
        self._deafen: Callable[[], None] = _nobody
        left = cast("PlaywrightSession | None", request.estate.get("browser"))
        if left is not None and left.keeper.continue_for(request):
            self._attach(left)

    async def call(self, op: str, args: Sequence[Any], ctx: HostCallContext) -> Any:
        """One operation. The browser is launched at the first."""
        return await (await self.session()).operate(op, list(args), ctx)

    async def session(self) -> PlaywrightSession:
        """What this runtime has open. Nothing is launched for it."""
        return self._session or await self._open()

    def lend(self, request: CapabilityRequest) -> Capability:
        """A child has contexts of its own, of the same browser, under the same policy and within the limits of this runtime."""
        return Browser(request, self)

    async def _open(self) -> PlaywrightSession:
        if self._opening is None or (self._opening.done() and (self._opening.cancelled() or self._opening.exception() is not None)):
            self._opening = asyncio.get_running_loop().create_task(self._begin())
        return await asyncio.shield(self._opening)

    async def _begin(self) -> PlaywrightSession:
        from isolate_host.plugins.browser.keeper import Keeper
        from isolate_host.plugins.browser.launch import open_factories
        from isolate_host.plugins.browser.session import PlaywrightSession

        left = self._request.estate.get("browser")
        if left is not None:
            # Another policy: what was opened under the former one is not for this owner.
            await left.aclose()
        factories = await open_factories(self._request)
        lender = None if self._lender is None else (await self._lender.session()).keeper
        session = PlaywrightSession(factories, Keeper.from_request(self._request, lender))
        self._request.estate.keep("browser", session)
        self._attach(session)
        return session

    def _attach(self, session: PlaywrightSession) -> None:
        self._session = session
        session.attach(self._request.guest)
        if self._request.policy.get("capture_console"):
            self._deafen = session.keeper.on_event(self._happened)

    def _happened(self, event: Mapping[str, Any]) -> None:
        """What a page prints goes to the console of its runtime, if it has one."""
        console = self._request.peers.get("console")
        if event["type"] == "browserConsoleLog" and isinstance(console, Console):
            console.write(console_entry(event))

    def note(self, call: GuestCall) -> None:
        """Subscriptions, and what the guest gives back."""
        if self._session is not None:
            try:
                self._session.note(call.op, call.arguments())
            except IsolateHostError:
                return

    def diagnostics(self) -> Mapping[str, Any]:
        return {} if self._session is None else self._session.diagnostics()

    async def aclose(self) -> None:
        """The owner has gone. What he opened is the isolate's, and closed with it."""
        if self._opening is not None and not self._opening.done():
            self._opening.cancel()
        self._deafen()
        if self._session is not None:
            self._session.detach()


def _nobody() -> None:
    """Nobody listens."""


class BoundBrowser(Capability):
    """The caller answers. A policy, when there is one, goes along: it is kept where the browser is."""

    client = ClientOps(calls=frozenset({"callback", "laneCall"}), notes=frozenset({"event", "state", "laneNote"}), key="policies.browser")

    def __init__(self, request: CapabilityRequest) -> None:
        self._lanes = Lanes(request.guest)
        if request.configured:
            from isolate_host.plugins.browser.keeper import client_options

            self.client_options = client_options(request) or {}

    def passes(self, call: GuestCall) -> bool:
        """All of it is the caller's to answer, but for what the browser asks a child."""
        if call.op in ("lane", "child"):
            self._lanes.find(call)
        return call.op != "child"

    async def handle(self, call: GuestCall) -> Any:
        """What the browser asks a child."""
        return await self._lanes.ask(self._lanes.find(call), call.arguments())

    def note(self, call: GuestCall) -> None:
        if call.op == "child":
            with contextlib.suppress(IsolateHostError, LookupError):
                self._lanes.tell(self._lanes.find(call), call.arguments())
        else:
            call.forward_note()

    def lend(self, request: CapabilityRequest) -> Capability:
        """The caller answers the child as well: beside this runtime, and within its limits."""
        return LentBrowser(request, self._lanes)
