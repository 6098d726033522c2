"""Guest values as JSON, the way ``JSON.stringify`` writes them where it can."""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Any

from isolate_host.errors import MarshalError

__all__ = ["to_json"]


def to_json(value: Any) -> str:
    """One line. Raises ``MarshalError`` for what JSON cannot say."""
    return json.dumps(_plain(value, "$"), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _plain(value: Any, path: str) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return int(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, dict):
        return {_key(key, path): _plain(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, bytes, bytearray)):
        return [_plain(item, f"{path}[{index}]") for index, item in enumerate(value)]
    raise MarshalError(f"{path}: {type(value).__name__} cannot be written as JSON", path=path, hint="return plain data, or leave out --json")


def _key(key: Any, path: str) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, (int, float)) and not isinstance(key, bool):
        return f"{key:g}" if isinstance(key, float) else str(key)
    raise MarshalError(f"{path}: a key of the type {type(key).__name__} cannot be written as JSON", path=path)
