"""``isolate-host version``."""

from __future__ import annotations

import argparse
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from isolate_host.cli.output import print_json

__all__ = ["add", "versions"]


def add(verbs: Any) -> None:
    """Add the verb."""
    parser = verbs.add_parser("version", help="print the versions", description="Print the versions of isolate-host, Python and V8.")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=_run)


def versions() -> dict[str, str]:
    """What a bug report needs."""
    found = {"isolate-host": _version("isolate-host"), "python": platform.python_version()}
    return {**found, "stpyv8": _version("stpyv8"), "machine": f"{platform.system()} {platform.machine()}"}


def _run(args: argparse.Namespace) -> int:
    if args.json:
        print_json(versions())
    else:
        print(", ".join(f"{name} {value}" if name != "machine" else value for name, value in versions().items()))
    return 0


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"
