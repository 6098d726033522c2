"""The broker: one configuration, its plugins, its workers, and every runtime made from them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from isolate_host.config.model import HostConfig
from isolate_host.errors import Disposed, IsolateHostError, LimitExceeded, PluginError, PolicyDenied, ProtocolError
from isolate_host.guest import read_bundle
from isolate_host.host.audit import AuditLog
from isolate_host.host.compile_cache import CompileCache, default_cache_folder
from isolate_host.host.compiler import Compiler
from isolate_host.host.grants import Grants, open_grants
from isolate_host.host.pool import WorkerPool
from isolate_host.host.runtime import BrokerRuntime
from isolate_host.host.spec import RuntimeSpec, read_spec
from isolate_host.host.template import Template
from isolate_host.host.worker import WorkerLimits
from isolate_host.plugin import PluginRegistry

if TYPE_CHECKING:
    from isolate_host.client.link import Sink

__all__ = ["Broker"]

_LOG = logging.getLogger("isolate_host.broker")


class Broker:
    """Holds every capability, policy, secret and file, and runs no guest code.

    ``registry`` must have loaded the configuration's plugins (``load_config`` does). Use :meth:`start` and :meth:`close`.
    """

    def __init__(self, config: HostConfig, registry: PluginRegistry) -> None:
        self.config, self._registry = config, registry
        self._kernel = read_bundle()
        self._template = self._load_plugins(config)
        self._pool = WorkerPool(self._template, config.isolation)
        self._retired: list[WorkerPool] = []
        self._compiler = Compiler(self._kernel, config.isolation, CompileCache(default_cache_folder()))
        self._audit = AuditLog(config.audit, registry.observe if registry.observes else None)
        self._runtimes: dict[str, BrokerRuntime] = {}
        self._created = 0
        self._closing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the zygote and let the canary try it. Raises ``IsolationUnavailable``."""
        await self._pool.start()

    def _load_plugins(self, config: HostConfig) -> Template:
        """What guests start with under ``config``. Raises ``PluginError``."""
        for problem in self._registry.load(config.plugins).values():
            raise problem.error()
        scripts = self._registry.guest_scripts(self._registry.loaded)
        texts = tuple((script.name, script.source) for script in scripts)
        services = tuple(sorted({service for script in scripts for service in script.services}))
        return Template("guest", (("kernel", self._kernel), *texts), services)

    async def reload(self, config: HostConfig) -> None:
        """Use ``config`` for every runtime from now on; those that live keep what they were made with.

        All or nothing: when a plugin or the isolation that it asks for cannot be had, the old configuration stays and the error is
        raised. The audit file and the daemon's addresses are read at the start only.
        """
        template = self._load_plugins(config)
        if template != self._template or config.isolation != self.config.isolation:
            pool = WorkerPool(template, config.isolation)
            try:
                await pool.start()
            except BaseException:
                await pool.close()
                raise
            old, self._pool, self._template = self._pool, pool, template
            old.retire()
            self._retired.append(old)
        self.config = config
        _LOG.info("configuration reloaded: plugins %s, sandboxes %s", ", ".join(config.plugins), ", ".join(sorted(config.sandboxes)) or "none")

    # ------------------------------------------------------------------ runtimes
    async def open(self, kind: str, data: dict[str, Any], sink: Sink) -> BrokerRuntime:
        """Create a runtime for ``sink``. Raises what refuses it: see ``IsolateHost.create_runtime``."""
        if self._closing is not None:
            raise Disposed("the host was closed")
        if kind not in ("runtime", "server"):
            raise PluginError(f"no plugin provides resources of kind {kind!r}", plugin=kind)
        try:
            return await self._open(kind, data, sink)
        except PolicyDenied as error:
            self._audit.denied(error, sandbox=data.get("sandbox"))
            raise

    async def _open(self, kind: str, data: dict[str, Any], sink: Sink) -> BrokerRuntime:
        spec = read_spec(data, self.config, kind)
        if len(self._runtimes) >= self.config.max_runtimes:
            raise LimitExceeded(f"{self.config.max_runtimes} runtimes are alive", kind="runtimes", hint="dispose some, or raise max_runtimes")
        self._created += 1
        runtime = BrokerRuntime(f"rt-{self._created}", spec, sink, self._compiler, self._audit, self._ended)
        self._runtimes[runtime.id] = runtime
        try:
            await self._start_runtime(runtime, spec)
        except BaseException as error:
            self._runtimes.pop(runtime.id, None)
            runtime.end(error if isinstance(error, IsolateHostError) else IsolateHostError(f"creation failed: {type(error).__name__}"))
            raise
        self._audit.record("created", runtime=runtime.id, sandbox=data.get("sandbox"), capabilities=sorted(runtime.capabilities))
        return runtime

    async def _start_runtime(self, runtime: BrokerRuntime, spec: RuntimeSpec) -> None:
        grants: Grants = open_grants(spec, self.config, self._registry, runtime.id, runtime.port, runtime.denied)
        limits = spec.limits
        try:
            worker = await self._pool.acquire(WorkerLimits(limits.memory_mb, limits.cpu_s, limits.frame_bytes))
        except BaseException:
            # Nobody else knows of them yet.
            await grants.aclose()
            raise
        await runtime.start(worker, grants)

    def _ended(self, runtime: BrokerRuntime) -> None:
        self._runtimes.pop(runtime.id, None)

    # ------------------------------------------------------------------ questions
    async def control(self, op: str, params: dict[str, Any]) -> Any:
        """Answer ``hello`` or ``diagnostics``. Raises ``ProtocolError`` for anything else."""
        if op == "hello":
            return {"plugins": self._registry.loaded, "isolation": self._pool.layers(), "sandboxes": sorted(self.config.sandboxes)}
        if op == "diagnostics":
            return self.diagnostics()
        raise ProtocolError(f"unknown control operation {op[:40]!r}")

    def diagnostics(self) -> dict[str, Any]:
        """Counts and the effective isolation."""
        return {
            "runtimes": len(self._runtimes),
            "servers": len({runtime.spec.server for runtime in self._runtimes.values() if runtime.spec.server is not None}),
            "connected": self._closing is None,
            "isolation": self._pool.layers(),
            "isolation_warnings": self._pool.warnings(),
            "spares": self._pool.spare_count(),
            "runtimes_created": self._created,
        }

    # ------------------------------------------------------------------ end
    async def close(self) -> None:
        """End every runtime and stop every process. Idempotent."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        runtimes = list(self._runtimes.values())
        await asyncio.gather(*(runtime.dispose(hard=True, reason="the host was closed") for runtime in runtimes), return_exceptions=True)
        pools = [self._pool, *self._retired]
        await asyncio.gather(self._compiler.close(), *(pool.close() for pool in pools), return_exceptions=True)
        await asyncio.to_thread(self._audit.close)
