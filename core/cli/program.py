"""One program, run to its end: what ``isolate-host run`` does."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from isolate_host.cli.output import CommandError
from isolate_host.cli.packages import mount_nearest, packages_hint
from isolate_host.client.console import ConsoleEntry
from isolate_host.config import PolicyConfig, SandboxConfig
from isolate_host.errors import GuestError

__all__ = ["Program", "choose_sandbox", "name_in_tree", "place_in_tree", "print_entry", "read_input", "read_source"]

_SET_GLOBALS = "(values) => { Object.assign(globalThis, values); }"
_SILENT = ("clear", "groupEnd")
_DEFAULT_SANDBOX = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A source text and the sandbox that it runs in."""

    source: str
    file: Path
    config: Path | None
    sandbox: str | None
    globals: Mapping[str, Any]

    async def run(self) -> Any:
        """Run it; the completion value. Raises whatever ends it: ``BrokenPipeError`` when nobody reads its output any more."""
        console = _Console(cast("asyncio.Task[Any]", asyncio.current_task()).cancel)
        try:
            return await self._run(console)
        except asyncio.CancelledError:
            if console.reader_gone:
                raise BrokenPipeError from None
            raise

    async def _run(self, console: _Console) -> Any:
        from isolate_host.api import create_isolate_host

        sandbox = None if self.config is None else choose_sandbox(self.config, self.sandbox)
        async with (
            create_isolate_host(config=self.config) as host,
            host.create_runtime(sandbox=sandbox.name if sandbox else None, bindings=self._bindings(sandbox, console)) as runtime,
        ):
            set_globals = await runtime.eval(_SET_GLOBALS, filename="/isolate-host-run.js")
            await set_globals(dict(self.globals))
            try:
                value = await runtime.eval(self.source, filename=self._guest_name(sandbox))
                # As in Node, a program ends when nothing is left to happen.
                await runtime.settled()
            except GuestError as error:
                if sandbox is not None and not self._is_stdin:
                    error.hint = error.hint or packages_hint(error, self.file, sandbox)
                raise
            return value

    def _bindings(self, sandbox: SandboxConfig | None, console: _Console) -> dict[str, Any]:
        if sandbox is None:
            return {"console": console, "modules": self._own_folder()}
        # A binding that the sandbox does not grant is refused; a program without a console may still be useful.
        return {"console": console} if "console" in sandbox.policies else {}

    def _own_folder(self) -> Any:
        from isolate_host.client.modules import create_module_resolver
        from isolate_host.plugins.modules.tree import FolderLoader

        resolver = create_module_resolver()
        if not self._is_stdin:
            resolver.source_tree("/", FolderLoader(self.file.parent, "the folder of the program"))
            mount_nearest(resolver, self.file)
        return resolver

    def _guest_name(self, sandbox: SandboxConfig | None) -> str:
        """Where the program stands in the guest: in the source tree that holds its file, so that its relative imports work."""
        if self._is_stdin:
            return "/stdin.ts"
        modules = sandbox.policies.get("modules") if sandbox else None
        return (modules and name_in_tree(self.file.resolve(), modules)) or f"/{self.file.name}"

    @property
    def _is_stdin(self) -> bool:
        return str(self.file) == "-"


def choose_sandbox(config: Path, name: str | None) -> SandboxConfig:
    """The sandbox that was named, or the one called default, or the only one. Raises ``CommandError`` and ``ConfigError``."""
    from isolate_host.config import load_config
    from isolate_host.plugin import PluginRegistry

    sandboxes = load_config(config, PluginRegistry()).config.sandboxes
    wanted = name or (next(iter(sandboxes)) if len(sandboxes) == 1 else _DEFAULT_SANDBOX)
    if wanted in sandboxes:
        return sandboxes[wanted]
    if not sandboxes:
        raise CommandError(f"{config} has no sandbox", "add one below sandboxes:")
    problem = f"no sandbox {wanted!r}" if name else "several sandboxes, and none is called 'default'"
    raise CommandError(f"{config} has {problem}", f"--sandbox one of: {', '.join(sorted(sandboxes))}")


def name_in_tree(file: Path, modules: PolicyConfig) -> str | None:
    """What a guest calls ``file``, when it lies in a source tree of the policy."""
    for tree in modules.policy.get("source_trees", ()):
        root = (modules.base_dir / tree["root"]).resolve()
        if file.is_relative_to(root):
            return f"/{tree['prefix'].strip('/')}/{file.relative_to(root).as_posix()}"
    return None


def place_in_tree(name: str, modules: PolicyConfig) -> Path | None:
    """The other way round: the file that a guest calls ``name``."""
    for tree in modules.policy.get("source_trees", ()):
        prefix = f"/{tree['prefix'].strip('/')}/".replace("//", "/")
        if name.startswith(prefix):
            root: Path = (modules.base_dir / tree["root"]).resolve()
            return root / name.removeprefix(prefix)
    return None


def print_entry(entry: ConsoleEntry) -> None:
    """Write one entry where it belongs, indented by its groups. Raises ``BrokenPipeError``."""
    if entry.type in _SILENT:
        return
    stream = sys.stderr if entry.level in ("warn", "error") or entry.type == "trace" else sys.stdout
    indent = "  " * min(entry.group_depth, 40)
    stream.write("".join(f"{indent}{line}\n" for line in entry.text.split("\n")))
    # Whoever reads from a pipe wants to see what has happened, not what fills a buffer.
    stream.flush()


class _Console:
    """Writes the program's console: warnings, errors and traces to stderr, the rest to stdout."""

    def __init__(self, stop: Callable[[], object]) -> None:
        self._stop = stop
        self.reader_gone = False

    def __call__(self, entry: ConsoleEntry, _ctx: object = None) -> None:
        if self.reader_gone:
            return
        try:
            print_entry(entry)
        except BrokenPipeError:
            # As SIGPIPE does to other programs: one that logs for ever must end when `head` has read enough.
            self.reader_gone = True
            self._stop()


def read_source(file: Path) -> str:
    """The program text."""
    return _read(str(file))


def read_input(name: str) -> Any:
    """The value of ``globalThis.input``: parsed when it is JSON, else text."""
    text = _read(name)
    try:
        return json.loads(text)
    except ValueError:
        return text


def _read(name: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise CommandError(f"cannot read {name}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CommandError(f"{name} is not UTF-8 text (byte {error.start})") from None
