"""``IsolateHost``: the object that everything else is made from."""

from __future__ import annotations

import asyncio
import posixpath
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from isolate_host.client.answering import Leavings
from isolate_host.client.app_server import AppServer
from isolate_host.client.bindings import Bindings
from isolate_host.client.diagnostics import Diagnostics
from isolate_host.client.limits import Limits, NestedHostPolicy, check_number
from isolate_host.client.link import Channel, Link
from isolate_host.client.namespaced import NamespacedRuntime
from isolate_host.client.opening import Opening
from isolate_host.client.replica import Replica
from isolate_host.client.runtime import Runtime, absolute_filename
from isolate_host.client.session import Session
from isolate_host.client.test_runtime import TestedRuntime, TestRuntime
from isolate_host.client.typecheck import LibraryTypes, TypecheckResult, read_result, typecheck_request
from isolate_host.errors import Disposed, PluginError

__all__ = ["IsolateHost"]

_R = TypeVar("_R", bound=Runtime)


class IsolateHost:
    """Makes runtimes. Obtained from :func:`isolate_host.create_isolate_host`; embedded and daemon hosts behave alike."""

    def __init__(self, link: Link, hello: dict[str, Any]) -> None:
        self._link = link
        self._hello = hello
        self._runtimes: set[Runtime] = set()
        self._servers: set[AppServer] = set()
        self._leavings = Leavings()
        self._closing: asyncio.Task[None] | None = None

    @property
    def closed(self) -> bool:
        """True once :meth:`close` was called."""
        return self._closing is not None

    def create_runtime(
        self,
        *,
        sandbox: str | None = None,
        bindings: Bindings | dict[str, Any] | None = None,
        limits: Limits | None = None,
        cwd: str = "/",
        key: str | None = None,
        nested_host: NestedHostPolicy | bool | None = None,
    ) -> Opening[Runtime]:
        """A new script runtime: ``rt = await host.create_runtime()`` or ``async with host.create_runtime() as rt``.

        ``sandbox`` names a sandbox of the configuration; ``bindings`` and ``limits`` may only narrow what it allows. ``cwd`` is the absolute
        folder that relative file names start from, ``key`` the session that the runtime belongs to, ``nested_host`` what
        guest code may create itself (``False`` = nothing). When the connection to a daemon is lost the runtime ends, and a session waits there for
        the next call with its key; handles of :meth:`get_namespaced_runtime` come back by themselves.

        Wrong argument types raise ``TypeError`` here. Awaiting raises ``ConfigError``, ``PolicyDenied``, ``PluginError``,
        ``IsolationUnavailable``, ``LimitExceeded`` (``runtimes``), ``NamespaceInUse``, ``NotConnected`` or ``Disposed``.
        """
        checked = Bindings.coerce(bindings)
        spec = _spec(sandbox, limits, cwd, key, nested_host)
        return Opening(lambda: self._open_runtime(checked, spec, Runtime), Runtime.dispose)

    def create_test_runtime(
        self,
        *,
        sandbox: str | None = None,
        bindings: Bindings | dict[str, Any] | None = None,
        limits: Limits | None = None,
        cwd: str = "/",
        key: str | None = None,
        nested_host: NestedHostPolicy | bool | None = None,
    ) -> Opening[TestRuntime]:
        """A new runtime for test files: ``describe``, ``test``, ``expect`` and mocks. Arguments and errors are those of :meth:`create_runtime`;
        a sandbox has to grant ``tests``.
        """
        checked = Bindings.coerce(bindings)
        spec = _spec(sandbox, limits, cwd, key, nested_host)
        return Opening(lambda: self._open_test_runtime(checked, spec), TestRuntime.dispose)

    async def _open_test_runtime(self, bindings: Bindings, spec: dict[str, Any]) -> TestRuntime:
        return TestRuntime(await self._open_runtime(bindings, spec, TestedRuntime))

    async def _open_runtime(self, bindings: Bindings, spec: dict[str, Any], kind: type[_R]) -> _R:
        def open_channel(session: Session, *, start: bool = True) -> Awaitable[Channel]:
            return self._link.open("runtime", {**spec, "bindings": session.spec()}, session, start=start)

        runtime = await self._admit(kind, bindings, spec["sandbox"], spec["cwd"], open_channel)
        if isinstance(runtime, NamespacedRuntime):
            runtime.comeback = lambda session: open_channel(session, start=False), self._runtimes.add
        return runtime

    async def _admit(
        self, kind: type[_R], bindings: Bindings, sandbox: str | None, cwd: str, open_channel: Callable[[Session], Awaitable[Channel]]
    ) -> _R:
        """Open a runtime, and know it from then on."""
        self._check_open()
        self._check_plugins(bindings)
        made: list[_R] = []

        def ended() -> None:
            self._runtimes.difference_update(made)
            for runtime in made:
                runtime.lost()

        session = Session(bindings, sandbox, ended, kind.also_bound)
        channel = await open_channel(session)
        session.attach(channel)
        if "key" in channel.info:
            session.inherit(await self._leavings.take(str(channel.info["key"]), str(channel.info["id"])))
        runtime = kind(session, channel, cwd, self._admit, self._leavings)
        made.append(runtime)
        if session.end is None:
            self._runtimes.add(runtime)
        return runtime

    def get_namespaced_runtime(
        self,
        key: str,
        *,
        sandbox: str | None = None,
        bindings: Bindings | dict[str, Any] | None = None,
        limits: Limits | None = None,
        cwd: str = "/",
        nested_host: NestedHostPolicy | bool | None = None,
    ) -> Opening[NamespacedRuntime]:
        """The session ``key``: the isolate that an earlier owner gave back, with all that its code left, or a new one.

        A session has one owner at a time. ``bindings`` and ``limits`` are those of this owner; what a live isolate cannot be
        given any more (``memory_mb``, ``cpu_s``, another sandbox) is refused by name.

        Raises and takes what :meth:`create_runtime` does; ``NamespaceInUse`` when the session has a live owner.
        """
        if not isinstance(key, str):
            raise TypeError(f"key must be a str, not {type(key).__name__}")
        checked = Bindings.coerce(bindings)
        spec = _spec(sandbox, limits, cwd, key, nested_host)
        return Opening(lambda: self._open_runtime(checked, spec, NamespacedRuntime), NamespacedRuntime.dispose)

    async def dispose_namespace(self, key: str, *, reason: str | None = None) -> bool:
        """End the session ``key``, whoever has it, and forget its isolate; false when there is none.

        Its owner's runtime raises ``Disposed`` from then on. Only sessions that this client could take up are found.
        """
        if not isinstance(key, str):
            raise TypeError(f"key must be a str, not {type(key).__name__}")
        if not key:
            raise ValueError("key must not be empty")
        found = bool(await self._link.control("dispose_namespace", {"key": key, "reason": reason}))
        await self._leavings.end(key)
        return found

    def create_app_server(
        self,
        *,
        key: str | None = None,
        entry: str = "/server.ts",
        source: str | Callable[[], str] | None = None,
        sandbox: str | None = None,
        bindings: Bindings | dict[str, Any] | None = None,
        limits: Limits | None = None,
        replicas: int = 1,
        cwd: str = "/",
        nested_host: NestedHostPolicy | bool | None = None,
    ) -> Opening[AppServer]:
        """A new app server, as :meth:`create_runtime`: its isolates have loaded ``entry``, which registered handlers by ``serve({fetch})`` or by
        ``export default {fetch}``.

        ``entry`` is a module that ``bindings.modules`` or the sandbox's policy provides, or that has the text ``source`` (a function is asked for it
        each time an isolate starts). ``replicas`` isolates share the requests; each has its own
        memory. Awaiting raises what the program throws besides.
        """
        checked = Bindings.coerce(bindings)
        spec = _spec(sandbox, limits, cwd, key, nested_host)
        path = absolute_filename(entry, spec["cwd"])
        check_number("replicas", replicas, whole=True)
        if source is not None and not isinstance(source, str) and not callable(source):
            raise TypeError(f"source must be a str or a function, not {type(source).__name__}")
        return Opening(lambda: self._open_server(checked, spec, path, source, replicas), AppServer.dispose)

    async def _open_server(
        self, bindings: Bindings, spec: dict[str, Any], entry: str, source: str | Callable[[], str] | None, replicas: int
    ) -> AppServer:
        self._check_open()
        self._check_plugins(bindings)
        server_id = f"app-{secrets.token_hex(6)}"

        async def open_replica(server: AppServer, number: int) -> Replica:
            text = source() if callable(source) else source
            own = {"server": server_id, "entry": None if text is None else [entry, text]}
            return await self._open_replica(server, number, bindings, {**spec, **own}, entry)

        server = AppServer(server_id, spec["key"], open_replica, replicas, self._server_lives, self._check_open)
        await server.start()
        return server

    async def _open_replica(self, server: AppServer, number: int, bindings: Bindings, spec: dict[str, Any], entry: str) -> Replica:
        self._check_open()
        made: list[Replica] = []

        def ended() -> None:
            for replica in made:
                server.replica_ended(replica)

        session = Session(bindings, spec["sandbox"], ended)
        channel = await self._link.open("server", {**spec, "bindings": session.spec()}, session)
        session.attach(channel)
        replica = Replica(number, session, channel)
        try:
            await replica.boot(entry)
        except BaseException:
            await replica.dispose("its program did not start")
            raise
        session.on_note["serve"] = lambda op, args: server.ws.command(replica, op, args)
        made.append(replica)
        if not replica.alive:
            raise replica.ended
        return replica

    def _server_lives(self, server: AppServer, lives: bool) -> None:
        if lives:
            self._servers.add(server)
        else:
            self._servers.discard(server)

    def _check_open(self) -> None:
        if self._closing is not None:
            raise Disposed("the host was closed")

    def _check_plugins(self, bindings: Bindings) -> None:
        plugins = self._hello.get("plugins")
        if not isinstance(plugins, (list, tuple, dict)):
            return
        for name in bindings.granted():
            if name not in plugins:
                raise PluginError(
                    f"capability {name!r} needs the {name} plugin, which this host has not loaded",
                    plugin=name,
                    hint=f"add {name!r} to plugins: in the configuration",
                )

    async def typecheck(
        self,
        *,
        code: str,
        profile: str | None = None,
        capabilities: Sequence[str] = (),
        library_types: LibraryTypes | None = None,
        filename: str = "/index.ts",
        sandbox: str | None = None,
        tools: Mapping[str, Any] | None = None,
        sources: Mapping[str, str] | None = None,
    ) -> TypecheckResult:
        """Check the types of ``code`` without running it.

        It may use what ``profile`` has (``backend``, the default, ``agent`` or ``browser-test``) and the ``capabilities`` named beside it, or
        what ``sandbox`` of the configuration grants; the ``tools``, as they would be bound, by their type hints; and import the
        packages of ``library_types``: the text of a ``.d.ts`` file, or a mapping of such texts by their path in the package; and relatively
        the ``sources``, texts of the program's other files by absolute path.

        Raises ``TypeError`` and ``ValueError`` for wrong arguments, ``ConfigError`` for an unknown sandbox, ``PluginError`` for an unknown
        capability, ``LimitExceeded`` and ``ExecutionTimeout`` for code that is too large or takes too long.
        """
        request = typecheck_request(code, profile, capabilities, library_types, filename=filename, sandbox=sandbox, tools=tools, sources=sources)
        if self._closing is not None:
            raise Disposed("the host was closed")
        return read_result(await self._link.control("typecheck", request), request["filename"])

    def diagnostics(self) -> Diagnostics:
        """``runtimes`` and ``servers`` (live ones made by this host object), ``connected``, ``isolation`` (effective layers).

        Await it to add what the broker knows.
        """
        known = {
            "runtimes": len(self._runtimes),
            "servers": len(self._servers),
            "connected": self._link.connected and self._closing is None,
            "isolation": self._hello.get("isolation"),
        }
        return Diagnostics(known, None if self._closing is not None else lambda: self._link.control("diagnostics", {}))

    async def close(self) -> None:
        """End every runtime and the connection; an embedded broker leaves no process behind. Idempotent.

        A daemon keeps the sessions: the next client of the same identity can take them up.
        """
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        ends = [runtime.dispose(hard=not self._link.keeps_sessions, reason="the host was closed") for runtime in self._runtimes]
        ends += [server.dispose(hard=True, reason="the host was closed") for server in self._servers]
        try:
            await asyncio.gather(*ends, return_exceptions=True)
        finally:
            await self._leavings.aclose()
            await self._link.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()


