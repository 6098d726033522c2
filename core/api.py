"""The entry points of the package: they join the client's objects with a broker."""

from __future__ import annotations

import asyncio
import importlib
import os
from collections.abc import Sequence
from typing import Any

from isolate_host.client.host import IsolateHost
from isolate_host.client.link import Link
from isolate_host.client.opening import Opening
from isolate_host.client.options import DaemonOptions
from isolate_host.client.typecheck import TypecheckResult, TypeProfile, check_profile

__all__ = ["create_isolate_host", "get_type_profile", "typecheck"]


def create_isolate_host(
    config: str | os.PathLike[str] | None = None, daemon: DaemonOptions | bool | None = None
) -> Opening[IsolateHost]:
    """Make a host for isolates: enter it with ``async with``, or await it and call ``close()`` later.

    Without ``daemon`` the broker runs in this process, configured by the YAML file ``config`` (``None`` = the defaults: no sandboxes, the
    caller's bindings decide). With ``daemon`` it is reached over a socket, and ``DaemonOptions.config`` configures it.

    Raises ``TypeError`` and ``ValueError`` for wrong arguments; awaiting raises ``ConfigError``, ``IsolationUnavailable`` or
    ``NotConnected``.
    """
    if config is not None and not isinstance(config, (str, os.PathLike)):
        raise TypeError(f"config must be a path, not {type(config).__name__}")
    if daemon is not None and not isinstance(daemon, (bool, DaemonOptions)):
        raise TypeError(f"daemon must be DaemonOptions, not {type(daemon).__name__}")
    options = DaemonOptions() if daemon is True else daemon or None
    if options is not None and config is not None:
        raise ValueError("config belongs to an embedded host; give DaemonOptions(config=…) to a daemon that is started")
    return Opening(lambda: _open(config, options), IsolateHost.close)


async def _open(config: str | os.PathLike[str] | None, daemon: DaemonOptions | None) -> IsolateHost:
    link = await _embed(config) if daemon is None else await _connect(daemon)
    try:
        hello: dict[str, Any] = await link.control("hello", {})
    except BaseException:
        await link.close()
        raise
    return IsolateHost(link, hello)


async def _embed(config: str | os.PathLike[str] | None) -> Link:
    # The broker brings plugins, a schema validator and a process pool: only an embedded host pays for them.
    from isolate_host.config import default_config, load_config
    from isolate_host.host.guests import guest_pool
    from isolate_host.plugin import PluginRegistry

    registry = PluginRegistry()
    settings = default_config() if config is None else load_config(os.fspath(config), registry).config
    pool = guest_pool(settings, registry)
    starting = asyncio.ensure_future(pool.start())
    # What is left to import takes half as long as the workers' template, which starts meanwhile.
    module = asyncio.ensure_future(asyncio.to_thread(importlib.import_module, "isolate_host.host.embedded"))
    try:
        await asyncio.gather(starting, module)
        from isolate_host.host.broker import Broker
        from isolate_host.host.embedded import EmbeddedLink

        return EmbeddedLink(Broker(settings, registry, pool))
    except BaseException:
        await pool.close()
        raise


async def _connect(daemon: DaemonOptions) -> Link:
    from isolate_host.client.socket_link import SocketLink

    return await SocketLink.connect(daemon)


def typecheck(*, code: str, config: str | os.PathLike[str] | None = None, **options: Any) -> TypecheckResult:
    """``IsolateHost.typecheck`` for programs without an event loop; ``options`` are its arguments.

    Each call starts a checker of its own, which takes about a second: keep a host where many texts are checked. Raises
    ``RuntimeError`` inside a running event loop.
    """

    async def check() -> TypecheckResult:
        async with create_isolate_host(config=config) as host:
            return await host.typecheck(code=code, **options)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(check())
    raise RuntimeError("typecheck() runs an event loop of its own; inside one, use: await host.typecheck(…)")


def get_type_profile(*, profile: str = "backend", capabilities: Sequence[str] = ()) -> TypeProfile:
    """The declarations that ``typecheck`` uses for a profile: for an editor, or for a model that writes guest code.

    Raises ``ValueError`` for an unknown profile and ``PluginError`` for a capability that no installed plugin provides.
    """
    from isolate_host.host.type_declarations import type_profile
    from isolate_host.plugin import PluginRegistry

    check_profile(profile)
    return type_profile(profile, list(capabilities), PluginRegistry())
