"""``console``: what a guest prints goes to whoever runs it. Granted by ``policies: {console: {}}`` or by binding a callback."""

from __future__ import annotations

from importlib.resources import files

from isolate_host.plugin import Capability, CapabilityRequest, GuestScript, hookimpl

__all__ = [
    "isolate_host_create_capability",
    "isolate_host_declare_types",
    "isolate_host_guest_script",
    "isolate_host_is_answerable",
]


@hookimpl
def isolate_host_create_capability(request: CapabilityRequest) -> Capability:
    """One console a runtime."""
    from isolate_host.plugins.console.plugin import Console

    return Console(request)


@hookimpl
def isolate_host_guest_script() -> GuestScript:
    """``globalThis.console``."""
    return GuestScript.from_package("console", __name__)


@hookimpl
def isolate_host_is_answerable() -> bool:
    """A child's console may be its parent's to hear: entries are data."""
    return True


@hookimpl
def isolate_host_declare_types() -> str:
    """The console's types are the same under every policy."""
    return files(__name__).joinpath("types.d.ts").read_text(encoding="utf-8")
