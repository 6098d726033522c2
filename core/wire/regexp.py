"""Between ``re.Pattern`` and ``RegExp``, as far as the two dialects agree.

What is translated keeps its meaning except for the classes ``\\d \\w \\s \\b``, which follow the rules of the side that runs them.
"""

from __future__ import annotations

import re

from isolate_host.wire.kinds import JSRegExp

__all__ = ["regexp_from_js", "regexp_to_js"]

# Compiling runs in Python and on the event loop: a longer source from a guest stays text.
_MAX_SOURCE = 1000
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}

# One token of a pattern. Classes are one token, so that what looks like syntax inside them is left alone.
_TOKEN = re.compile(
    r"\\[pP]\{[^}]*\}|\\k<\w+>|\\u\{[^}]*\}|\\.|\[(?:[^\]\\]|\\.)*\]|\(\?P<\w+>|\(\?P=\w+\)|\(\?<(?![=!])[^>]*>|\(\?<[=!]|\(\?[:=!]"
    r"|\(\?.|[*+?}]\+|\$|.",
    re.DOTALL,
)
# Escapes with the same meaning on both sides (a digit: a back reference or an octal escape, see below).
_COMMON_ESCAPES = frozenset("dDwWsSbBfnrtv")


def regexp_to_js(pattern: re.Pattern[str]) -> JSRegExp | None:
    """``pattern`` as JavaScript has it, or ``None`` when it uses what JavaScript lacks."""
    if not isinstance(pattern.pattern, str) or pattern.flags & (re.VERBOSE | re.LOCALE | re.ASCII) or "{," in pattern.pattern:
        return None
    flags = "".join(letter for letter, flag in _FLAGS.items() if pattern.flags & flag)
    parts = [_token_to_js(token, "m" in flags) for token in _TOKEN.findall(pattern.pattern)]
    if any(part is None for part in parts):
        return None
    return JSRegExp("".join(part for part in parts if part is not None) or "(?:)", flags)


def _token_to_js(token: str, multiline: bool) -> str | None:
    if token.startswith("(?P<"):
        return "(?<" + token[4:]
    if token.startswith("(?P="):
        return f"\\k<{token[4:-1]}>"
    if token == "\\A":
        return None if multiline else "^"
    if token == "\\Z":
        return None if multiline else "$"
    if token == "$":
        # Python's plain $ also matches before a last newline.
        return "$" if multiline else "(?=\\n?$)"
    if token == "/":
        return "\\/"
    return _common(token)


def regexp_from_js(source: str, flags: str) -> re.Pattern[str] | JSRegExp:
    """A compiled pattern when Python means the same by ``source``, else the two texts as :class:`JSRegExp`."""
    original = JSRegExp(source, flags)
    # {,n} repeats in Python and is plain text in JavaScript.
    if len(source) > _MAX_SOURCE or not set(flags) <= set(_FLAGS) or "{," in source:
        return original
    parts = [_token_from_js(token, "m" in flags) for token in _TOKEN.findall(source)]
    if any(part is None for part in parts):
        return original
    bits = re.NOFLAG
    for letter in flags:
        bits |= _FLAGS[letter]
    try:
        return re.compile("".join(part for part in parts if part is not None), bits)
    except (re.error, RecursionError, OverflowError):
        return original


def _token_from_js(token: str, multiline: bool) -> str | None:
    if token.startswith("(?<") and token[3] not in "=!":
        return "(?P<" + token[3:]
    if token.startswith("\\k<"):
        return f"(?P={token[3:-1]})"
    if token == "$":
        return "$" if multiline else "\\Z"
    if token in ("\\A", "\\Z", "[]", "[^]") or token.startswith(("(?P<", "(?P=")):
        return None
    return _common(token)


def _common(token: str) -> str | None:
    """``token`` when both dialects read it alike, else ``None``."""
    if token.startswith("["):
        # Python warns about, and may one day give meaning to, set operations; JavaScript has them under the flag v.
        return None if re.search(r"\[.*\[|--|&&|\|\||~~", token, re.DOTALL) or not _plain_escapes(token) else token
    if token.startswith("\\"):
        return token if _plain_escapes(token) else None
    if len(token) == 2 and token[1] == "+":
        return None  # possessive in Python, an error in JavaScript
    if token.startswith("(?") and token not in ("(?:", "(?=", "(?!", "(?<=", "(?<!"):
        return None
    return token


def _plain_escapes(token: str) -> bool:
    """True when each escape in ``token`` is punctuation, a common class, or ``\\xhh``/``\\uhhhh``/a small back reference."""
    return all(
        not (letter.isalnum() or letter == "_") or letter in _COMMON_ESCAPES or letter in "xu" or letter in "123456789"
        for letter in re.findall(r"\\(.)", token, re.DOTALL)
    ) and not token.startswith(("\\u{", "\\p", "\\P"))
