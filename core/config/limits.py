"""Limits of a runtime, and the rule that a narrower scope can only narrow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

__all__ = ["LimitsConfig"]

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsConfig:
    """What one runtime may use up. ``None`` = no limit."""

    #: V8 heap and array buffers together.
    memory_mb: float | None = 128
    #: Wall-clock seconds of one evaluation; idle time between evaluations does not count.
    timeout_s: float | None = None
    #: CPU seconds of the runtime over its whole life.
    cpu_s: float | None = None
    #: Bytes of console output over the runtime's whole life.
    output_bytes: int | None = 16 * _MIB
    #: Calls to the host that may wait at the same time.
    ops_in_flight: int | None = 4096
    #: Largest frame that may cross in either direction.
    frame_bytes: int | None = 64 * _MIB
    #: References to host objects (functions, promises, iterators) that the guest may hold at the same time.
    leases: int | None = 10_000
    #: How long a guest that was told to stop may take before its process is killed.
    grace_s: float | None = 0.5

    def wider(self, asked: Mapping[str, Any]) -> list[str]:
        """The keys of ``asked`` that want more than this scope has."""
        return [name for name in _NAMES if name in asked and _exceeds(asked[name], getattr(self, name))]

    def narrowed(self, asked: Mapping[str, Any]) -> Self:
        """This scope with the values of ``asked``, none larger than it was here. Unknown keys raise ``KeyError``."""
        unknown = sorted(set(asked) - set(_NAMES))
        if unknown:
            raise KeyError(unknown[0])
        values: dict[str, Any] = {name: _smaller(value, getattr(self, name)) for name, value in asked.items()}
        return replace(self, **values)


_NAMES = tuple(item.name for item in fields(LimitsConfig))


def _exceeds(asked: float | None, allowed: float | None) -> bool:
    if allowed is None:
        return False
    return asked is None or asked > allowed


def _smaller(asked: float | None, allowed: float | None) -> float | None:
    return allowed if _exceeds(asked, allowed) else asked
