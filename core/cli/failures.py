"""Exceptions as one line and an exit code."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from isolate_host.cli.output import CommandError, complain
from isolate_host.errors import (
    Aborted,
    ConfigError,
    ExecutionTimeout,
    GuestError,
    IsolateHostError,
    LimitExceeded,
    MarshalError,
    PolicyDenied,
    SandboxViolation,
)

__all__ = ["exit_code", "guest_text", "report_failure"]

GUEST, USAGE, INTERNAL, TIMEOUT, INTERRUPTED, MEMORY, PIPE = 1, 2, 3, 124, 130, 137, 141

# Guest code is at fault for these; for the other deliberate errors it is what the command was given.
_GUEST_ERRORS = (GuestError, MarshalError, PolicyDenied, SandboxViolation, LimitExceeded)


def exit_code(error: BaseException) -> int:
    """The exit code for ``error``."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 0
    if isinstance(error, (KeyboardInterrupt, Aborted)):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        return PIPE
    if isinstance(error, LimitExceeded) and error.kind in _LIMIT_CODES:
        return _LIMIT_CODES[error.kind]
    if isinstance(error, ExecutionTimeout):
        return TIMEOUT
    if isinstance(error, _GUEST_ERRORS):
        return GUEST
    expected = (CommandError, argparse.ArgumentError, IsolateHostError)
    return USAGE if isinstance(error, expected) and getattr(error, "code", "") not in _INTERNAL_CODES else INTERNAL


_LIMIT_CODES = {"memory": MEMORY, "cpu": TIMEOUT}
_INTERNAL_CODES = ("worker-crashed", "protocol-error", "internal")


def report_failure(error: BaseException, args: Sequence[str]) -> int:
    """Tell the user, and return the exit code."""
    code = exit_code(error)
    if isinstance(error, SystemExit):
        return code
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has gone. Python would complain again when it flushes stdout at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code
    if isinstance(error, ConfigError) and error.findings:
        # Each finding has its place and its hint already.
        print(error.message, file=sys.stderr)
    elif isinstance(error, GuestError):
        print(guest_text(error), file=sys.stderr)
    elif isinstance(error, (CommandError, IsolateHostError)):
        complain(str(error), error.hint)
    elif isinstance(error, KeyboardInterrupt):
        complain("interrupted")
    else:
        file = _write_report(error, args)
        complain(f"internal error: {type(error).__name__}: {error}", f"a report for the maintainers is in {file}")
    return code


def guest_text(error: GuestError) -> str:
    """As a JavaScript engine prints an uncaught error: code frame, stack, causes, and our hint."""
    parts = [error.frame, error.stack or str(error)]
    cause = error.__cause__
    while isinstance(cause, GuestError):
        parts.append(f"caused by: {cause.stack or cause}")
        cause = cause.__cause__
    if error.hint:
        parts.append(f"  hint: {error.hint}")
    return "\n".join(part for part in parts if part)


def _write_report(error: BaseException, args: Sequence[str]) -> Path:
    from isolate_host.cli.version import versions

    lines = ["# isolate-host: internal error", "", "```"]
    lines += [f"{name}: {value}" for name, value in versions().items()]
    lines += [f"system: {platform.platform()}", f"arguments: {len(args)}, verb {args[0] if args else '-'}", "```", "", "```"]
    lines += ["".join(traceback.format_exception(error)), "```", ""]
    descriptor, name = tempfile.mkstemp(prefix="isolate-host-report-", suffix=".md")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write("\n".join(lines))
    return Path(name)
