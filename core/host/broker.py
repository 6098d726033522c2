"""The broker: one configuration, its plugins, its workers, and every runtime made from them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from isolate_host.config.model import HostConfig
from isolate_host.errors import (
    Disposed,
    IsolateHostError,
    LimitExceeded,
    NamespaceInUse,
    PluginError,
    PolicyDenied,
    ProtocolError,
    WorkerCrashed,
)
from isolate_host.guest import read_bundle
from isolate_host.host.audit import AuditLog
from isolate_host.host.children import ChildDoor
from isolate_host.host.compile_cache import CompileCache, default_cache_folder
from isolate_host.host.compiler import Compiler
from isolate_host.host.coverage import CodeServices, CoverageConverter
from isolate_host.host.grants import open_grants
from isolate_host.host.guests import guest_pool
from isolate_host.host.lineage import Admit, free, scope_of
from isolate_host.host.package_types import find_package_types
from isolate_host.host.parking import Parking
from isolate_host.host.pool import WorkerPool
from isolate_host.host.priorities import Priorities
from isolate_host.host.runtime import BrokerRuntime
from isolate_host.host.session import HostSession
from isolate_host.host.sessions import REST_S, SessionName, SessionRegistry
from isolate_host.host.spec import RuntimeSpec, read_bindings, read_key, read_spec
from isolate_host.host.type_declarations import Files, profile_declarations, sandbox_declarations
from isolate_host.host.typecheck import TypeChecker
from isolate_host.host.typedesk import TypeDesk
from isolate_host.host.worker import WorkerLimits
from isolate_host.plugin import PackageTypes, PluginRegistry

if TYPE_CHECKING:
    from isolate_host.client.link import Sink

__all__ = ["Broker"]

_LOG = logging.getLogger("isolate_host.broker")


class Broker:
    """Holds every capability, policy, secret and file, and runs no guest code.

    ``registry`` must have loaded the configuration's plugins (``load_config`` does); ``pool`` is their :func:`guest_pool` when that was made
    before, and belongs to the broker. ``own_process``: nothing else runs in this process, as in a daemon (see :class:`.Priorities`). Use
    :meth:`start` and :meth:`close`.
    """

    def __init__(self, config: HostConfig, registry: PluginRegistry, pool: WorkerPool | None = None, *, own_process: bool = False) -> None:
        self.config, self._registry = config, registry
        self._pool = guest_pool(config, registry) if pool is None else pool
        self._retired: list[WorkerPool] = []
        kernel = read_bundle()
        compiler = Compiler(kernel, config.isolation, CompileCache(default_cache_folder()))
        self._services = CodeServices(compiler, CoverageConverter(kernel, config.isolation))
        self._type_checker = TypeChecker(kernel, config.isolation)
        self._audit = AuditLog(config.audit, registry.observe if registry.observes else None)
        self._priorities = Priorities(own_process=own_process)
        self._runtimes: dict[str, BrokerRuntime] = {}
        self._sessions = SessionRegistry(lambda: self.config.sessions, lambda session: session.pool is self._pool)
        self._created = 0
        self._estates: set[asyncio.Task[None]] = set()
        self._closing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the zygote and let the canary try it. Raises ``IsolationUnavailable``."""
        await self._pool.start()

    async def reload(self, config: HostConfig) -> None:
        """Use ``config`` for every runtime from now on; those that live keep what they were made with.

        All or nothing: when a plugin or the isolation that it asks for cannot be had, the old configuration stays and the error is
        raised. The audit file and the daemon's addresses are read at the start only.
        """
        pool = guest_pool(config, self._registry)
        if pool.template != self._pool.template or config.isolation != self.config.isolation:
            try:
                await pool.start()
            except BaseException:
                await pool.close()
                raise
            old, self._pool = self._pool, pool
            old.retire()
            self._retired.append(old)
            self._sessions.evict_outdated()
        self.config = config
        _LOG.info("configuration reloaded: plugins %s, sandboxes %s", ", ".join(config.plugins), ", ".join(sorted(config.sandboxes)) or "none")

    # ------------------------------------------------------------------ runtimes
    async def open(self, kind: str, data: dict[str, Any], sink: Sink, *, owner: str = "") -> BrokerRuntime:
        """Create a runtime for ``sink``. Raises what refuses it: see ``IsolateHost.create_runtime``.

        ``owner`` is who asks, as whoever let him in knows it: sessions belong to it.
        """
        if self._closing is not None:
            raise Disposed("the host was closed")
        if kind not in ("runtime", "server"):
            raise PluginError(f"no plugin provides resources of kind {kind!r}", plugin=kind)
        try:
            return await self._create(read_spec(data, self.config, kind), data, sink, owner)
        except PolicyDenied as error:
            self._audit.denied(error, sandbox=data.get("sandbox"))
            raise

    async def _create(self, spec: RuntimeSpec, data: dict[str, Any], sink: Sink, owner: str, admit: Admit = free) -> BrokerRuntime:
        if spec.key is not None:
            return await self._open_session(spec, data, sink, self._session_name(spec, owner), admit)
        return await self._give(await self._new_session(spec, "", admit), spec, sink)

    def _make_room(self) -> None:
        """Runtimes and pooled sessions count alike, but only a session that nobody owns gives way. Raises ``LimitExceeded``."""
        limit = self.config.max_runtimes
        if len(self._runtimes) + self._sessions.pooled >= limit and not self._sessions.evict_oldest():
            raise LimitExceeded(f"{limit} runtimes are alive", kind="runtimes", hint="dispose some, or raise max_runtimes")

    async def _bring_up(self, runtime: BrokerRuntime, start: Awaitable[None]) -> None:
        self._runtimes[runtime.id] = runtime
        try:
            await start
        except BaseException as error:
            self._runtimes.pop(runtime.id, None)
            runtime.end(error if isinstance(error, IsolateHostError) else IsolateHostError(f"creation failed: {type(error).__name__}"))
            raise
        sandbox = runtime.spec.sandbox.name if runtime.spec.sandbox else None
        self._audit.record("created", runtime=runtime.id, sandbox=sandbox, capabilities=sorted(runtime.capabilities))

    def _ended(self, runtime: BrokerRuntime) -> None:
        self._runtimes.pop(runtime.id, None)
        self._sessions.ended(runtime)
        self._sessions.end_scope(scope_of(runtime))

    async def _open_child(self, spec: RuntimeSpec, data: dict[str, Any], sink: Sink, admit: Admit) -> BrokerRuntime:
        if self._closing is not None:
            raise Disposed("the host was closed")
        # Its sessions are found by its parent's scope, not by an owner.
        return await self._create(spec, data, sink, "", admit)

    # ------------------------------------------------------------------ sessions
    def _session_name(self, spec: RuntimeSpec, owner: str) -> SessionName:
        if spec.lineage is not None:
            return spec.lineage.scope, spec.key or ""
        shared = spec.sandbox is not None and spec.sandbox.sessions == "shared"
        return (f"sandbox:{spec.sandbox.name}" if shared and spec.sandbox else owner), spec.key or ""

    async def _open_session(
        self, spec: RuntimeSpec, data: dict[str, Any], sink: Sink, name: SessionName, admit: Admit
    ) -> BrokerRuntime:
        claim = await self._sessions.claim(name)
        session, runtime, reused = claim.session, None, claim.session is not None
        try:
            if session is None:
                session = await self._new_session(spec, name[1], admit)
            else:
                spec = session.fit(spec, data.get("limits") or {})
            runtime = await self._give(session, spec, sink)
            runtime.info |= {"key": name[1], "reused": reused}
        finally:
            # A session that was refused before anything happened to it waits on; a new one would wait for nobody.
            self._sessions.settle(claim, session if runtime is not None or reused else None, runtime)
        return runtime

    async def _new_session(self, spec: RuntimeSpec, key: str, admit: Admit) -> HostSession:
        leave = admit()
        try:
            self._make_room()
            self._created += 1
            number, pool, limits = self._created, self._pool, spec.limits
            worker = await pool.acquire(WorkerLimits(limits.memory_mb, limits.cpu_s, limits.frame_bytes))
        except BaseException:
            leave()
            raise
        worker.ended.add_done_callback(lambda _: leave())
        return self._look_after(HostSession(key, f"rt-{number}", spec.sandbox.name if spec.sandbox else None, worker, pool))

    def _look_after(self, session: HostSession) -> HostSession:
        """Let it take turns with the others, and close what capabilities left with the isolate as soon as it is gone."""
        self._priorities.watch(session.worker)

        def gone(_ended: object) -> None:
            task = asyncio.get_running_loop().create_task(session.estate.aclose())
            self._estates.add(task)
            task.add_done_callback(self._estates.discard)

        session.worker.ended.add_done_callback(gone)
        return session

    async def _give(self, session: HostSession, spec: RuntimeSpec, sink: Sink) -> BrokerRuntime:
        """Make ``sink`` the owner of the session's isolate. When that fails half-way, the isolate is gone."""
        runtime = BrokerRuntime(
            session.runtime_id, spec, sink, self._services, self._audit, self._ended, sources=session.sources, branch=self._fork,
            park=self._sessions.park if spec.key is not None else None,
        )
        runtime.session = session
        fresh = not session.surface
        types = TypeDesk(self._type_checker, spec, partial(self._declarations, spec), session.earlier, partial(self._package_types, spec))
        try:
            if spec.lineage is not None:
                spec.lineage.parent.family.check()
            grants = open_grants(
                spec, self.config, self._registry, runtime.id, runtime.port, on_denied=runtime.denied, estate=session.estate, types=types,
                children=lambda grants: ChildDoor(runtime, grants, self._open_child, self._sessions, self._hello),
            )
            if spec.lineage is not None:
                spec.lineage.parent.family.adopt(runtime)
            fresh = True
            session.worker.allow_frames_of(spec.limits.frame_bytes)
            await self._bring_up(runtime, runtime.start(session, grants))
        except BaseException:
            if fresh:
                session.worker.kill(Disposed("the session could not be set up"))
                await asyncio.shield(session.worker.ended)
            raise
        return runtime

    def _declarations(self, spec: RuntimeSpec, profile: str | None) -> Files:
        if profile is not None:
            return profile_declarations(profile, [], self._registry)
        return [] if spec.sandbox is None else sandbox_declarations(spec.sandbox, self.config, self._registry, spec.inherent)

    async def _package_types(self, spec: RuntimeSpec, imports: Iterable[tuple[str, str]], declared: Files) -> list[PackageTypes]:
        # A child has none of the packages of its parent's policy.
        sandbox = spec.sandbox if spec.lineage is None else None
        return await find_package_types(imports, sandbox, self.config, self._registry, declared=declared, given=())

    async def _fork(self, parent: BrokerRuntime, data: dict[str, Any], sink: Sink, owner: str) -> BrokerRuntime:
        """A branch of ``parent``: its sandbox, limits and folder, the bindings of ``data``, in session ``key`` or in none."""
        if self._closing is not None:
            raise Disposed("the host was closed")
        spec = replace(parent.spec, key=read_key(data.get("key")), bindings=read_bindings(data.get("bindings")))
        if spec.key is None:
            return await self._give(await self._branch(parent, ""), spec, sink)
        claim = await self._sessions.claim(self._session_name(spec, owner))
        waiting, branch, runtime = claim.session, None, None
        try:
            if waiting is not None:
                raise NamespaceInUse(f"there is a session {spec.key!r} already", key=spec.key, hint="choose another key, or dispose_namespace it")
            branch = await self._branch(parent, spec.key)
            runtime = await self._give(branch, spec, sink)
            runtime.info |= {"key": spec.key, "reused": False}
        finally:
            self._sessions.settle(claim, waiting if runtime is None else branch, runtime)
        return runtime

    async def _branch(self, parent: BrokerRuntime, key: str) -> HostSession:
        if parent.session is None:
            raise Disposed("the runtime has ended")
        self._make_room()
        self._created += 1
        session = self._look_after(parent.session.branch(key, f"rt-{self._created}", await parent.fork_worker()))
        # What the parent leased, asked and set up is the parent's: the branch starts as the next owner of a session does.
        kept = await Parking(session.worker, lambda _error: None, keep_modules=True).rest(REST_S)
        if kept is None:
            raise WorkerCrashed("the branch did not come to rest")
        session.ledger.retain(kept)
        return session

    async def _dispose_session(self, key: str, reason: str | None, owner: str) -> bool:
        """In the client's own scope, and in that of every sandbox that shares its sessions."""
        scopes = [owner, *(f"sandbox:{name}" for name, sandbox in self.config.sandboxes.items() if sandbox.sessions == "shared")]
        return any([await self._sessions.dispose((scope, key), reason) for scope in scopes])

    # ------------------------------------------------------------------ questions
    async def control(self, op: str, params: dict[str, Any], *, owner: str = "") -> Any:
        """Answer ``hello``, ``diagnostics``, ``dispose_namespace`` or ``typecheck``. Raises ``ProtocolError`` for anything else."""
        if op == "hello":
            return {**self._hello(), "sandboxes": sorted(self.config.sandboxes)}
        if op == "diagnostics":
            return self.diagnostics()
        if op == "dispose_namespace":
            reason = params.get("reason")
            key = read_key(params.get("key"))
            return key is not None and await self._dispose_session(key, reason if isinstance(reason, str) else None, owner)
        if op == "typecheck":
            return await self._type_checker.check(params, self.config, self._registry)
        raise ProtocolError(f"unknown control operation {op[:40]!r}")

    def _hello(self) -> dict[str, Any]:
        return {"plugins": self._registry.loaded, "isolation": self._pool.layers()}

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
            "sessions_pooled": self._sessions.pooled,
        }

    # ------------------------------------------------------------------ end
    async def close(self) -> None:
        """End every runtime and stop every process. Idempotent."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        self._priorities.close()
        runtimes = list(self._runtimes.values())
        await asyncio.gather(*(runtime.dispose(hard=True, reason="the host was closed") for runtime in runtimes), return_exceptions=True)
        await self._sessions.close()
        await asyncio.gather(*self._estates, return_exceptions=True)
        await self._registry.aclose()
        pools = [self._pool, *self._retired]
        services = (self._services.compiler, self._services.coverage, self._type_checker)
        await asyncio.gather(*(service.close() for service in services), *(pool.close() for pool in pools), return_exceptions=True)
        await asyncio.to_thread(self._audit.close)
