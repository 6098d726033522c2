"""What an embedder hands to a runtime."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from isolate_host.client.console import ConsoleHandler
from isolate_host.client.files import check_files
from isolate_host.client.modules import ModuleResolver
from isolate_host.client.tools import ToolBox

__all__ = ["Bindings", "BrowserBinding"]


def _check_callable(name: str, value: Any) -> None:
    if value is not None and not callable(value):
        raise TypeError(f"{name} must be a function, not {type(value).__name__}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserBinding:
    """Browser automation: factories that give Playwright objects, or one ``handler`` that does it all (never both)."""

    create_context: Callable[..., Any] | None = None
    create_page: Callable[..., Any] | None = None
    create_persistent_context: Callable[..., Any] | None = None
    read_file: Callable[..., Any] | None = None
    write_file: Callable[..., Any] | None = None
    profiles: Mapping[str, Any] | None = None
    capture_console: bool = False
    on_event: Callable[..., Any] | None = None
    handler: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        factories = ("create_context", "create_page", "create_persistent_context", "read_file", "write_file")
        for name in (*factories, "on_event", "handler"):
            _check_callable(f"BrowserBinding.{name}", getattr(self, name))
        mixed = [name for name in (*factories, "profiles") if getattr(self, name) is not None]
        if self.handler is not None and mixed:
            raise ValueError(f"BrowserBinding takes either a handler or factories, not both (handler and {', '.join(mixed)})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bindings:
    """The capabilities that the caller grants to a runtime and answers itself. What is absent is absent in the guest.

    * ``console``: ``(ConsoleEntry, HostCallContext) -> None``, called for each console entry, on the event loop: it must not block.
      A function of the entry alone will do.
    * ``tools``: functions by name, plain or wrapped in :class:`~isolate_host.Tool`; they become async globals of the guest.
    * ``modules``: a resolver made by :func:`~isolate_host.create_module_resolver`.
    * ``fetch``: ``async (Request, HostCallContext) -> Response`` (or an ``aiohttp.ClientResponse``), called for each ``fetch()`` of the guest that
      the policy lets pass. A function of the request alone will do.
    * ``files``: from :func:`~isolate_host.create_file_bindings`, or any object with some of the operations ``read_file write_file unlink readdir
      mkdir rmdir stat rename`` (``(path…, HostCallContext)``, plain or async).
    * ``browser``: for the plugin of this name.

    Raises ``TypeError`` or ``ValueError`` at once for what cannot work.
    """

    console: ConsoleHandler | Callable[..., object] | None = None
    fetch: Callable[..., Any] | None = None
    files: Any = None
    modules: ModuleResolver | None = None
    tools: Mapping[str, Any] | None = None
    browser: BrowserBinding | None = None

    def __post_init__(self) -> None:
        _check_callable("Bindings.console", self.console)
        _check_callable("Bindings.fetch", self.fetch)
        if self.files is not None:
            check_files(self.files)
        if self.modules is not None and not isinstance(self.modules, ModuleResolver):
            raise TypeError(f"Bindings.modules must come from create_module_resolver(), not be a {type(self.modules).__name__}")
        if self.browser is not None and not isinstance(self.browser, BrowserBinding):
            raise TypeError(f"Bindings.browser must be a BrowserBinding, not {type(self.browser).__name__}")
        if self.tools is not None:
            ToolBox(self.tools)

    @classmethod
    def coerce(cls, value: Any) -> Bindings:
        """``value`` as bindings: ``None`` and mappings of the same names are accepted. Raises ``TypeError``."""
        if value is None:
            return cls()
        if isinstance(value, cls):
            return value
        if isinstance(value, Mapping):
            known = [field.name for field in dataclasses.fields(cls)]
            unknown = sorted(set(value) - set(known), key=str)
            if unknown:
                raise TypeError(f"unknown binding {unknown[0]!r}; there are {', '.join(known)}")
            return cls(**value)
        raise TypeError(f"bindings must be Bindings, not {type(value).__name__}")

    def granted(self) -> list[str]:
        """The names of the capabilities that were given."""
        return [field.name for field in dataclasses.fields(self) if getattr(self, field.name) is not None]
