"""The daemon's life: claim the socket, start the broker, serve until told to stop, stop in order."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import resource
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from isolate_host.client.host import IsolateHost
from isolate_host.client.options import default_socket_path
from isolate_host.config import HostConfig
from isolate_host.daemon.apps import AppFront
from isolate_host.daemon.http import HttpFront
from isolate_host.daemon.notify import Starter, sd_notify
from isolate_host.daemon.orders import Orders, first_of
from isolate_host.daemon.places import SocketPlace
from isolate_host.daemon.server import Server
from isolate_host.errors import IsolateHostError
from isolate_host.host.broker import Broker
from isolate_host.host.embedded import EmbeddedLink
from isolate_host.plugin import PluginRegistry

__all__ = ["serve"]

_logger = logging.getLogger("isolate_host.daemon")


async def serve(config: HostConfig, *, socket: Path | None = None, load: Callable[[], HostConfig] | None = None) -> None:
    """Serve ``config`` until SIGTERM or SIGINT; ``socket`` wins over the configured path.

    SIGTERM lets running evaluations finish (``daemon.drain_s``), a second one does not. SIGHUP reads the
    configuration again with ``load`` and keeps the old one when that raises ``ConfigError``. Raises
    ``ConfigError`` when an address cannot be had and ``IsolationUnavailable`` when the machine lacks what the policy demands.
    """
    starter = Starter(os.environ)
    _allow_open_files()
    # The handlers come first: whoever reads that we are ready may send a signal at once.
    reloader = _Reloader(load)
    with Orders(reloader.reload if load else None) as orders:
        async with AsyncExitStack() as stack:
            try:
                place = SocketPlace(socket or config.daemon.socket or default_socket_path())
                reloader.broker, server, front = await _start(stack, config, place, starter)
            except IsolateHostError as error:
                starter.failed(error)
                raise
            reloader.server, reloader.front = server, front
            # What lives as long as the daemon need not be looked through again while clients wait.
            gc.collect()
            gc.freeze()
            starter.ready()
            sd_notify("READY=1")
            _logger.info("listening on %s", ", ".join([*server.addresses, *front.addresses]))
            await first_of(orders.stop.wait(), server.idle.wait())
            sd_notify("STOPPING=1")
            seconds = config.daemon.drain_s if orders.stop.is_set() else 0
            await first_of(_drain(server, front, seconds), orders.now.wait())


def _allow_open_files() -> None:
    """Every connection is a descriptor; the usual soft limit of 1,024 is for programs that call ``select``. Workers get a limit of their own."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _drain(server: Server, front: AppFront, seconds: float) -> None:
    longest = max((app.config.drain_s for app in front.apps), default=0) if seconds else 0
    await asyncio.gather(server.drain(seconds), front.drain(longest))


class _Reloader:
    """What SIGHUP does, once the server runs."""

    def __init__(self, load: Callable[[], HostConfig] | None) -> None:
        self._load = load
        self.broker: Broker | None = None
        self.server: Server | None = None
        self.front: AppFront | None = None

    async def reload(self) -> None:
        """Raises ``ConfigError`` or ``IsolationUnavailable``; then nothing has changed."""
        if self._load is None or self.server is None or self.broker is None or self.front is None:
            return
        self.server.last_reload_ok = False
        # Reading may import plugins and files: not while clients wait.
        config = await asyncio.to_thread(self._load)
        before = self.broker.config
        await self.broker.reload(config)
        try:
            await self.front.apply(config)
        except BaseException:
            await self.broker.reload(before)
            raise
        self.server.last_reload_ok = True


async def _start(stack: AsyncExitStack, config: HostConfig, place: SocketPlace, starter: Starter) -> tuple[Broker, Server, AppFront]:
    """Start everything; ``stack`` takes down what was started, in the opposite order."""
    place.claim()
    stack.callback(place.release)
    broker = Broker(config, PluginRegistry(), own_process=True)
    stack.push_async_callback(broker.close)
    await broker.start()
    server = Server(broker, config, place, starter.idle_exit_s)
    stack.push_async_callback(server.close)
    await server.start()
    front = AppFront(IsolateHost(EmbeddedLink(broker), await broker.control("hello", {})))
    stack.push_async_callback(front.close)
    await front.apply(config)
    if config.daemon.http is not None:
        health = HttpFront(config.daemon.http, lambda: _metrics(broker, server, front), lambda: not server.draining)
        await health.start()
        stack.callback(health.close)
    return broker, server, front


def _metrics(broker: Broker, server: Server, front: AppFront) -> dict[str, float]:
    known = broker.diagnostics()
    return {
        "runtimes": known["runtimes"],
        "app_servers": len(front.apps),
        "app_requests_total": sum(app.answered for app in front.apps),
        "app_requests": sum(app.busy for app in front.apps),
        "app_websockets": sum(len(app.sockets) for app in front.apps),
        "runtimes_created_total": known["runtimes_created"],
        "spares": known["spares"],
        "clients": server.clients,
        "clients_total": server.accepted,
        "config_last_reload_successful": float(server.last_reload_ok),
    }
