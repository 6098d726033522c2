"""Arguments of operations: all of them come from hostile code."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Any, Final

from isolate_host.files.failures import failure

__all__ = ["at", "flag", "natural", "octets", "one_of", "optional_natural"]

#: What JavaScript can count to, and the kernel as well.
_MOST: Final = 2**53 - 1
#: Bytes that one operation carries; longer content comes in pieces.
PIECE: Final = 1024 * 1024


def at(args: Sequence[Any], index: int) -> Any:
    """``None`` when it was left out."""
    return args[index] if index < len(args) else None


def natural(value: Any, most: int = _MOST) -> int:
    """A whole number from 0 on. Raises ``EINVAL``."""
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not 0 <= value <= most:
        raise failure(errno.EINVAL, f"a number must be whole, and from 0 to {most}")
    return value


def optional_natural(value: Any) -> int | None:
    """The same, or nothing."""
    return None if value is None else natural(value)


def flag(value: Any) -> bool:
    """True or false; nothing is false."""
    if value is not None and type(value) is not bool:
        raise TypeError("a flag must be true or false")
    return value is True


def octets(value: Any) -> bytes:
    """Bytes, of one piece at most."""
    if not isinstance(value, bytes):
        raise TypeError("content must be bytes")
    if len(value) > PIECE:
        raise failure(errno.E2BIG, f"one operation carries {PIECE} bytes at most")
    return value


def one_of(value: Any, known: frozenset[str]) -> str:
    """Raises ``EINVAL``."""
    if type(value) is not str or value not in known:
        raise failure(errno.EINVAL, f"it must be one of {', '.join(sorted(known))}")
    return value
