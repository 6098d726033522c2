"""Fixtures of the whole suite: a real host, embedded and behind a daemon."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import isolate_host as ih
from tests.support.hosts import open_host

#: Start a host that the test configures itself: ``host = await start_host(config="…")``.
StartHost = Callable[..., Awaitable[ih.IsolateHost]]


@pytest.fixture(autouse=True)
def _private_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's compile cache; one cache serves the whole session, for speed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(params=["embedded", "daemon"])
def link(request: pytest.FixtureRequest) -> str:
    """Which way to the broker: the same tests run over both."""
    return str(request.param)


@pytest.fixture
async def start_host(link: str, tmp_path: Path) -> AsyncIterator[StartHost]:
    """A function that opens a host over ``link``; all are closed at the end."""
    hosts: list[ih.IsolateHost] = []

    async def start(config: str | None = None) -> ih.IsolateHost:
        path = None
        if config is not None:
            path = tmp_path / f"host{len(hosts)}.yaml"
            path.write_text(config)
        host = await open_host(link, tmp_path / f"d{len(hosts)}", path)
        hosts.append(host)
        return host

    yield start
    for host in hosts:
        await host.close()


@pytest.fixture
async def host(start_host: StartHost) -> ih.IsolateHost:
    """A host with the default configuration."""
    return await start_host()


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[ih.IsolateHost]:
    """A host in this process only, for tests that look inside."""
    async with ih.create_isolate_host() as host:
        yield host


@pytest.fixture
def raises_guest() -> Callable[[str], Any]:
    """Expect a guest error of one JavaScript name."""

    def expect(name: str) -> Any:
        return pytest.raises(ih.GuestError, match=f"^{name}\\b")

    return expect
