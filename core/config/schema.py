"""The JSON Schema of a configuration, composed of the core's and the plugins'."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

__all__ = ["check_plugin_schema", "compose", "core_schema"]

Schema = dict[str, Any]

#: The core's own key in every policy block; a plugin never sees it.
MODE_KEY = "mode"
#: In a plugin's schema: the key that a text in place of the mapping stands for.
TEXT_KEY = "x-text"
_MODE: Schema = {
    "description": "audit lets a refused operation pass and records that it would have been refused.",
    "enum": ["enforce", "audit"],
    "default": "enforce",
}


def core_schema() -> Schema:
    """The schema without any plugin."""
    text = files("isolate_host.schemas").joinpath("core.v1.schema.json").read_text(encoding="utf-8")
    schema: Schema = json.loads(text)
    return schema


def compose(plugins: Mapping[str, Schema]) -> Schema:
    """One self-contained schema in which ``policies`` accepts exactly the given plugins."""
    schema = core_schema()
    for name, policy in sorted(plugins.items()):
        key = f"policy-{name}"
        schema["$defs"][key] = _embed(policy, f"#/$defs/{key}")
        # `fetch: true` is the empty policy and `fetch: false` none. An if keeps errors of the block itself readable.
        block: Schema = {"$ref": f"#/$defs/{key}"}
        if TEXT_KEY in policy:
            block = {"if": {"type": "string"}, "then": {"$ref": f"#/$defs/{key}/properties/{policy[TEXT_KEY]}"}, "else": block}
        schema["$defs"]["policies"]["properties"][name] = {"description": policy.get("description", ""), "if": {"type": "boolean"}, "else": block}
    return schema


def check_plugin_schema(schema: Any) -> Schema:
    """The schema when it is one that can be embedded, else ``ValueError`` with the reason."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    if not isinstance(schema, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 -- every defect of the file is one kind of error
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"{error.json_path}: {error.message}") from None
    if schema.get("type") != "object" or schema.get("additionalProperties") is not False:
        raise ValueError('its top level needs "type": "object" and "additionalProperties": false')
    if MODE_KEY in schema.get("properties", {}):
        raise ValueError(f"the key {MODE_KEY!r} is the host's own: every policy has it already")
    if TEXT_KEY in schema and schema[TEXT_KEY] not in schema.get("properties", {}):
        raise ValueError(f"{TEXT_KEY!r} must name one of its properties")
    for reference in _references(schema):
        if not reference.startswith("#") or _resolve(schema, reference) is None:
            raise ValueError(f"$ref {reference!r} does not lead anywhere inside the schema")
    return schema


def resolve(root: Schema, schema: Schema) -> Schema:
    """Follow ``$ref`` until there is none. Keys beside a ``$ref`` are kept."""
    seen: set[str] = set()
    while "$ref" in schema and schema["$ref"] not in seen:
        seen.add(schema["$ref"])
        target = _resolve(root, schema["$ref"]) or {}
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _embed(policy: Schema, prefix: str) -> Schema:
    """A copy whose references are valid at ``prefix`` of the composed schema, with the core's key added."""
    schema = copy.deepcopy(policy)
    for key in ("$schema", "$id"):
        schema.pop(key, None)
    for holder in _holders(schema):
        holder["$ref"] = prefix + holder["$ref"].removeprefix("#")
    schema.setdefault("properties", {})[MODE_KEY] = _MODE
    return schema


def _holders(value: Any) -> Iterator[Schema]:
    """Every object below ``value`` that has a ``$ref``."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value
        for item in value.values():
            yield from _holders(item)
    elif isinstance(value, list):
        for item in value:
            yield from _holders(item)


def _references(schema: Schema) -> Iterator[str]:
    return (holder["$ref"] for holder in _holders(schema))


def _resolve(root: Schema, reference: str) -> Schema | None:
    target: Any = root
    for part in reference.removeprefix("#").split("/")[1:]:
        target = target.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(target, dict) else None
    return target if isinstance(target, dict) else None
