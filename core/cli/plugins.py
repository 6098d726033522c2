"""``isolate-host plugins``."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from isolate_host.cli.output import print_json

__all__ = ["add"]


def add(verbs: Any) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "plugins",
        help="list the installed plugins",
        description="List the installed plugins without importing any of them. The exit code is 1 when one cannot be used.",
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from isolate_host.plugin import PluginRegistry

    found = PluginRegistry().describe()
    if args.json:
        print_json([asdict(info) for info in found])
    else:
        width = max((len(info.name) for info in found), default=0)
        for info in found:
            print(f"{info.name:<{width}}  {info.distribution or 'several distributions'}{'' if info.problem is None else '  UNUSABLE'}")
            if info.problem is not None:
                print(f"{'':<{width}}  {info.problem.code}: {info.problem.message}")
    return 1 if any(info.problem is not None for info in found) else 0
