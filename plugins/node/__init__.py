"""``node``: the ``node:`` modules that packages import. They compute inside the worker; the host side has nothing to decide or to answer."""

from __future__ import annotations

from importlib.resources import files

from isolate_host.plugin import Capability, GuestScript, hookimpl

__all__ = [
    "isolate_host_create_capability",
    "isolate_host_declare_types",
    "isolate_host_guest_script",
    "isolate_host_is_harmless",
]


@hookimpl
def isolate_host_create_capability() -> Capability:
    """Present or absent: there is nothing to configure."""
    from isolate_host.plugins.node.plugin import Node

    return Node()


@hookimpl
def isolate_host_guest_script() -> GuestScript:
    """The modules, and ``Buffer``, ``process`` and ``setImmediate``. ``node:crypto`` needs the worker's native service."""
    return GuestScript.from_package("node", __name__, services=("crypto",))


@hookimpl
def isolate_host_is_harmless() -> bool:
    """It reaches nothing outside the worker: what needs the machine is an error that names another capability."""
    return True


@hookimpl
def isolate_host_declare_types() -> str:
    """The types are the same under every policy."""
    return files(__name__).joinpath("types.d.ts").read_text(encoding="utf-8")
