"""How large a viewport and a picture may be: the host decodes and carries it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from isolate_host.errors import LimitExceeded
from isolate_host.plugins.browser.policy import BrowserPolicy

if TYPE_CHECKING:
    from playwright.async_api import Page

__all__ = ["check_screenshot", "check_size"]

#: Longest side of a viewport.
_MAX_SIDE: Final = 16384


def check_size(width: Any, height: Any, policy: BrowserPolicy, *, scale: Any = 1) -> None:
    """Whether a viewport may be so large. Raises ``LimitExceeded`` and ``TypeError``."""
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 for value in (width, height, scale)):
        raise TypeError("width, height and deviceScaleFactor must be numbers")
    if max(width, height) > _MAX_SIDE:
        message = f"a viewport of {width:g} × {height:g} is too large: at most {_MAX_SIDE} pixels a side"
        raise LimitExceeded(message, kind="browser_pixels", hint="use a smaller one")
    _check_area("a viewport", width * scale, height * scale, policy)


async def check_screenshot(page: Page, options: Mapping[str, Any], policy: BrowserPolicy) -> None:
    """Whether the picture that ``options`` of ``page.screenshot`` describe may be taken. Raises ``LimitExceeded``."""
    metrics = await _metrics(page)
    clip = options.get("clip")
    if isinstance(clip, Mapping):
        box = clip
    else:
        box = metrics["cssContentSize"] if options.get("full_page") or options.get("fullPage") else metrics["cssVisualViewport"]
    width, height = (float(box.get(name, box.get(f"client{name.title()}", 0)) or 0) for name in ("width", "height"))
    scale = 1.0 if options.get("scale") == "css" else metrics["visualViewport"]["clientWidth"] / (metrics["cssVisualViewport"]["clientWidth"] or 1)
    _check_area("a screenshot", width * scale, height * scale, policy)


async def _metrics(page: Page) -> Mapping[str, Any]:
    """From the browser: a page could say anything about its own size."""
    session = await page.context.new_cdp_session(page)
    try:
        found: Mapping[str, Any] = await session.send("Page.getLayoutMetrics")
        return found
    finally:
        await session.detach()


def _check_area(what: str, width: float, height: float, policy: BrowserPolicy) -> None:
    most = policy.limits.max_screenshot_pixels
    if width * height > most:
        message = f"{what} of {width:.0f} × {height:.0f} pixels is too large: at most {most} in all"
        raise LimitExceeded(message, kind="browser_pixels", hint=f"clip it, or raise {policy.key}.max_screenshot_pixels")
