"""Test runtimes of a real host."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

import isolate_host as ih


@dataclass
class Run:
    """What a run gave: its results, events and console."""

    results: ih.TestRunResult
    events: list[ih.TestEvent] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.results, name)

    def statuses(self) -> dict[str, str]:
        """Status by full name."""
        return {test.full_name: test.status for test in self.results.tests}

    def errors(self) -> dict[str, str]:
        """First line of the first error, by full name."""
        return {test.full_name: test.error.message.split("\n")[0] for test in self.results.tests if test.error}

    def trace(self) -> list[str]:
        """Events as text."""
        names = [event.test or event.suite for event in self.events]
        return [f"{event.type} {name.full_name}" if name else event.type for event, name in zip(self.events, names, strict=True)]


@pytest.fixture
async def tests(embedded):
    """Runs one test file in a runtime of its own; ``options`` are fields of ``TestOptions``."""

    async def run(code: str, *, options: dict[str, Any] | None = None, limits: ih.Limits | None = None, **named: Any) -> Run:
        console: list[str] = []
        bindings = {"console": lambda entry: console.append(entry.text)}
        async with embedded.create_test_runtime(bindings=bindings, limits=limits) as runtime:
            events: list[ih.TestEvent] = []
            runtime.test.on_event(events.append)
            results = await runtime.run(code, options=ih.TestOptions(**(options or {})), **named)
            return Run(results, events, console)

    return run
