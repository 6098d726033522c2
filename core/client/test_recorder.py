"""Keeps what a test run has told so far, so that its results are complete even when the worker dies in the middle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from isolate_host.client.test_results import InlineSnapshot, SnapshotResult, SuiteResult, TestError, TestEvent, TestResult, TestRunResult, TestStatus
from isolate_host.errors import IsolateHostError

__all__ = ["Recorder", "test_errors"]

#: Everything here is the guest's word: it is bounded once more, whatever the broker let pass.
_MAX_NODES = 250_000
_MAX_TEXT = 1 << 17
_MAX_ERRORS = 20
_MAX_DEPTH = 1000
_MAX_INLINE = 10_000
_INLINE_MATCHERS = ("toMatchInlineSnapshot", "toThrowErrorMatchingInlineSnapshot")
_STATUSES: Mapping[Any, TestStatus] = {"pass": "pass", "fail": "fail", "skip": "skip", "todo": "todo"}


@dataclass(slots=True)
class _Node:
    """A suite or a test as it was registered."""

    is_suite: bool
    name: str
    path: tuple[str, ...]
    mode: str
    parent: int
    result: TestResult | None = None
    running: bool = False
    #: A suite between its start and its end.
    open: bool = False
    errors: tuple[TestError, ...] = ()
    #: Passed, failed, skipped, todo.
    counts: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    @property
    def full_name(self) -> str:
        return " > ".join((*self.path, self.name))


class Recorder:
    """One run. ``emit`` gets its events as they come."""

    def __init__(self, run: int, emit: Callable[[TestEvent], None], seed: int | None) -> None:
        self._run, self._emit, self._seed = run, emit, seed
        self._nodes: dict[int, _Node] = {}
        #: Code of suites (0 = the file) that runs now, by id: what it is.
        self._hooks: dict[int, str] = {}
        self._file_errors: tuple[TestError, ...] = ()
        self.started = False

    # ------------------------------------------------------------------ what the guest tells
    def note(self, op: str, args: list[Any]) -> None:
        """Take a note of the guest; those of earlier runs are dropped."""
        if len(args) != 2 or args[0] != self._run or not isinstance(args[1], list):
            return
        for item in args[1]:
            if isinstance(item, list) and item:
                if op == "collected":
                    self._register(item)
                else:
                    self._event(item)

    def _register(self, item: list[Any]) -> None:
        if len(item) != 6 or type(item[0]) is not int or len(self._nodes) >= _MAX_NODES:
            return
        number, kind, name, path, mode, parent = item
        names = tuple(_text(part) for part in path) if isinstance(path, list) else ()
        self._nodes[number] = _Node(kind == "suite", _text(name), names, _text(mode), parent if type(parent) is int else 0)

    def _event(self, item: list[Any]) -> None:
        kind = item[0]
        if kind == "runStart":
            self.started = True
            tests = sum(not node.is_suite for node in self._nodes.values())
            self._emit(TestEvent("runStart", test_count=tests, suite_count=len(self._nodes) - tests))
        elif kind == "stage" and len(item) >= 3:
            self._stage(item[1], item[2])
        elif kind == "rest" and len(item) >= 2:
            self._hooks.pop(_number(item[1]), None)
        elif len(item) >= 2 and type(item[1]) is int:
            self._node_event(kind, item)

    def _stage(self, key: Any, what: Any) -> None:
        number = _number(key)
        node = self._nodes.get(number)
        if number == 0 or (node is not None and node.is_suite):
            self._hooks[number] = _text(what)

    def _node_event(self, kind: Any, item: list[Any]) -> None:
        node = self._nodes.get(item[1])
        if kind == "suiteEnd" and item[1] == 0:
            self._file_errors = test_errors(item[2] if len(item) > 2 else None)
        elif node is None:
            return
        elif node.is_suite:
            if kind == "suiteStart":
                node.open = True
                self._emit(TestEvent("suiteStart", suite=_suite(node)))
            elif kind == "suiteEnd":
                node.errors = test_errors(item[2] if len(item) > 2 else None)
                self._close_suite(node)
        elif kind == "testStart":
            node.running = True
            self._emit(TestEvent("testStart", test=TestResult(node.name, node.path, node.full_name, "skip")))
        elif kind == "testEnd" and len(item) >= 7 and isinstance(item[2], str) and item[2] in _STATUSES and node.result is None:
            errors, note = test_errors(item[4]), item[6]
            retries = item[5] if type(item[5]) is int else 0
            duration = float(item[3]) if isinstance(item[3], (int, float)) and 0 <= item[3] < 1e12 else 0.0
            not_run = isinstance(note, str) and note.startswith("not run")
            self._end(node, _STATUSES[item[2]], duration, errors, retries, not_run=not_run, note=note if isinstance(note, str) else None)

    def _end(
        self, node: _Node, status: TestStatus, duration: float, errors: tuple[TestError, ...], retries: int, *, not_run: bool, note: str | None
    ) -> None:
        node.running = False
        text = None if note is None else _text(note)
        node.result = TestResult(node.name, node.path, node.full_name, status, duration, errors, retries, not_run, text)
        place = ("pass", "fail", "skip", "todo").index(status)
        parent = self._nodes.get(node.parent)
        # A guest could say that a suite lies in itself.
        for _ in range(_MAX_DEPTH):
            if parent is None:
                break
            parent.counts[place] += 1
            parent = self._nodes.get(parent.parent) if parent.parent else None
        self._emit(TestEvent("testEnd", test=node.result))

    def _close_suite(self, node: _Node) -> None:
        if node.open:
            node.open = False
            self._emit(TestEvent("suiteEnd", suite=_suite(node)))

    # ------------------------------------------------------------------ ends
    def finish(self, duration_ms: float, outcome: Any) -> TestRunResult:
        """The run came to its end; ``outcome`` is what the framework answered."""
        told = outcome if isinstance(outcome, dict) else {}
        missing = IsolateHostError("the test framework did not report this test")
        blamed = self._account(missing)
        return self._result(duration_ms, test_errors(told.get("errors")), _snapshots(told.get("snapshots"), self._silent()), blamed, None)

    def _silent(self) -> list[str]:
        """Names of tests, as in snapshots, that did not get to say all that they had to."""
        tests = (node.result for node in self._nodes.values() if node.result is not None)
        return [" ".join((*test.suite_path, test.name)) for test in tests if test.status != "pass"]

    def cut(self, duration_ms: float, error: IsolateHostError) -> TestRunResult:
        """The run ended in the middle, because of ``error``: what ran has failed with it, the rest was not run."""
        blamed = self._account(error)
        errors = () if blamed else (_error_of(error, None),)
        return self._result(duration_ms, errors, SnapshotResult(), blamed=blamed, ended_by=error)

    def _account(self, error: IsolateHostError) -> bool:
        """Close what is open; whether somebody could be blamed."""
        blamed = False
        for number, what in self._hooks.items():
            errors = (_error_of(error, what),)
            blamed = True
            if number == 0:
                self._file_errors += errors
            elif number in self._nodes:
                self._nodes[number].errors += errors
        for node in self._nodes.values():
            if node.is_suite or node.result is not None:
                continue
            if node.running:
                blamed = True
                self._end(node, "fail", 0.0, (_error_of(error, None),), 0, not_run=False, note=None)
            elif node.mode in ("skip", "todo"):
                self._end(node, "todo" if node.mode == "todo" else "skip", 0.0, (), 0, not_run=False, note=None)
            else:
                self._end(node, "skip", 0.0, (), 0, not_run=True, note=f"not run: {error.message}")
        for node in reversed(self._nodes.values()):
            self._close_suite(node)
        return blamed

    def _result(
        self, duration_ms: float, errors: tuple[TestError, ...], snapshots: SnapshotResult, blamed: bool, ended_by: IsolateHostError | None
    ) -> TestRunResult:
        tests = tuple(node.result for node in self._nodes.values() if node.result is not None)
        suites = tuple(_suite(node) for node in self._nodes.values() if node.is_suite)
        count = {status: sum(test.status == status for test in tests) for status in _STATUSES.values()}
        all_errors = (*self._file_errors, *errors)
        good = not count["fail"] and not all_errors and not blamed and ended_by is None and not any(suite.errors for suite in suites)
        result = TestRunResult(
            success=good, passed=count["pass"], failed=count["fail"], skipped=count["skip"], todo=count["todo"], total=len(tests),
            duration_ms=duration_ms, suites=suites, tests=tests, not_run=sum(test.not_run for test in tests), errors=all_errors,
            seed=self._seed, snapshots=snapshots, ended_by=ended_by,
        )
        self._emit(TestEvent("runEnd", results=result))
        return result


def test_errors(value: Any) -> tuple[TestError, ...]:
    """The errors that the framework described."""
    return tuple(_failure(item) for item in value[:_MAX_ERRORS] if isinstance(item, dict)) if isinstance(value, list) else ()


def _failure(item: dict[Any, Any]) -> TestError:
    stack, matcher = item.get("stack"), item.get("matcherName")
    return TestError(
        _text(item.get("message", "")), _text(stack) if isinstance(stack, str) else None, _text(matcher) if isinstance(matcher, str) else None,
        item.get("expected"), item.get("actual"), _text(item.get("name", "Error")),
    )


def _error_of(error: IsolateHostError, what: str | None) -> TestError:
    return TestError(error.message if what is None else f"{what}: {error.message}", name=type(error).__name__)


def _suite(node: _Node) -> SuiteResult:
    passed, failed, skipped, todo = node.counts
    return SuiteResult(node.name, node.path, node.full_name, len(node.path), passed, failed, skipped, todo, sum(node.counts), node.errors)


def _snapshots(value: Any, silent: list[str]) -> SnapshotResult:
    if not isinstance(value, dict):
        return SnapshotResult()
    counts: dict[str, int] = {name: count for name in ("matched", "added", "updated", "failed") if type(count := value.get(name)) is int}
    told = value.get("unused")
    unused = [name for name in told if isinstance(name, str)] if isinstance(told, list) else []
    excused = tuple(name + end for name in silent for end in (" ", ": "))
    taken = value.get("taken")
    data = {key: text for key, text in taken.items() if isinstance(key, str) and isinstance(text, str)} if isinstance(taken, dict) else {}
    obsolete = tuple(name for name in unused if not name.startswith(excused))
    return SnapshotResult(**counts, unused=len(unused), obsolete=obsolete, inline=_inline(value.get("inline")), data=data)


def _inline(told: Any) -> tuple[InlineSnapshot, ...]:
    found = []
    for item in told[:_MAX_INLINE] if isinstance(told, list) else ():
        line, column, matcher, text = (item.get(name) for name in ("line", "column", "matcher", "text")) if isinstance(item, dict) else (0,) * 4
        if type(line) is int and type(column) is int and line > 0 and column > 0 and isinstance(text, str) and matcher in _INLINE_MATCHERS:
            found.append(InlineSnapshot(line, column, matcher, text))
    return tuple(found)


def _number(key: Any) -> int:
    return int(key) if isinstance(key, str) and key.isdecimal() and len(key) < 10 else -1


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else ""
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"
