"""The TypeScript compiler, in a locked worker of its own: source of strangers is input like any other."""

from __future__ import annotations

import asyncio
import hashlib
import posixpath
from dataclasses import dataclass
from typing import Any, Literal

from isolate_host.config.isolation import IsolationConfig
from isolate_host.errors import ExecutionTimeout, IsolateHostError, LimitExceeded, ProtocolError, WorkerCrashed
from isolate_host.guest import read_bundle
from isolate_host.host.compile_cache import CompileCache, cache_key
from isolate_host.host.pool import WorkerPool
from isolate_host.host.template import Template
from isolate_host.host.worker import Worker, WorkerLimits
from isolate_host.wire.endpoint import Endpoint
from isolate_host.wire.frames import Frame

__all__ = ["Compiled", "Compiler", "Diagnostic"]

Mode = Literal["module", "commonjs", "script"]
_WORKERS = 3
#: Compiling 100 KB takes about 0.15 s here; ten times that, and something for a loaded machine, is hostile.
_SECONDS, _CHARACTERS_PER_SECOND = 3.0, 60_000
_MAX_CHARACTERS = 1 << 20
_LIMITS = WorkerLimits(1024, None, 256 << 20)
_LANGUAGES = {".ts": "ts", ".mts": "ts", ".cts": "ts", ".tsx": "tsx", ".jsx": "jsx"}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One syntax error of the original source; line and columns count from 1."""

    message: str
    line: int
    column: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """JavaScript, its source map (JSON text), and errors: with any error the code is not to be run."""

    code: str
    source_map: str | None
    diagnostics: tuple[Diagnostic, ...]


def language_of(filename: str) -> str | None:
    """``ts``, ``tsx`` or ``jsx`` by ending; ``None`` for what V8 takes as it is."""
    return _LANGUAGES.get(posixpath.splitext(filename)[1])


class _Service:
    """One compiler worker and the endpoint that speaks to it."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.endpoint = Endpoint(worker.send, on_violation=worker.kill)
        worker.attach(self)

    def frame_received(self, frame: Frame) -> None:
        if not frame.header["t"].startswith("w."):
            self.endpoint.receive(frame)

    def worker_ended(self, error: IsolateHostError) -> None:
        self.endpoint.close(error)


class Compiler:
    """Compiles on demand in a few warm workers, so that one slow text does not hold up everybody's."""

    def __init__(self, kernel: str, isolation: IsolationConfig, cache: CompileCache) -> None:
        self._kernel, self._isolation, self._cache = kernel, isolation, cache
        self._script: str | None = None
        self._identity = ""
        self._pool: WorkerPool | None = None
        self._idle: list[_Service] = []
        self._slots = asyncio.Semaphore(_WORKERS)
        self._running: dict[str, asyncio.Task[Compiled]] = {}

    async def compile(self, source: str, filename: str, *, mode: Mode) -> Compiled:
        """JavaScript for ``source``: an ES module, CommonJS, or for ``script`` REPL text, whose last expression is its value.

        Raises ``ExecutionTimeout`` and ``LimitExceeded`` when the input is made to be slow or large.
        """
        if len(source) > _MAX_CHARACTERS:
            message = f"{filename} has {len(source)} characters; TypeScript of up to {_MAX_CHARACTERS} is compiled"
            raise LimitExceeded(message, kind="payload", hint="split the file, or compile it beforehand")
        self._read_compiler()
        language = language_of(filename) or "ts"
        key = cache_key(self._identity, f"{language}:{mode}", source.encode())
        cached = self._cache.get(key)
        if cached is not None:
            return _outcome(cached)
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.get_running_loop().create_task(self._compile(key, source, filename, mode))
            task.add_done_callback(lambda _: self._running.pop(key, None))
        return await asyncio.shield(task)

    async def _compile(self, key: str, source: str, filename: str, mode: Mode) -> Compiled:
        request = {"source": source, "filename": filename, "mode": mode}
        allowed = _SECONDS + len(source) / _CHARACTERS_PER_SECOND
        async with self._slots:
            service = await self._take()
            try:
                reply = await asyncio.wait_for(service.endpoint.call("compiler", "compile", request), allowed)
            except TimeoutError:
                service.worker.kill(WorkerCrashed("the compiler was too slow"))
                raise ExecutionTimeout(f"{filename} could not be compiled within {allowed:.1f} s", timeout_s=allowed) from None
            except LimitExceeded as error:
                raise LimitExceeded(f"{filename} needs more memory to compile than the compiler may use", kind="memory") from error
            else:
                self._idle.append(service)
        outcome = _checked(reply)
        self._cache.put(key, outcome)
        return _outcome(outcome)

    def _read_compiler(self) -> str:
        """The compiler's own text, read when the first TypeScript arrives: a host that only runs JavaScript never pays."""
        if self._script is None:
            self._script = read_bundle("compiler")
            self._identity = hashlib.sha256(self._script.encode()).hexdigest()
        return self._script

    async def _take(self) -> _Service:
        """A compiler that nobody uses: a warm one, or a new one."""
        while self._idle:
            service = self._idle.pop()
            if not service.worker.ended.done():
                return service
        if self._pool is None:
            template = Template("compiler", (("kernel", self._kernel), ("compiler", self._read_compiler())))
            # No spares: a worker that has compiled stays and is used again.
            self._pool = WorkerPool(template, self._isolation, spares=0)
        worker = await self._pool.acquire(_LIMITS)
        service = _Service(worker)
        await service.endpoint.request({"t": "init"}, body=b'{"caps":{"compiler":{"options":{}}},"absent":{},"cwd":"/"}')
        return service

    async def close(self) -> None:
        """Stop the workers and their zygote."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for service in self._idle:
            service.worker.kill(WorkerCrashed("the compiler was stopped"))
        if self._pool is not None:
            await self._pool.close()


def _checked(reply: Any) -> dict[str, Any]:
    """The compiler worker ran on hostile input, so its answer is checked like any other."""
    if not isinstance(reply, dict) or not isinstance(reply.get("code"), str) or not isinstance(reply.get("diagnostics"), list):
        raise ProtocolError("the compiler gave a malformed answer")
    if not isinstance(reply.get("map"), (str, type(None))):
        raise ProtocolError("the compiler gave a malformed source map")
    return {"code": reply["code"], "map": reply.get("map"), "diagnostics": [_diagnostic(item) for item in reply["diagnostics"]]}


def _diagnostic(item: Any) -> list[Any]:
    if not isinstance(item, dict):
        raise ProtocolError("the compiler gave a malformed diagnostic")
    line, column = (item.get(name) if isinstance(item.get(name), int) else 1 for name in ("line", "column"))
    end = item.get("endColumn")
    return [str(item.get("message", "")), line, column, end if isinstance(end, int) else column]


def _outcome(data: dict[str, Any]) -> Compiled:
    return Compiled(data["code"], data.get("map"), tuple(Diagnostic(*item) for item in data.get("diagnostics", ())))
