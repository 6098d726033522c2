"""Test runtimes: an isolate in which test files register tests, and in which they are run."""

from __future__ import annotations

import inspect
import json
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, ClassVar, Self

from isolate_host.client.answering import Leavings
from isolate_host.client.coverage import Coverage, CoverageOptions, read_coverage
from isolate_host.client.diagnostics import Diagnostics
from isolate_host.client.link import Channel
from isolate_host.client.runtime import Runtime, absolute_filename
from isolate_host.client.session import Session
from isolate_host.client.test_recorder import Recorder
from isolate_host.client.test_results import TestEvent, TestOptions, TestRunResult
from isolate_host.errors import Aborted, Disposed, GuestError, IsolateHostError, PolicyDenied
from isolate_host.wire.abort import AbortSignal

__all__ = ["TestEvents", "TestRunner", "TestRuntime", "TestedRuntime"]

_logger = logging.getLogger(__name__)
_DOOR = 'globalThis[Symbol.for("isolate-host.tests")]'
_DOOR_FILE = "/isolate-host-tests.js"
#: Handlers of events that may be under way at the same time; events beyond that are not delivered.
_MAX_HANDLING = 1000


class TestEvents:
    """Who listens to the events of a runtime's tests. Best effort: a handler that fails or never ends stops nothing."""

    __test__: ClassVar[bool] = False
    __slots__ = ("_ended", "_handlers", "_handling", "_spawn")

    def __init__(self, spawn: Callable[[Any], object], ended: Callable[[], bool]) -> None:
        self._spawn, self._ended = spawn, ended
        self._handlers: dict[object, Callable[[TestEvent], object]] = {}
        self._handling = 0

    def on_event(self, callback: Callable[[TestEvent], object]) -> Callable[[], None]:
        """Call ``callback(event)`` (sync or async) for each event. Returns a function that ends it. Raises ``Disposed`` after the runtime's end."""
        if not callable(callback):
            raise TypeError(f"an event handler must be callable, not {type(callback).__name__}")
        if self._ended():
            raise Disposed("the runtime has ended")
        token = object()
        self._handlers[token] = callback

        def off() -> None:
            self._handlers.pop(token, None)

        return off

    def deliver(self, event: TestEvent) -> None:
        """Tell everybody, and wait for nobody."""
        for callback in list(self._handlers.values()):
            try:
                result = callback(event)
            except Exception:
                _logger.exception("a handler of test events raised")
                continue
            if not inspect.isawaitable(result):
                continue
            if self._handling >= _MAX_HANDLING:
                if inspect.iscoroutine(result):
                    result.close()
                continue
            self._handling += 1
            self._spawn(self._watch(result))

    async def _watch(self, result: Awaitable[object]) -> None:
        try:
            await result
        except Exception:
            _logger.exception("a handler of test events raised")
        finally:
            self._handling -= 1


class TestRunner:
    """Runs test files in a runtime that has the capability ``tests``."""

    __test__: ClassVar[bool] = False

    def __init__(self, runtime: Runtime, session: Session, channel: Callable[[], Channel], cwd: str) -> None:
        self._runtime, self._session, self._channel, self._cwd = runtime, session, channel, cwd
        self.events = TestEvents(session.spawn, lambda: runtime.disposed)
        self._runs = 0
        self._recorder: Recorder | None = None
        self.last: TestRunResult | None = None
        session.on_note["tests"] = self._note

    def _note(self, op: str, args: list[Any]) -> None:
        if self._recorder is not None:
            self._recorder.note(op, args)

    async def run(
        self,
        code: str,
        filename: str = "/index.test.ts",
        timeout_s: float | None = None,
        signal: AbortSignal | None = None,
        *,
        options: TestOptions | None = None,
        snapshots: Mapping[str, str] | None = None,
    ) -> TestRunResult:
        """Evaluate ``code``, then run the tests that it registered. See :meth:`TestRuntime.run`."""
        chosen = TestOptions() if options is None else options
        if not isinstance(chosen, TestOptions):
            raise TypeError(f"options must be TestOptions, not {type(chosen).__name__}")
        async with self._runtime.exclusive(signal) as step:
            if chosen.filter is not None:
                await _check_filter(chosen.filter, lambda code: step(code, _DOOR_FILE, timeout_s))
            counting, path = _coverage_options(chosen), absolute_filename(filename, self._cwd)
            if counting is not None:
                await self._channel().coverage({"op": "start"})
            self._runs += 1
            seed = (random.SystemRandom().randrange(1 << 32) if chosen.seed is None else chosen.seed) if chosen.shuffle else chosen.seed
            recorder = self._recorder = Recorder(self._runs, self.events.deliver, seed)
            # The value is `false` where there is no door, and undefined else.
            begin = _begin(self._runs, chosen, seed, snapshots, path)
            if await step(f"{_DOOR} !== undefined && {_DOOR}.begin({begin})", _DOOR_FILE, timeout_s) is False:
                self._recorder = None
                raise _denied(self._session.sandbox)
            await step(code, filename, timeout_s)
            started = time.monotonic()
            try:
                outcome = await step(f"{_DOOR}.run()", _DOOR_FILE, timeout_s)
            except (Aborted, Disposed):
                raise
            except IsolateHostError as error:
                if not recorder.started:
                    raise
                self.last = recorder.cut((time.monotonic() - started) * 1000, error)
            else:
                self.last = recorder.finish((time.monotonic() - started) * 1000, outcome)
            finally:
                self._recorder = None
            if counting is not None:
                self.last = replace(self.last, coverage=await self._take_coverage(counting, path))
            return self.last

    async def _take_coverage(self, options: CoverageOptions, path: str) -> Coverage:
        """The results are there whatever becomes of the report."""
        skip = [_DOOR_FILE, path]
        try:
            told = await self._channel().coverage({"op": "take", "include": list(options.include), "exclude": list(options.exclude), "skip": skip})
            return read_coverage(told)
        except IsolateHostError as error:
            return Coverage(error=error.message)

