"""Policy blocks before their schema is looked at: which plugins do they need, and are those there?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from isolate_host.config.catalog import Catalog, Problem
from isolate_host.config.findings import Finding, path_text
from isolate_host.config.hints import did_you_mean
from isolate_host.config.nodes import ListNode, MapNode, Node, Path, ScalarNode, locate

__all__ = ["PolicySchemas"]


class PolicySchemas:
    """Finds the schema of every plugin that a configuration names, and reports those that cannot be used."""

    def __init__(self, root: MapNode, catalog: Catalog, findings: list[Finding]) -> None:
        self._root = root
        self._catalog = catalog
        self._findings = findings
        self.schemas: dict[str, dict[str, Any]] = {}
        self.plugins: list[str] = []

    def collect(self) -> None:
        """Fill :attr:`schemas` and :attr:`plugins`; blocks of unusable plugins are taken out of the tree after a finding."""
        listed = self._listed()
        blocks = list(_blocks(self._root))
        named = listed if listed is not None else {name: path for path, _ in blocks for name in [str(path[-1])]}
        if _children(self._root.items.get("app_servers")) and listed is None:
            named.setdefault("serve", ("app_servers",))
        usable = {name for name, path in named.items() if self._add(name, path)}
        if _children(self._root.items.get("app_servers")) and "serve" not in named:
            message = "app_servers: 'serve' is not among the plugins of this configuration"
            self._report("policy-unknown-capability", message, ("app_servers",), "add 'serve' to plugins:")
        self.plugins = sorted(usable)
        for path, holder in blocks:
            name = str(path[-1])
            if name not in usable:
                if name not in named:
                    self._not_listed(name, path, list(named))
                del holder.items[name]

    def _listed(self) -> dict[str, Path] | None:
        node = self._root.items.get("plugins")
        if not isinstance(node, ListNode):
            return None
        names = (item.value if isinstance(item, ScalarNode) else None for item in node.items)
        return {name: ("plugins", index) for index, name in enumerate(names) if isinstance(name, str)}

    def _add(self, name: str, path: Path) -> bool:
        schema = self._catalog.schema(name)
        if isinstance(schema, Problem):
            self._report(schema.code, f"{path_text(path)}: {schema.message}", path, schema.hint)
            return False
        self.schemas[name] = schema
        return True

    def _not_listed(self, name: str, path: Path, listed: list[str]) -> None:
        installed = name in self._catalog.installed()
        guess = "" if installed else did_you_mean(name, listed)
        message = f"{path_text(path)}: {name!r} is not among the plugins of this configuration{guess}"
        advice = f"add {name!r} to plugins:" if installed else f"possible: {', '.join(sorted(listed))}"
        self._report("policy-unknown-capability", message, path, None if guess else advice)

    def _report(self, code: str, message: str, path: Path, hint: str | None) -> None:
        self._findings.append(Finding(code=code, message=message, mark=locate(self._root, path), hint=hint, path=path))


def _blocks(root: MapNode) -> Iterator[tuple[Path, MapNode]]:
    """Every policy block: its path and the mapping that holds it."""
    for sandbox, node in _children(root.items.get("sandboxes")):
        policies = node.items.get("policies") if isinstance(node, MapNode) else None
        for name, _ in _children(policies):
            if isinstance(policies, MapNode):
                yield ("sandboxes", sandbox, "policies", name), policies


def _children(node: Node | None) -> list[tuple[str, Node]]:
    return list(node.items.items()) if isinstance(node, MapNode) else []
