"""What the schema says about values beyond their form: sizes become numbers, secrets :class:`Secret`, all of it read-only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from isolate_host.config.formats import parse_size
from isolate_host.config.nodes import Path
from isolate_host.config.schema import TEXT_KEY, Schema, resolve
from isolate_host.config.secret import Secret

__all__ = ["convert", "secret_paths"]

_BRANCHES = ("allOf", "anyOf", "oneOf")


def convert(data: Any, schema: Schema) -> Any:
    """The valid ``data`` with meaning: frozen, sizes in bytes, secrets wrapped."""
    return _convert(data, schema, [schema])


def secret_paths(data: Any, schema: Schema) -> Iterator[Path]:
    """Where ``data`` has a value that the schema calls a secret."""
    return _secret_paths(data, schema, [schema], ())


def _convert(value: Any, root: Schema, schemas: list[Schema]) -> Any:
    flat = list(_flatten(root, schemas))
    if isinstance(value, dict):
        return MappingProxyType({key: _convert(item, root, _below(flat, key)) for key, item in value.items()})
    if isinstance(value, list):
        return tuple(_convert(item, root, _items(flat)) for item in value)
    if isinstance(value, str):
        if any(schema.get("x-secret") for schema in flat):
            return Secret(value)
        if any(schema.get("format") == "size" for schema in flat):
            return parse_size(value)
        for schema in flat:
            if TEXT_KEY in schema:
                return MappingProxyType({schema[TEXT_KEY]: value})
    return value


def _secret_paths(value: Any, root: Schema, schemas: list[Schema], path: Path) -> Iterator[Path]:
    flat = list(_flatten(root, schemas))
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _secret_paths(item, root, _below(flat, key), (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _secret_paths(item, root, _items(flat), (*path, index))
    elif isinstance(value, str) and any(schema.get("x-secret") for schema in flat):
        yield path


def _flatten(root: Schema, schemas: list[Any]) -> Iterator[Schema]:
    """The schemas that may apply: references followed, alternatives opened."""
    for schema in (item for item in schemas if isinstance(item, dict)):  # a schema may also be true or false
        found = resolve(root, schema)
        yield found
        inner = [item for key in _BRANCHES for item in found.get(key, [])]
        inner += [found[key] for key in ("if", "then", "else") if key in found]
        yield from _flatten(root, inner)


def _below(schemas: list[Schema], key: str) -> list[Schema]:
    below = []
    for schema in schemas:
        properties = schema.get("properties", {})
        patterns = [item for pattern, item in schema.get("patternProperties", {}).items() if re.search(pattern, key)]
        if key in properties or patterns:
            below += [*patterns, *([properties[key]] if key in properties else [])]
        elif isinstance(schema.get("additionalProperties"), dict):
            below.append(schema["additionalProperties"])
    return below


def _items(schemas: list[Schema]) -> list[Schema]:
    return [schema["items"] for schema in schemas if isinstance(schema.get("items"), dict)]
