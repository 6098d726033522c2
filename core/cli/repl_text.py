"""Whether a text is a whole statement, as far as brackets, strings and comments tell."""

from __future__ import annotations

import re

__all__ = ["is_complete"]

_TOKEN = re.compile(
    r"""
    (?P<space>\s+) | (?P<line>//[^\n]*) | (?P<comment>/\*.*?\*/) | (?P<open_comment>/\*)
    | (?P<string>"(?:\\.|[^"\\\n])*["\n]? | '(?:\\.|[^'\\\n])*['\n]?)
    | (?P<word>[\w$\u0080-\uffff]+) | (?P<template>`) | (?P<slash>/) | (?P<opens>[(\[{]) | (?P<closes>[)\]}])
    | (?P<other>=>|\+\+|--|&&|\|\||\?\?|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[\w$]*")
_TEMPLATE_PART = re.compile(r"(?:\\.|\$(?!\{)|[^\\`$])*(?P<end>`|\$\{|$)", re.DOTALL)
#: After these a slash begins a regular expression and does not divide.
_BEFORE_REGEX = frozenset(("return", "typeof", "case", "in", "of", "void", "delete", "throw", "new", "await", "yield", "else", "do"))
#: A text that ends so goes on.
_GOES_ON = frozenset(("=>", "=", ",", ".", "&&", "||", "??", "?", ":", "+", "-", "*", "%", "&", "|", "^", "<"))


def is_complete(text: str) -> bool:
    """False when something is open, or the last line ends in the middle of an expression. What is wrong beyond that, V8 says better.

    >>> is_complete("[1, 2].map((n) => {"), is_complete("`a ${[1]}`"), is_complete("1 +")
    (False, True, False)
    """
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        #: Open brackets; a backquote stands for the ``${`` of a template.
        self._open: list[str] = []
        self._last = ""

    def read(self) -> bool:
        while self._at < len(self._text):
            found = _TOKEN.match(self._text, self._at)
            if found is None or found.lastgroup == "open_comment":
                return False
            if not self._take(found.lastgroup or "", found[0], found.end()):
                return False
        return not self._open and self._last not in _GOES_ON

    def _take(self, kind: str, token: str, end: int) -> bool:
        """Move past one token; false when the text ends inside it."""
        self._at = end
        if kind in ("space", "line", "comment"):
            return True
        if kind == "slash" and self._begins_regex():
            regex = _REGEX.match(self._text, end - 1)
            self._at = regex.end() if regex else end
            token = "regex" if regex else token
        elif kind == "template":
            return self._template()
        elif kind == "opens":
            self._open.append(token)
        elif kind == "closes" and self._open and self._open.pop() == "`":
            return self._template()
        self._last = token
        return True

    def _template(self) -> bool:
        """The text of a template up to its end or its next ``${``."""
        part = _TEMPLATE_PART.match(self._text, self._at)
        if part is None or not part["end"]:
            return False
        self._at = part.end()
        if part["end"] == "${":
            self._open.append("`")
        self._last = "template"
        return True

    def _begins_regex(self) -> bool:
        last = self._last
        return last in _BEFORE_REGEX or not (last in (")", "]", "}", "++", "--") or re.fullmatch(r"""[\w$\u0080-\uffff]+|["'].*""", last, re.DOTALL))
