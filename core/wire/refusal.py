"""Why a value cannot cross, and where it sits."""

from __future__ import annotations

import re
from typing import Any

from isolate_host.errors import MarshalError

__all__ = ["RefusalError", "step"]


class RefusalError(Exception):
    """A value cannot cross; collects its path on the way up."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        self.steps: list[str] = []

    def marshal_error(self) -> MarshalError:
        path = "$" + "".join(reversed(self.steps))
        return MarshalError(f"{self} (at {path})", path=path, hint=self.hint)


_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*\Z", re.ASCII)


def step(key: Any) -> str:
    """One step of a path: ``.name`` or ``["any key"]``. Long keys are cut."""
    if type(key) is str and len(key) <= 80 and _IDENTIFIER.match(key):
        return f".{key}"
    text = repr(key)
    return f"[{text if len(text) <= 80 else text[:77] + '…'}]"
