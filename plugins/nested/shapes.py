"""Results and events in the form in which guest code knows them: names in camelCase, times in milliseconds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from isolate_host.client.console import ConsoleEntry
from isolate_host.client.test_results import SuiteResult, TestError, TestEvent, TestResult, TestRunResult
from isolate_host.client.websockets import WebSocketCommand
from isolate_host.plugin.context import HostCallContext
from isolate_host.wire.kinds import UNDEFINED

__all__ = ["camel", "command", "context", "entry", "run_result", "test_event", "tree"]

_HUMP = re.compile(r"_([a-z0-9])")


def camel(name: str) -> str:
    """``group_depth`` as ``groupDepth``."""
    return _HUMP.sub(lambda found: found.group(1).upper(), name)


def tree(value: Any) -> Any:
    """Mappings of our own making with their keys in camelCase, all the way down; anything else that is no plain data as text."""
    if isinstance(value, Mapping):
        return {camel(str(key)): tree(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [tree(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def entry(value: ConsoleEntry) -> dict[str, Any]:
    """A console entry of a child."""
    fields = {camel(name): item for name, item in value.fields.items()}
    return {
        **fields, "type": value.type, "level": value.level, "text": value.text, "stdout": value.text, "groupDepth": value.group_depth,
    }


def context(ctx: HostCallContext) -> dict[str, Any]:
    """Who calls, and on behalf of what."""
    left = ctx.remaining()
    return {
        "capability": ctx.capability,
        "op": ctx.op,
        "runtimeId": ctx.runtime_id,
        "resourceId": ctx.resource_id,
        "requestId": UNDEFINED if ctx.request_id is None else ctx.request_id,
        "metadata": dict(ctx.metadata),
        "remainingMs": None if left is None else left * 1000,
    }


def command(value: WebSocketCommand) -> dict[str, Any]:
    """What a child wants done with a WebSocket."""
    common = {"type": value.type, "connectionId": value.connection_id}
    if value.type == "message":
        return {**common, "data": value.data}
    return {**common, "code": UNDEFINED if value.code is None else value.code, "reason": value.reason}


def _error(value: TestError) -> dict[str, Any]:
    return {
        "name": value.name, "message": value.message, "stack": value.stack, "matcherName": value.matcher_name,
        "expected": value.expected, "actual": value.actual,
    }


def _test(value: TestResult) -> dict[str, Any]:
    return {
        "name": value.name, "suitePath": list(value.suite_path), "fullName": value.full_name, "status": value.status,
        "duration": value.duration_ms, "error": UNDEFINED if value.error is None else _error(value.error),
        "errors": [_error(item) for item in value.errors], "retries": value.retries, "notRun": value.not_run, "note": value.note,
    }


def _suite(value: SuiteResult) -> dict[str, Any]:
    counts = {name: getattr(value, name) for name in ("passed", "failed", "skipped", "todo", "total")}
    return {
        "name": value.name, "path": list(value.path), "fullName": value.full_name, "depth": value.depth, **counts,
        "errors": [_error(item) for item in value.errors],
    }


def run_result(value: TestRunResult) -> dict[str, Any]:
    """The results of a test run."""
    counts = {name: getattr(value, name) for name in ("success", "passed", "failed", "skipped", "todo", "total")}
    return {
        **counts, "duration": value.duration_ms, "notRun": value.not_run, "seed": value.seed,
        "suites": [_suite(item) for item in value.suites], "tests": [_test(item) for item in value.tests],
        "errors": [_error(item) for item in value.errors],
        "endedBy": None if value.ended_by is None else {"name": type(value.ended_by).__name__, "message": value.ended_by.message},
    }


def test_event(value: TestEvent) -> dict[str, Any]:
    """One event of a test run: with what its type has."""
    event: dict[str, Any] = {"type": value.type}
    if value.test is not None:
        event["test"] = _test(value.test)
    if value.suite is not None:
        event["suite"] = _suite(value.suite)
    if value.results is not None:
        event["results"] = run_result(value.results)
    if value.test_count is not None:
        event |= {"testCount": value.test_count, "suiteCount": value.suite_count}
    return event
