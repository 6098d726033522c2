"""``isolate-host schema``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from isolate_host.cli.output import print_json

if TYPE_CHECKING:
    from isolate_host.plugin import PluginRegistry

__all__ = ["add"]


def add(verbs: Any) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "schema",
        help="print the JSON Schema of the configuration",
        description="Print the JSON Schema of configuration files with the built-in plugins, for editors; or the policy schema of one plugin.",
    )
    parser.add_argument("plugin", metavar="PLUGIN", nargs="?", help="print the policy schema of this plugin only")
    parser.add_argument("--bundle", action="store_true", help="with every installed plugin, not only the built-in ones")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from isolate_host.config.catalog import Problem
    from isolate_host.config.schema import compose
    from isolate_host.plugin import PluginRegistry

    registry = PluginRegistry()
    if args.plugin:
        schema = registry.schema(args.plugin)
        if isinstance(schema, Problem):
            raise schema.error()
        print_json(schema)
        return 0
    names = [info.name for info in registry.describe() if info.problem is None and (args.bundle or info.builtin)]
    print_json(compose(_schemas(registry, names)))
    return 0


def _schemas(registry: PluginRegistry, names: list[str]) -> dict[str, dict[str, Any]]:
    found = {name: registry.schema(name) for name in names}
    return {name: schema for name, schema in found.items() if isinstance(schema, dict)}
