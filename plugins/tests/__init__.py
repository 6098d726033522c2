"""``tests``: describe, test and expect for test runtimes (``host.create_test_runtime``)."""

from __future__ import annotations

from importlib.resources import files

from isolate_host.plugin import Capability, CapabilityRequest, GuestScript, hookimpl

__all__ = ["isolate_host_create_capability", "isolate_host_declare_types", "isolate_host_guest_script", "isolate_host_is_harmless"]


@hookimpl
def isolate_host_create_capability(request: CapabilityRequest) -> Capability | None:
    """Only for runtimes that their owner means to run tests in: a script of the same sandbox has no use for it."""
    from isolate_host.plugins.tests.plugin import Tests

    return None if request.binding is None else Tests(request)


@hookimpl
def isolate_host_guest_script() -> GuestScript:
    """The test framework. Its libraries are evaluated when a first run begins, not before."""
    return GuestScript.from_package("tests", __name__)


@hookimpl
def isolate_host_is_harmless() -> bool:
    """A test framework reaches nothing. A runtime still has to be opened for tests."""
    return True


@hookimpl
def isolate_host_declare_types() -> str:
    """The types are the same under every policy."""
    return files(__name__).joinpath("types.d.ts").read_text(encoding="utf-8")
