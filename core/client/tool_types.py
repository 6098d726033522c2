"""TypeScript declarations for Python functions, from their type hints: what a guest must know to call a tool."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

from isolate_host.client.callables import context_parameter, kind_of
from isolate_host.client.hint_types import typescript_of

__all__ = ["declare_tools"]

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z")
#: Words that cannot name a function or a parameter of a module.
_RESERVED = frozenset((
    "arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do", "else", "enum",
    "eval", "export", "extends", "false", "finally", "for", "function", "if", "implements", "import", "in", "instanceof", "interface",
    "let", "new", "null", "package", "private", "protected", "public", "return", "static", "super", "switch", "this", "throw", "true",
    "try", "typeof", "var", "void", "while", "with", "yield",
))  # fmt: skip


def declare_tools(tools: Mapping[str, Callable[..., Any]]) -> str:
    """``declare function greet(name: string): Promise<string>;`` for each. What has no hint is ``any``.

    A name that JavaScript reserves is left out: code can only reach it through ``globalThis``.
    """
    return "".join(_declare(name, tool) for name, tool in sorted(tools.items()) if _usable(name))


def _usable(name: str) -> bool:
    return _IDENTIFIER.match(name) is not None and name not in _RESERVED


def _declare(name: str, function: Callable[..., Any]) -> str:
    signature = _signature(function)
    if signature is None:
        return f"{_comment(function)}declare function {name}(...args: any[]): {_result(function, inspect.Signature.empty)};\n"
    context = context_parameter(function)
    given = [item for item in signature.parameters.values() if item.name != context]
    parameters = ", ".join(_parameters(given, function))
    return f"{_comment(function)}declare function {name}({parameters}): {_result(function, _hint(signature.return_annotation, function))};\n"


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None  # builtins may have no signature


def _hint(annotation: Any, function: Callable[..., Any]) -> Any:
    """An annotation that is text, evaluated by itself: one that only a type checker can read does not spoil the others."""
    if not isinstance(annotation, str):
        return annotation
    inner = inspect.unwrap(getattr(function, "func", function))
    # An object with a __call__ is as good as a function.
    code = inner if inspect.isroutine(inner) else getattr(type(inner), "__call__", None)  # noqa: B004 (looked at, not tested for)
    names = getattr(code, "__globals__", {})

    def holder() -> None: ...

    holder.__annotations__ = {"hint": annotation}
    try:
        return inspect.get_annotations(holder, globals=names, eval_str=True)["hint"]
    except Exception:  # noqa: BLE001 (a hint is any expression)
        return Any


def _parameters(given: list[inspect.Parameter], function: Callable[..., Any]) -> list[str]:
    """A guest gives arguments by place; whatever can only be given by name does not exist for it."""
    written: list[str] = []
    for item in given:
        label = f"{item.name}_" if item.name in _RESERVED else item.name
        label = label if _IDENTIFIER.match(label) else f"argument{len(written)}"
        hint = typescript_of(_hint(item.annotation, function), given=True)
        if item.kind is item.VAR_POSITIONAL:
            written.append(f"...{label}: ({hint})[]")
        elif item.kind in (item.POSITIONAL_ONLY, item.POSITIONAL_OR_KEYWORD):
            optional = "?" if item.default is not item.empty else ""
            written.append(f"{label}{optional}: {hint}")
    return written


def _result(function: Callable[..., Any], annotation: Any) -> str:
    if kind_of(function) == "generator":
        arguments = getattr(annotation, "__args__", ())
        return f"AsyncGenerator<{typescript_of(arguments[0]) if arguments else 'any'}, any, any>"
    return f"Promise<{typescript_of(annotation)}>"


def _comment(function: Callable[..., Any]) -> str:
    """The first line of the docstring, for editors and for models that read declarations."""
    text = inspect.getdoc(function) if inspect.isroutine(function) else None
    first = (text or "").strip().split("\n")[0].replace("*/", "*\\/")
    return f"/** {first} */\n" if first else ""