def _spec(
    sandbox: str | None, limits: Limits | None, cwd: str, key: str | None, nested_host: NestedHostPolicy | bool | None
) -> dict[str, Any]:
    """Check the plain arguments of a runtime and write them as JSON."""
    for name, value in (("sandbox", sandbox), ("key", key)):
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{name} must be a str or None, not {type(value).__name__}")
        if value == "":
            raise ValueError(f"{name} must not be empty")
    if limits is not None and not isinstance(limits, Limits):
        raise TypeError(f"limits must be Limits, not {type(limits).__name__}")
    if not isinstance(cwd, str):
        raise TypeError(f"cwd must be a str, not {type(cwd).__name__}")
    if not cwd.startswith("/"):
        raise ValueError(f"cwd {cwd!r} must be absolute")
    if nested_host is not None and not isinstance(nested_host, (bool, NestedHostPolicy)):
        raise TypeError(f"nested_host must be a NestedHostPolicy or a bool, not {type(nested_host).__name__}")
    return {
        "sandbox": sandbox,
        "limits": {} if limits is None else limits.to_spec(),
        "cwd": "/" + posixpath.normpath(cwd).lstrip("/"),
        "key": key,
        "nested": nested_host.to_spec() if isinstance(nested_host, NestedHostPolicy) else nested_host,
    }
