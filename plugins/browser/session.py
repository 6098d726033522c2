"""The browser of one guest: its contexts and pages, and everything that it asks of them. Lives where the Playwright objects live."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.async_api import BrowserContext, Error, Page, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from isolate_host.errors import IsolateHostError
from isolate_host.plugins.browser.arguments import Reader
from isolate_host.plugins.browser.callbacks import Callbacks
from isolate_host.plugins.browser.calls import Calls
from isolate_host.plugins.browser.objects import Objects
from isolate_host.plugins.browser.port import GuestLine, Port
from isolate_host.plugins.browser.table import load_api
from isolate_host.plugins.browser.watching import Watching

if TYPE_CHECKING:
    from isolate_host.plugins.browser.keeper import Keeper

__all__ = ["Factories", "PlaywrightSession"]

_FLAGS = frozenset({"attached", "checked", "editable", "enabled", "visible"})
_GROUPS = {"Locator": "LocatorAssertions", "Page": "PageAssertions", "APIResponse": "APIResponseAssertions"}


@dataclass(frozen=True, slots=True)
class Factories:
    """Who makes contexts and pages: the configuration's browser, or functions of the embedder. Options have Python's names."""

    create_context: Callable[[dict[str, Any] | None, Any], Any]
    create_page: Callable[[Any, Any], Any] | None = None
    create_persistent_context: Callable[[str, dict[str, Any], Any], Any] | None = None


class PlaywrightSession:
    """Answers the operations of one guest. Survives the guest's owner in a session, and is closed with its isolate."""

    def __init__(self, factories: Factories, keeper: Keeper, timeout_s: float | None = None) -> None:
        api = load_api()
        #: Those of the present owner.
        self.factories = factories
        self.keeper = self._keeper = keeper
        self._timeout_s = timeout_s
        self._api = api
        self._objects = Objects(api)
        self.line = GuestLine()
        self._watching = Watching(api, self._objects, self.line)
        self._callbacks = Callbacks(self._objects, self.line)
        self._reader = Reader(api, self._objects)
        self._calls = Calls(api, self._reader, self._objects, keeper)
        self._contexts: list[BrowserContext] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self._made = 0
        keeper.contexts.handles_dialog = self._watching.handles_dialog
        self._operations: dict[str, Callable[..., Awaitable[Any]]] = {
            "newContext": self._new_context, "newPage": self._new_page, "closeContext": self._close_context, "do": self._do,
            "expect": self._expect, "expose": self._expose, "initScript": self._init_script, "route": self._route, "unroute": self._unroute,
            "routeSockets": self._route_sockets, "socket": self._socket, "cdp": self._cdp, "saveAs": self._save_as, "har": self._har,
            "drop": self._drop, "handleLocator": self._handle_locator, "removeLocatorHandler": self._remove_locator_handler,
            "storage": self._set_storage,
        }  # fmt: skip

    @property
    def contexts(self) -> list[BrowserContext]:
        """Those that are open."""
        return list(self._contexts)

    def diagnostics(self) -> dict[str, Any]:
        """Counts."""
        pages = sum(len(context.pages) for context in self._contexts)
        return {**self._keeper.diagnostics(), "contexts": len(self._contexts), "pages": pages, "dropped_events": self.line.dropped}

    # ------------------------------------------------------------------ the guest comes and goes
    def attach(self, port: Port) -> None:
        """A guest, or the next owner of the same guest."""
        self.line.attach(port)

    def detach(self) -> None:
        """Its owner has gone: nobody waits for events, nobody answers routes. Contexts stay."""
        self.line.detach()
        self._watching.clear()
        self._spawn(self._callbacks.let_go())

    async def aclose(self) -> None:
        """Close all that the guest opened. Idempotent."""
        self._closed = True
        self.line.detach()
        contexts, self._contexts = self._contexts, []
        await asyncio.gather(*(self._shut(context) for context in contexts), return_exceptions=True)
        for task in list(self._tasks):
            task.cancel()
        self._objects.clear()
        await self._keeper.aclose()

    async def _shut(self, context: BrowserContext) -> None:
        with contextlib.suppress(Error):  # the browser is gone
            await self._keeper.context_closing(context)
            await context.close()
        await self._keeper.context_closed(context)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ------------------------------------------------------------------ operations
    async def operate(self, op: str, args: list[Any], ctx: Any) -> list[Any]:
        """Answer one operation: ``[0, result]``, or ``[1, name, message]`` for an error of Playwright (2: of an assertion).

        Raises what is no error of Playwright: ``PolicyDenied``, ``LimitExceeded``, ``TypeError``, ``LookupError``.
        """
        operation = self._operations.get(op)
        if operation is None or self._closed:
            raise LookupError(f"unknown operation {op[:40]!r}" if operation is None else "the browser was closed")
        try:
            return [0, await _begin(operation, op, args, ctx)]
        except AssertionError as error:
            return [2, "AssertionError", self._keeper.clean(str(error))]
        except Error as error:
            explained = self._keeper.explain(error, self._subject(args))
            if isinstance(explained, IsolateHostError):
                raise explained from None
            name = "TimeoutError" if isinstance(error, PlaywrightTimeout) else "TargetClosedError" if "has been closed" in error.message else "Error"
            return [1, name, self._keeper.clean(_as_in_javascript(error.message))]

    def note(self, op: str, args: list[Any]) -> None:
        """A message of the guest that wants no answer. What is malformed is dropped."""
        match op, args:
            case "watch", [number, event]:
                self._watching.watch(number, event)
            case "unwatch", [number, event]:
                self._watching.unwatch(number, event)
            case "seen", [count]:
                self.line.seen(count)
            case "timeout", [number, bool(navigation), int() | float() as milliseconds]:
                self._set_timeout(number, navigation, milliseconds)
            case "socket", [number, str(what), *rest]:
                self._socket_note(number, what, rest)

    def _subject(self, args: list[Any]) -> Any:
        with contextlib.suppress(LookupError, TypeError):
            return self._reader.target(args[0] if args else None)[0]
        return None

    async def _do(self, _ctx: Any, target: Any, name: Any, args: Any) -> Any:
        thing, kind, result = await self._calls.do(target, name, args)
        if type(thing).__name__ == "Route":
            self._callbacks.answered(thing)
        elif name == "setViewportSize":
            self._watching.changed(thing)
        return self._objects.result(kind, result)

    async def _expect(self, _ctx: Any, target: Any, name: Any, negate: Any, args: Any) -> None:
        thing, kind = self._reader.target(target)
        method = self._api.assertions.get(_GROUPS.get(kind, ""), {}).get(name) if isinstance(name, str) else None
        if method is None or not isinstance(args, list):
            raise TypeError(f"expect({kind}) has no {str(name)[:60]}")
        keywords = self._reader.keywords(name, method, args)
        if name == "toHaveAttribute" and "value" not in keywords:
            # Without a value, any will do.
            keywords["value"] = self._reader.value({"$pw": "r", "v": ["^", ""]})
        negate = negate is True
        for flag in _FLAGS & set(keywords) if negate else ():
            # Python's negative forms lack these: not to be "not checked" is to be checked.
            keywords[flag], negate = not keywords[flag], False
        assertion = getattr(expect(thing), f"not_{method.name}" if negate else method.name)
        try:
            await assertion(**keywords)
        except (AttributeError, TypeError, ValueError) as error:
            raise TypeError(f"{name}: an argument is missing or has a wrong type") from error

    async def _drop(self, _ctx: Any, dropped: Any) -> list[int]:
        """The guest has forgotten objects; those that it will hear of no more."""
        gone = []
        for number, told in (item for item in dropped if isinstance(item, list) and len(item) == 2):
            thing = self._objects.give_back(number, told)
            if thing is None:
                continue
            gone.append(number)
            self._watching.forget(number)
            if type(thing).__name__ in ("JSHandle", "ElementHandle"):
                self._spawn(_dispose(thing))
        return gone

    # ------------------------------------------------------------------ contexts and pages
    async def _new_context(self, ctx: Any, options: Any) -> Any:
        if options is not None and not isinstance(options, dict):
            raise TypeError("newContext takes an object of options")
        admitted = await self._keeper.admit_context(self._reader.value(options or {}))
        try:
            context = await self._make_context(admitted, ctx)
        except BaseException:
            self._keeper.abandon_context(admitted)
            raise
        try:
            self._made += 1
            await self._keeper.adopt_context(context, f"context-{self._made}", admitted)
        except BaseException:
            await self._shut(context)
            raise
        if self._timeout_s is not None:
            context.set_default_timeout(self._timeout_s * 1000)
        self._contexts.append(context)
        context.on("close", lambda _context: self._spawn(self._context_closed(context)))
        self._watching.follow_context(context)
        return self._objects.describe(context)

    async def _make_context(self, admitted: Mapping[str, Any], ctx: Any) -> BrowserContext:
        options = _python_options(admitted, self._api.context_options)
        folder = options.pop("user_data_dir", None)
        if folder is None:
            made = self.factories.create_context(options or None, ctx)
        elif self.factories.create_persistent_context is None:
            raise TypeError("a persistent profile needs create_persistent_context")
        else:
            made = self.factories.create_persistent_context(folder, options, ctx)
        context: BrowserContext = _checked(await made if inspect.isawaitable(made) else made, BrowserContext, "create_context")
        return context

    async def _new_page(self, ctx: Any, target: Any) -> Any:
        context, kind = self._reader.target(target)
        if kind != "BrowserContext":
            raise TypeError("newPage needs a context")
        self._keeper.admit_page(context)
        if self.factories.create_page is None:
            page = await context.new_page()
        else:
            made = self.factories.create_page(context, ctx)
            page = _checked(await made if inspect.isawaitable(made) else made, Page, "create_page")
        # First the context: it is then known to have the page.
        self._watching.changed(context)
        return self._objects.describe(page)

    async def _close_context(self, _ctx: Any, target: Any, options: Any) -> None:
        context, kind = self._reader.target(target)
        if kind != "BrowserContext":
            raise TypeError("close needs a context")
        reason = options.get("reason") if isinstance(options, dict) else None
        await self._keeper.context_closing(context)
        await context.close(**({"reason": reason} if isinstance(reason, str) else {}))
        await self._context_closed(context)

    async def _context_closed(self, context: BrowserContext) -> None:
        if context in self._contexts:
            self._contexts.remove(context)
            await self._keeper.context_closed(context)

    async def _cdp(self, _ctx: Any, target: Any, page: Any) -> Any:
        context, subject = self._reader.target(target)[0], self._reader.target(page)[0]
        return self._objects.describe(await context.new_cdp_session(subject))

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

    def _socket_note(self, number: Any, what: str, rest: list[Any]) -> None:
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
            import json

            state = json.loads((await self._keeper.files.read(state)).buffer)
        if kind != "BrowserContext" or not isinstance(state, dict):
            raise TypeError("setStorageState takes a state or a path")
        await context.set_storage_state(state)

    # ------------------------------------------------------------------ notes
    def _set_timeout(self, number: Any, navigation: bool, milliseconds: float) -> None:
        with contextlib.suppress(LookupError):
            thing, kind = self._objects.get(number)
            if kind in ("Page", "BrowserContext"):
                (thing.set_default_navigation_timeout if navigation else thing.set_default_timeout)(milliseconds)


