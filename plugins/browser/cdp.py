"""Which messages of the DevTools protocol a guest may send to its own page.

The protocol reaches the whole browser, and files of the host. So there is a list of what is about one page, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["URL_PARAMETERS", "refused_method"]

_DOMAINS: Final = frozenset(
    {
        "Accessibility", "Animation", "Audits", "CSS", "CacheStorage", "DOM", "DOMDebugger", "DOMSnapshot", "DOMStorage", "Debugger",
        "Emulation", "Fetch", "HeapProfiler", "IndexedDB", "Input", "Inspector", "LayerTree", "Log", "Media", "Network", "Overlay", "Page",
        "Performance", "PerformanceTimeline", "Profiler", "Runtime", "Schema", "WebAudio", "WebAuthn",
    }
)  # fmt: skip
_ALONE: Final = frozenset({"Browser.getVersion", "IO.close", "IO.read", "Memory.getDOMCounters", "Storage.getStorageKeyForFrame"})
#: Of allowed domains, what reaches files of the host, other pages, or the checks of the connection.
_NOT: Final = frozenset(
    {
        "DOM.getFileInfo", "DOM.setFileInputFiles", "Network.loadNetworkResource", "Page.handleFileChooser", "Page.setDownloadBehavior",
        "Page.setInterceptFileChooserDialog", "Page.captureSnapshot", "Page.startScreencast", "Page.setRPHRegistrationMode",
        "Page.captureScreenshot", "Page.printToPDF",
    }
)  # fmt: skip
#: Messages that name a URL to go to, and the parameter.
URL_PARAMETERS: Final[Mapping[str, str]] = {"Page.navigate": "url"}
_INSTEAD: Final[Mapping[str, str]] = {
    "DOM.setFileInputFiles": "use setInputFiles()", "Page.captureScreenshot": "use page.screenshot()", "Page.printToPDF": "use page.pdf()",
    "Page.setDownloadBehavior": "use page.waitForEvent('download')",
}  # fmt: skip


def refused_method(method: str, params: Mapping[str, Any]) -> str | None:
    """Why a message is refused; ``None`` = it may be sent, though URLs in it are still to be judged."""
    domain = method.partition(".")[0]
    if method in _NOT:
        return f"{method} reaches beyond the page" + (f": {_INSTEAD[method]}" if method in _INSTEAD else "")
    if domain not in _DOMAINS and method not in _ALONE:
        return f"{method} is not about a page of one's own"
    # Ids of contexts are those of the whole browser.
    return f"{method} must not name a browser context" if "browserContextId" in params else None
