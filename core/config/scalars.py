"""What a plain YAML scalar means: the core schema of YAML 1.2, without infinities.

PyYAML follows YAML 1.1, where ``on`` is true, ``1:30`` is ninety and ``1e3`` is text.
"""

from __future__ import annotations

import math
import re
from typing import Final

__all__ = ["Scalar", "parse_scalar", "scalar_tag"]

Scalar = str | int | float | bool | None

_PREFIX: Final = "tag:yaml.org,2002:"
_PATTERNS: Final = {
    "null": re.compile(r"(?:~|null|Null|NULL)?"),
    "bool": re.compile(r"true|True|TRUE|false|False|FALSE"),
    "int": re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,20}|0x[0-9a-fA-F]{1,15}"),
    "float": re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"),
}


def scalar_tag(text: str) -> str:
    """The tag of a plain scalar."""
    for name, pattern in _PATTERNS.items():
        if pattern.fullmatch(text) and not (name == "float" and not _is_finite(text)):
            return _PREFIX + name
    return _PREFIX + "str"


def parse_scalar(text: str, tag: str) -> Scalar:
    """The value of ``text`` under ``tag``; ``ValueError`` when it is not one."""
    kind = tag.removeprefix(_PREFIX)
    if kind == "str":
        return text
    if kind not in _PATTERNS or not _PATTERNS[kind].fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not of the type {kind}")
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    return float(text)


def _is_finite(text: str) -> bool:
    return len(text) < 400 and math.isfinite(float(text))
