"""``isolate-host typecheck``."""

from __future__ import annotations

import argparse
import asyncio
import os
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isolate_host.cli.output import CommandError

if TYPE_CHECKING:
    from isolate_host.client.typecheck import TypecheckResult
    from isolate_host.config import SandboxConfig

__all__ = ["add"]

_DESCRIPTION = """\
Check the types of one file without running it.

With --config it is checked against what the sandbox grants: its capabilities, and its Python tools by their type hints. Without it
against a profile. Files that it imports by relative paths are read; packages are known by the types that a sandbox's modules say.
The exit code is 0 without errors, 1 with type errors, 2 when the command or the configuration is wrong."""

#: Other files of the program are read up to here.
_MOST_FILES, _MOST_BYTES = 2000, 6 << 20
_SUFFIXES = frozenset((".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"))


def add(verbs: Any) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "typecheck", help="check the types of one file", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="JavaScript or TypeScript; - is stdin")
    parser.add_argument("--config", metavar="FILE", type=Path, help="configuration with the sandbox")
    parser.add_argument("--sandbox", metavar="NAME", help="a sandbox of the configuration (default: the one called default, or the only one)")
    parser.add_argument("--profile", choices=("backend", "agent", "browser-test"), help="what the code may use, without --config (default: backend)")
    about = "a capability beside those of the profile; may be given again"
    parser.add_argument("--capability", metavar="NAME", action="append", default=[], dest="capabilities", help=about)
    parser.add_argument("--format", choices=("text", "json", "github"), default="text", help="how errors are written (default: text)")
    parser.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    if args.sandbox and not args.config:
        raise CommandError("--sandbox needs --config")
    if args.config and (args.profile or args.capabilities):
        raise CommandError("a sandbox says itself what its guests have", "leave out --profile and --capability, or --config")
    from isolate_host.cli.program import choose_sandbox, read_source

    code = read_source(args.file)
    sandbox = choose_sandbox(args.config, args.sandbox) if args.config else None
    filename, sources = ("/stdin.ts", {}) if str(args.file) == "-" else _program(args.file, sandbox)
    result = asyncio.run(_check(args, code, sandbox, filename, sources))
    _report(args.file, result, args.format)
    return 0 if result.success else 1


async def _check(
    args: argparse.Namespace, code: str, sandbox: SandboxConfig | None, filename: str, sources: dict[str, str]
) -> TypecheckResult:
    from isolate_host.api import create_isolate_host

    async with create_isolate_host(config=args.config) as host:
        return await host.typecheck(
            code=code, filename=filename, sources=sources, sandbox=sandbox.name if sandbox else None,
            profile=args.profile, capabilities=args.capabilities,
        )


def _report(file: Path, result: TypecheckResult, form: str) -> None:
    from isolate_host.config import Finding
    from isolate_host.config.findings import Mark
    from isolate_host.config.report import reporter

    findings = [Finding(code=f"TS{item.code}", message=item.message, mark=Mark(file, item.line, item.column)) for item in result.errors]
    text = reporter(form).render([file], findings)
    if text:
        print(text)


def _program(file: Path, sandbox: SandboxConfig | None) -> tuple[str, dict[str, str]]:
    """The file's name in the guest, and what stands beside it: the source tree of the sandbox that holds it, or its own folder."""
    modules = sandbox.policies.get("modules") if sandbox else None
    file = file.resolve()
    for tree in modules.policy.get("source_trees", ()) if modules else ():
        root = (modules.base_dir / tree["root"]).resolve() if modules else file
        if file.is_relative_to(root):
            prefix = "/" + tree["prefix"].strip("/")
            return posixpath.join(prefix, file.relative_to(root).as_posix()), _sources(root, file, prefix)
    return f"/{file.name}", {} if sandbox else _sources(file.parent, file, "/")


def _sources(root: Path, file: Path, prefix: str) -> dict[str, str]:
    """The program's other files by their name in the guest; the nearest ones first, until there are too many."""
    found: dict[str, str] = {}
    room = _MOST_BYTES
    for place, names, files in os.walk(root):
        folder = Path(place)
        names[:] = sorted(name for name in names if name != "node_modules" and not name.startswith("."))
        for path in (folder / name for name in sorted(files)):
            if path.suffix not in _SUFFIXES or path == file or not path.is_file():
                continue
            room -= path.stat().st_size
            if room < 0 or len(found) >= _MOST_FILES:
                return found
            found[posixpath.join(prefix, path.relative_to(root).as_posix())] = path.read_text(encoding="utf-8", errors="replace")
    return found
