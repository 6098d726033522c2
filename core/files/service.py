"""The operations of files for one runtime. Every argument is checked here, every path leads through a mount."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from isolate_host.errors import PolicyDenied
from isolate_host.files.changing import Changing
from isolate_host.files.desk import Desk
from isolate_host.files.failures import Refused
from isolate_host.files.handles import Handles
from isolate_host.files.looking import Looking
from isolate_host.files.mounts import Mounts
from isolate_host.files.opened import Opened
from isolate_host.files.operations import OPERATIONS, Subject, subjects
from isolate_host.files.paths import Path, text
from isolate_host.files.pool import WorkPool
from isolate_host.files.tokens import Tokens

__all__ = ["FileService", "ServiceLimits", "check_writes"]

Operation = Callable[[Sequence[Path], Sequence[Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """Of one runtime."""

    max_open: int = 64
    pending: int = 128
    threads: int = 4
    #: Whether work may take long, so that none should wait for another.
    eager: bool = False


class FileService:
    """Answers a guest's calls. ``deny`` is told of each refusal by policy; it raises, or in mode ``audit`` only takes note.

    ``key`` names the policy block. ``own`` = the stores end with the service; ``interrupt`` ends what may wait for long in them.
    """

    def __init__(
        self,
        mounts: Mounts,
        limits: ServiceLimits,
        key: str,
        deny: Callable[[PolicyDenied], None],
        *,
        own: bool,
        interrupt: Callable[[], None] | None = None,
    ) -> None:
        self._mounts, self._deny, self._own, self._interrupt = mounts, deny, own, interrupt
        self._desk = Desk(mounts, Handles(limits.max_open, key), WorkPool(limits.threads, limits.pending, eager=limits.eager), Tokens())
        looking, changing, opened = Looking(self._desk), Changing(self._desk), Opened(self._desk)
        owners: dict[str, Any] = {name: owner for owner in (looking, changing, opened) for name in dir(owner) if name in OPERATIONS}
        self._operations: dict[str, Operation] = {name: getattr(owner, name) for name, owner in owners.items()}

    @property
    def open_files(self) -> int:
        """How many files the guest holds open."""
        return len(self._desk.handles)

    async def call(self, op: str, args: Sequence[Any]) -> Any:
        """Answer one call. Raises ``OSError``, ``PolicyDenied``, ``LimitExceeded``, ``TypeError`` and ``LookupError``."""
        about = subjects(op, args)
        check_writes(self._mounts, about, self._deny)
        try:
            return await self._operations[op]([subject.path for subject in about], args)
        except Refused as refusal:
            where = text(about[0].path)
            # Containment is no rule that a policy could try out: mode ``audit`` does not let this pass.
            raise self._mounts.denied(where, str(refusal), "files stay within their mounts") from None
        except PolicyDenied as error:
            # To be recorded as any refusal. Where no mount is, there is nothing that mode ``audit`` could let happen.
            self._deny(error)
            raise

    async def aclose(self) -> None:
        """Wait for what runs, close what is open; staged content is gone."""
        if self._interrupt is not None:
            self._interrupt()
        await self._desk.pool.aclose()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._desk.handles.close()
        if self._own:
            self._mounts.close()


def check_writes(mounts: Mounts, about: Sequence[Subject], deny: Callable[[PolicyDenied], None]) -> None:
    """Whether a policy lets the guest change what it is about to change."""
    for subject in about:
        mount = mounts.find(subject.path) if subject.writes else None
        if mount is not None and not mount.write:
            value, rule = text(subject.path), f"{mount.key}.write"
            hint = f"set {rule}: true" if mount.key.startswith(("sandboxes", "policies")) else f"give {rule}=True"
            deny(mounts.denied(value, f"{text(mount.path)} is mounted for reading only", rule, hint))
