"""Tools: Python functions that become global functions of the guest."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from isolate_host.client.callables import context_parameter, kind_of
from isolate_host.client.limits import check_number
from isolate_host.errors import LimitExceeded
from isolate_host.wire.context import HostCallContext

__all__ = ["Tool", "ToolBox"]

_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z", re.ASCII)


class Tool:
    """A function with options, for ``Bindings(tools={"greet": Tool(greet, timeout_s=5)})``. Plain functions may be given as they are.

    The function may be sync (it then runs on the event loop: keep it short), async, or a generator of either kind, which the
    guest consumes with ``for await``. If it has a parameter annotated ``HostCallContext``, or called ``ctx``, it gets
    the context of the call there, by name. ``timeout_s`` bounds an async call, and each step of an async generator; the guest
    then sees ``LimitExceeded`` and the function is cancelled. ``None`` = no limit.
    """

    __slots__ = ("context", "function", "kind", "timeout_s")

    def __init__(self, function: Callable[..., Any], *, timeout_s: float | None = None) -> None:
        if not callable(function):
            raise TypeError(f"a tool must be a function, not {type(function).__name__}")
        if timeout_s is not None:
            check_number("timeout_s", timeout_s)
        self.function = function
        self.timeout_s = timeout_s
        self.kind = kind_of(function)
        self.context = context_parameter(function)

    @property
    def plain(self) -> bool:
        """True when neither the function nor its time limit needs a context."""
        return self.context is None and self.timeout_s is None

    def invoke(self, name: str, args: Sequence[Any], ctx: HostCallContext) -> Any:
        """Call the function; the result may be awaitable or an iterator."""
        keywords = {self.context: ctx} if self.context is not None else {}
        if self.timeout_s is None or self.kind == "sync":
            return self.function(*args, **keywords)
        if self.kind == "async":
            return self._timed(name, lambda: self.function(*args, **keywords), ctx)
        steps = self.function(*args, **keywords)
        return self._timed_steps(name, steps, ctx) if hasattr(steps, "__anext__") else steps

    async def _timed(self, name: str, work: Callable[[], Awaitable[Any]], ctx: HostCallContext) -> Any:
        scope = asyncio.timeout(self.timeout_s)
        try:
            async with scope:
                return await work()
        except TimeoutError:
            # A TimeoutError of the tool's own is its result, not ours.
            if not scope.expired():
                raise
            error = LimitExceeded(f"tool {name!r} took longer than {self.timeout_s:g} s", kind="tool_time")
            ctx.controller.abort(error.message)
            raise error from None

    async def _timed_steps(self, name: str, steps: AsyncGenerator[Any, Any], ctx: HostCallContext) -> AsyncIterator[Any]:
        received = None
        try:
            while True:
                try:
                    item = await self._timed(name, lambda: steps.asend(received), ctx)  # noqa: B023 (awaited before it changes)
                except StopAsyncIteration:
                    return
                received = yield item
        finally:
            await steps.aclose()


class ToolBox:
    """The tools of one runtime. Raises ``TypeError`` or ``ValueError`` for what is no tool."""

    def __init__(self, tools: Mapping[str, Any]) -> None:
        if not isinstance(tools, Mapping):
            raise TypeError(f"Bindings.tools must map names to functions, not be a {type(tools).__name__}")
        self._tools: dict[str, Tool] = {}
        for name, tool in tools.items():
            if not isinstance(name, str):
                raise TypeError(f"a tool's name must be a str, not {type(name).__name__}")
            if not _NAME.match(name) or name.startswith("__"):
                raise ValueError(f"tool name {name!r} is no JavaScript identifier, or is reserved (it starts with '__')")
            if not isinstance(tool, Tool) and not callable(tool):
                raise TypeError(f"tool {name!r} must be a function, not {type(tool).__name__}")
            self._tools[name] = tool if isinstance(tool, Tool) else Tool(tool)

    def to_spec(self) -> dict[str, Any]:
        """What the broker has to know about them."""
        return {name: {"kind": tool.kind, "timeout_s": tool.timeout_s} for name, tool in self._tools.items()}

    def get(self, name: str) -> Tool:
        """Raises ``LookupError`` for an unknown name."""
        tool = self._tools.get(name)
        if tool is None:
            raise LookupError(f"there is no tool {name!r}")
        return tool
