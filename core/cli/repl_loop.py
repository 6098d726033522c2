"""Reads, evaluates and prints until there is nothing more to read."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any, Self, TypeVar

from isolate_host.cli.failures import report_failure
from isolate_host.cli.output import CommandError
from isolate_host.cli.program import print_entry
from isolate_host.cli.repl_input import Lines
from isolate_host.cli.repl_place import Place
from isolate_host.client.console import ConsoleEntry
from isolate_host.client.host import IsolateHost
from isolate_host.client.runtime import Runtime
from isolate_host.errors import IsolateHostError

__all__ = ["run_repl"]

_T = TypeVar("_T")
#: A guest that does not answer within so many seconds after Ctrl-C is in a loop, and ended.
_ANSWER_S = 1.0
_HELP = """\
.break       drop the lines of an unfinished statement (also Ctrl-C)
.clear       begin anew with an empty isolate
.exit        leave (also Ctrl-D)
.help        this
.load FILE   evaluate a file
Ctrl-C stops waiting for an evaluation; one that never yields is ended together with its isolate. _ is the last value."""


def run_repl(place: Place) -> int:
    """Run it; the exit code."""
    lines = Lines()
    with _Background() as background, lines.history():
        repl = _Repl(place, lines, background)
        try:
            return repl.run()
        finally:
            background.wait(repl.close())


class _Background:
    """An event loop in a thread of its own: timers and console of the guest go on while a person thinks at ``input()``."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="isolate-host-repl", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run ``work`` to its end. ``KeyboardInterrupt`` cancels it."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise


class _Repl:
    def __init__(self, place: Place, lines: Lines, background: _Background) -> None:
        self._place, self._lines, self._background = place, lines, background
        self._colors = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self._host: IsolateHost | None = None
        self._runtime: Runtime | None = None
        self._count = 0
        self._failed = False

    # ------------------------------------------------------------------ on the main thread
    def run(self) -> int:
        self._background.wait(self._open())
        if self._lines.interactive:
            print(f"isolate-host repl{self._about()}. Type .help for help.")
        interrupted = False
        while True:
            try:
                text = self._lines.statement()
                if text is None or text.strip() == ".exit":
                    break
                interrupted = False
                self._obey(text)
            except KeyboardInterrupt:
                if not self._lines.interactive:
                    raise
                if interrupted:
                    break
                interrupted = True
                print("\n(to exit, press Ctrl-C again or Ctrl-D)")
        if not self._lines.interactive and self._runtime is not None:
            self._try(self._runtime.settled())
        return 1 if self._failed and not self._lines.interactive else 0

    def _about(self) -> str:
        if self._place.session is None or self._runtime is None:
            return ""
        found = "taken up" if self._runtime.diagnostics().get("reused") else "new"
        return f", session {self._place.session!r} ({found})"

    def _obey(self, text: str) -> None:
        command, _, argument = text.strip().partition(" ")
        if not command.startswith(".") or command[1:2].isdigit():
            self._evaluate(text, None)
        elif command == ".help":
            print(_HELP)
        elif command == ".clear":
            self._background.wait(self._renew())
        elif command == ".load":
            self._load(argument.strip())
        elif command != ".break":
            self._fail(CommandError(f"no command {command}", "see .help"))

    def _load(self, name: str) -> None:
        try:
            text = Path(name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self._fail(CommandError(f"cannot read {name or 'a file without a name'}: {reason}"))
        else:
            self._evaluate(text, f"/{Path(name).name}")

    def _evaluate(self, text: str, filename: str | None) -> None:
        if self._runtime is None:
            return
        self._count += 1
        work = self._runtime.inspect(text, filename or f"/repl-{self._count}.ts", colors=bool(self._colors))
        try:
            shown = self._try(work)
        except KeyboardInterrupt:
            if not self._lines.interactive:
                raise
            print()
            self._background.wait(self._look_after())
            return
        if shown is not None and (self._lines.interactive or shown != "undefined"):
            print(shown, flush=True)

    def _try(self, work: Coroutine[Any, Any, _T]) -> _T | None:
        """Run ``work``; what fails is told, and a runtime that it killed replaced."""
        try:
            return self._background.wait(work)
        except CancelledError:
            return None
        except IsolateHostError as error:
            self._fail(error)
        if self._runtime is not None and self._runtime.disposed:
            print("isolate-host: the isolate has ended; the next line begins with an empty one", file=sys.stderr)
            self._background.wait(self._renew())
        return None

    def _fail(self, error: Exception) -> None:
        self._failed = True
        sys.stdout.flush()
        report_failure(error, ["repl"])

    # ------------------------------------------------------------------ on the loop
    async def _open(self) -> None:
        self._host = await self._place.open_host()
        self._runtime = await self._place.open_runtime(self._host, _write)

    async def _renew(self) -> None:
        if self._runtime is not None and self._host is not None:
            await self._runtime.dispose(hard=True)
            self._runtime = await self._place.open_runtime(self._host, _write)

    async def _look_after(self) -> None:
        """After Ctrl-C: a guest that only waited goes on; one that computes without end cannot be stopped without ending it."""
        if self._runtime is None:
            return
        try:
            await asyncio.wait_for(self._runtime.eval("0", "/repl-probe.js"), _ANSWER_S)
        except (TimeoutError, IsolateHostError):
            print("isolate-host: it did not stop; the next line begins with an empty isolate", file=sys.stderr)
            await self._renew()

    async def close(self) -> None:
        """A session goes back; all else ends."""
        try:
            if self._runtime is not None:
                await self._runtime.dispose()
        finally:
            if self._host is not None:
                await self._host.close()


def _write(entry: ConsoleEntry) -> None:
    print_entry(entry)
    (sys.stderr if entry.level in ("warn", "error") else sys.stdout).flush()
