"""The contexts and pages of one runtime: counted, bounded, and freed of what nobody attends to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from isolate_host.errors import LimitExceeded
from isolate_host.plugins.browser.collector import Collector
from isolate_host.plugins.browser.options import Admission
from isolate_host.plugins.browser.policy import BrowserPolicy
from isolate_host.plugins.browser.urls import scheme_of

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Dialog, Frame, Page

__all__ = ["Contexts"]

#: Pages beyond the limit that are being closed at the same time.
_CLOSING: Final = 16
#: What Chromium shows for a navigation that failed, and for a page that is only coming into being.
_CHROME_ERROR: Final = "chrome-error:"


class Contexts:
    """Watches them from :meth:`adopt` until they are closed."""

    def __init__(self, policy: BrowserPolicy, collector: Collector, lender: Contexts | None = None, *, one_shelf: bool = False) -> None:
        self._policy, self._collector = policy, collector
        #: All that count together: a runtime's own, and those of children that it lent the browser to.
        self.family: list[Contexts] = [] if lender is None else lender.family
        self.family.append(self)
        #: Whether profiles of the whole family lie in the same files.
        self._one_shelf = one_shelf
        self._known: dict[BrowserContext, tuple[str, Admission]] = {}
        #: Places of contexts that are being made.
        self.reserved = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Semaphore(_CLOSING)
        self.handles_dialog: Callable[[Dialog], bool] = lambda _dialog: False

    @property
    def count(self) -> int:
        """Contexts that are open."""
        return len(self._known)

    @property
    def pages(self) -> int:
        """Pages that are open, popups included."""
        return sum(len(context.pages) for context in self._known)

    @property
    def _all_pages(self) -> int:
        return sum(contexts.pages for contexts in self.family)

    def reserve(self) -> None:
        """A place for one more context. Raises ``LimitExceeded``."""
        most = self._policy.limits.max_contexts
        if sum(contexts.count + contexts.reserved for contexts in self.family) >= most:
            hint = f"close some, or raise {self._policy.key}.max_contexts"
            raise LimitExceeded(f"{most} browser contexts are open", kind="browser_contexts", hint=hint)
        self.reserved += 1

    def check_page(self) -> None:
        """Whether one more page may be opened. Raises ``LimitExceeded``."""
        most = self._policy.limits.max_pages
        if self._all_pages >= most:
            raise LimitExceeded(f"{most} pages are open", kind="browser_pages", hint=f"close some, or raise {self._policy.key}.max_pages")

    def adopt(self, context: BrowserContext, context_id: str, admission: Admission) -> None:
        """Take the place that was reserved."""
        self.reserved -= 1
        self._known[context] = (context_id, admission)
        context.on("page", self._page)
        context.on("dialog", lambda dialog: self._dialog(context_id, dialog))
        for page in context.pages:
            self._watch(page)
        self._collector.attach(context, context_id)

    def admission_of(self, context: BrowserContext) -> Admission | None:
        """How a context that is open was admitted."""
        return self._known[context][1] if context in self._known else None

    def check_profile(self, admission: Admission) -> None:
        """A profile is for one context at a time. Raises ``ValueError``."""
        wanted = admission.profile
        sharing = self.family if self._one_shelf else [self]
        if wanted is not None and any(wanted.path in contexts.profiles() for contexts in sharing):
            raise ValueError(f"the profile {wanted.id!r} is in use: close the context that has it")

    def profiles(self) -> set[str]:
        """Those that are in use here, by their path."""
        return {known.profile.path for _, known in self._known.values() if known.profile is not None}

    def forget(self, context: BrowserContext) -> Admission | None:
        """It is closed. How it was admitted, the first time."""
        known = self._known.pop(context, None)
        return None if known is None else known[1]

    # ── what pages do by themselves ──────────────────────────────────────────────────────────────────────────────────

    def _page(self, page: Page) -> None:
        # Pages of the guest's own were admitted before: they make the count reach the limit, popups make it pass.
        if self._all_pages > self._policy.limits.max_pages:
            self._later(self._close(page))
        else:
            self._watch(page)

    def _watch(self, page: Page) -> None:
        page.on("framenavigated", lambda frame: self._navigated(page, frame))

    def _navigated(self, page: Page, frame: Frame) -> None:
        """No way leads there that was not refused before; should there be one, it is a short one."""
        if frame.url and not frame.url.startswith(_CHROME_ERROR) and frame.url != ":" and scheme_of(frame.url) is None:
            self._later(self._close(page))

    def _dialog(self, context_id: str, dialog: Dialog) -> None:
        attended = self.handles_dialog(dialog)
        kind, text = dialog.type, dialog.message[:8192]
        self._collector.tell("dialog", context_id, dialog.page, dialog_type=kind, message=text, attended=attended)
        if not attended:
            # As Playwright does when nobody listens: a page may leave, and is told "no" otherwise.
            self._later(_settled(dialog.accept() if kind == "beforeunload" else dialog.dismiss()))

    async def _close(self, page: Page) -> None:
        async with self._gate:
            await _settled(page.close(run_before_unload=False))

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Leave nothing under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._known.clear()
        if self in self.family:
            self.family.remove(self)


async def _settled(work: Any) -> None:
    """A page may be gone before it hears of it: that is no error then."""
    await asyncio.gather(work, return_exceptions=True)
