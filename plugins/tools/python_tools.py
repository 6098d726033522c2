"""Tools that a policy names as ``module:function`` and that run inside the broker."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from isolate_host.config import Finding, Where
from isolate_host.plugin.context import HostCallContext
from isolate_host.plugins.tools.threads import run_in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PythonTool", "ToolReferenceError", "check_references", "import_tool"]


class ToolReferenceError(Exception):
    """A reference leads to nothing that can be called."""


@dataclass(frozen=True, slots=True)
class PythonTool:
    """One function of the host."""

    function: Callable[..., Any]
    kind: Literal["sync", "async", "generator"]
    wants_context: bool

    async def call(self, args: list[Any], ctx: HostCallContext) -> Any:
        """Call the function; the result of a generator is the generator itself."""
        named = {"ctx": ctx} if self.wants_context else {}
        if self.kind == "generator":
            return self.function(*args, **named)
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
    if inspect.isgeneratorfunction(target):
        raise ToolReferenceError(f"{reference} is a plain generator; write it as an async generator")
    return PythonTool(target, _kind(target), _wants_context(target))


def check_references(policy: Mapping[str, Any], where: Where) -> list[Finding]:
    """A finding for every tool that cannot be imported."""
    findings = []
    for name, reference in policy.get("python", {}).items():
        try:
            import_tool(reference, where.base_dir)
        except ToolReferenceError as error:
            findings.append(where.finding("tools-bad-reference", f"python.{name}: {error}", "python", name))
    return findings


def _kind(function: Any) -> Literal["sync", "async", "generator"]:
    candidates = (function, getattr(function, "__call__", None))  # noqa: B004 -- an object whose __call__ is async
    if any(inspect.isasyncgenfunction(item) for item in candidates):
        return "generator"
    return "async" if any(inspect.iscoroutinefunction(item) for item in candidates) else "sync"


def _wants_context(function: Any) -> bool:
    try:
        return "ctx" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


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
