"""``isolate-host test``."""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isolate_host.cli.output import CommandError
from isolate_host.cli.testing.coverage_options import add_coverage_options, read_coverage_options

if TYPE_CHECKING:
    from isolate_host.cli.testing.coverage import CoveragePlan
    from isolate_host.cli.testing.outcome import FileOutcome
    from isolate_host.client.test_results import TestOptions, TestRunResult

__all__ = ["add"]

_DESCRIPTION = """\
Run test files, each in a locked isolate of its own.

A file registers tests with describe, test and expect, as for Jest or Vitest; importing them from "vitest" or "@jest/globals" works
too. With --config the sandbox decides what the tests may do, and has to grant tests. Without it they have a console and may import
files below the folder in which the command runs, and nothing else.

Exit codes: 0 everything passed, 1 a test or a file failed, 2 usage or configuration, 124 a time limit of the sandbox, 130 interrupted,
137 the memory limit."""
_REPORTERS = ("pretty", "junit", "tap", "json")
_MOST_JOBS = 8


def add(verbs: Any) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "test", help="run test files", usage="isolate-host test [options] FILE [FILE ...]",
        description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help="files, globs such as 'src/**/*.test.ts', or folders")
    parser.add_argument("--config", metavar="FILE", type=Path, help="configuration with the sandbox")
    parser.add_argument("--sandbox", metavar="NAME", help="a sandbox of the configuration (default: the one called default, or the only one)")
    parser.add_argument("--filter", metavar="REGEXP", help="run the tests whose full name (suite > test) matches")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, default=5.0, help="for one test or hook; 0 = none (default: 5)")
    parser.add_argument("--retry", metavar="N", type=int, default=0, help="try a failed test again, so many times")
    parser.add_argument("--bail", metavar="N", type=int, nargs="?", const=1, default=0, help="stop after N failures (default: never; without N: 1)")
    parser.add_argument("--shuffle", action="store_true", help="run in an order that the seed decides")
    parser.add_argument("--seed", metavar="N", type=int, help="the seed of --shuffle (default: a new one, which is shown)")
    parser.add_argument("-u", "--update", action="store_true", help="take all snapshots as right, and remove obsolete ones")
    ci = "write no snapshot: new ones fail (default: when the environment has CI)"
    parser.add_argument("--ci", action=argparse.BooleanOptionalAction, default=os.environ.get("CI", "") not in ("", "0", "false"), help=ci)
    own = "a folder in which toMatchFileSnapshot may read, and except with --ci write; not with --config"
    parser.add_argument("--file-snapshots", metavar="FOLDER", type=Path, help=own)
    parser.add_argument("--jobs", metavar="N", type=int, default=min(os.cpu_count() or 1, _MOST_JOBS), help="files at a time (default: processors)")
    reporters = f"{', '.join(_REPORTERS)}; may be repeated (default: pretty)"
    parser.add_argument("--reporter", metavar="NAME[=FILE]", action="append", default=[], help=reporters)
    parser.add_argument("--verbose", action="store_true", help="list every test (default: for a single file)")
    parser.add_argument("--watch", action="store_true", help="run again whenever a file changes")
    add_coverage_options(parser)
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    if args.sandbox and not args.config:
        raise CommandError("--sandbox needs --config")
    if args.file_snapshots and args.config:
        raise CommandError("--file-snapshots is for tests without a configuration", "grant files in the sandbox: a mount with write: true")
    if args.jobs < 1:
        raise CommandError("--jobs must be at least 1")
    reporters = [_reporter(text) for text in args.reporter or ["pretty"]]
    if sum(target is None for _, target in reporters) > 1:
        raise CommandError("only one reporter can write to stdout", "give the others a file: --reporter junit=report.xml")
    for _, target in reporters:
        _check_writable(target)
    plan = read_coverage_options(args)
    options = _options(args, plan)
    return asyncio.run(_watch(args, options, reporters, plan) if args.watch else _once(args, options, reporters, plan))


def _options(args: argparse.Namespace, plan: CoveragePlan | None) -> TestOptions:
    from isolate_host.client.test_results import TestOptions

    try:
        return TestOptions(
            filter=args.filter, timeout_s=args.timeout or None, retry=args.retry, bail=args.bail, shuffle=args.shuffle or args.seed is not None,
            seed=args.seed, update_snapshots=args.update, new_snapshots=not args.ci,
            coverage=False if plan is None else plan.options,
        )
    except ValueError as error:
        told = str(error).replace("TestOptions.timeout_s", "--timeout").replace("None = no limit", "0 = no limit")
        raise CommandError(told.replace("TestOptions.", "--")) from None


def _reporter(text: str) -> tuple[str, Path | None]:
    name, _, target = text.partition("=")
    if name not in _REPORTERS:
        raise CommandError(f"unknown reporter {name!r}", f"one of {', '.join(_REPORTERS)}; NAME=FILE writes to a file")
    return name, Path(target) if target else None


