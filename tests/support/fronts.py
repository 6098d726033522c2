"""App servers behind the HTTP front in the test's own process."""

import json
from contextlib import asynccontextmanager

from isolate_host.client.host import IsolateHost
from isolate_host.config import load_config
from isolate_host.daemon.apps import AppFront
from isolate_host.host.broker import Broker
from isolate_host.host.embedded import EmbeddedLink
from isolate_host.plugin import PluginRegistry


class Running:
    """An app front, with the ports that it listens on."""

    def __init__(self, broker, front, registry, path):
        self.broker, self.front, self._registry, self._path = broker, front, registry, path

    @property
    def ports(self):
        return {name: self._port(app) for name, app in self.front._apps.items()}

    def _port(self, app):
        listener = self.front._listeners[app.config.listen]
        return None if listener.listen.address is None else int(listener.addresses[0].rpartition(":")[2])

    @property
    def port(self):
        return next(iter(self.ports.values()))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def app(self, name="app"):
        return self.front._apps[name]

    async def reload(self, text):
        self._path.write_text(text)
        config = load_config(self._path, self._registry).config
        await self.broker.reload(config)
        await self.front.apply(config)


@asynccontextmanager
async def fronts(folder):
    """A function that serves files, by name, as one app whose keys are given, or under a ``yaml`` of its own."""
    running = []

    async def start(files, *, yaml=None, **fields):
        for name, text in files.items():
            (folder / name).parent.mkdir(exist_ok=True, parents=True)
            (folder / name).write_text(text)
        registry = PluginRegistry()
        path = folder / "host.yaml"
        path.write_text(yaml or one_app(**fields))
        config = load_config(path, registry).config
        broker = Broker(config, registry)
        await broker.start()
        front = AppFront(IsolateHost(EmbeddedLink(broker), await broker.control("hello", {})))
        running.append((front, broker))
        await front.apply(config)
        return Running(broker, front, registry, path)

    try:
        yield start
    finally:
        for front, broker in running:
            await front.close()
            await broker.close()


def one_app(**fields):
    """A configuration with one app on a free port."""
    app = {"sandbox": "agent", "entry": "./server.ts", "listen": "127.0.0.1:0", **fields}
    return f"version: 1\nsandboxes:\n  agent: {{policies: {{console: {{}}}}}}\napp_servers:\n  app: {json.dumps(app)}\n"
