"""How long sessions wait for their next owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["SessionSharing", "SessionsConfig"]

#: ``private``: only the identity that made a session gets it back. ``shared``: every client that may use the sandbox.
SessionSharing = Literal["private", "shared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsConfig:
    """Sessions without an owner, which wait in the pool. One that has an owner is never ended by these."""

    #: Seconds after which a session without an owner ends. ``None`` = never.
    idle_s: float | None = 1800.0
    #: How many may wait. The one that has waited longest goes first.
    max_pooled: int = 300
