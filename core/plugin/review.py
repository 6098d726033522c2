"""Source text before a guest runs it: what a capability sees of it when it reviews, and what the host can say about its types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = ["CheckTypes", "GuestCode", "PackageTypes", "TypeFinding"]


@dataclass(frozen=True, slots=True)
class GuestCode:
    """One text that is about to run: an evaluation, or a module that is being imported (packages and CommonJS are not shown)."""

    source: str
    #: Absolute, with the ending of its language.
    filename: str
    kind: Literal["eval", "module"]


@dataclass(frozen=True, slots=True)
class TypeFinding:
    """One error of a check. ``line`` and ``column`` count from 1; ``frame`` shows the place with its neighbours."""

    message: str
    line: int
    column: int
    code: int
    frame: str


@dataclass(frozen=True, slots=True)
class PackageTypes:
    """Declarations of what ``specifier`` means in the file ``importer``: they begin at the file ``entry``.

    ``files`` are texts by path, ``links`` says for each what its imports mean, ``key`` names both by their content: a checker is given them once.
    """

    specifier: str
    importer: str
    entry: str
    key: str
    files: Mapping[str, str]
    links: Mapping[str, Mapping[str, str]]


class CheckTypes(Protocol):
    """Checks the types of a text against what the guest that is to run it has."""

    async def __call__(self, code: GuestCode, *, profile: str | None = None, timeout_s: float | None = None) -> tuple[list[TypeFinding], int]:
        """The first errors and the number of all. With ``profile`` against that, instead of what the sandbox grants.

        Raises ``ExecutionTimeout`` and ``LimitExceeded`` for text that cannot be checked, ``PluginError`` for declarations that do not parse.
        """
