"""``isolate-host check-config``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from isolate_host.cli.output import find_config

__all__ = ["add"]


def add(verbs: Any) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "check-config",
        help="check configuration files",
        description="Check configuration files, each by itself, and print every finding. Imports the plugins and Python tools that they name.",
    )
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="configuration files (default: host.yaml)")
    parser.add_argument("--config", metavar="FILE", action="append", type=Path, default=[], help="the same as FILE")
    parser.add_argument("--format", choices=("text", "json", "github"), default="text", help="how findings are written (default: text)")
    parser.add_argument("--strict", action="store_true", help="treat warnings as errors")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from isolate_host.config import Finding, check_config
    from isolate_host.config.report import reporter
    from isolate_host.plugin import PluginRegistry

    files = find_config(args.config + args.files)
    findings: list[Finding] = []
    for file in files:
        findings += check_config(file, PluginRegistry())[1]
    text = reporter(args.format).render(files, findings)
    if text:
        print(text)
    return 2 if any(args.strict or item.severity == "error" for item in findings) else 0
