"""A session: a runtime with a name, whose isolate waits for its next owner when this one gives it up."""

from __future__ import annotations

from isolate_host.client.runtime import Runtime

__all__ = ["NamespacedRuntime"]


class NamespacedRuntime(Runtime):
    """Made by ``host.get_namespaced_runtime(key)``. One handle owns the session; :meth:`dispose` gives it back.

    Globals, static modules and event listeners of guest code stay for the next owner. Timers, other modules, console counters, host
    functions and everything that waits for the owner do not.
    """

    @property
    def key(self) -> str:
        """The session's name."""
        return str(self._channel.info.get("key", ""))

    @property
    def reused(self) -> bool:
        """True when the isolate had an owner before."""
        return self._channel.info.get("reused") is True
