"""JSON as it stands on the wire: compact, valid UTF-8, strict on the way in."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from isolate_host.errors import ProtocolError

__all__ = ["MAX_DEPTH", "MAX_SAFE_INTEGER", "dump_json", "load_json"]

#: Containers of a value may nest this deep.
MAX_DEPTH = 100
#: JavaScript's ``Number.MAX_SAFE_INTEGER``.
MAX_SAFE_INTEGER = 2**53 - 1

# Only a text with so many digits in a row can hold an integer that is not safe; floats match as well, which costs only time.
_LONG_NUMBER = re.compile("[0-9]{16}")

_encode_utf8 = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False, allow_nan=False).encode
_encode_ascii = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, check_circular=False, allow_nan=False).encode


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _javascript_integer(text: str) -> int | float:
    number = int(text)
    return number if -MAX_SAFE_INTEGER <= number <= MAX_SAFE_INTEGER else float(number)


_decode = json.JSONDecoder(parse_constant=_no_constant).decode
_decode_long = json.JSONDecoder(parse_constant=_no_constant, parse_int=_javascript_integer).decode


def dump_json(value: Any) -> bytes:
    """Encode plain data. A lone surrogate, legal in a JavaScript string, is written as an escape."""
    text = _encode_utf8(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _encode_ascii(value).encode("ascii")


def load_json(data: bytes | bytearray | memoryview) -> Any:
    """Decode hostile JSON. Integers that JavaScript cannot hold exactly become floats.

    Raises ``ProtocolError`` for anything malformed: bad UTF-8, bad syntax, ``NaN`` literals, absurd numbers. Nesting that the
    parser survives (it raises RecursionError long before the C stack ends) is measured by whoever walks the result.
    """
    try:
        text = str(data, "utf-8")
        return _decode_long(text) if _LONG_NUMBER.search(text) else _decode(text)
    except (ValueError, RecursionError, OverflowError) as error:
        raise ProtocolError(f"malformed JSON: {error}") from None
