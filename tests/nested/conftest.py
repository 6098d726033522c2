"""A parent runtime whose code creates children."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import isolate_host as ih

#: ``await parent(code, **create_runtime arguments)``: the value of a module that begins with a nested host.
Parent = Callable[..., Awaitable[Any]]
IMPORT = 'import { createIsolateHost, createModuleResolver } from "isolate-host";\nconst nested = createIsolateHost();\n'


@pytest.fixture
def said() -> list[str]:
    """What the parent wrote to its console."""
    return []


@pytest.fixture
def parent(host: ih.IsolateHost, said: list[str]) -> Parent:
    """Evaluates a module in a new runtime, and disposes that."""

    async def run(code: str, bindings: dict[str, Any] | None = None, **options: Any) -> Any:
        found = {"console": lambda entry: said.append(entry.text), **(bindings or {})}
        async with host.create_runtime(bindings=found, **options) as runtime:
            return await runtime.eval(IMPORT + code)

    return run
