"""``serve``: long-lived handlers of requests and WebSockets, for runtimes that a client opened as an app server."""

from __future__ import annotations

from importlib.resources import files

from isolate_host.plugin import Capability, CapabilityRequest, GuestScript, hookimpl

__all__ = [
    "isolate_host_create_capability",
    "isolate_host_declare_types",
    "isolate_host_guest_script",
    "isolate_host_is_harmless",
]


@hookimpl
def isolate_host_create_capability(request: CapabilityRequest) -> Capability:
    """What the client may ask of the guest, and within which limits."""
    from isolate_host.plugins.serve.plugin import Serve

    return Serve(request)


@hookimpl
def isolate_host_guest_script() -> GuestScript:
    """``globalThis.serve``."""
    return GuestScript.from_package("serve", __name__)


@hookimpl
def isolate_host_is_harmless() -> bool:
    """A guest that may serve gains nothing: it only answers what the client sends."""
    return True


@hookimpl
def isolate_host_declare_types() -> str:
    """The types are the same under every policy."""
    return files(__name__).joinpath("types.d.ts").read_text(encoding="utf-8")
