"""All app servers of a configuration: started together, reloaded without a gap, drained and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path

from isolate_host.client.host import IsolateHost
from isolate_host.config.apps import AppServerConfig, Listen
from isolate_host.config.model import HostConfig
from isolate_host.daemon.apps.access_log import AccessLog
from isolate_host.daemon.apps.app import App
from isolate_host.daemon.apps.heads import HeadWriter
from isolate_host.daemon.apps.listener import Listener
from isolate_host.errors import ConfigError, IsolateHostError

__all__ = ["AppFront"]

_LOG = logging.getLogger("isolate_host.apps")
_MAX_ENTRY_BYTES = 16 << 20


class AppFront:
    """Serves ``app_servers:`` through ``host``, which reaches the broker."""

    def __init__(self, host: IsolateHost) -> None:
        self._host = host
        self._heads = HeadWriter()
        self._apps: dict[str, App] = {}
        self._listeners: dict[Listen, Listener] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def apps(self) -> list[App]:
        """The apps that are served."""
        return list(self._apps.values())

    @property
    def addresses(self) -> list[str]:
        """Where they listen, for messages."""
        return [address for listener in self._listeners.values() for address in listener.addresses]

    async def apply(self, config: HostConfig) -> None:
        """Serve what ``config`` says from now on. All or nothing: raises, and goes on as before, when an app does not start or an address is taken.

        An app that stays is started anew beside the old one, which finishes what it has; listeners that stay never close.
        """
        wanted = config.app_servers
        fresh: dict[str, App] = {}
        opened: dict[Listen, Listener] = {}
        try:
            for name, settings in wanted.items():
                fresh[name] = await self._start(settings, config)
            for listen in {settings.listen for settings in wanted.values()} - set(self._listeners):
                opened[listen] = listener = Listener(listen, self._heads)
                listener.use([app for app in fresh.values() if app.config.listen == listen])
                await listener.open()
            for listen in {settings.listen for settings in wanted.values()} & set(self._listeners):
                self._listeners[listen].renew_tls()
        except BaseException:
            for listener in opened.values():
                listener.stop_accepting()
            await asyncio.gather(*(app.close(0) for app in fresh.values()), return_exceptions=True)
            raise
        self._switch(fresh, opened)

    def _switch(self, fresh: dict[str, App], opened: dict[Listen, Listener]) -> None:
        old, self._apps = self._apps, fresh
        self._listeners.update(opened)
        for listen, listener in list(self._listeners.items()):
            apps = [app for app in fresh.values() if app.config.listen == listen]
            if apps:
                listener.use(apps)
            else:
                del self._listeners[listen]
                listener.stop_accepting()
        for app in old.values():
            task = asyncio.get_running_loop().create_task(app.close(app.config.drain_s))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
        if fresh:
            _LOG.info("serving %s on %s", ", ".join(fresh), ", ".join(self.addresses))

    async def _start(self, settings: AppServerConfig, config: HostConfig) -> App:
        page = None if settings.error_page is None else _read(settings.error_page, settings).encode()
        try:
            log = None if settings.access_log is None else AccessLog(settings.access_log)
        except OSError as error:
            raise ConfigError(f"{settings.origin}: cannot write {settings.access_log}: {error.strerror}") from None
        _read(settings.entry, settings)
        try:
            server = await self._host.create_app_server(
                key=None,
                entry=_guest_name(settings, config),
                source=lambda: _read(settings.entry, settings),
                sandbox=settings.sandbox,
                replicas=settings.replicas,
            )
        except IsolateHostError:
            # The error speaks of the program only, and several apps may have one of that name. Who gets it tells the rest.
            _LOG.error("%s: %s does not start", settings.origin, settings.entry)
            raise
        return App(settings, server, page, log)

    # ------------------------------------------------------------------ end
    async def drain(self, seconds: float) -> None:
        """Accept nobody, and give what runs up to ``seconds`` to end."""
        for listener in self._listeners.values():
            listener.stop_accepting()
        for app in self._apps.values():
            for socket in list(app.sockets):
                socket.close(1001, "the server stops")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(app.quiet() for app in self._apps.values()))

    async def close(self) -> None:
        """Cut every connection and end every app."""
        for listener in self._listeners.values():
            listener.stop_accepting()
            listener.close()
        await asyncio.gather(*(app.close(0) for app in self._apps.values()), *self._ending, return_exceptions=True)
        self._apps, self._listeners = {}, {}


def _read(path: Path, settings: AppServerConfig) -> str:
    try:
        if path.stat().st_size > _MAX_ENTRY_BYTES:
            raise ConfigError(f"{settings.origin}: {path} is larger than {_MAX_ENTRY_BYTES} bytes")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{settings.origin}: cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{settings.origin}: {path} is not UTF-8 text (byte {error.start})") from None


def _guest_name(settings: AppServerConfig, config: HostConfig) -> str:
    """Where the program stands in the guest: in the source tree that holds its file, so that its relative imports work."""
    sandbox = config.sandboxes.get(settings.sandbox)
    modules = sandbox.policies.get("modules") if sandbox else None
    file = settings.entry.resolve()
    for tree in modules.policy.get("source_trees", ()) if modules else ():
        root = (modules.base_dir / tree["root"]).resolve() if modules else Path()
        if file.is_relative_to(root):
            return f"/{tree['prefix'].strip('/')}/{file.relative_to(root).as_posix()}"
    return f"/{settings.entry.name}"