async def _check_filter(pattern: str, evaluate: Callable[[str], Awaitable[object]]) -> None:
    """It is JavaScript that reads it. Raises ``ValueError``."""
    try:
        await evaluate(f"void new RegExp({json.dumps(pattern)})")
    except GuestError as error:
        raise ValueError(f"TestOptions.filter: {error.message}") from None


def _coverage_options(options: TestOptions) -> CoverageOptions | None:
    if isinstance(options.coverage, CoverageOptions):
        return options.coverage
    return CoverageOptions() if options.coverage else None


def _begin(run: int, options: TestOptions, seed: int | None, snapshots: Mapping[str, str] | None, path: str) -> str:
    """The options of a run as the guest's framework reads them."""
    mode = "all" if options.update_snapshots else "new" if options.new_snapshots else "none"
    store = {"stored": None if snapshots is None else dict(snapshots), "mode": mode, "file": path}
    return json.dumps({
        "run": run, "timeout": 0 if options.timeout_s is None else options.timeout_s * 1000, "retry": options.retry, "bail": options.bail,
        "maxConcurrency": options.max_concurrency, "filter": options.filter, "shuffle": options.shuffle, "seed": seed or 0, "snapshots": store,
    })


def _denied(sandbox: str | None) -> PolicyDenied:
    where = "policies.tests" if sandbox is None else f"sandboxes.{sandbox}.policies.tests"
    return PolicyDenied(
        "the runtime may not run tests: no policy grants tests", capability="tests", value="run_tests", rule=f"no {where}", hint=f"add {where}"
    )


class TestedRuntime(Runtime):
    """A script runtime that can run tests."""

    also_bound: ClassVar[Mapping[str, Any]] = {"tests": {}}

    def __init__(self, session: Session, channel: Channel, cwd: str, admit: Callable[..., Awaitable[Self]], leavings: Leavings) -> None:
        super().__init__(session, channel, cwd, admit, leavings)
        self.runner = TestRunner(self, session, lambda: self._channel, cwd)


class TestRuntime:
    """Runs test files in one locked isolate. Made by ``host.create_test_runtime()``."""

    __test__: ClassVar[bool] = False

    def __init__(self, runtime: TestedRuntime) -> None:
        self._runtime = runtime
        self._runner = runtime.runner

    @property
    def id(self) -> str:
        """The runtime's id, as in ``HostCallContext.runtime_id``."""
        return self._runtime.id

    @property
    def test(self) -> TestEvents:
        """``rt.test.on_event(callback)``: what happens while tests run."""
        return self._runner.events

    @property
    def disposed(self) -> bool:
        """True when the runtime has ended, for whatever reason."""
        return self._runtime.disposed

    async def run(
        self,
        code: str,
        filename: str = "/index.test.ts",
        timeout_s: float | None = None,
        signal: AbortSignal | None = None,
        *,
        options: TestOptions | None = None,
        snapshots: Mapping[str, str] | None = None,
    ) -> TestRunResult:
        """Evaluate the test file ``code``, run the tests that it registers, and return their results.

        Globals of earlier runs are kept, registered tests are not. ``timeout_s`` bounds the loading of the file and the run of its
        tests, each by itself; the time of one test is in ``options``. ``snapshots`` are the stored snapshots of the file by name, for
        ``toMatchSnapshot``; what to store instead is in the result.

        Tests that fail make no exception. When the worker has to be stopped while tests run (a test that never gives control back, the memory
        limit), the results are complete: the test that ran has failed, the rest counts as skipped with ``not_run``, and the runtime has ended.
        Raises ``GuestError`` for what the file throws while it loads, ``ExecutionTimeout`` when that takes too long, ``Aborted`` and ``Disposed``.
        """
        return await self._runner.run(code, filename, timeout_s, signal, options=options, snapshots=snapshots)

    async def dispose(self, *, hard: bool = False, reason: str | None = None) -> None:
        """End the runtime. Idempotent."""
        await self._runtime.dispose(hard=hard, reason=reason)

    def diagnostics(self) -> Diagnostics:
        """As of a script runtime, and ``test``: ``enabled``, ``registered_tests`` and ``last_run`` (its results) of the last run."""
        last = self._runner.last
        test = {"enabled": True, "registered_tests": 0 if last is None else last.total, "last_run": last}
        found = self._runtime.diagnostics()
        found["test"] = test
        return found

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.dispose()
