"""The daemon's life: claim the socket, start the broker, serve until told to stop, stop in order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from isolate_host.client.options import default_socket_path
from isolate_host.config import HostConfig
from isolate_host.daemon.http import HttpFront
from isolate_host.daemon.notify import Starter, sd_notify
from isolate_host.daemon.places import SocketPlace
from isolate_host.daemon.server import Server
from isolate_host.errors import IsolateHostError
from isolate_host.host.broker import Broker
from isolate_host.plugin import PluginRegistry

__all__ = ["serve"]

_logger = logging.getLogger("isolate_host.daemon")


async def serve(
    config: HostConfig, *, socket: Path | None = None, reload: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Serve ``config`` until SIGTERM or SIGINT; ``socket`` wins over the configured path.

    SIGTERM lets running evaluations finish (``daemon.drain_s``), a second one does not. SIGHUP calls ``reload``. Raises
    ``ConfigError`` when the socket cannot be had and ``IsolationUnavailable`` when the machine lacks what the policy demands.
    """
    starter = Starter(os.environ)
    place = SocketPlace(socket or config.daemon.socket or default_socket_path())
    try:
        place.claim()
        broker = Broker(config, PluginRegistry())
        try:
            await broker.start()
            server = Server(broker, config, place, starter.idle_exit_s)
            await server.start()
            http = await _http_front(config, broker, server)
        except BaseException:
            await broker.close()
            place.release()
            raise
    except IsolateHostError as error:
        starter.failed(error)
        raise
    starter.ready()
    sd_notify("READY=1")
    _logger.info("listening on %s", ", ".join(server.addresses))
    try:
        await _until_told(server, config.daemon.drain_s, reload)
    finally:
        sd_notify("STOPPING=1")
        if http is not None:
            http.close()
        await server.close()
        await broker.close()


async def _http_front(config: HostConfig, broker: Broker, server: Server) -> HttpFront | None:
    if config.daemon.http is None:
        return None

    def metrics() -> dict[str, float]:
        known = broker.diagnostics()
        return {
            "runtimes": known["runtimes"],
            "runtimes_created_total": known["runtimes_created"],
            "spares": known["spares"],
            "clients": server.clients,
            "clients_total": server.accepted,
        }

    front = HttpFront(config.daemon.http, metrics, lambda: not server.draining)
    await front.start()
    return front


async def _until_told(server: Server, drain_s: float, reload: Callable[[], Awaitable[None]] | None) -> None:
    """Wait for a signal or idleness, and drain."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    again = asyncio.Event()
    reloads: set[asyncio.Task[None]] = set()

    def stop() -> None:
        (again if told.is_set() else told).set()

    def hang_up() -> None:
        task = loop.create_task(_reload(reload))
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    handlers = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: hang_up}
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        await _first(told.wait(), server.idle.wait())
        await _first(server.drain(drain_s if told.is_set() else 0), again.wait())
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


async def _first(*waits: Awaitable[object]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _reload(reload: Callable[[], Awaitable[None]] | None) -> None:
    """Reload, and go on with the old configuration when that fails."""
    if reload is None:
        _logger.info("SIGHUP: nothing to reload")
        return
    sd_notify("RELOADING=1")
    try:
        await reload()
    except IsolateHostError as error:
        _logger.error("reload failed, the old configuration stays: %s", error)  # noqa: TRY400 (findings, not a traceback)
    finally:
        sd_notify("READY=1")
