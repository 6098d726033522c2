"""Limits and nesting, as the caller states them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Final, Literal

__all__ = ["UNSET", "Limits", "NestedHostPolicy", "Unset", "check_number"]


class Unset:
    """The type of :data:`UNSET`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"


#: Not given: the sandbox or the host decides. ``None`` is a value of its own: no limit.
UNSET: Final = Unset()


def check_number(name: str, value: Any, *, whole: bool = False) -> None:
    """Refuse what is not a positive number: ``TypeError`` or ``ValueError``, naming ``name``."""
    kinds = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise TypeError(f"{name} must be {'an int' if whole else 'a number'} or None, not {type(value).__name__}")
    if not 0 < value < float("inf"):
        raise ValueError(f"{name} must be positive and finite, not {value!r} (None = no limit)")


def _check(owner: str, values: dict[str, Any], whole: frozenset[str]) -> None:
    for name, value in values.items():
        if value is not None:
            check_number(f"{owner}.{name}", value, whole=name in whole)


_WHOLE = frozenset({"output_bytes", "ops_in_flight", "frame_bytes", "leases"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one runtime may use up. Left out = the sandbox's or the host's default; ``None`` = no limit.

    Limits can only narrow what the sandbox's policy sets.

    * ``memory_mb``: V8 heap and array buffers together, in MiB.
    * ``timeout_s``: wall-clock seconds of one evaluation. A runtime that exceeds it is dead.
    * ``cpu_s``: CPU seconds over the whole life.
    * ``output_bytes``: console output over the whole life.
    * ``ops_in_flight``: host calls that wait at the same time.
    * ``frame_bytes``: largest single message.
    * ``leases``: host functions, promises and iterators that the guest may hold at once.
    * ``grace_s``: seconds that a guest told to stop may take before its process is killed.

    >>> Limits(memory_mb=64, timeout_s=2.5).to_spec()
    {'memory_mb': 64, 'timeout_s': 2.5}
    """

    memory_mb: float | Unset | None = UNSET
    timeout_s: float | Unset | None = UNSET
    cpu_s: float | Unset | None = UNSET
    output_bytes: int | Unset | None = UNSET
    ops_in_flight: int | Unset | None = UNSET
    frame_bytes: int | Unset | None = UNSET
    leases: int | Unset | None = UNSET
    grace_s: float | Unset | None = UNSET

    def __post_init__(self) -> None:
        _check("Limits", self.to_spec(), _WHOLE)

    def to_spec(self) -> dict[str, Any]:
        """The limits that were given, as plain JSON."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: value for name, value in values.items() if not isinstance(value, Unset)}


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedHostPolicy:
    """Whether guest code may create runtimes of its own, and how much of them.

    The quotas hold for the whole tree of descendants; limits are clamped to the parent's own.
    """

    fetch: Literal["disabled", "inherit"] = "disabled"
    max_total_resources: int = 8
    max_runtimes: int = 6
    max_app_servers: int = 2
    max_memory_mb: float = 128
    max_timeout_s: float = 30
    max_app_server_lifetime_s: float | None = None

    def __post_init__(self) -> None:
        if self.fetch not in ("disabled", "inherit"):
            raise ValueError(f"NestedHostPolicy.fetch must be 'disabled' or 'inherit', not {self.fetch!r}")
        numbers = {name: value for name, value in self.to_spec().items() if name != "fetch"}
        _check("NestedHostPolicy", numbers, frozenset({"max_total_resources", "max_runtimes", "max_app_servers"}))
        for name, value in numbers.items():
            if value is None and name != "max_app_server_lifetime_s":
                raise TypeError(f"NestedHostPolicy.{name} must be a number")

    def to_spec(self) -> dict[str, Any]:
        """The policy as plain JSON."""
        return dataclasses.asdict(self)
