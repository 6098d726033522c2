"""``isolate-host show-config``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from isolate_host.cli.output import find_config, print_json

__all__ = ["add"]


def add(verbs: Any) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "show-config",
        help="print the merged configuration",
        description="Print the configuration with its includes merged. Values from ${env:…} and ${file:…} are shown as references, secrets as ***.",
    )
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="configuration files, merged (default: host.yaml)")
    parser.add_argument("--config", metavar="FILE", action="append", type=Path, default=[], help="the same as FILE")
    parser.add_argument("--origins", action="store_true", help="one line a value, with the file and line that it comes from")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from isolate_host.config import load_config
    from isolate_host.plugin import PluginRegistry

    loaded = load_config(find_config(args.config + args.files), PluginRegistry())
    if args.origins:
        _print_origins(loaded, as_json=args.json)
    elif args.json:
        print_json(loaded.shown())
    else:
        print(_yaml(loaded), end="")
    return 0


def _yaml(loaded: Any) -> str:
    import yaml

    text: str = yaml.safe_dump(loaded.shown(), sort_keys=False, allow_unicode=True, width=120)
    return text


def _print_origins(loaded: Any, *, as_json: bool) -> None:
    from isolate_host.config.findings import path_text

    rows = [(path_text(path), value, mark) for path, value, mark in loaded.origins()]
    if as_json:
        print_json([{"path": path, "value": value, "file": str(mark.file), "line": mark.line} for path, value, mark in rows])
        return
    for path, value, mark in rows:
        print(f"{path}: {json.dumps(value, ensure_ascii=False)}  # {mark.file}:{mark.line}")
