"""``isolate-host audit suggest``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from isolate_host.cli.output import print_json

__all__ = ["add"]

_DESCRIPTION = """\
Read the audit file of a run in which policies had mode: audit, and print the least that has to be added to the configuration so that what
was refused is allowed. Guests chose what is in there: read it before you use it."""


def add(verbs: Any) -> None:
    """Add the verb."""
    parser = verbs.add_parser("audit", help="learn a policy from an audit file", description="Work on audit files.")
    inner = parser.add_subparsers(metavar="ACTION", required=True)
    about = "the additions that a recorded run would need"
    suggest = inner.add_parser("suggest", help=about, description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    suggest.add_argument("files", metavar="FILE", nargs="+", type=Path, help="an audit file (JSON lines); older, rotated ones may be given too")
    suggest.add_argument("--json", action="store_true", help="as JSON")
    suggest.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from isolate_host.cli.suggesting import propose, read_refusals
    from isolate_host.plugin import PluginRegistry

    record = read_refusals(args.files)
    proposal = propose(record, PluginRegistry())
    if args.json:
        print_json(proposal.data())
    else:
        print(proposal.text(), end="")
    return 0
