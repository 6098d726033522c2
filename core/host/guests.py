"""The pool whose workers start with what the plugins of a configuration bring. Imports little: it starts while the broker is being imported."""

from __future__ import annotations

from isolate_host.config.model import HostConfig
from isolate_host.guest import read_bundle
from isolate_host.host.pool import WorkerPool
from isolate_host.host.template import Template
from isolate_host.plugin import PluginRegistry

__all__ = ["guest_pool"]


def guest_pool(config: HostConfig, registry: PluginRegistry) -> WorkerPool:
    """A pool for guests under ``config``, whose plugins ``registry`` loads. Raises ``PluginError``."""
    for problem in registry.load(config.plugins).values():
        raise problem.error()
    scripts = registry.guest_scripts(registry.loaded)
    texts = tuple((script.name, script.source) for script in scripts)
    services = tuple(sorted({service for script in scripts for service in script.services}))
    return WorkerPool(Template("guest", (("kernel", read_bundle()), *texts), services, forkable=True), config.isolation)
