"""``include:``. Other files add keys; none overrides a key of another."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from isolate_host.config.findings import Finding, Mark
from isolate_host.config.nodes import ListNode, MapNode, Node, ScalarNode
from isolate_host.config.nodes import Path as KeyPath
from isolate_host.config.reader import read_yaml

__all__ = ["Assembler"]

_MAX_FILES = 256
#: Lists at these top-level keys are joined; any other key may stand in one file only.
_JOINED = ("plugins",)


class Assembler:
    """Reads files with everything they include into one tree."""

    def __init__(self, findings: list[Finding]) -> None:
        self.files: list[Path] = []
        self._findings = findings
        self._done: dict[Path, Path] = {}
        self._open: list[Path] = []

    def read(self, file: Path, wanted_at: Mark | None = None) -> MapNode | None:
        """The merged tree of ``file``. ``None`` when there is nothing to merge (an error was reported, or it is in already)."""
        # Not `resolve`, which raises for links that lead in a circle: reading the file says so with its place.
        identity = Path(os.path.realpath(file))
        if identity in self._open:
            chain = " → ".join(path.name for path in [*self._open[self._open.index(identity) :], identity])
            self._report("include-cycle", f"files include each other: {chain}", wanted_at or Mark(file))
            return None
        if identity in self._done:
            return None
        if len(self._done) >= _MAX_FILES:
            self._report("include-too-many", f"more than {_MAX_FILES} files", wanted_at or Mark(file))
            return None
        self._done[identity] = file
        self.files.append(file)
        self._open.append(identity)
        try:
            return self._read_one(file)
        finally:
            self._open.pop()

    def _read_one(self, file: Path) -> MapNode | None:
        root = read_yaml(file, self._findings)
        if root is None:
            return None
        if not isinstance(root, MapNode):
            self._report("config-wrong-type", "the file must be a mapping of keys to values", root.mark, "start with: version: 1")
            return None
        wanted = root.items.pop("include", None)
        for path, mark in self._included(file, wanted):
            other = self.read(path, mark)
            if other is not None:
                self.merge(root, other)
        return root

    def _included(self, file: Path, wanted: Node | None) -> list[tuple[Path, Mark]]:
        if wanted is None:
            return []
        items = wanted.items if isinstance(wanted, ListNode) else [wanted]
        found: list[tuple[Path, Mark]] = []
        for item in items:
            if isinstance(item, ScalarNode) and isinstance(item.value, str) and item.value:
                found += [(path, item.mark) for path in self._matches(file.parent, item.value, item.mark)]
            else:
                self._report("config-wrong-type", "include: expected a file name or a list of them", item.mark)
        return found

    def _matches(self, folder: Path, pattern: str, mark: Mark) -> list[Path]:
        if any(sign in pattern for sign in "*?["):
            anchor = Path(pattern).anchor
            base, relative = (Path(anchor), pattern[len(anchor) :]) if anchor else (folder, pattern)
            matches = sorted(path for path in base.glob(relative) if path.is_file())
            if not matches:
                message = f"include: no file matches {pattern!r}"
                self._findings.append(Finding(code="include-empty", message=message, mark=mark, severity="warning"))
            return matches
        file = folder / pattern
        if file.is_file():
            return [file]
        close = difflib.get_close_matches(file.name, [path.name for path in file.parent.glob("*")], n=1)
        self._report("include-missing", f"include: no file {pattern!r}", mark, f"did you mean {close[0]!r}?" if close else None)
        return []

    def merge(self, into: MapNode, other: MapNode, path: KeyPath = ()) -> None:
        """Add the keys of ``other`` to ``into``; the same key in both is an error unless both are mappings."""
        for key, node in other.items.items():
            present = into.items.get(key)
            if present is None:
                into.items[key], into.keys[key] = node, other.keys[key]
            elif isinstance(present, MapNode) and isinstance(node, MapNode):
                self.merge(present, node, (*path, key))
            elif not path and key in _JOINED and isinstance(present, ListNode) and isinstance(node, ListNode):
                present.items += node.items
            elif not (not path and key == "version" and present.data() == node.data()):
                first = into.keys[key]
                message = f"key {key!r} stands here a second time (first at {first.file}:{first.line})"
                self._report("include-conflict", message, other.keys[key], "a key may stand in one file only")

    def _report(self, code: str, message: str, mark: Mark, hint: str | None = None) -> None:
        self._findings.append(Finding(code=code, message=message, mark=mark, hint=hint))
