"""YAML text to a tree with positions.

Stricter than YAML: keys are text and occur once, no tags but the plain ones, no merge keys, and bounds on size, depth and
aliases, so that a hostile or mistaken file is refused instead of eating the memory of the host.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import Resolver
from yaml.scanner import Scanner

from isolate_host.config.findings import Finding, Mark
from isolate_host.config.nodes import ListNode, MapNode, Node, ScalarNode
from isolate_host.config.scalars import parse_scalar, scalar_tag

__all__ = ["MAX_FILE_BYTES", "read_yaml"]

MAX_FILE_BYTES = 4 * 1024 * 1024
_MAX_DEPTH = 64
_MAX_ALIASES = 200
_MAX_NODES = 50_000


class _LimitError(yaml.error.MarkedYAMLError):
    """The file is within YAML but beyond our bounds."""


class _Loader(Reader, Scanner, Parser, Composer, Resolver):
    """PyYAML's parser up to the node tree, with YAML 1.2 scalars and bounds."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        Resolver.__init__(self)
        self._depth = 0
        self._aliases = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            self._aliases += 1
        if self._aliases > _MAX_ALIASES:
            raise _LimitError(None, None, f"more than {_MAX_ALIASES} aliases", self._here())
        if self._depth >= _MAX_DEPTH:
            raise _LimitError(None, None, f"nested deeper than {_MAX_DEPTH} levels", self._here())
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def _here(self) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        return event.start_mark

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        if kind is yaml.nodes.ScalarNode:
            return scalar_tag(value) if implicit[0] else "tag:yaml.org,2002:str"
        return "tag:yaml.org,2002:seq" if kind is yaml.nodes.SequenceNode else "tag:yaml.org,2002:map"


class _Converter:
    """PyYAML's nodes to ours, collecting findings."""

    def __init__(self, file: Path, findings: list[Finding]) -> None:
        self._file = file
        self._findings = findings
        self._open: set[int] = set()
        self._count = 0

    def convert(self, node: Any) -> Node:
        self._count += 1
        if self._count > _MAX_NODES:
            raise _LimitError(None, None, f"more than {_MAX_NODES} values", node.start_mark)
        if id(node) in self._open:
            raise _LimitError(None, None, "an alias contains itself", node.start_mark)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.nodes.ScalarNode):
                return self._scalar(node)
            return self._list(node) if isinstance(node, yaml.nodes.SequenceNode) else self._map(node)
        finally:
            self._open.discard(id(node))

    def _scalar(self, node: Any) -> Node:
        value: Any = node.value
        try:
            value = parse_scalar(node.value, node.tag)
        except ValueError as error:
            hint = "remove the tag; values are text, numbers, true, false and null"
            self._report("yaml-bad-tag", f"tag {node.tag}: {error}", node, hint)
        return ScalarNode(self._mark(node), value, node.value, plain=node.style is None)

    def _list(self, node: Any) -> Node:
        self._check_tag(node, "seq")
        return ListNode(self._mark(node), [self.convert(item) for item in node.value])

    def _map(self, node: Any) -> Node:
        self._check_tag(node, "map")
        result = MapNode(self._mark(node))
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key is None:
                continue
            if key in result.items:
                first = result.keys[key].line
                self._report("yaml-duplicate-key", f"key {key!r} stands here a second time (first in line {first})", key_node)
                continue
            result.keys[key] = self._mark(key_node)
            result.items[key] = self.convert(value_node)
        return result

    def _key(self, node: Any) -> str | None:
        if isinstance(node, yaml.nodes.ScalarNode) and node.value == "<<" and node.style is None:
            self._report("yaml-merge-key", "merge keys (<<) are not supported", node, "repeat the keys, or split the file with include")
            return None
        if isinstance(node, yaml.nodes.ScalarNode) and node.tag == "tag:yaml.org,2002:str":
            return str(node.value)
        shown = repr(node.value) if isinstance(node, yaml.nodes.ScalarNode) else "a collection"
        self._report("yaml-bad-key", f"a key must be text, not {shown}", node, "put it in quotes")
        return None

    def _check_tag(self, node: Any, kind: str) -> None:
        if node.tag != f"tag:yaml.org,2002:{kind}":
            self._report("yaml-bad-tag", f"tag {node.tag} is not supported", node, "remove the tag")

    def _report(self, code: str, message: str, node: Any, hint: str | None = None) -> None:
        self._findings.append(Finding(code=code, message=message, mark=self._mark(node), hint=hint))

    def _mark(self, node: Any) -> Mark:
        return _to_mark(self._file, node.start_mark)


def read_yaml(file: Path, findings: list[Finding]) -> Node | None:
    """The tree of ``file``; ``None``, with a finding, when it cannot be read at all."""
    text = _read_text(file, findings)
    if text is None:
        return None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            findings.append(Finding(code="config-empty", message="the file is empty", mark=Mark(file), hint="start with: version: 1"))
            return None
        return _Converter(file, findings).convert(node)
    except _LimitError as error:
        findings.append(Finding(code="yaml-limit", message=str(error.problem), mark=_to_mark(file, error.problem_mark)))
    except yaml.error.MarkedYAMLError as error:
        findings.append(_syntax_finding(file, text, error))
    except ReaderError as error:
        findings.append(Finding(code="yaml-syntax", message=_describe_character(error), mark=_mark_at(file, text, error.position)))
    return None


def _read_text(file: Path, findings: list[Finding]) -> str | None:
    def fail(code: str, message: str) -> None:
        findings.append(Finding(code=code, message=message, mark=Mark(file)))

    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        fail("file-unreadable", f"cannot read the file: {error.strerror or error}")
        return None
    if len(raw) > MAX_FILE_BYTES:
        fail("yaml-limit", f"the file is larger than {MAX_FILE_BYTES} bytes")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fail("yaml-syntax", f"the file is not UTF-8: byte {error.start} is {raw[error.start]:#04x}")
        return None


def _syntax_finding(file: Path, text: str, error: yaml.error.MarkedYAMLError) -> Finding:
    mark = _to_mark(file, error.problem_mark or error.context_mark)
    message = "; ".join(part for part in (error.context, error.problem) if part)
    line = text.splitlines()[mark.line - 1] if mark.line <= len(text.splitlines()) else ""
    hint = "inside [ ] and { } put ${…} in quotes" if "${" in line else None
    return Finding(code="yaml-syntax", message=message, mark=mark, hint=hint)


def _describe_character(error: ReaderError) -> str:
    character = error.character if isinstance(error.character, int) else ord(str(error.character))
    return f"character U+{character:04X} is not allowed"


def _mark_at(file: Path, text: str, position: int) -> Mark:
    before = text[:position]
    return Mark(file, before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)


def _to_mark(file: Path, mark: Any) -> Mark:
    return Mark(file) if mark is None else Mark(file, mark.line + 1, mark.column + 1)
