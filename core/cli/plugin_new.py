"""``isolate-host plugin new``."""

from __future__ import annotations

import argparse
import keyword
import os
import re
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from isolate_host.cli.output import CommandError

__all__ = ["add", "create_project"]

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ENDING = ".tmpl"


def add(verbs: Any) -> None:
    """Add the verb."""
    parser = verbs.add_parser("plugin", help="start a plugin of your own", description="Work on plugins.")
    inner = parser.add_subparsers(metavar="ACTION", required=True)
    new = inner.add_parser(
        "new",
        help="write a working plugin project",
        description="Write the project of a plugin NAME into the folder isolate-host-NAME: package, policy schema, guest script and tests.",
    )
    new.add_argument("name", metavar="NAME", help="small letters, digits and hyphens: what stands under policies: in YAML")
    new.add_argument("--into", metavar="FOLDER", type=Path, default=Path(), help="where the project folder is made (default: here)")
    new.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    folder = create_project(args.name, args.into)
    print(f"wrote {folder}\nnext: cd {folder} && pip install -e . && pytest")
    return 0


def create_project(name: str, into: Path) -> Path:
    """Write the project; returns its folder."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise CommandError(f"{name!r} is not a possible name for a plugin", "small letters, digits and single hyphens, as in my-store")
    identifier = name.replace("-", "_")
    values = {"name": name.replace("-", "_"), "project": f"isolate-host-{name}", "package": f"isolate_host_{identifier}"}
    values |= {"js": _camel(name), "Class": _camel(name)[0].upper() + _camel(name)[1:]}
    folder = into / values["project"]
    if os.path.lexists(folder):
        raise CommandError(f"{folder} is there already")
    for template in files("isolate_host.cli.template").iterdir():
        if template.name.endswith(_ENDING):
            # "package__guest.js.tmpl" is guest.js in the package.
            relative = template.name.removesuffix(_ENDING).replace("package__", values["package"] + "/").replace("tests__", "tests/")
            file = folder / Template(relative.replace("NAME", "$name")).substitute(values)
            _write(file, Template(template.read_text(encoding="utf-8")).substitute(values))
    return folder


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot write {file}: {error.strerror}", "choose another folder with --into") from None


def _camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(part.capitalize() for part in rest)
