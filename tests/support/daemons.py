"""A daemon's socket server in the test's own process, over the fake broker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from isolate_host.client.options import DaemonOptions
from isolate_host.config import HostConfig
from isolate_host.daemon.places import SocketPlace
from isolate_host.daemon.server import Server
from tests.support.fake_broker import FakeLink

__all__ = ["FakeDaemon", "fake_daemon"]


class FakeDaemon:
    def __init__(self, server: Server, broker: FakeLink, path: Path) -> None:
        self.server, self.broker, self.path = server, broker, path

    def options(self, **more: Any) -> DaemonOptions:
        return DaemonOptions(**{"socket_path": self.path, "auto_start": False, "timeout_s": 5, **more})


@asynccontextmanager
async def fake_daemon(folder: Path, program: Any, config: HostConfig | None = None, idle_exit_s: float | None = None) -> AsyncIterator[FakeDaemon]:
    """Serve ``program`` on ``folder/d.sock``."""
    broker = FakeLink(program)
    place = SocketPlace(folder / "d.sock")
    place.claim()
    server = Server(broker, config or HostConfig(), place, idle_exit_s)
    await server.start()
    try:
        yield FakeDaemon(server, broker, place.path)
    finally:
        await server.close()
