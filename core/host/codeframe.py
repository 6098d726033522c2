"""Shows the line of an error with its neighbours and a caret, as compilers do."""

from __future__ import annotations

import re
from collections import OrderedDict

__all__ = ["SourceShelf", "code_frame", "first_location"]

_LOCATION = re.compile(r"(?:\(|at )((?:/|[\w.-]+:)[^\s()]*?):(\d+):(\d+)\)?$", re.MULTILINE)
_AROUND = 2
_WIDTH = 160
_SHELF_BYTES = 8 << 20


def code_frame(source: str, line: int, column: int, end_column: int | None = None) -> str:
    r"""Lines around ``line`` (from 1), a marker before it and carets under ``column`` to ``end_column``.

    >>> print(code_frame("let a = 1\nlet b = ;", 2, 9))
      1 | let a = 1
    > 2 | let b = ;
        |         ^
    """
    lines = source.split("\n")
    first, last = max(1, line - _AROUND), min(len(lines), line + _AROUND)
    gutter = len(str(last))
    shown = []
    for number in range(first, last + 1):
        marker = ">" if number == line else " "
        shown.append(f"{marker} {number:>{gutter}} | {lines[number - 1][:_WIDTH]}".rstrip())
        if number == line and column <= _WIDTH:
            carets = "^" * max(1, min((end_column or column + 1) - column, _WIDTH))
            # Tabs stay tabs, so that the caret stands under its character.
            pad = re.sub(r"[^\t]", " ", lines[number - 1][: column - 1])
            shown.append(f"  {'':>{gutter}} | {pad}{carets}")
    return "\n".join(shown)


def first_location(stack: str) -> tuple[str, int, int] | None:
    """File, line and column of the innermost frame of a stack that has them."""
    found = _LOCATION.search(stack)
    return (found[1], int(found[2]), int(found[3])) if found else None


class SourceShelf:
    """Original texts of a runtime's evaluations and modules by file name, the newest few megabytes."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._size = 0

    def put(self, filename: str, text: str) -> None:
        """Remember a text."""
        self._size -= len(self._texts.pop(filename, ""))
        self._texts[filename] = text
        self._size += len(text)
        while self._size > _SHELF_BYTES and len(self._texts) > 1:
            _, dropped = self._texts.popitem(last=False)
            self._size -= len(dropped)

    def frame_for(self, stack: str) -> str | None:
        """The code frame of the innermost location whose text is known."""
        location = first_location(stack)
        text = self._texts.get(location[0]) if location else None
        if text is None or location is None or location[1] > text.count("\n") + 1:
            return None
        return code_frame(text, location[1], location[2])
