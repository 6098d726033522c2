"""Where the browser asks the guest: routes, exposed functions, handlers of locators."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from isolate_host.plugins.browser.objects import Objects, plain
from isolate_host.plugins.browser.port import GuestLine

__all__ = ["Callbacks"]

#: A constant of ours: patterns of guests are matched in the guest, whatever they cost.
_EVERYTHING = "**/*"


class Callbacks:
    """Functions of one guest that pages can cause to run. They run in the guest, which gets values and numbers of objects."""

    def __init__(self, objects: Objects, line: GuestLine) -> None:
        self._objects, self._line = objects, line
        self._routed: dict[Any, Callable[[Any], Any]] = {}
        self._waiting: set[Any] = set()

    async def expose(self, target: Any, name: str, number: int, *, with_source: bool) -> None:
        """``exposeFunction``, or ``exposeBinding``, whose function gets the context, page and frame that call it."""

        async def called(source: dict[str, Any], *args: Any) -> Any:
            where = [["o", self._objects.describe(source[key])] for key in ("context", "page", "frame")] if with_source else []
            return await self._line.call(number, [*where, *(["v", plain(arg)] for arg in args)])

        await target.expose_binding(name, called)

    # ------------------------------------------------------------------ routes
    async def route(self, target: Any) -> None:
        """Ask the guest about every request of a page or context from now on."""
        if target in self._routed:
            return

        async def handler(route: Any) -> None:
            number = self._objects.number_of(target)
            if number is None or not self._line.event(number, "route", ["o", self._objects.describe(route)]):
                await route.fallback()
                return
            self._waiting.add(route)

        self._routed[target] = handler
        try:
            await target.route(_EVERYTHING, handler)
        except BaseException:
            self._routed.pop(target, None)
            raise

    async def unroute(self, target: Any) -> None:
        """The guest has no routes there any more."""
        handler = self._routed.pop(target, None)
        if handler is not None:
            await target.unroute(_EVERYTHING, handler)

    def answered(self, route: Any) -> None:
        """The guest decided about a request."""
        self._waiting.discard(route)

    async def let_go(self) -> None:
        """The guest has gone: its routes with it, and what they held up goes on."""
        waiting, self._waiting = self._waiting, set()
        for target in list(self._routed):
            with contextlib.suppress(Exception):  # a page that is closed already
                await self.unroute(target)
        for route in waiting:
            with contextlib.suppress(Exception):
                await route.fallback()

    async def route_sockets(self, target: Any, number: int) -> None:
        """Ask the guest's function about every WebSocket from now on. One that it does not want is connected as if nobody had asked."""

        async def handler(socket: Any) -> None:
            wanted = False
            with contextlib.suppress(Exception):  # a guest that fails, or has gone, wants nothing
                wanted = await self._line.call(number, [["o", self._objects.describe(socket)]])
            if wanted is not True:
                socket.connect_to_server()

        await target.route_web_socket(_EVERYTHING, handler)

    def listen(self, socket: Any, number: int, event: str) -> None:
        """Send what arrives at a routed WebSocket to the guest, which took over that direction."""
        if event == "message":
            socket.on_message(lambda message: self._line.event(number, "message", ["v", message]))
        else:
            socket.on_close(lambda code=None, reason=None: self._line.event(number, "close", ["v", [code, reason]]))

    # ------------------------------------------------------------------ locators
    async def handle_locator(self, page: Any, locator: Any, number: int, options: dict[str, Any]) -> None:
        """Call the guest when something that is in the way appears."""

        async def appeared(_locator: Any = None) -> None:
            await self._line.call(number, [])

        await page.add_locator_handler(locator, appeared, **options)
