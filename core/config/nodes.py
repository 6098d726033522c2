"""The tree of a configuration: plain data that remembers where each part was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from isolate_host.config.findings import Mark
from isolate_host.config.scalars import Scalar

__all__ = ["ListNode", "MapNode", "Node", "Path", "ScalarNode", "locate", "node_at", "scalars"]

Path = tuple[str | int, ...]


@dataclass(slots=True)
class ScalarNode:
    """A single value. ``text`` is what the file says, so that a message never shows an interpolated value."""

    mark: Mark
    value: Scalar
    text: str
    plain: bool = True
    interpolated: bool = False

    def data(self) -> Scalar:
        """The value."""
        return self.value


@dataclass(slots=True)
class ListNode:
    """A sequence."""

    mark: Mark
    items: list[Node] = field(default_factory=list)

    def data(self) -> list[Any]:
        """The values."""
        return [item.data() for item in self.items]


@dataclass(slots=True)
class MapNode:
    """A mapping; ``keys`` has the place of each key."""

    mark: Mark
    items: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Mark] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """The values by key."""
        return {key: item.data() for key, item in self.items.items()}


Node = ScalarNode | ListNode | MapNode


def node_at(root: Node, path: Sequence[str | int]) -> Node | None:
    """The node at ``path``, or ``None``."""
    node: Node | None = root
    for part in path:
        node = _child(node, part)
    return node


def locate(root: Node, path: Sequence[str | int]) -> Mark:
    """Where ``path`` was written: its key, its item, or what comes nearest above."""
    node: Node = root
    mark = root.mark
    for part in path:
        if isinstance(node, MapNode) and isinstance(part, str) and part in node.keys:
            mark = node.keys[part]
        child = _child(node, part)
        if child is None:
            return mark
        if isinstance(part, int):
            mark = child.mark
        node = child
    return mark


def scalars(node: Node, path: Path = ()) -> Iterator[tuple[Path, ScalarNode]]:
    """Every scalar below ``node`` with its path."""
    if isinstance(node, ScalarNode):
        yield path, node
    elif isinstance(node, ListNode):
        for index, item in enumerate(node.items):
            yield from scalars(item, (*path, index))
    else:
        for key, item in node.items.items():
            yield from scalars(item, (*path, key))


def _child(node: Node | None, part: str | int) -> Node | None:
    if isinstance(node, MapNode) and isinstance(part, str):
        return node.items.get(part)
    if isinstance(node, ListNode) and isinstance(part, int) and 0 <= part < len(node.items):
        return node.items[part]
    return None
