"""Operations that no table describes: functions of the guest, texts for new pages, routed sockets, and files."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error

from isolate_host.plugins.browser.arguments import Reader
from isolate_host.plugins.browser.callbacks import Callbacks
from isolate_host.plugins.browser.objects import Objects

if TYPE_CHECKING:
    from isolate_host.plugins.browser.keeper import Keeper

__all__ = ["Special"]

#: Playwright matches these patterns itself, in Python: each star may multiply the work.
_MAX_STARS = 4


class Special:
    """What the guest's hand-written methods ask for. ``operations`` are by their name on the wire."""

    def __init__(self, reader: Reader, objects: Objects, callbacks: Callbacks, keeper: Keeper) -> None:
        self._reader, self._objects, self._callbacks, self._keeper = reader, objects, callbacks, keeper
        self.operations: dict[str, Callable[..., Awaitable[Any]]] = {
            "expose": self._expose, "initScript": self._init_script, "route": self._route, "unroute": self._unroute,
            "routeSockets": self._route_sockets, "socket": self._socket, "handleLocator": self._handle_locator,
            "removeLocatorHandler": self._remove_locator_handler, "saveAs": self._save_as, "har": self._har, "storage": self._set_storage,
            "download": self._download,
        }  # fmt: skip

    # ------------------------------------------------------------------ what runs in the page, or in the guest
    async def _init_script(self, _ctx: Any, target: Any, source: Any) -> None:
        thing, _kind = self._reader.target(target)
        if isinstance(source, dict) and isinstance(source.get("path"), str):
            source = (await self._keeper.files.read(source["path"])).buffer.decode("utf-8", "replace")
        if not isinstance(source, str):
            raise TypeError("addInitScript takes a function, a text, or {path} or {content}")
        await thing.add_init_script(script=source)

    async def _expose(self, _ctx: Any, target: Any, name: Any, number: Any, with_source: Any) -> None:
        if not isinstance(name, str) or type(number) is not int:
            raise TypeError("a function is exposed under a name")
        await self._callbacks.expose(self._reader.target(target)[0], name, number, with_source=with_source is True)

    async def _route(self, _ctx: Any, target: Any) -> None:
        await self._callbacks.route(self._reader.target(target)[0])

    async def _unroute(self, _ctx: Any, target: Any) -> None:
        await self._callbacks.unroute(self._reader.target(target)[0])

    async def _route_sockets(self, _ctx: Any, target: Any, number: Any) -> None:
        await self._callbacks.route_sockets(self._reader.target(target)[0], number)

    async def _socket(self, _ctx: Any, number: Any) -> Any:
        socket, kind = self._objects.get(number)
        if kind != "WebSocketRoute":
            raise TypeError("connectToServer needs a WebSocketRoute")
        return self._objects.describe(socket.connect_to_server())

    def socket_note(self, number: Any, what: str, rest: list[Any]) -> None:
        with contextlib.suppress(LookupError, Error):
            socket, kind = self._objects.get(number)
            if kind != "WebSocketRoute":
                return
            if what == "send" and rest and isinstance(rest[0], (str, bytes)):
                socket.send(rest[0])
            elif what in ("message", "close"):
                self._callbacks.listen(socket, number, what)

    async def _handle_locator(self, _ctx: Any, page: Any, locator: Any, number: Any, options: Any) -> None:
        names = {"noWaitAfter": "no_wait_after", "times": "times"}
        given = {names[key]: value for key, value in (options or {}).items() if key in names and value is not None}
        await self._callbacks.handle_locator(self._reader.target(page)[0], self._reader.target(locator)[0], number, given)

    async def _remove_locator_handler(self, _ctx: Any, page: Any, locator: Any) -> None:
        await self._reader.target(page)[0].remove_locator_handler(self._reader.target(locator)[0])

    # ------------------------------------------------------------------ files
    async def _save_as(self, _ctx: Any, target: Any, path: Any) -> None:
        thing, kind = self._reader.target(target)
        if kind not in ("Download", "Video") or not isinstance(path, str):
            raise TypeError("saveAs takes a path")
        async with self._keeper.files.outgoing(path) as place:
            await thing.save_as(place)

    async def _download(self, _ctx: Any, target: Any) -> bytes:
        thing, kind = self._reader.target(target)
        if kind != "Download":
            raise TypeError("createReadStream is of downloads")
        return await self._keeper.files.collected(thing.save_as)

    async def _har(self, _ctx: Any, target: Any, path: Any, options: Any) -> None:
        thing, kind = self._reader.target(target)
        if kind not in ("Page", "BrowserContext") or not isinstance(path, str):
            raise TypeError("routeFromHAR takes a path")
        given = options if isinstance(options, dict) else {}
        url, missing = given.get("url"), given.get("notFound")
        if given.get("update") or not (url is None or (isinstance(url, str) and url.count("*") <= _MAX_STARS)):
            raise TypeError(f"routeFromHAR takes url (a pattern with at most {_MAX_STARS} stars) and notFound; record with recordHar of newContext")
        async with self._keeper.files.incoming(path) as place:
            await thing.route_from_har(place, **({"url": url} if url else {}), **({"not_found": missing} if missing else {}))

    async def _set_storage(self, _ctx: Any, target: Any, state: Any) -> None:
        context, kind = self._reader.target(target)
        if isinstance(state, str):
            state = json.loads((await self._keeper.files.read(state)).buffer)
        if kind != "BrowserContext" or not isinstance(state, dict):
            raise TypeError("setStorageState takes a state or a path")
        await context.set_storage_state(state)
