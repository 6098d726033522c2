"""Host side of the tools of one runtime: which there are, and who answers a call."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, cast

from isolate_host.errors import PolicyDenied
from isolate_host.plugin import Capability, CapabilityRequest, GuestCall
from isolate_host.plugins.tools.python_tools import PythonTool, import_tool
from isolate_host.plugins.tools.timeouts import TimedGenerator, within

__all__ = ["Tools"]


class Tools(Capability):
    """The operation of a call is the tool's name. A tool of the policy comes before one that the caller binds under the same name."""

    def __init__(self, request: CapabilityRequest) -> None:
        self._request = request
        self._timeout: float | None = request.policy.get("timeout_s")
        self._allow: Sequence[str] | None = request.policy.get("allow")
        self._python = {name: import_tool(reference, request.base_dir) for name, reference in request.policy.get("python", {}).items()}
        self._bound: Mapping[str, Any] = request.binding or {}
        #: Bound, allowed, and without a limit of time: nothing of ours is left to do for them.
        self._relayed = frozenset(
            name for name in self._bound if name not in self._python and self._seconds(name) is None and self._allowed(name)
        )
        self.guest_options = self._options()

    def _options(self) -> dict[str, Any]:
        """Tools by name with their kind, and those that the caller bound but the policy refuses with the reason."""
        tools = {name: {"kind": item.get("kind", "async")} for name, item in self._bound.items() if self._passes(name)}
        tools |= {name: {"kind": tool.kind} for name, tool in self._python.items()}
        denied = {name: self._denial(name).message for name in self._bound if name not in tools}
        return {"tools": tools, "denied": denied}

    def _passes(self, name: str) -> bool:
        return self._request.mode == "audit" or self._allowed(name)

    def _allowed(self, name: str) -> bool:
        return self._allow is None or any(fnmatchcase(name, pattern) for pattern in self._allow)

    def _denial(self, name: str) -> PolicyDenied:
        key = f"{self._request.key}.allow"
        return PolicyDenied(
            f"tool {name!r} is not allowed: it needs {key}",
            capability=self._request.name,
            value=name,
            rule=f"no pattern of {key} matches",
            hint=f"add {name!r} to {key} ({self._request.origin})" if self._request.origin else f"add {name!r} to {key}",
        )

    def passes(self, call: GuestCall) -> bool:
        """A bound tool without a time limit needs nothing from us but the permission."""
        name = call.op
        if name in self._relayed:
            return True
        if name in self._python or name not in self._bound or self._seconds(name) is not None:
            return False
        if not self._allowed(name):
            self._request.deny(self._denial(name))
        return True

    async def handle(self, call: GuestCall) -> Any:
        """Answer with a tool of the policy, or pass the call on to the caller without decoding it."""
        name = call.op
        tool = self._python.get(name)
        if tool is not None:
            return await self._call_python(name, tool, call)
        if name not in self._bound:
            raise LookupError(f"there is no tool {name!r}")
        if not self._allowed(name):
            self._request.deny(self._denial(name))
        return await within(call.forward(), self._seconds(name), name)

    async def _call_python(self, name: str, tool: PythonTool, call: GuestCall) -> Any:
        result = await within(tool.call(call.arguments(), call.ctx), self._timeout, name)
        if tool.kind == "generator" and self._timeout is not None:
            return TimedGenerator(cast("AsyncGenerator[Any, Any]", result), self._timeout, name)
        return result

    def _seconds(self, name: str) -> float | None:
        """The shorter of the policy's limit and the caller's own."""
        limits = [value for value in (self._timeout, self._bound[name].get("timeout_s")) if value is not None]
        return min(limits, default=None)