async def _once(
    args: argparse.Namespace, options: TestOptions, reporters: list[tuple[str, Path | None]], plan: CoveragePlan | None
) -> int:
    from isolate_host.cli.testing.files import find_files
    from isolate_host.cli.testing.pretty import Pretty, Progress
    from isolate_host.cli.testing.suite import TestSuite

    files = find_files(args.files)
    started = time.monotonic()
    progress = Progress(sys.stderr, len(files))
    pretty = Pretty(sys.stdout, every_test=args.verbose or len(files) == 1) if ("pretty", None) in reporters else None

    def file_done(outcome: FileOutcome) -> None:
        progress.file_done()
        if pretty is not None:
            pretty.file(outcome)

    suite = TestSuite(
        files=files, config=args.config, sandbox=args.sandbox, options=options, own_snapshots=args.file_snapshots, jobs=args.jobs,
        on_event=progress.event, on_file=file_done,
    )
    try:
        outcomes = await suite.run()
    except* CommandError as group:
        raise group.exceptions[0] from None
    finally:
        progress.clear()
    _report(outcomes, time.monotonic() - started, reporters)
    if options.filter is not None and all(outcome.result is not None and _all_skipped(outcome.result) for outcome in outcomes):
        print(f"no test has a name that matches --filter {options.filter!r}", file=sys.stderr)
    _tell_orphans(files, update=args.update)
    return max(_exit_code(outcomes), 0 if plan is None else _report_coverage(plan, outcomes, reporters))


def _all_skipped(result: TestRunResult) -> bool:
    return result.skipped + result.todo == result.total


def _tell_orphans(files: list[Path], *, update: bool) -> None:
    """Snapshots of test files that are no more."""
    from isolate_host.cli.testing.snapshots import orphans

    for file in orphans(files):
        if update:
            file.unlink(missing_ok=True)
        what = f"removed {file}" if update else f"obsolete (--update removes it): {file}"
        print(f"{what}, whose test file is no more", file=sys.stderr)


def _report_coverage(plan: CoveragePlan, outcomes: list[FileOutcome], reporters: list[tuple[str, Path | None]]) -> int:
    """1 when there is too little of it. A report for programs has stdout for itself."""
    missed = plan.report(outcomes, sys.stderr if any(target is None and name != "pretty" for name, target in reporters) else sys.stdout)
    for text in missed:
        print(text, file=sys.stderr)
    return int(bool(missed))


def _report(outcomes: list[FileOutcome], seconds: float, reporters: list[tuple[str, Path | None]]) -> None:
    from isolate_host.cli.testing.pretty import Pretty

    for name, target in reporters:
        if name != "pretty":
            from isolate_host.cli.testing.formats import FORMATS

            text = FORMATS[name](outcomes, seconds)
            if target is None:
                sys.stdout.write(text)
            else:
                _write(target, text)
        elif target is None:
            Pretty(sys.stdout, every_test=False).end(outcomes, seconds)
        else:
            stream = io.StringIO()
            pretty = Pretty(stream, every_test=True)
            for outcome in outcomes:
                pretty.file(outcome)
            pretty.end(outcomes, seconds)
            _write(target, stream.getvalue())
    sys.stdout.flush()


def _check_writable(target: Path | None) -> None:
    """Before the tests: nobody wants to hear it after an hour of them."""
    if target is None:
        return
    if target.is_dir():
        raise CommandError(f"cannot write {target}: Is a directory")
    place = target if target.exists() else target.parent
    if not place.exists():
        raise CommandError(f"cannot write {target}: there is no folder {place}", "make it first")
    if not os.access(place, os.W_OK):
        raise CommandError(f"cannot write {target}: permission denied")


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise CommandError(f"cannot write {target}: {error.strerror}") from None


def _exit_code(outcomes: list[FileOutcome]) -> int:
    """What a limit of the sandbox ended says so; everything else that failed is 1."""
    from isolate_host.cli.failures import exit_code
    from isolate_host.errors import GuestError

    codes = {1 for outcome in outcomes if not outcome.success}
    for outcome in outcomes:
        ended = outcome.error if outcome.result is None else outcome.result.ended_by
        if ended is not None and not isinstance(ended, GuestError):
            codes.add(exit_code(ended))
    return max(codes, default=0)


async def _watch(
    args: argparse.Namespace, options: TestOptions, reporters: list[tuple[str, Path | None]], plan: CoveragePlan | None
) -> int:
    from isolate_host.cli.testing.files import find_files, root_of
    from isolate_host.cli.testing.watch import FileWatch

    written = [target.name for _, target in (*reporters, *(plan.reports if plan else ())) if target]
    watch = FileWatch({root_of(file) for file in find_files(args.files)}, written)
    try:
        while True:
            await _once(args, options, reporters, plan)
            print("waiting for changes; Ctrl-C ends", file=sys.stderr, flush=True)
            await watch.changed()
    finally:
        watch.close()
