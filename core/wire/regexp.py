r"""Between ``re.Pattern`` and ``RegExp``, as far as the two dialects agree.

What is translated keeps its meaning except for the classes ``\d \w \s \b``, which follow the rules of the side that runs them.
"""

from __future__ import annotations

import re
from typing import Any

from isolate_host.wire.kinds import JSRegExp

__all__ = ["regexp_from_js", "regexp_to_js"]

# Compiling runs in Python and on the event loop: a longer source from a guest stays text.
_MAX_SOURCE = 1000
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}

# One piece of a pattern. Classes are one piece, so that what looks like syntax inside them is left alone.
_TOKEN = re.compile(
    r"\\[pP]\{[^}]*\}|\\k<\w+>|\\u\{[^}]*\}|\\.|\[(?:[^\]\\]|\\.)*\]|\(\?P<\w+>|\(\?P=\w+\)|\(\?<(?![=!])[^>]*>|\(\?<[=!]|\(\?[:=!]"
    r"|\(\?.|[*+?}]\+|\$|.",
    re.DOTALL,
)
# Escapes with the same meaning on both sides (a digit: a back reference or an octal escape, see below).
_COMMON_ESCAPES = frozenset("dDwWsSbBfnrtv")


def regexp_to_js(pattern: re.Pattern[Any]) -> JSRegExp | None:
    """``pattern`` as JavaScript has it, or ``None`` when it uses what JavaScript lacks."""
    if not isinstance(pattern.pattern, str) or pattern.flags & (re.VERBOSE | re.LOCALE | re.ASCII) or "{," in pattern.pattern:
        return None
    flags = "".join(letter for letter, flag in _FLAGS.items() if pattern.flags & flag)
    parts = [_token_to_js(piece, "m" in flags) for piece in _TOKEN.findall(pattern.pattern)]
    if any(part is None for part in parts):
        return None
    return JSRegExp("".join(part for part in parts if part is not None) or "(?:)", flags)


def _token_to_js(piece: str, multiline: bool) -> str | None:
    if piece.startswith("(?P<"):
        return "(?<" + piece[4:]
    if piece.startswith("(?P="):
        return f"\\k<{piece[4:-1]}>"
    if piece == "\\A":
        return None if multiline else "^"
    if piece == "\\Z":
        return None if multiline else "$"
    if piece == "$":
        # Python's plain $ also matches before a last newline.
        return "$" if multiline else "(?=\\n?$)"
    if piece == "/":
        return "\\/"
    return _common(piece)


def regexp_from_js(source: str, flags: str) -> re.Pattern[str] | JSRegExp:
    """A compiled pattern when Python means the same by ``source``, else the two texts as :class:`JSRegExp`."""
    original = JSRegExp(source, flags)
    # {,n} repeats in Python and is plain text in JavaScript.
    if len(source) > _MAX_SOURCE or not set(flags) <= set(_FLAGS) or "{," in source:
        return original
    parts = [_token_from_js(piece, "m" in flags) for piece in _TOKEN.findall(source)]
    if any(part is None for part in parts):
        return original
    bits = re.NOFLAG
    for letter in flags:
        bits |= _FLAGS[letter]
    try:
        return re.compile("".join(part for part in parts if part is not None), bits)
    except (re.error, RecursionError, OverflowError):
        return original


def _token_from_js(piece: str, multiline: bool) -> str | None:
    if piece.startswith("(?<") and piece[3] not in "=!":
        return "(?P<" + piece[3:]
    if piece.startswith("\\k<"):
        return f"(?P={piece[3:-1]})"
    if piece == "$":
        return "$" if multiline else "\\Z"
    if piece in ("\\A", "\\Z", "[]", "[^]") or piece.startswith(("(?P<", "(?P=")):
        return None
    return _common(piece)


def _common(piece: str) -> str | None:
    """``piece`` when both dialects read it alike, else ``None``."""
    if piece.startswith("["):
        # Python warns about, and may one day give meaning to, set operations; JavaScript has them under the flag v.
        return None if re.search(r"\[.*\[|--|&&|\|\||~~", piece, re.DOTALL) or not _plain_escapes(piece) else piece
    if piece.startswith("\\"):
        return piece if _plain_escapes(piece) else None
    if len(piece) == 2 and piece[1] == "+":
        return None  # possessive in Python, an error in JavaScript
    if piece.startswith("(?") and piece not in ("(?:", "(?=", "(?!", "(?<=", "(?<!"):
        return None
    return piece


def _plain_escapes(piece: str) -> bool:
    r"""True when each escape in ``piece`` is punctuation, a common class, or ``\xhh``/``\uhhhh``/a small back reference."""
    return all(
        not (letter.isalnum() or letter == "_") or letter in _COMMON_ESCAPES or letter in "xu" or letter in "123456789"
        for letter in re.findall(r"\\(.)", piece, re.DOTALL)
    ) and not piece.startswith(("\\u{", "\\p", "\\P"))
