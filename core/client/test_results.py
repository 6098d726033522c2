"""What a test run tells: events while it goes on, and its results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from isolate_host.client.coverage import Coverage, CoverageOptions
from isolate_host.client.limits import check_number
from isolate_host.errors import IsolateHostError

__all__ = ["InlineSnapshot", "SnapshotResult", "SuiteResult", "TestError", "TestEvent", "TestOptions", "TestResult", "TestRunResult", "TestStatus"]

TestStatus = Literal["pass", "fail", "skip", "todo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestOptions:
    """How tests are run.

    * ``filter``: a JavaScript regular expression; only tests run whose full name (``suite > test``) it finds.
    * ``timeout_s``: seconds that one test or hook may take; ``None`` = any. A test may ask for its own.
    * ``retry``: how often a failed test is tried again. ``bail``: stop after so many failures (0 = never).
    * ``shuffle`` and ``seed``: run in an order that the seed decides; without a seed one is chosen, and told in the result.
    * ``max_concurrency``: ``test.concurrent`` tests that run at the same time.
    * ``update_snapshots``: take every snapshot as right; ``new_snapshots``: those that have none yet. The result has what is to be stored.
      Without both nothing is written, and a snapshot that is not there fails its test.
    * ``coverage``: count what of the tested code runs (``True``, or which files); the result has the report.
    """

    __test__: ClassVar[bool] = False

    filter: str | None = None
    timeout_s: float | None = 5.0
    retry: int = 0
    bail: int = 0
    shuffle: bool = False
    seed: int | None = None
    max_concurrency: int = 5
    update_snapshots: bool = False
    new_snapshots: bool = False
    coverage: bool | CoverageOptions = False

    def __post_init__(self) -> None:
        if self.filter is not None and not isinstance(self.filter, str):
            raise TypeError(f"TestOptions.filter must be a str or None, not {type(self.filter).__name__}")
        if not isinstance(self.coverage, (bool, CoverageOptions)):
            raise TypeError(f"TestOptions.coverage must be a bool or CoverageOptions, not {type(self.coverage).__name__}")
        if self.timeout_s is not None:
            check_number("TestOptions.timeout_s", self.timeout_s)
        check_number("TestOptions.max_concurrency", self.max_concurrency, whole=True)
        for name in ("retry", "bail", "seed"):
            value = getattr(self, name)
            if name == "seed" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int):
                raise TypeError(f"TestOptions.{name} must be an int, not {type(value).__name__}")
            if not 0 <= value < 1 << 32:
                raise ValueError(f"TestOptions.{name} must be between 0 and 2³² - 1, not {value}")


@dataclass(frozen=True, slots=True)
class TestError:
    """Why a test failed. ``expected`` and ``actual`` are plain values, or their text where a value cannot cross."""

    __test__: ClassVar[bool] = False

    message: str
    stack: str | None = None
    matcher_name: str | None = None
    expected: Any = None
    actual: Any = None
    name: str = "Error"


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test. ``full_name`` joins the suites' names and its own with ``" > "``.

    ``error`` is the first of ``errors``. ``not_run`` marks a skipped test that would have run, had the run gone on to its end; ``note`` says why,
    and holds what ``context.skip("…")`` said.
    """

    __test__: ClassVar[bool] = False

    name: str
    suite_path: tuple[str, ...]
    full_name: str
    status: TestStatus
    duration_ms: float = 0.0
    errors: tuple[TestError, ...] = ()
    retries: int = 0
    not_run: bool = False
    note: str | None = None

    @property
    def error(self) -> TestError | None:
        """The first error."""
        return self.errors[0] if self.errors else None


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """One ``describe``, with the tests of its own and of the suites in it. ``errors`` are those of its ``beforeAll`` and ``afterAll``."""

    name: str
    path: tuple[str, ...]
    full_name: str
    depth: int
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    todo: int = 0
    total: int = 0
    errors: tuple[TestError, ...] = ()


@dataclass(frozen=True, slots=True)
class InlineSnapshot:
    """``text`` belongs into the call of ``matcher``, whose name begins at ``line`` and ``column`` (UTF-16 units), both from 1, of the test file."""

    line: int
    column: int
    matcher: str
    text: str


@dataclass(frozen=True, slots=True)
class SnapshotResult:
    """What happened to snapshots. When they were to be written, ``data`` has what to store from now on, by name, and ``inline`` what to write
    into the test file.

    ``unused`` counts stored ones that nobody asked for; ``obsolete`` names those of them whose test ran to its end, or does not exist.
    """

    matched: int = 0
    added: int = 0
    updated: int = 0
    failed: int = 0
    unused: int = 0
    obsolete: tuple[str, ...] = ()
    inline: tuple[InlineSnapshot, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TestRunResult:
    """One run. ``success`` = nothing failed; a file without tests succeeds.

    ``skipped`` counts tests that were not run as well (``not_run`` of them). ``errors`` are those that belong to no test.
    ``ended_by`` is what ended the worker in the middle of the run; the results are complete all the same. ``coverage`` is there
    when it was asked for.
    """

    __test__: ClassVar[bool] = False

    success: bool
    passed: int
    failed: int
    skipped: int
    todo: int
    total: int
    duration_ms: float
    suites: tuple[SuiteResult, ...]
    tests: tuple[TestResult, ...]
    not_run: int = 0
    errors: tuple[TestError, ...] = ()
    seed: int | None = None
    snapshots: SnapshotResult = field(default_factory=SnapshotResult)
    ended_by: IsolateHostError | None = None
    coverage: Coverage | None = None


@dataclass(frozen=True, slots=True)
class TestEvent:
    """``type`` is ``runStart`` (``test_count``, ``suite_count``), ``suiteStart`` and ``suiteEnd`` (``suite``), ``testStart`` and ``testEnd``
    (``test``), or ``runEnd`` (``results``). A test that does not run has a ``testEnd`` only.
    """

    __test__: ClassVar[bool] = False

    type: Literal["runStart", "suiteStart", "testStart", "testEnd", "suiteEnd", "runEnd"]
    test: TestResult | None = None
    suite: SuiteResult | None = None
    results: TestRunResult | None = None
    test_count: int | None = None
    suite_count: int | None = None
