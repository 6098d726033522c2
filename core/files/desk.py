"""What all operations of one runtime share."""

from __future__ import annotations

import errno
from dataclasses import dataclass

from isolate_host.files.failures import failure
from isolate_host.files.handles import Handles
from isolate_host.files.mounts import Mounts
from isolate_host.files.nodes import Info, Kind
from isolate_host.files.paths import Path
from isolate_host.files.pool import WorkPool
from isolate_host.files.tokens import Tokens

__all__ = ["Desk"]


@dataclass(frozen=True, slots=True)
class Desk:
    """The tree, the table of open files, the threads."""

    mounts: Mounts
    handles: Handles
    pool: WorkPool
    tokens: Tokens

    def look(self, path: Path) -> Info | None:
        """What is at ``path``, links followed; ``None`` = nothing."""
        try:
            return self.mounts.stat(path)
        except FileNotFoundError:
            return None

    def must_be(self, info: Info, kind: Kind) -> None:
        """Raises ``EISDIR`` or ``ENOTDIR``."""
        if info.kind != kind:
            raise failure(errno.EISDIR if kind == "file" else errno.ENOTDIR)
