"""Events: those that a guest asked for, and those that keep what it mirrors up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from isolate_host.plugins.browser.objects import Objects
from isolate_host.plugins.browser.port import GuestLine
from isolate_host.plugins.browser.table import Api

__all__ = ["Watching"]

_MAX_WATCHED = 10_000
#: Lives that are short and quiet: all their events are sent from the start.
_EAGER = frozenset({"WebSocket"})
#: What changes a page by being listened to: it waits for somebody to answer.
_ANSWERED = frozenset({"dialog", "filechooser"})
#: Events of a page that nobody has heard of yet.
_MAX_EARLY = 1000
_PAGE_CHANGES = ("framenavigated", "frameattached", "framedetached", "worker", "close")


@dataclass(slots=True)
class _Youth:
    """What a page did before guest code had its turn with it, and what that code wants to hear of it."""

    early: list[tuple[str, Any]] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)


class Watching:
    """The listeners of one guest at Playwright's objects."""

    def __init__(self, api: Api, objects: Objects, line: GuestLine) -> None:
        self._api, self._objects, self._line = api, objects, line
        self._listeners: dict[tuple[int, str], tuple[Any, Callable[..., None]]] = {}
        self._young: dict[int, _Youth] = {}
        objects.on_new = self._appears

    def follow_context(self, context: Any) -> None:
        """Keep the guest's picture of a context and its pages true."""
        context.on("page", lambda page: self._appeared(context, page))
        context.on("serviceworker", lambda _worker: self._changed(context))
        context.on("close", lambda _context: self._changed(context))
        for page in context.pages:
            self._follow_page(context, page)

    def _appeared(self, context: Any, page: Any) -> None:
        self._follow_page(context, page)
        self._changed(context)

    def _follow_page(self, context: Any, page: Any) -> None:
        for event in _PAGE_CHANGES:
            page.on(event, lambda subject: self._page_changed(page, subject))
        page.on("close", lambda _page: self._changed(context))

    def _page_changed(self, page: Any, subject: Any) -> None:
        self._changed(page, *([] if subject is page else [subject]))
        if type(subject).__name__ == "Worker":
            subject.on("close", lambda _worker: self._changed(page))

    def _changed(self, *things: Any) -> None:
        """Tell what is new about objects that the guest knows."""
        known = [thing for thing in things if self._objects.number_of(thing) is not None]
        if known and self._line.attached:
            self._line.state([self._objects.describe(thing) for thing in known])

    def changed(self, thing: Any) -> None:
        """The same after a call that changed an object without an event."""
        self._changed(thing)

    def _appears(self, number: int, _thing: Any, kind: str) -> None:
        """The first frame of a WebSocket, and what a popup does first, may come before the guest could have asked for it."""
        if kind in _EAGER:
            for event in self._api.classes[kind].events:
                self.watch(number, event)
        elif kind == "Page" and self._line.attached:
            self._young[number] = _Youth()
            for event in self._api.classes[kind].events - _ANSWERED:
                self._listen(number, event)
            # After the events that tell of it, which are on their way in this very moment.
            asyncio.get_running_loop().call_soon(self._line.young, number)

    def grown(self, number: Any) -> None:
        """Guest code has had its turn with a new page. It hears what it asked for, from the beginning."""
        youth = self._young.pop(number, None) if type(number) is int else None
        if youth is None:
            return
        for key in [key for key in self._listeners if key[0] == number and key[1] not in youth.asked]:
            self._remove(*key)
        for event, payload in youth.early:
            if event in youth.asked:
                self._line.event(number, event, self._objects.event(payload))

    # ------------------------------------------------------------------ what the guest asks for
    def watch(self, number: Any, event: Any) -> None:
        """Send an event of an object from now on. Unknown ones are nobody's: the guest may be behind the browser."""
        if type(number) is not int or not isinstance(event, str):
            return
        if number in self._young:
            self._young[number].asked.add(event)
        self._listen(number, event)

    def _listen(self, number: int, event: str) -> None:
        if (number, event) in self._listeners or len(self._listeners) >= _MAX_WATCHED:
            return
        try:
            thing, kind = self._objects.get(number)
        except LookupError:
            return
        if kind != "CDPSession" and event not in self._api.classes[kind].events:
            return

        def listener(payload: Any = None) -> None:
            youth = self._young.get(number)
            if youth is not None:
                if len(youth.early) < _MAX_EARLY:
                    youth.early.append((event, payload))
                return
            self._line.event(number, event, self._objects.event(payload))

        thing.on(event, listener)
        self._listeners[number, event] = (thing, listener)

    def handles_dialog(self, dialog: Any) -> bool:
        """Whether the guest listens for dialogs of that page: then it decides about this one."""
        page = dialog.page
        numbers = [self._objects.number_of(thing) for thing in (page, page.context if page is not None else None) if thing is not None]
        return any((number, "dialog") in self._listeners for number in numbers if number is not None)

    def unwatch(self, number: Any, event: Any) -> None:
        """Stop sending it."""
        if type(number) is not int or not isinstance(event, str):
            return
        found = self._listeners.get((number, event))
        if number in self._young:
            self._young[number].asked.discard(event)
        elif found is not None and type(found[0]).__name__ not in _EAGER:
            self._remove(number, event)

    def _remove(self, number: Any, event: str) -> None:
        found = self._listeners.pop((number, event), None)
        if found is not None:
            found[0].remove_listener(event, found[1])

    def forget(self, number: int) -> None:
        """The guest gave the object back."""
        self._young.pop(number, None)
        for key in [key for key in self._listeners if key[0] == number]:
            self._remove(*key)

    def clear(self) -> None:
        """Stop everything that was asked for."""
        self._young.clear()
        for number, event in list(self._listeners):
            self._remove(number, event)
