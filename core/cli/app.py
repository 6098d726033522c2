"""Parses the command line and runs one verb."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from types import ModuleType
from typing import Any, NoReturn

from isolate_host.cli import audit, check_config, explain, plugin_new, plugins, repl, run, schema, serve, show_config, test, typecheck, version
from isolate_host.cli.failures import report_failure
from isolate_host.cli.output import CommandError

__all__ = ["build_parser", "main"]

_VERBS: tuple[ModuleType, ...] = (serve, run, repl, test, typecheck, check_config, show_config, explain, audit, schema, plugins, plugin_new, version)
_DESCRIPTION = "Runs untrusted JavaScript and TypeScript in locked V8 isolates."
_EPILOG = """\
isolate-host --config host.yaml is the same as isolate-host serve --config host.yaml.

Exit codes: 0 done, 1 guest error, 2 usage or configuration, 3 internal error, 124 time limit, 130 interrupted, 137 memory limit"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise CommandError(message, hint=f"see {self.prog} --help")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Refuses here what it does not know: the verb's own parser knows the verb's own options."""
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            options = [name for name in self._option_string_actions if name.startswith("--")]
            near = [match for word in unknown for match in get_close_matches(word.partition("=")[0], options, 1, 0.75)]
            hint = f"did you mean {near[0]}? " if near else ""
            raise CommandError(f"unrecognized arguments: {' '.join(unknown)}", hint=f"{hint}see {self.prog} --help")
        return parsed, unknown


def build_parser() -> argparse.ArgumentParser:
    """The parser with every verb."""
    parser = _Parser(prog="isolate-host", description=_DESCRIPTION, epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="store_const", const=["version"], dest="instead", help="print the version")
    verbs = parser.add_subparsers(metavar="VERB", parser_class=_Parser)
    for module in _VERBS:
        module.add(verbs)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(args)
    # Whatever happens becomes one line and an exit code; only what nobody expected leaves a report.
    except BaseException as error:  # noqa: BLE001
        return report_failure(error, args)


def _split(args: list[str]) -> list[list[str]]:
    if "--" not in args:
        return [args]
    place = args.index("--")
    return [args[:place], args[place + 1 :]]


def _dispatch(args: list[str]) -> int:
    parser = build_parser()
    if args and args[0].startswith("-") and args[0] not in ("-h", "--help", "--version"):
        args = ["serve", *args]
    # argparse loses arguments after -- when they follow an option, so they are taken off beforehand.
    own, *rest = _split(args)
    parsed = parser.parse_args(own)
    if getattr(parsed, "instead", None):
        parsed = parser.parse_args(parsed.instead)
    if rest and not hasattr(parsed, "args"):
        raise CommandError("only run takes arguments after --")
    parsed.args = rest[0] if rest else []
    if not hasattr(parsed, "run"):
        parser.print_help(sys.stderr)
        return 2
    code: int = parsed.run(parsed)
    return code
