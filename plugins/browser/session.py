"""The browser of one guest: its contexts and pages, and everything that it asks of them. Lives where the Playwright objects live."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from playwright.async_api import BrowserContext, Error, Page, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from isolate_host.errors import IsolateHostError
from isolate_host.plugins.browser.arguments import Reader
from isolate_host.plugins.browser.callbacks import Callbacks
from isolate_host.plugins.browser.calls import Calls, as_number
from isolate_host.plugins.browser.objects import Objects
from isolate_host.plugins.browser.port import GuestLine, Port
from isolate_host.plugins.browser.special import Special
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
        self.keeper = keeper
        self._timeout_s = timeout_s
        self._api = api
        self._objects = Objects(api, keeper.refusal_text)
        self.line = GuestLine()
        self._watching = Watching(api, self._objects, self.line)
        self._callbacks = Callbacks(self._objects, self.line)
        self._reader = Reader(api, self._objects)
        self._calls = Calls(api, self._reader, self._objects, keeper)
        self._special = Special(self._reader, self._objects, self._callbacks, keeper)
        self._contexts: list[BrowserContext] = []
        self._carried: WeakKeyDictionary[BrowserContext, asyncio.Task[None]] = WeakKeyDictionary()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self._made = 0
        keeper.contexts.handles_dialog = self._watching.handles_dialog
        self._operations: dict[str, Callable[..., Awaitable[Any]]] = {
            "newContext": self._new_context, "newPage": self._new_page, "closeContext": self._close_context, "do": self._do,
            "expect": self._expect, "cdp": self._cdp, "drop": self._drop, **self._special.operations,
        }  # fmt: skip

    @property
    def contexts(self) -> list[BrowserContext]:
        """Those that are open."""
        return list(self._contexts)

    def diagnostics(self) -> dict[str, Any]:
        """Counts."""
        pages = sum(len(context.pages) for context in self._contexts)
        return {**self.keeper.diagnostics(), "contexts": len(self._contexts), "pages": pages, "dropped_events": self.line.dropped}

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
        await self.keeper.aclose()

    async def _shut(self, context: BrowserContext) -> None:
        with contextlib.suppress(Error):  # the browser is gone
            await self.keeper.context_closing(context)
            await context.close()
        await self.keeper.context_closed(context)

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
            return [2, "AssertionError", self.keeper.clean(str(error))]
        except Error as error:
            explained = self.keeper.explain(error, self._subject(args))
            if isinstance(explained, IsolateHostError):
                raise explained from None
            name = "TimeoutError" if isinstance(error, PlaywrightTimeout) else "TargetClosedError" if "has been closed" in error.message else "Error"
            return [1, name, self.keeper.clean(_as_in_javascript(error.message))]

    def note(self, op: str, args: list[Any]) -> None:
        """A message of the guest that wants no answer. What is malformed is dropped."""
        match op, args:
            case "watch", [number, event]:
                self._watching.watch(number, event)
            case "unwatch", [number, event]:
                self._watching.unwatch(number, event)
            case "grown", [number]:
                self._watching.grown(number)
            case "seen", [count]:
                self.line.seen(count)
            case "timeout", [number, bool(navigation), int() | float() as milliseconds]:
                self._set_timeout(number, navigation, milliseconds)
            case "socket", [number, str(what), *rest]:
                self._special.socket_note(number, what, rest)

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
        if "timeout" in keywords:
            keywords["timeout"] = self.keeper.timeout_ms(as_number(keywords["timeout"]))
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
        admitted = await self.keeper.admit_context(self._reader.value(options or {}))
        try:
            context = await self._make_context(admitted, ctx)
        except BaseException:
            self.keeper.abandon_context(admitted)
            raise
        try:
            self._made += 1
            await self.keeper.adopt_context(context, f"context-{self._made}", admitted)
        except BaseException:
            await self._shut(context)
            raise
        if self._timeout_s is not None:
            context.set_default_timeout(self._timeout_s * 1000)
        self._contexts.append(context)
        # Whoever closed it hears of what fails then.
        context.on("close", lambda _context: self._spawn(asyncio.wait([self._context_closed(context)])))
        self._watching.follow_context(context)
        return [self._objects.describe(context), "" if context.browser is None else context.browser.version]

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
        self.keeper.admit_page(context)
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
        await self.keeper.context_closing(context)
        await context.close(**({"reason": reason} if isinstance(reason, str) else {}))
        await self._context_closed(context)

    def _context_closed(self, context: BrowserContext) -> asyncio.Task[None]:
        """What it recorded goes to the guest's files, once: the event and the guest's own call both wait for that."""
        carried = self._carried.get(context)
        if carried is None:
            if context in self._contexts:
                self._contexts.remove(context)
            carried = self._carried[context] = asyncio.get_running_loop().create_task(self.keeper.context_closed(context))
        return carried

    async def _cdp(self, _ctx: Any, target: Any, page: Any) -> Any:
        context, subject = self._reader.target(target)[0], self._reader.target(page)[0]
        return self._objects.describe(await context.new_cdp_session(subject))

    # ------------------------------------------------------------------ notes
    def _set_timeout(self, number: Any, navigation: bool, milliseconds: float) -> None:
        with contextlib.suppress(LookupError):
            thing, kind = self._objects.get(number)
            if kind in ("Page", "BrowserContext"):
                allowed = self.keeper.timeout_ms(milliseconds)
                (thing.set_default_navigation_timeout if navigation else thing.set_default_timeout)(allowed)


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
