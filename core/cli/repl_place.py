"""Where a REPL evaluates: an isolate of this process, or a session at a daemon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isolate_host.client.console import ConsoleEntry
from isolate_host.client.host import IsolateHost
from isolate_host.client.runtime import Runtime
from isolate_host.errors import PolicyDenied

__all__ = ["Place"]

#: A daemon that a REPL starts waits so long for the next one (seconds), as a session does by default.
_DAEMON_WAITS_S = 1800.0

OnEntry = Callable[[ConsoleEntry], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the command line says of it."""

    session: str | None
    socket: Path | None
    config: Path | None
    sandbox: str | None

    async def open_host(self) -> IsolateHost:
        """Raises what ``create_isolate_host`` does."""
        from isolate_host.api import create_isolate_host

        if self.session is None:
            return await create_isolate_host(config=self.config)
        from isolate_host.client.options import DaemonOptions

        return await create_isolate_host(daemon=DaemonOptions(socket_path=self.socket, config=self.config, idle_exit_s=_DAEMON_WAITS_S))

    async def open_runtime(self, host: IsolateHost, on_entry: OnEntry) -> Runtime:
        """A runtime, with a console if its sandbox grants one."""
        sandbox = self._sandbox()
        granted: dict[str, Any] = {"console": on_entry}
        if sandbox is None and self.config is None:
            granted["modules"] = _present_folder()
        # A daemon may have a configuration of its own, which refuses what it does not grant.
        while True:
            try:
                return await self._open(host, sandbox, granted)
            except PolicyDenied as error:
                if granted.pop(error.capability, None) is None:
                    raise

    async def _open(self, host: IsolateHost, sandbox: str | None, bindings: dict[str, Any]) -> Runtime:
        if self.session is None:
            return await host.create_runtime(sandbox=sandbox, bindings=bindings)
        return await host.get_namespaced_runtime(self.session, sandbox=sandbox, bindings=bindings)

    def _sandbox(self) -> str | None:
        if self.config is None:
            return self.sandbox
        from isolate_host.cli.program import choose_sandbox

        return choose_sandbox(self.config, self.sandbox).name


def _present_folder() -> Any:
    from isolate_host.client.modules import create_module_resolver
    from isolate_host.plugins.modules.tree import FolderLoader

    return create_module_resolver().source_tree("/", FolderLoader(Path.cwd(), "the present folder"))
