"""A configuration that was read, and where each part of it came from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isolate_host.config.findings import Finding, Mark
from isolate_host.config.model import HostConfig
from isolate_host.config.nodes import ListNode, MapNode, Node, ScalarNode, locate, scalars
from isolate_host.config.nodes import Path as KeyPath

__all__ = ["LoadedConfig"]


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """The result of :func:`isolate_host.config.load_config`."""

    config: HostConfig
    #: Warnings only: an error raises.
    findings: tuple[Finding, ...]
    #: Every file that was read, the main one first.
    files: tuple[Path, ...]
    _root: MapNode
    _secrets: frozenset[KeyPath]

    def mark(self, *path: str | int) -> Mark:
        """Where ``path`` was written."""
        return locate(self._root, path)

    def shown(self) -> dict[str, Any]:
        """The merged files as plain data for people: interpolated values as the file writes them, secrets as stars."""
        data: dict[str, Any] = self._show(self._root, ())
        return data

    def origins(self) -> list[tuple[KeyPath, Any, Mark]]:
        """Every value with its place, masked like :meth:`shown`."""
        return [(path, self._show(node, path), node.mark) for path, node in scalars(self._root)]

    def _show(self, node: Node, path: KeyPath) -> Any:
        if isinstance(node, MapNode):
            return {key: self._show(item, (*path, key)) for key, item in node.items.items()}
        if isinstance(node, ListNode):
            return [self._show(item, (*path, index)) for index, item in enumerate(node.items)]
        return _masked(node, path in self._secrets)


def _masked(node: ScalarNode, secret: bool) -> Any:
    if node.interpolated:
        return node.text
    return "***" if secret else node.value
