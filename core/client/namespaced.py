"""A session: a runtime with a name, whose isolate waits for its next owner when this one gives it up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from isolate_host.client.bindings import Bindings
from isolate_host.client.opening import Opening
from isolate_host.client.runtime import Runtime
from isolate_host.client.test_results import TestOptions, TestRunResult
from isolate_host.client.test_runtime import TestedRuntime, TestEvents
from isolate_host.wire.abort import AbortSignal

__all__ = ["NamespacedRuntime"]


class NamespacedRuntime(TestedRuntime):
    """Made by ``host.get_namespaced_runtime(key)``. One handle owns the session; :meth:`dispose` gives it back.

    Globals, static modules and event listeners of guest code stay for the next owner. Timers, other modules, console counters, host
    functions and everything that waits for the owner do not.
    """

    #: A sandbox need not grant tests to grant sessions.
    also_bound: ClassVar[Mapping[str, Any]] = {"tests": {"if_granted": True}}

    @property
    def key(self) -> str:
        """The session's name."""
        return str(self._channel.info.get("key", ""))

    @property
    def reused(self) -> bool:
        """True when the isolate had an owner before."""
        return self._channel.info.get("reused") is True

    @property
    def test(self) -> TestEvents:
        """``rt.test.on_event(callback)``: what happens while tests run."""
        return self.runner.events

    async def run_tests(
        self,
        code: str,
        filename: str = "/index.test.ts",
        timeout_s: float | None = None,
        signal: AbortSignal | None = None,
        *,
        options: TestOptions | None = None,
        snapshots: Mapping[str, str] | None = None,
    ) -> TestRunResult:
        """Run the test file ``code`` as :meth:`TestRuntime.run` does, with the globals that earlier evals left.

        Raises ``PolicyDenied`` when the sandbox does not grant ``tests``.
        """
        return await self.runner.run(code, filename, timeout_s, signal, options=options, snapshots=snapshots)

    def fork(self, new_key: str | None = None, *, bindings: Bindings | dict[str, Any] | None = None) -> Opening[Self]:
        """As :meth:`Runtime.fork`: a session ``new_key`` with the same heap at this moment; this one goes on as it is.

        Awaiting raises ``NamespaceInUse`` when there is a session of that name, owned or not.
        """
        if not isinstance(new_key, str):
            raise TypeError(f"new_key must be a str, not {type(new_key).__name__}")
        if not new_key:
            raise ValueError("new_key must not be empty")
        return Opening(lambda: self._branch(bindings, new_key), Runtime.dispose)
