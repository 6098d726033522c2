"""What the verbs share in talking to a person."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

__all__ = ["CommandError", "complain", "find_config", "print_json"]

_DEFAULT_FILE = Path("host.yaml")


class CommandError(Exception):
    """The command cannot be carried out as it was given: one line, exit code 2."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def complain(message: str, hint: str | None = None) -> None:
    """One line to stderr, and the hint below."""
    print(f"isolate-host: {message}", file=sys.stderr)
    if hint:
        print(f"  hint: {hint}", file=sys.stderr)


def print_json(value: Any) -> None:
    """``value`` as readable JSON to stdout."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def find_config(given: list[Path]) -> list[Path]:
    """The files that were given, or ``host.yaml`` of the present folder."""
    if given:
        return given
    if _DEFAULT_FILE.is_file():
        return [_DEFAULT_FILE]
    raise CommandError(f"no configuration file was given, and there is no {_DEFAULT_FILE} here")
