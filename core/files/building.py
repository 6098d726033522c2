"""Mounts from a description: what a policy says in YAML, and ``create_file_bindings`` in Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path as HostPath
from typing import Final

from isolate_host.files.folder import Folder
from isolate_host.files.ledger import Quota, Usage
from isolate_host.files.memory import Memory
from isolate_host.files.nodes import Store
from isolate_host.files.overlay import Overlay

__all__ = ["MEMORY_BYTES", "MEMORY_FILES", "MountSpec", "build_store"]

#: What a tree in memory may hold unless it is told.
MEMORY_BYTES: Final = 64 * 1024 * 1024
MEMORY_FILES: Final = 10_000


@dataclass(frozen=True, slots=True)
class MountSpec:
    """``root`` is ``None`` for a tree in memory; ``overlay`` keeps changes in memory, above a root that is only read."""

    root: HostPath | None
    overlay: bool
    quota: Quota


def build_store(spec: MountSpec, key: str, usage_of: Callable[[HostPath], Usage]) -> Store:
    """Open it. Raises ``OSError`` when the root is no folder that can be opened."""
    in_memory = spec.root is None or spec.overlay
    quota = _bounded(spec.quota) if in_memory else spec.quota
    if spec.root is None:
        return Memory(quota, key)
    if not spec.overlay:
        return Folder(spec.root, quota, usage_of(spec.root), key)
    return Overlay(Folder(spec.root, Quota(), Usage(), key), Memory(quota, key))


def _bounded(quota: Quota) -> Quota:
    return Quota(
        MEMORY_BYTES if quota.bytes is None else quota.bytes, MEMORY_FILES if quota.files is None else quota.files, quota.file_size,
    )
