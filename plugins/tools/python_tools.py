"""Tools that a policy names as ``module:function`` and that run inside the broker."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isolate_host.client.callables import Kind, context_parameter, kind_of
from isolate_host.config import Finding, Where
from isolate_host.plugin.context import HostCallContext
from isolate_host.plugins.tools.threads import in_threads, run_in_thread

__all__ = ["PythonTool", "ToolReferenceError", "check_references", "import_tool"]


class ToolReferenceError(Exception):
    """A reference leads to nothing that can be called."""


@dataclass(frozen=True, slots=True)
class PythonTool:
    """One function of the host."""

    function: Callable[..., Any]
    kind: Kind
    #: Name of the parameter that takes the ``HostCallContext``.
    context: str | None

    async def call(self, args: list[Any], ctx: HostCallContext) -> Any:
        """Call the function; the result of a generator is the generator itself."""
        named = {} if self.context is None else {self.context: ctx}
        if self.kind == "generator":
            steps = self.function(*args, **named)
            return in_threads(steps) if isinstance(steps, Generator) else steps
        if self.kind == "sync":
            # A slow function must not stop the broker, which serves all runtimes from one event loop.
            return await run_in_thread(self.function, *args, **named)
        return await self.function(*args, **named)


def import_tool(reference: str, base_dir: Path) -> PythonTool:
    """The tool that ``module:function`` names. Modules are looked for where Python looks, then beside the configuration file."""
    module_name, _, attribute = reference.partition(":")
    try:
        with _also_from(base_dir):
            target: Any = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        raise ToolReferenceError(f"module {module_name!r} cannot be imported: {type(error).__name__}: {error}") from error
    for name in attribute.split("."):
        if not hasattr(target, name):
            raise ToolReferenceError(f"module {module_name!r} has no {attribute!r}")
        target = getattr(target, name)
    if not callable(target):
        raise ToolReferenceError(f"{reference} is {type(target).__name__}, not a function")
    return PythonTool(target, kind_of(target), context_parameter(target))


def check_references(policy: Mapping[str, Any], where: Where) -> list[Finding]:
    """A finding for every tool that cannot be imported."""
    findings = []
    for name, reference in policy.get("python", {}).items():
        try:
            import_tool(reference, where.base_dir)
        except ToolReferenceError as error:
            findings.append(where.finding("tools-bad-reference", f"python.{name}: {error}", "python", name))
    return findings


@contextmanager
def _also_from(folder: Path) -> Iterator[None]:
    text = str(folder)
    if text in sys.path:
        yield
        return
    sys.path.append(text)
    try:
        yield
    finally:
        sys.path.remove(text)
