"""Words of a guest in a log of the host."""

from __future__ import annotations

import re

__all__ = ["log_text"]

_MOST = 8000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def log_text(text: object) -> str:
    """``text`` as part of one log entry: further lines are set in, so that none of them looks like an entry of its own.

    Without this a guest could write into the log whatever it likes in the name of the host, by throwing an error of several lines;
    control characters would reach the operator's terminal.
    """
    shown = str(text)
    if len(shown) > _MOST:
        shown = shown[:_MOST] + "…"
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", shown).replace("\n", "\n    ")
