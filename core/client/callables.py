"""What a caller's function looks like from outside: how it answers, and whether it wants the context."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Literal

from isolate_host.wire.context import HostCallContext

__all__ = ["Kind", "context_parameter", "kind_of", "positional_capacity"]

Kind = Literal["sync", "async", "generator"]

_CONTEXT = HostCallContext.__name__


def kind_of(function: Callable[..., Any]) -> Kind:
    """``generator`` for plain and async generator functions, ``async`` for coroutine functions, else ``sync``."""
    # An object with an async __call__ is as good as a function.
    for candidate in (function, getattr(type(function), "__call__", None)):  # noqa: B004 (looked at, not tested for)
        if inspect.isasyncgenfunction(candidate) or inspect.isgeneratorfunction(candidate):
            return "generator"
        if inspect.iscoroutinefunction(candidate):
            return "async"
    return "sync"


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None  # builtins may have no signature


def context_parameter(function: Callable[..., Any]) -> str | None:
    """The name under which ``function`` takes a ``HostCallContext``: the parameter so annotated, or one called ``ctx``.

    ``None`` = it takes none. A positional-only parameter cannot be reached by name and does not count.
    """
    named = None
    for parameter in _parameters(function) or ():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            continue
        annotation = parameter.annotation
        text = annotation if isinstance(annotation, str) else ""
        if annotation is HostCallContext or _CONTEXT in text.replace(".", " ").replace("|", " ").split():
            return parameter.name
        if parameter.name == "ctx":
            named = "ctx"
    return named


def positional_capacity(function: Callable[..., Any]) -> float:
    """How many positional arguments ``function`` can take; infinity for ``*args`` and for what tells nothing."""
    parameters = _parameters(function)
    if parameters is None or any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return float("inf")
    return sum(parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD) for parameter in parameters)
