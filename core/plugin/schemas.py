"""The policy schemas of installed plugins, read without importing the plugins."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from isolate_host.config.catalog import Problem
from isolate_host.config.schema import check_plugin_schema
from isolate_host.plugin.discovery import SCHEMA_GROUP, Discovery, distribution_name, is_builtin

__all__ = ["EMPTY_SCHEMA", "read_schema"]

#: What a plugin without a schema accepts: to be named, and nothing else.
EMPTY_SCHEMA: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}


def read_schema(discovery: Discovery, name: str) -> dict[str, Any] | Problem:
    """The policy schema of plugin ``name``, or why it cannot be used."""
    found = discovery.group(SCHEMA_GROUP).get(name, [])
    plugin = discovery.find(name)
    if isinstance(plugin, Problem):
        return plugin
    own = [item for item in found if distribution_name(item) == distribution_name(plugin)]
    if not own:
        return EMPTY_SCHEMA
    try:
        return check_plugin_schema(json.loads(_locate(own[0]).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        owner = distribution_name(plugin)
        message = f"the policy schema of plugin {name!r} ({owner}) cannot be used: {error}"
        return Problem("plugin-bad-schema", name, message, owner)


def _locate(entry_point: EntryPoint) -> Path:
    # find_spec imports the parents of a dotted name. Ours are harmless; a third party's would be its code.
    if "." in entry_point.module and not is_builtin(entry_point):
        raise ValueError(f"it must lie in the plugin's top-level package, not in {entry_point.module}")
    spec = find_spec(entry_point.module)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"{entry_point.module} is not an installed package")
    return Path(next(iter(spec.submodule_search_locations))) / entry_point.attr
