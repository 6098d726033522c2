"""Where a case can run: in a locked runtime of ours, or in a process of Node.js, which is the reference for V8."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Protocol

import isolate_host as ih

from .catalog import Case

__all__ = ["Engine", "Node", "Ours"]

HERE = Path(__file__).parent
MARK = "\n@@test262 "
SECONDS = 10
FLAGS = ["--no-warnings"]
#: Files of the suite end in .js and are modules where they are imported; Node.js believes this file.
MANIFEST = "package.json"


class Engine(Protocol):
    """Runs one case; the answer is empty for a pass, else what is wrong."""

    async def run(self, case: Case) -> str: ...


def _options(case: Case) -> dict[str, object]:
    return {"isAsync": case.is_async, "negative": case.negative, "seconds": SECONDS}


class Node:
    """One process of Node.js for each case."""

    def __init__(self, binary: str, root: Path) -> None:
        self._binary, self._root = binary, root
        (root / MANIFEST).write_text('{"type": "module"}\n')

    async def run(self, case: Case) -> str:
        order = {"root": str(self._root), "here": str(HERE), "path": case.path, "mode": case.mode, "harness": case.harness, **_options(case)}
        process = await asyncio.create_subprocess_exec(
            self._binary, *FLAGS, str(HERE / "drive.mjs"), json.dumps(order),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env={**os.environ, "NO_COLOR": "1"},
        )  # fmt: skip
        try:
            output, _ = await asyncio.wait_for(process.communicate(), 3 * SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
            return "killed: it ran for too long"
        _, mark, line = output.decode(errors="replace").rpartition(MARK)
        return str(json.loads(line.partition("\n")[0])) if mark else f"ended with {process.returncode}: {output[-300:].decode(errors='replace')}"


class Ours:
    """A fresh locked runtime for each case. The files of the suite are a source tree of the modules plugin; nothing else is granted."""

    def __init__(self, host: ih.IsolateHost, root: Path) -> None:
        self._host, self._tests, self._harness = host, root / "test", root / "harness"
        self._modules = ih.create_module_resolver().source_tree("/test262/", self._read)

    def _read(self, path: str) -> str | None:
        file = self._tests / path
        return file.read_text() if file.is_file() else None

    async def run(self, case: Case) -> str:
        limits = ih.Limits(memory_mb=128, timeout_s=2 * SECONDS, cpu_s=2 * SECONDS)
        try:
            async with self._host.create_runtime(bindings=ih.Bindings(modules=self._modules), limits=limits) as runtime:
                await runtime.eval((HERE / "guest.js").read_text() + "\n;0", filename="/host/guest.js")
                for name in case.harness:
                    await runtime.eval((self._harness / name).read_text() + "\n;0", filename=f"/harness/{name}")
                return await self._evaluate(runtime, case)
        except ih.IsolateHostError as error:
            return f"{type(error).__name__}: {error}"

    async def _evaluate(self, runtime: ih.Runtime, case: Case) -> str:
        options, path = json.dumps(_options(case)), f"/test262/{case.path}"
        if case.mode == "module":
            return str(await runtime.eval(f"await test262Run(() => import({json.dumps(path)}), {options})", filename="/host/start.js"))
        text = ('"use strict";\n' if case.mode == "strict" else "") + (self._tests / case.path).read_text() + "\n;0"
        failure: ih.GuestError | None = None
        try:
            await runtime.eval(text, filename=path)
        except ih.GuestError as error:
            failure = error
        thrown = "" if failure is None else f"throw Object.assign(new (class {failure.name} {{}})(), {{ message: {json.dumps(failure.message)} }})"
        return str(await runtime.eval(f"await test262Run(async () => {{ {thrown} }}, {options})", filename="/host/start.js"))
