"""JSON Schema errors as findings that a person can act on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from isolate_host.config.findings import Finding, path_text
from isolate_host.config.formats import format_checker
from isolate_host.config.hints import did_you_mean
from isolate_host.config.nodes import MapNode, Path, ScalarNode, locate, node_at

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

__all__ = ["validate"]

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def validate(root: MapNode, data: Any, schema: dict[str, Any]) -> list[Finding]:
    """Everything in ``data`` that ``schema`` refuses."""
    # Only here: a host without a configuration file does not wait for the library.
    from jsonschema import Draft202012Validator
    from referencing import Registry

    # An empty registry without a retrieval function: no schema can make the host open a file or a connection.
    validator = Draft202012Validator(schema, registry=Registry(), format_checker=format_checker())
    translate = _Translator(root)
    return [finding for error in validator.iter_errors(data) for finding in translate.error(error)]


class _Translator:
    def __init__(self, root: MapNode) -> None:
        self._root = root

    def error(self, error: ValidationError, above: Path = ()) -> Iterator[Finding]:
        path = (*above, *error.relative_path) if above else tuple(error.absolute_path)
        keyword = error.validator
        if "propertyNames" in error.absolute_schema_path:
            yield self._finding("bad-value", path, f"{error.instance!r} is not a possible name")
        elif keyword in ("anyOf", "oneOf") and error.context:
            yield from self._alternatives(error, path)
        elif keyword == "additionalProperties":
            yield from self._unknown_keys(error, path)
        elif keyword == "required":
            yield from self._missing_keys(error, path)
        elif keyword == "type":
            yield self._wrong_type(path, _as_list(error.validator_value), error.instance)
        else:
            yield self._bad_value(error, path)

    def _alternatives(self, error: ValidationError, path: Path) -> Iterator[Finding]:
        """Report the alternative that was meant: one whose type fits; of those, the one that failed deepest inside."""
        branches: dict[Any, list[ValidationError]] = {}
        for inner in error.context or ():
            branches.setdefault(inner.relative_schema_path[0], []).append(inner)
        fitting = [items for items in branches.values() if not any(_is_type_error_here(item) for item in items)]
        if not fitting:
            kinds = [kind for items in branches.values() for item in items if _is_type_error_here(item) for kind in _as_list(item.validator_value)]
            yield self._wrong_type(path, kinds, error.instance)
            return
        best = max(fitting, key=lambda items: (max(len(item.relative_path) for item in items), -len(items)))
        for inner in best:
            yield from self.error(inner, path)

    def _unknown_keys(self, error: ValidationError, path: Path) -> Iterator[Finding]:
        known = list(cast("dict[str, Any]", error.schema).get("properties", {}))
        for key in sorted(set(cast("dict[str, Any]", error.instance)) - set(known)):
            hint = did_you_mean(key, known)
            listing = f"possible keys: {', '.join(sorted(known))}" if known else "this block has no keys"
            yield self._finding("unknown-key", (*path, key), f"unknown key {key!r}{hint}", None if hint else listing)

    def _missing_keys(self, error: ValidationError, path: Path) -> Iterator[Finding]:
        present = error.instance if isinstance(error.instance, dict) else {}
        for key in cast("list[str]", error.validator_value):
            if key not in present and f"'{key}'" in error.message:
                yield self._finding("missing-key", path, f"key {key!r} is missing")

    def _wrong_type(self, path: Path, kinds: Sequence[str], instance: Any) -> Finding:
        wanted = " or ".join(dict.fromkeys(_TYPES.get(kind, kind) for kind in kinds))
        return self._finding("wrong-type", path, f"expected {wanted}, not {_kind(instance)}{self._shown(path)}")

    def _bad_value(self, error: ValidationError, path: Path) -> Finding:
        value: Any = error.validator_value
        shown = self._shown(path)
        if error.validator in ("enum", "const"):
            options = value if error.validator == "enum" else [value]
            hint = did_you_mean(error.instance, [item for item in options if isinstance(item, str)]) if self._may_show(path) else ""
            text = f"must be {' or '.join(_literal(item) for item in options)}{', not' + shown if shown else ''}{hint}"
        elif error.validator in ("minimum", "exclusiveMinimum"):
            text = f"must be {'at least' if error.validator == 'minimum' else 'more than'} {value}"
        elif error.validator in ("maximum", "exclusiveMaximum"):
            text = f"must be {'at most' if error.validator == 'maximum' else 'less than'} {value}"
        elif error.validator == "uniqueItems":
            text = "the same item stands there twice"
        elif error.validator in ("minLength", "minItems", "minProperties"):
            text = "must not be empty" if value == 1 else f"must have at least {value} parts"
        else:
            text = f"the value{shown} does not have the right form"
        return self._finding("bad-value", path, text, _example(error.schema))

    def _finding(self, what: str, path: Path, message: str, hint: str | None = None) -> Finding:
        in_policy = path[:1] == ("sandboxes",) and path[2:3] == ("policies",) and len(path) > 3
        shown = path_text(path[3:] if in_policy else path)
        if what == "unknown-key":
            shown = shown.rpartition(".")[0]
        return Finding(
            code=f"{'policy' if in_policy else 'config'}-{what}",
            message=f"{shown}: {message}" if shown else message,
            mark=locate(self._root, path),
            hint=hint,
            path=path,
        )

    def _shown(self, path: Path) -> str:
        """The value as the file says it; nothing when it came from elsewhere."""
        node = node_at(self._root, path)
        if not isinstance(node, ScalarNode) or not self._may_show(path) or node.value is None:
            return ""
        text = node.text if len(node.text) <= 60 else node.text[:57] + "…"
        return f" {text!r}" if isinstance(node.value, str) else f" {text}"

    def _may_show(self, path: Path) -> bool:
        node = node_at(self._root, path)
        return isinstance(node, ScalarNode) and not node.interpolated


def _is_type_error_here(error: ValidationError) -> bool:
    return error.validator == "type" and not error.relative_path


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return _TYPES["boolean"]
    if value is None:
        return "nothing"
    kinds = {dict: "object", list: "array", str: "string", int: "integer", float: "number"}
    return _TYPES[kinds[type(value)]]


def _literal(value: Any) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _example(schema: Any) -> str | None:
    examples = schema.get("examples") if isinstance(schema, dict) else None
    return f"for example: {examples[0]}" if examples else None
