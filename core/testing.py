"""A pytest plugin for authors of capabilities. It is active wherever isolate-host is installed.

Without V8, to test the host side alone::

    async def test_get(capability):
        kv = capability("kv", {"file": "data.db"})
        assert await kv.call("get", "colour") is None

With a guest::

    async def test_guest(host_from_yaml):
        async with host_from_yaml(POLICY) as host, host.create_runtime(sandbox="default") as runtime:
            assert await runtime.eval("await kv.get('colour')") is None
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from isolate_host.errors import PolicyDenied
    from isolate_host.plugin.capability import Capability, CapabilityRequest
    from isolate_host.plugin.context import HostCallContext

__all__ = ["CapabilityDriver", "FakeCall", "FakeGuest", "assert_denied", "capability", "host_from_yaml", "make_context"]


@dataclass
class FakeGuest:
    """Stands in for the guest: records what the capability tells it. Set ``answers[op]`` to a value for each ``call``."""

    answers: dict[str, Any] = field(default_factory=dict)
    notes: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    calls: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    #: Notes to the client.
    told: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    killed: Exception | None = None

    async def call(self, op: str, *args: Any) -> Any:
        """Record the call and give the prepared answer."""
        self.calls.append((op, args))
        return self.answers.get(op)

    def note(self, op: str, *args: Any) -> None:
        """Record the note."""
        self.notes.append((op, args))

    def tell_client(self, op: str, *args: Any) -> None:
        """Record what the client would be told."""
        self.told.append((op, args))

    def kill(self, error: Exception) -> None:
        """Record the first reason."""
        self.killed = self.killed or error


@dataclass
class FakeCall:
    """One call from a guest. ``client`` answers what the capability forwards; without it nothing is bound."""

    op: str
    args: tuple[Any, ...]
    ctx: HostCallContext
    client: Callable[..., Any] | None = None
    size: int = 100
    forwarded: int = 0

    def arguments(self) -> list[Any]:
        """The arguments."""
        return list(self.args)

    def peek(self) -> list[Any]:
        """The arguments without what crosses by reference."""
        return [_by_value(item) for item in self.args]

    async def forward(self) -> Any:
        """Let ``client`` answer."""
        self.forwarded += 1
        if self.client is None:
            raise LookupError(f"the test bound no client for {self.op!r}")
        return await self.client(self.op, *self.args)

    def forward_note(self) -> None:
        """Count the note."""
        self.forwarded += 1


def _by_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _by_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_by_value(item) for item in value]
    return value if value is None or isinstance(value, (str, int, float, bytes)) else None


def make_context(name: str, op: str) -> HostCallContext:
    """The context of a call in a test."""
    from isolate_host.plugin.context import HostCallContext

    return HostCallContext(capability=name, op=op, runtime_id="test", resource_id=f"{name}:{op}:1", sandbox="default")


@dataclass
class CapabilityDriver:
    """A capability with a guest that exists only on paper."""

    capability: Capability
    request: CapabilityRequest
    guest: FakeGuest
    #: What the capability refused, also in mode ``audit``.
    denied: list[PolicyDenied]
    client: Callable[..., Any] | None = None

    async def call(self, op: str, *args: Any) -> Any:
        """Do what ``sdk.call(op, …args)`` does in a guest."""
        return await self.capability.handle(self._call(op, args))

    def note(self, op: str, *args: Any, size: int = 100) -> FakeCall:
        """Do what ``sdk.note(op, …args)`` does in a guest."""
        call = self._call(op, args)
        call.size = size
        self.capability.note(call)
        return call

    def _call(self, op: str, args: tuple[Any, ...]) -> FakeCall:
        return FakeCall(op, args, make_context(self.request.name, op), self.client)


@pytest.fixture
def capability(tmp_path: Path) -> Callable[..., CapabilityDriver]:
    """A function ``(name, policy, **fields of CapabilityRequest, client=None)`` that opens a capability of an installed plugin.

    The policy is checked as in a configuration file; ``base_dir`` is ``tmp_path`` unless given.
    """
    from isolate_host.plugin.capability import CapabilityRequest
    from isolate_host.plugin.registry import PluginRegistry

    def open_capability(
        name: str, policy: Mapping[str, Any] | None = None, *, client: Callable[..., Any] | None = None, **fields: Any
    ) -> CapabilityDriver:
        registry, guest = PluginRegistry(), FakeGuest()
        denied: list[PolicyDenied] = []
        known = {"configured": True, "binding": None, "runtime_id": "test", "sandbox": "default", "cwd": "/", "base_dir": tmp_path}
        checked = _checked_policy(registry, name, policy or {})
        request = CapabilityRequest(name=name, policy=checked, guest=guest, on_denied=denied.append, **{**known, **fields})
        opened = registry.create_capability(name, request)
        if opened is None:
            pytest.fail(f"plugin {name!r} opens nothing for this policy")
        return CapabilityDriver(opened, request, guest, denied, client)

    return open_capability


@pytest.fixture
def host_from_yaml(tmp_path: Path) -> Callable[[str], AbstractAsyncContextManager[Any]]:
    """A function that turns the text of a configuration into ``async with … as host``. Relative paths start at ``tmp_path``."""

    @asynccontextmanager
    async def open_host(text: str) -> AsyncIterator[Any]:
        from isolate_host import create_isolate_host

        file = tmp_path / "host.yaml"
        file.write_text(text, encoding="utf-8")
        async with create_isolate_host(config=file) as host:
            yield host

    return open_host


@contextmanager
def assert_denied(capability: str | None = None, value: str | None = None) -> Iterator[None]:
    """The block must be refused by a policy, of ``capability`` and for ``value`` when given."""
    from isolate_host.errors import PolicyDenied

    with pytest.raises(PolicyDenied) as caught:
        yield
    denied = (caught.value.capability, caught.value.value)
    wanted = (capability or denied[0], value or denied[1])
    if denied != wanted:
        pytest.fail(f"{denied} was denied, not {wanted}")


def _checked_policy(registry: Any, name: str, policy: Mapping[str, Any]) -> Mapping[str, Any]:
    from jsonschema import validate

    from isolate_host.config.catalog import Problem
    from isolate_host.config.convert import convert

    schema = registry.schema(name)
    if isinstance(schema, Problem):
        raise schema.error()
    validate(dict(policy), schema)
    checked: Mapping[str, Any] = convert(dict(policy), schema)
    return checked
