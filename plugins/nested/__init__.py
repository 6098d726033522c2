"""``nested``: guest code creates runtimes of its own, by ``import { createIsolateHost } from "isolate-host"``."""

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
    """The children of one runtime, and the quota of its whole tree."""
    from isolate_host.plugins.nested.plugin import Nested

    return Nested(request)


@hookimpl
def isolate_host_guest_script() -> GuestScript:
    """The module ``isolate-host``, evaluated when it is first imported."""
    return GuestScript.from_package("nested", __name__)


@hookimpl
def isolate_host_is_harmless() -> bool:
    """A child may do nothing that its parent may not, and there are few of them. ``nested_host=False`` takes the module away."""
    return True


@hookimpl
def isolate_host_declare_types() -> str:
    """The types are the same under every policy."""
    return files(__name__).joinpath("types.d.ts").read_text(encoding="utf-8")
