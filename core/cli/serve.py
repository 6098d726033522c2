"""``isolate-host serve``."""

from __future__ import annotations

import argparse
import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from isolate_host.config import HostConfig

__all__ = ["add"]


def add(verbs: Any) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "serve",
        help="run the daemon",
        description="Run the daemon until SIGTERM or SIGINT. Without --config clients decide what their guests get.",
    )
    parser.add_argument("--config", metavar="FILE", type=Path, action="append", help="configuration file; given again, files are merged")
    parser.add_argument("--socket", metavar="PATH", type=Path, help="the unix socket; it wins over daemon.socket of the configuration")
    parser.add_argument("--dry-run", action="store_true", help="check everything, start nothing")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    config = _load(args.config)
    if args.dry_run:
        if args.socket:
            # That of a file may be meant for another machine.
            from isolate_host.daemon.places import SocketPlace

            SocketPlace(args.socket).check()
        print(f"would start: {_describe(config)}")
        return 0
    from isolate_host.daemon import serve

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(serve(config, socket=args.socket, load=(lambda: _load(args.config)) if args.config else None))
    return 0


def _load(files: list[Path] | None) -> HostConfig:
    import sys

    from isolate_host.config import default_config, load_config
    from isolate_host.plugin import PluginRegistry

    if not files:
        return default_config()
    loaded = load_config(files, PluginRegistry())
    for finding in loaded.findings:
        print(finding, file=sys.stderr)
    return loaded.config


def _describe(config: HostConfig) -> str:
    return f"plugins {', '.join(config.plugins) or 'none'}; sandboxes {', '.join(sorted(config.sandboxes)) or 'none'}"
