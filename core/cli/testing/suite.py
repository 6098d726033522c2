"""Runs test files, each in a runtime of its own, several at a time."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isolate_host.cli.output import CommandError
from isolate_host.cli.program import choose_sandbox, name_in_tree, place_in_tree, read_source
from isolate_host.cli.testing.files import root_of
from isolate_host.cli.testing.outcome import FileOutcome
from isolate_host.cli.testing.snapshots import file_snapshots, read_snapshots, store_snapshots
from isolate_host.client.console import ConsoleEntry
from isolate_host.client.test_results import TestEvent, TestOptions
from isolate_host.config import SandboxConfig
from isolate_host.errors import GuestError, IsolateHostError

if TYPE_CHECKING:
    from isolate_host.client.host import IsolateHost

__all__ = ["TestSuite"]

#: Console entries of one file that are kept for its report.
_MAX_CONSOLE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSuite:
    """The files of one command."""

    files: list[Path]
    config: Path | None
    sandbox: str | None
    options: TestOptions
    #: A folder that tests may keep snapshots of their own in (``toMatchFileSnapshot``).
    own_snapshots: Path | None
    jobs: int
    on_event: Callable[[Path, TestEvent], None]
    on_file: Callable[[FileOutcome], None]

    async def run(self) -> list[FileOutcome]:
        """Run them all; outcomes are in the order of the files, and reported as they come."""
        from isolate_host.api import create_isolate_host

        sandbox = None if self.config is None else choose_sandbox(self.config, self.sandbox)
        places = asyncio.Semaphore(self.jobs)
        failures = 0

        async with create_isolate_host(config=self.config) as host:

            async def one(file: Path) -> FileOutcome:
                nonlocal failures
                async with places:
                    outcome = FileOutcome(file, self._guest_name(file, sandbox), read_source(file), place_of=_finder(sandbox))
                    left = max(0, self.options.bail - failures)
                    if self.options.bail and not left:
                        outcome.bailed = True
                    else:
                        await self._run_file(host, outcome, sandbox, dataclasses.replace(self.options, bail=left))
                        failures += max(int(not outcome.success), outcome.result.failed if outcome.result else 0)
                    self.on_file(outcome)
                    return outcome

            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(file)) for file in self.files]
            return [task.result() for task in tasks]

    async def _run_file(self, host: IsolateHost, outcome: FileOutcome, sandbox: SandboxConfig | None, options: TestOptions) -> None:
        file = outcome.file
        started = time.monotonic()
        stored = read_snapshots(file)
        bindings = self._bindings(outcome, sandbox)
        try:
            async with host.create_test_runtime(sandbox=sandbox.name if sandbox else None, bindings=bindings) as runtime:
                runtime.test.on_event(lambda event: self.on_event(file, event))
                result = await runtime.run(outcome.source, outcome.guest_name, options=options, snapshots=stored)
            outcome.result = result
            if not result.total and result.success:
                outcome.error = GuestError("Error", "the file has no test", hint="register tests with test('name', () => { … })")
            else:
                store_snapshots(outcome, stored, result, update=options.update_snapshots)
        except IsolateHostError as error:
            outcome.error = error
        except ValueError as error:
            raise CommandError(str(error).replace("TestOptions.", "--")) from None
        outcome.duration_s = time.monotonic() - started

    def _bindings(self, outcome: FileOutcome, sandbox: SandboxConfig | None) -> dict[str, Any]:
        def console(entry: ConsoleEntry) -> None:
            if len(outcome.console) < _MAX_CONSOLE:
                outcome.console.append(entry)

        if sandbox is not None:
            return {"console": console} if "console" in sandbox.policies else {}
        from isolate_host.client.modules import create_module_resolver
        from isolate_host.plugins.modules.tree import FolderLoader

        loader = FolderLoader(root_of(outcome.file), "the folder of the tests")
        bindings: dict[str, Any] = {"console": console, "modules": create_module_resolver().source_tree("/", loader)}
        if self.own_snapshots is not None:
            write = self.options.update_snapshots or self.options.new_snapshots
            bindings["files"] = file_snapshots(self.own_snapshots, root_of(outcome.file), write=write)
        return bindings

    @staticmethod
    def _guest_name(file: Path, sandbox: SandboxConfig | None) -> str:
        if sandbox is None:
            return "/" + file.resolve().relative_to(root_of(file)).as_posix()
        modules = sandbox.policies.get("modules")
        return (modules and name_in_tree(file.resolve(), modules)) or f"/{file.name}"


def _finder(sandbox: SandboxConfig | None) -> Callable[[str], Path | None] | None:
    """How the files of a sandbox are found on this machine."""
    if sandbox is None:
        return None
    modules = sandbox.policies.get("modules")
    return lambda name: place_in_tree(name, modules) if modules else None
