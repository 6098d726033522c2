"""Events of pages on their way to whoever owns the runtime: to ``on_event`` of his binding, and as entries on his console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from isolate_host.client.console import ConsoleEntry

if TYPE_CHECKING:
    from isolate_host.client.answering import AnswererRequest

__all__ = ["console_entry", "tell_owner"]

#: What pages call with other names, or not at all, is a ``log``.
_LEVELS: Final = {"debug": "debug", "info": "info", "error": "error", "assert": "error", "warning": "warn"}


def tell_owner(request: AnswererRequest, event: Mapping[str, Any]) -> None:
    """Tell the owner of one runtime what happened in its pages; those of other runtimes are not his affair."""
    binding = request.binding
    if binding.on_event is not None:
        binding.on_event(event)
    if binding.capture_console and request.console is not None and event["type"] == "browserConsoleLog":
        request.console(ConsoleEntry(**console_entry(event)))


def console_entry(event: Mapping[str, Any]) -> dict[str, Any]:
    """A message of a page as an entry of type ``browserOutput``."""
    fields = {name: event[name] for name in ("text", "location", "timestamp", "context_id", "page_id")}
    return {"type": "browserOutput", "level": _LEVELS.get(event["level"], "log"), **fields}
