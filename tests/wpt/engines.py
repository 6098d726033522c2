"""Where a case can run: in a locked runtime of ours, or in a process of another runtime."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from pathlib import Path
from typing import Any, Protocol

import isolate_host as ih

from .catalog import Case
from .server import HOST, substituted

__all__ = ["Engine", "Native", "Ours", "broken"]

HERE = Path(__file__).parent
MARK = "\n@@wpt "
#: How each of the others is started; a collector that can be called makes tests of garbage collection mean something.
FLAGS = {
    "node": ["--expose-gc", "--no-warnings"],
    "deno": ["run", "--allow-all", "--no-prompt", "--quiet", "--v8-flags=--expose-gc"],
    "bun": ["--expose-gc", "run"],
}


def broken(message: str) -> dict[str, Any]:
    """The result of a file that did not run to its end."""
    return {"status": 1, "message": message[:500], "tests": []}


def _ignore(entry: ih.ConsoleEntry, context: ih.HostCallContext) -> None:
    """What tests print is of no interest, but console must do its work."""


class Engine(Protocol):
    """Runs one case and answers ``{status, message, tests: [[name, status, message], …]}``."""

    async def run(self, case: Case) -> dict[str, Any]: ...


class Native:
    """Node.js, Deno or Bun: one process for each case. ``port`` is that of :func:`~.server.echo_server`."""

    def __init__(self, kind: str, binary: str, root: Path, port: int) -> None:
        self._command = [binary, *FLAGS[kind], str(HERE / "drive.mjs")]
        self._root, self._port = root, port

    async def run(self, case: Case) -> dict[str, Any]:
        order = {
            "root": str(self._root), "here": str(HERE), "scripts": case.scripts,
            "path": case.file, "search": case.search, "seconds": case.seconds, "texts": self._texts(case),
        }  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            *self._command, json.dumps(order), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            start_new_session=True, env={**os.environ, "NO_COLOR": "1"},
        )  # fmt: skip
        try:
            output, _ = await asyncio.wait_for(process.communicate(), case.seconds + 15)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            return broken("killed: it ran for too long")
        text = output.decode(errors="replace")
        _, mark, line = text.rpartition(MARK)
        if not mark:
            return broken(f"ended with {process.returncode}: {text[-400:]}")
        return dict(json.loads(line.partition("\n")[0]))

    def _texts(self, case: Case) -> dict[str, str]:
        """Scripts that are not what stands in the checkout."""
        texts = {script: (self._root / script).read_text() for script in case.scripts if ".sub." in script}
        return {script: substituted(script, text, self._port) for script, text in texts.items()}


class Ours:
    """A fresh locked runtime for each case. It may speak to the echo server; ``policy`` says so."""

    def __init__(self, host: ih.IsolateHost, root: Path, port: int) -> None:
        self._host = host
        self._root, self._port = root, port
        self._fixed = [(name, (HERE / name).read_text()) for name in ("prelude.js", "hook.js")]
        self._harness = (root / "resources/testharness.js").read_text()

    @staticmethod
    def policy(folder: Path, port: int) -> Path:
        """The configuration of a host for this."""
        rule = {"scheme": "ws", "host": HOST, "port": port, "path": "/echo"}
        policies = {"console": {}, "crypto": {}, "tools": {}, "fetch": {"allow": [rule], "private_addresses": "allow"}}
        limits = {"memory_mb": 512, "timeout_s": 600, "cpu_s": 600}
        path = folder / "host.yaml"
        path.write_text(json.dumps({"version": 1, "sandboxes": {"default": {"limits": limits, "policies": policies}}}))
        return path

    async def run(self, case: Case) -> dict[str, Any]:
        limits = ih.Limits(memory_mb=512, timeout_s=case.seconds + 10, cpu_s=case.seconds + 10)
        try:
            bindings = ih.Bindings(tools={"wptRead": self._read}, console=_ignore)
            async with self._host.create_runtime(sandbox="default", bindings=bindings, limits=limits) as runtime:
                return await self._evaluate(runtime, case)
        except ih.IsolateHostError as error:
            return broken(f"{type(error).__name__}: {error}")

    async def _read(self, path: str) -> bytes:
        return (self._root / path).read_bytes()

    async def _evaluate(self, runtime: ih.Runtime, case: Case) -> dict[str, Any]:
        start = json.dumps({"path": case.file, "search": case.search, "seconds": case.seconds})
        (prelude, prelude_text), (hook, hook_text) = self._fixed
        await runtime.eval(f"globalThis.wpt = {{...{start}, read: wptRead, loaded() {{}}}}; delete globalThis.wptRead; 0", filename="/start.js")
        await runtime.eval(prelude_text + ";0", filename=f"/{prelude}")
        await runtime.eval(self._harness + "\n;0", filename="/resources/testharness.js")
        await runtime.eval(hook_text + ";0", filename=f"/{hook}")
        failure = ""
        for script in case.scripts:
            try:
                # Something that crosses: a file may end in an expression that cannot.
                text = substituted(script, (self._root / script).read_text(), self._port)
                await runtime.eval(text + "\n;0", filename=f"/{script}")
            except ih.GuestError as error:
                failure = str(error)
        wait = 3000 if failure else (case.seconds + 5) * 1000
        outcome = await runtime.eval(
            f"wpt.loaded(); await Promise.race([wpt.finished, new Promise((done) => setTimeout(done, {wait}, ''))])", filename="/finish.js"
        )
        return dict(json.loads(outcome)) if outcome else broken(failure or "never completed")
