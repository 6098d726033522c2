"""JSON as it stands on the wire: compact, valid UTF-8, strict on the way in."""

from __future__ import annotations

import json
import json.encoder
import re
from collections.abc import Callable
from typing import Any, NoReturn

from isolate_host.errors import ProtocolError

__all__ = ["MAX_DEPTH", "MAX_SAFE_INTEGER", "dump_json", "load_json"]

#: Containers of a value may nest this deep.
MAX_DEPTH = 100
#: JavaScript's ``Number.MAX_SAFE_INTEGER``.
MAX_SAFE_INTEGER = 2**53 - 1

# Only a text with so many digits in a row can hold an integer that is not safe; floats match as well, which costs only time.
_LONG_NUMBER = re.compile("[0-9]{16}")



def _encoder(*, ascii_only: bool) -> Callable[[Any], str]:
    """An encoding function. ``JSONEncoder.encode`` sets up its C part anew for each text, which costs more than a small text itself."""
    encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=ascii_only, check_circular=False, allow_nan=False)
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return encoder.encode
    strings = json.encoder.encode_basestring_ascii if ascii_only else json.encoder.encode_basestring
    try:
        pieces = make(None, encoder.default, strings, None, ":", ",", False, False, False)
    except TypeError:  # another Python, another signature
        return encoder.encode
    return lambda value: "".join(pieces(value, 0))


_encode_utf8 = _encoder(ascii_only=False)
_encode_ascii = _encoder(ascii_only=True)


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _javascript_integer(text: str) -> int | float:
    number = int(text)
    return number if -MAX_SAFE_INTEGER <= number <= MAX_SAFE_INTEGER else float(number)


_decode = json.JSONDecoder(parse_constant=_no_constant).raw_decode
_decode_long = json.JSONDecoder(parse_constant=_no_constant, parse_int=_javascript_integer).raw_decode


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
        value, end = _decode_long(text) if _LONG_NUMBER.search(text) else _decode(text)
        if end != len(text) and not text[end:].isspace():
            raise ValueError("something follows the value")
        return value
    except (ValueError, RecursionError, OverflowError) as error:
        raise ProtocolError(f"malformed JSON: {error}") from None
