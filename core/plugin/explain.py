"""What a plugin says about its policy: what it decides about one value, and what would have to be added to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["NOT_GRANTED", "Explanation", "Refusal", "Suggestion"]

#: The rule of a refusal for the lack of the whole capability.
NOT_GRANTED: Final = "no policy grants it"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a policy decides about one value."""

    allowed: bool
    #: Why, in a few words: ``rule https://api.example.com/v1/*``, ``no rule matches``.
    because: str
    #: The key that decides, below the policy block: ``("allow", 0)``. Empty = the block.
    path: tuple[str | int, ...] = ()
    #: What would grant it.
    grant: str | None = None
    #: What else is to be known: conditions that are only judged when it happens.
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a policy refused, from the audit record: the fields of ``PolicyDenied``."""

    value: str
    rule: str
    op: str = ""
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The least that has to be added to a policy block."""

    #: Lists are added to lists of the block, mappings are merged into its mappings.
    policy: Mapping[str, Any] = field(default_factory=dict)
    #: Refusals that stay, each with the reason why nothing can or should be added for it.
    left: Sequence[tuple[Refusal, str]] = ()
