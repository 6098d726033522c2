"""What a text probably imports: a guess with which a graph is read ahead. Whoever runs the text asks for what was missed."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["likely_imports"]

_NAME = r"""["']([^"'\n\\]{1,500})["']"""
# Each begins with letters, so that the search engine skips what is between as fast as memory allows.
_FROM = re.compile(r"from\s*" + _NAME + r"""(?:\s*with\s*\{\s*["']?type["']?\s*:\s*["']([a-z]+))?""")
_IMPORT = re.compile(r"import\s*" + _NAME)
_REQUIRE = re.compile(r"require\s*\(\s*" + _NAME + r"\s*\)")


def likely_imports(text: str, module_format: str) -> Iterator[tuple[str, str]]:
    """``(specifier, kind)`` pairs: kind is that of a module request (``""``, ``json``, ``require``)."""
    if module_format != "commonjs":
        for found in _FROM.finditer(text):
            yield found[1], found[2] or ""
        for found in _IMPORT.finditer(text):
            yield found[1], ""
    if module_format != "module":
        for found in _REQUIRE.finditer(text):
            yield found[1], "require"
