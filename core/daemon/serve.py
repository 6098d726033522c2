"""The daemon's life: claim the socket, start the broker, serve until told to stop, stop in order."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from isolate_host.client.options import default_socket_path
from isolate_host.config import HostConfig
from isolate_host.daemon.http import HttpFront
from isolate_host.daemon.notify import Starter, sd_notify
from isolate_host.daemon.orders import Orders, first_of
from isolate_host.daemon.places import SocketPlace
from isolate_host.daemon.server import Server
from isolate_host.errors import IsolateHostError
from isolate_host.host.broker import Broker
from isolate_host.plugin import PluginRegistry

__all__ = ["serve"]

_logger = logging.getLogger("isolate_host.daemon")


async def serve(config: HostConfig, *, socket: Path | None = None, reload: Callable[[], Awaitable[None]] | None = None) -> None:
    """Serve ``config`` until SIGTERM or SIGINT; ``socket`` wins over the configured path.

    SIGTERM lets running evaluations finish (``daemon.drain_s``), a second one does not. SIGHUP calls ``reload``. Raises
    ``ConfigError`` when an address cannot be had and ``IsolationUnavailable`` when the machine lacks what the policy demands.
    """
    starter = Starter(os.environ)
    # The handlers come first: whoever reads that we are ready may send a signal at once.
    with Orders(reload) as orders:
        async with AsyncExitStack() as stack:
            try:
                server = await _start(stack, config, SocketPlace(socket or config.daemon.socket or default_socket_path()), starter)
            except IsolateHostError as error:
                starter.failed(error)
                raise
            starter.ready()
            sd_notify("READY=1")
            _logger.info("listening on %s", ", ".join(server.addresses))
            await first_of(orders.stop.wait(), server.idle.wait())
            sd_notify("STOPPING=1")
            await first_of(server.drain(config.daemon.drain_s if orders.stop.is_set() else 0), orders.now.wait())


async def _start(stack: AsyncExitStack, config: HostConfig, place: SocketPlace, starter: Starter) -> Server:
    """Start everything; ``stack`` takes down what was started, in the opposite order."""
    place.claim()
    stack.callback(place.release)
    broker = Broker(config, PluginRegistry())
    stack.push_async_callback(broker.close)
    await broker.start()
    server = Server(broker, config, place, starter.idle_exit_s)
    stack.push_async_callback(server.close)
    await server.start()
    if config.daemon.http is not None:
        front = HttpFront(config.daemon.http, lambda: _metrics(broker, server), lambda: not server.draining)
        await front.start()
        stack.callback(front.close)
    return server


def _metrics(broker: Broker, server: Server) -> dict[str, float]:
    known = broker.diagnostics()
    return {
        "runtimes": known["runtimes"],
        "runtimes_created_total": known["runtimes_created"],
        "spares": known["spares"],
        "clients": server.clients,
        "clients_total": server.accepted,
    }
