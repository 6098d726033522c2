"""``isolate-host run``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

from isolate_host.cli.output import CommandError

__all__ = ["add"]

_DESCRIPTION = """\
Run one file in a locked isolate of its own.

With --config the sandbox decides what the program may do; packages are there when its policy names their folder. Without it the
program has a console and may import files of its own folder and packages of the nearest node_modules, and nothing else.
console.log goes to stdout, warnings and errors to stderr. What follows -- is globalThis.args in the guest."""


def add(verbs: Any) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "run",
        help="run one file",
        usage="isolate-host run [options] FILE [-- ARGS ...]",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="JavaScript or TypeScript; - is stdin")
    parser.add_argument("--config", metavar="FILE", type=Path, help="configuration with the sandbox")
    parser.add_argument("--sandbox", metavar="NAME", help="a sandbox of the configuration (default: the one called default, or the only one)")
    parser.add_argument("--input", metavar="FILE", help="becomes globalThis.input: parsed if it is JSON, else text; - is stdin")
    parser.add_argument("--json", action="store_true", help="print the completion value as one line of JSON, last")
    parser.set_defaults(run=_run, args=[])


def _run(args: argparse.Namespace) -> int:
    from isolate_host.cli.program import Program, read_input, read_source

    if args.sandbox and not args.config:
        raise CommandError("--sandbox needs --config")
    if str(args.file) == "-" and args.input == "-":
        raise CommandError("stdin cannot be both the program and its input")
    program = Program(
        source=read_source(args.file),
        file=args.file,
        config=args.config,
        sandbox=args.sandbox,
        globals={"args": args.args, **({"input": read_input(args.input)} if args.input is not None else {})},
    )
    value = asyncio.run(program.run())
    if args.json:
        print(_json_line(value))
    sys.stdout.flush()
    return 0


def _json_line(value: Any) -> str:
    from isolate_host.cli.jsonvalue import to_json

    return to_json(value)
