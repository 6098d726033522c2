"""Where a policy block stands, handed to plugins that check it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from isolate_host.config.findings import Finding, Mark, Severity

__all__ = ["Where"]


@dataclass(frozen=True, slots=True)
class Where:
    """The place of one policy block."""

    capability: str
    sandbox: str
    #: Relative paths of the policy are relative to this folder.
    base_dir: Path
    path: tuple[str | int, ...]
    locate: Callable[[Sequence[str | int]], Mark]

    def finding(
        self, code: str, message: str, *path: str | int, hint: str | None = None, severity: Severity = "error"
    ) -> Finding:
        """A finding at the key ``path`` of the block, as in ``where.finding("files-no-root", "…", "mounts", 0, "root")``."""
        full = (*self.path, *path)
        return Finding(
            code=code,
            message=f"{self.capability}: {message}",
            mark=self.locate(full),
            severity=severity,
            hint=hint,
            path=full,
        )
