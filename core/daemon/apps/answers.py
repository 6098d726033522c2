"""What a guest answered. Heads are checked once and remembered: an app says the same few again and again."""

from __future__ import annotations

import json
import json.decoder
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from isolate_host.client.replica import Replica
from isolate_host.daemon.apps.heads import HeadWriter, encode_head, is_flat
from isolate_host.errors import ProtocolError
from isolate_host.wire.frames import Frame

__all__ = ["AnswerHead", "Answers", "read_parts"]

#: Heads that are remembered for one app, and how long one may be (bytes).
_MAX_HEADS, _MAX_HEAD = 256, 2048
#: How bytes beside a message are written in it.
_BYTES = b'{"$":"bin","k":"Uint8Array","b":0}'

_scan_text: Callable[[str, int], tuple[str, int]] = json.decoder.scanstring  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """Checked, and ready for the wire but for the date and what frames the message."""

    status: int
    #: Status line and header fields.
    start: bytes
    #: The ``Content-Length`` that the guest gave.
    length: str | None

    @staticmethod
    def read(status: Any, text: Any, headers: Any, heads: HeadWriter) -> AnswerHead:
        """Raises ``ProtocolError`` for what no guest script of ours says."""
        if type(status) is not int or not 200 <= status <= 599 or type(text) is not str or not is_flat(headers):
            raise ProtocolError("malformed answer of an app server")
        fields, length = heads.fields(headers)
        return AnswerHead(status, encode_head(f"{heads.status_line(status, text)}{fields}"), length)


class Answers:
    """Reads the answers of one app. What a worker sends is hostile; that another one sent the same bytes before changes nothing in their meaning."""

    def __init__(self) -> None:
        self._known: dict[bytes, AnswerHead] = {}

    def whole(self, frame: Frame, heads: HeadWriter) -> tuple[AnswerHead, bytes] | None:
        """Head and body of an answer of the usual shape, ``[status, text, [headers], body]`` with the body inside or beside it; else ``None``."""
        raw = frame.body
        cut = raw.find(b"],") + 2
        head = self._known.get(raw[:cut])
        if head is None:
            head = self._learn(raw[:cut], heads)
            if head is None:
                return None
        rest = raw[cut:-1]
        if raw[-1:] != b"]":
            return None
        if frame.segments:
            return (head, frame.segments[0]) if rest == _BYTES and len(frame.segments) == 1 else None
        if rest[:1] == b'"':
            # The body is whatever the guest likes; only that it is one text matters.
            body = rest[1:-1] if b"\\" not in rest else _text(rest)
            return None if body is None else (head, body)
        return (head, b"") if rest == b"null" else None

    def _learn(self, key: bytes, heads: HeadWriter) -> AnswerHead | None:
        if not 2 < len(key) <= _MAX_HEAD:
            return None
        try:
            parts = json.loads(key + b"null]")
        except (ValueError, RecursionError):
            return None
        if type(parts) is not list or len(parts) != 4:
            return None
        if len(self._known) >= _MAX_HEADS:
            self._known.clear()
        self._known[key] = head = AnswerHead.read(parts[0], parts[1], parts[2], heads)
        return head


def _text(quoted: bytes) -> bytes | None:
    try:
        text = quoted.decode()
        value, end = _scan_text(text, 1)
    except ValueError:
        return None
    return value.encode("utf-8", "replace") if end == len(text) else None


def read_parts(frame: Frame, replica: Replica) -> Any:
    """The value of any answer. Raises ``ProtocolError``."""
    if frame.segments or b'"$"' in frame.body or frame.header["t"] != "ok":
        return replica.session.endpoint.decode(frame)
    try:
        return json.loads(frame.body.decode())
    except (ValueError, RecursionError):
        raise ProtocolError("an answer that is no JSON") from None
