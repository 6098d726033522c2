"""What happens in the pages of one runtime: counted, the latest of it kept, and told to whoever listens. Bounded, whatever pages do."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebError

__all__ = ["KINDS", "Collector", "Record"]

_LOG: Final = logging.getLogger("isolate_host.plugins.browser")
#: Kind of event → where it is collected.
KINDS: Final[Mapping[str, str]] = {
    "browserConsoleLog": "browser_console_logs", "networkRequest": "network_requests", "networkResponse": "network_responses",
    "pageError": "page_errors", "requestFailure": "request_failures", "dialog": "dialogs",
}  # fmt: skip
#: Of a text or URL.
_LONGEST: Final = 8192


class Record(dict[str, Any]):
    """One event, by key or by attribute: ``type``, ``context_id``, ``page_id``, ``timestamp`` and what its type has besides."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Collector:
    """Listens to contexts. ``refusal`` says why a request failed here, if it did."""

    def __init__(self, most: int, refusal: Callable[[str], str | None]) -> None:
        self._refusal = refusal
        self._kept: dict[str, deque[Record]] = {place: deque(maxlen=most) for place in KINDS.values()}
        self.counts: dict[str, int] = dict.fromkeys(KINDS.values(), 0)
        self._listeners: dict[object, Callable[[Record], object]] = {}
        self._pages: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        self._requests: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        self._last = 0

    def attach(self, context: BrowserContext, context_id: str) -> None:
        """Listen to ``context`` from now on."""
        context.on("console", lambda message: self._console(context_id, message))
        context.on("weberror", lambda error: self._page_error(context_id, error))
        context.on("request", lambda request: self._request(context_id, request))
        context.on("response", lambda response: self._response(context_id, response))
        context.on("requestfailed", lambda request: self._failure(context_id, request))

    def on_event(self, callback: Callable[[Record], object]) -> Callable[[], None]:
        """Tell ``callback`` of each event; it must not block. Gives a function that ends it."""
        token = object()
        self._listeners[token] = callback
        return lambda: self._listeners.pop(token, None) and None

    def collected(self) -> Record:
        """The latest events of each kind."""
        return Record({place: list(kept) for place, kept in self._kept.items()})

    def clear(self) -> None:
        """Forget them. Counts stay."""
        for kept in self._kept.values():
            kept.clear()

    def page_id(self, page: Page | None) -> str | None:
        """A name for a page in events."""
        if page is None:
            return None
        if page not in self._pages:
            self._pages[page] = f"page-{self._next()}"
        return self._pages[page]

    def tell(self, kind: str, context_id: str, page: Page | None, **fields: Any) -> None:
        """Note one event."""
        record = Record({"type": kind, "context_id": context_id, "page_id": self.page_id(page), "timestamp": time.time() * 1000, **fields})
        place = KINDS[kind]
        self.counts[place] += 1
        self._kept[place].append(record)
        for callback in list(self._listeners.values()):
            try:
                callback(record)
            except Exception:  # noqa: BLE001 -- the embedder's own: it must not disturb the page that it watches
                _LOG.exception("a listener for browser events failed")

    def _next(self) -> int:
        self._last += 1
        return self._last

    # ── Playwright's events ──────────────────────────────────────────────────────────────────────────────────────────

    def _console(self, context_id: str, message: ConsoleMessage) -> None:
        where = message.location
        location = {"url": _short(where.get("url", "")), "line": where.get("lineNumber"), "column": where.get("columnNumber")}
        self.tell("browserConsoleLog", context_id, message.page, level=message.type, text=_short(message.text), location=location)

    def _page_error(self, context_id: str, failed: WebError) -> None:
        error = failed.error
        fields = {"name": getattr(error, "name", None) or "Error", "message": _short(getattr(error, "message", "") or str(error))}
        self.tell("pageError", context_id, failed.page, **fields, stack=_short(getattr(error, "stack", "") or ""))

    def _request(self, context_id: str, request: Request) -> None:
        number = f"request-{self._next()}"
        self._requests[request] = number
        fields = {"request_id": number, "method": request.method, "url": _short(request.url), "resource_type": request.resource_type}
        self.tell("networkRequest", context_id, _page_of(request), **fields)

    def _response(self, context_id: str, response: Response) -> None:
        request = response.request
        fields = {"request_id": self._requests.get(request), "url": _short(response.url), "status": response.status}
        self.tell("networkResponse", context_id, _page_of(request), **fields, status_text=response.status_text)

    def _failure(self, context_id: str, request: Request) -> None:
        fields = {"request_id": self._requests.get(request), "method": request.method, "url": _short(request.url)}
        why = self._refusal(request.url) or request.failure
        self.tell("requestFailure", context_id, _page_of(request), **fields, error_text=_short(why or ""))


def _page_of(request: Request) -> Page | None:
    """``None`` for a service worker's request, and while a page is only coming into being."""
    try:
        return None if request.service_worker is not None else request.frame.page
    except Exception:  # noqa: BLE001 -- Playwright's own error, which it does not export for this
        return None


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