#: Playwright matches these patterns itself, in Python: each star may multiply the work.
_MAX_STARS = 4


async def _dispose(handle: Any) -> None:
    with contextlib.suppress(Error):
        await handle.dispose()


def _begin(operation: Callable[..., Awaitable[Any]], op: str, args: list[Any], ctx: Any) -> Awaitable[Any]:
    try:
        return operation(ctx, *args)
    except TypeError:
        # Nothing has run yet: a coroutine function only binds its arguments here.
        raise TypeError(f"{op}: wrong number of arguments") from None


def _as_in_javascript(message: str) -> str:
    """Playwright begins with the name of the method that failed, as Python spells it."""
    match = re.match(r"([A-Z]\w*)\.(\w+): ", message)
    if match is None:
        return message
    words = match[2].rstrip("_").split("_")
    method = words[0] + "".join(word.capitalize() for word in words[1:])
    return f"{match[1][0].lower()}{match[1][1:]}.{method}: {message[match.end():]}"


def _checked(made: Any, wanted: type[Any], name: str) -> Any:
    if not isinstance(made, wanted):
        raise TypeError(f"{name} must give a {wanted.__name__} of playwright.async_api, not {type(made).__name__}")
    return made


def _python_options(options: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Options of a context as Python has them; ``viewport: null`` is an option of its own there."""
    made = {names.get(key) or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower(): value for key, value in options.items() if value is not None}
    if "viewport" in options and options["viewport"] is None:
        made["no_viewport"] = True
    return made
