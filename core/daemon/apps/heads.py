"""Heads of responses as bytes. What a guest wrote into them is checked here once more: a worker may be compromised."""

from __future__ import annotations

import re
import time
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from isolate_host.errors import ProtocolError

__all__ = ["HeadWriter", "encode_head", "is_flat"]

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
_NOT_IN_LINE = re.compile(r"[\x00\r\n]")
#: The front decides on these itself.
_OURS = frozenset(("connection", "content-length", "date", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"))
_MAX_NAMES = 1024


class HeadWriter:
    """Keeps what is the same in many heads: status lines, names that were looked at, the date of this second."""

    def __init__(self) -> None:
        self._names: dict[str, bool] = {}
        self._lines = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}
        self._second, self._date = 0, b""

    def date(self) -> bytes:
        """The header ``Date``."""
        now = int(time.time())
        if now != self._second:
            self._second, self._date = now, f"date: {formatdate(now, usegmt=True)}\r\n".encode()
        return self._date

    def status_line(self, status: int, text: str) -> str:
        """The first line; a guest's own reason phrase is kept when it can be."""
        known = self._lines.get(status)
        if known is not None and not text:
            return known
        if _NOT_IN_LINE.search(text) or not text.isascii() or len(text) > 256:
            raise ProtocolError("a reason phrase that HTTP cannot carry")
        return f"HTTP/1.1 {status} {text}\r\n"

    def fields(self, flat: list[str]) -> tuple[str, str | None]:
        """Lines for the headers of a guest, names and values in turn, and the ``Content-Length`` that it gave. Raises ``ProtocolError``."""
        lines: list[str] = []
        length = None
        names = self._names
        for index in range(0, len(flat), 2):
            name, value = flat[index], flat[index + 1]
            passes = names.get(name)
            if passes is None:
                passes = self._learn(name)
            if not passes:
                if name.lower() == "content-length":
                    length = value
                continue
            if _NOT_IN_LINE.search(value):
                raise ProtocolError("a header value that would be more than one line")
            lines.append(f"{name}: {value}\r\n")
        return "".join(lines), length if length is not None and length.isascii() and length.isdigit() and len(length) < 16 else None

    def _learn(self, name: str) -> bool:
        if not _NAME.fullmatch(name):
            raise ProtocolError("a header name that HTTP cannot carry")
        passes = name.lower() not in _OURS
        if len(self._names) < _MAX_NAMES:
            self._names[name] = passes
        return passes


def encode_head(text: str) -> bytes:
    """A head as bytes. Raises ``ProtocolError`` for characters that HTTP has no byte for."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise ProtocolError("a header has characters that HTTP cannot carry") from None


def is_flat(value: Any) -> bool:
    """Whether ``value`` is a list of texts in pairs."""
    return type(value) is list and len(value) % 2 == 0 and all(type(item) is str for item in value)
