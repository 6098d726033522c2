"""Fields of a frame header, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isolate_host.errors import ProtocolError
from isolate_host.wire.jsontext import MAX_SAFE_INTEGER

__all__ = ["natural", "party"]


def party(header: Mapping[str, Any]) -> int:
    """The host-side party of a header: 0 broker, 1 client. Raises ``ProtocolError``."""
    value = header.get("p", 0)
    if type(value) is not int or value not in (0, 1):
        raise ProtocolError("'p' names no party")
    return value


def natural(header: Mapping[str, Any], key: str) -> int:
    """A positive integer of a header. Raises ``ProtocolError``."""
    value = header.get(key)
    if type(value) is not int or not 0 < value <= MAX_SAFE_INTEGER:
        raise ProtocolError(f"{key!r} is not a positive integer")
    return value
