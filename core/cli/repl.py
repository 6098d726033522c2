"""``isolate-host repl``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

__all__ = ["add"]

_DESCRIPTION = """\
Evaluate JavaScript and TypeScript in a locked isolate, line by line.

With --config the sandbox decides what code may do. Without it there is a console, and files of the present folder can be imported
with await import("./file.ts").
With --session the isolate lives at a daemon (started if there is none) and waits for the next repl of that name.
When stdin is no terminal, values are printed without prompts, and the exit code is 1 if anything failed."""


def add(verbs: Any) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "repl",
        help="evaluate line by line",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--session", metavar="NAME", help="keep the isolate under this name, at a daemon")
    parser.add_argument("--socket", metavar="PATH", type=Path, help="the daemon's socket, for --session (default: that of the user)")
    parser.add_argument("--config", metavar="FILE", type=Path, help="configuration with the sandbox (of a daemon: if it is started here)")
    parser.add_argument("--sandbox", metavar="NAME", help="a sandbox of the configuration (default: the one called default, or the only one)")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from isolate_host.cli.output import CommandError
    from isolate_host.cli.repl_loop import run_repl
    from isolate_host.cli.repl_place import Place

    if args.session == "":
        raise CommandError("--session needs a name")
    if args.socket and not args.session:
        raise CommandError("--socket needs --session", "without a session the isolate lives in this process")
    if args.sandbox and not (args.config or args.session):
        raise CommandError("--sandbox needs --config or --session")
    return run_repl(Place(session=args.session, socket=args.socket, config=args.config, sandbox=args.sandbox))
