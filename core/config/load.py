"""The pipeline: files → tree → includes → references → schema → plugin checks → dataclasses. All findings at once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isolate_host.config.build import Builder
from isolate_host.config.catalog import Catalog
from isolate_host.config.convert import convert, secret_paths
from isolate_host.config.findings import Finding, Mark, path_text, sorted_findings
from isolate_host.config.include import Assembler
from isolate_host.config.interpolate import interpolate
from isolate_host.config.loaded import LoadedConfig
from isolate_host.config.nodes import MapNode, ScalarNode, locate, node_at
from isolate_host.config.policies import PolicySchemas
from isolate_host.config.rules import check_rules
from isolate_host.config.schema import compose
from isolate_host.config.sound import sound_part
from isolate_host.config.validate import validate
from isolate_host.config.where import Where
from isolate_host.errors import ConfigError

__all__ = ["VERSION", "check_config", "load_config"]

VERSION = 1


def load_config(
    paths: str | Path | Sequence[str | Path], catalog: Catalog, *, environ: Mapping[str, str] | None = None
) -> LoadedConfig:
    """Read one file, or several that are merged like includes. Raises ``ConfigError`` with every finding."""
    loaded, findings = check_config(paths, catalog, environ=environ)
    if loaded is not None:
        return loaded
    errors = [item for item in findings if item.severity == "error"]
    lines = [f"{item}" + (f"\n  hint: {item.hint}" if item.hint else "") for item in findings]
    count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
    raise ConfigError("\n".join([f"{count} in the configuration", *lines]), findings)


def check_config(
    paths: str | Path | Sequence[str | Path], catalog: Catalog, *, environ: Mapping[str, str] | None = None
) -> tuple[LoadedConfig | None, list[Finding]]:
    """The same without an exception: the configuration (``None`` when there are errors) and all findings."""
    files = [Path(paths)] if isinstance(paths, (str, Path)) else [Path(item) for item in paths]
    findings: list[Finding] = []
    assembler = Assembler(findings)
    root = _read(files, assembler)
    loaded = None
    if root is not None and _check_version(root, findings):
        loaded = _load(root, catalog, findings, os.environ if environ is None else environ, assembler.files)
    return loaded, sorted_findings(findings)


def _read(files: Sequence[Path], assembler: Assembler) -> MapNode | None:
    root: MapNode | None = None
    for file in files:
        other = assembler.read(file)
        if root is None:
            root = other
        elif other is not None:
            assembler.merge(root, other)
    return root


def _check_version(root: MapNode, findings: list[Finding]) -> bool:
    """An unknown version is the only finding: nothing else that could be said of such a file would be true."""
    node = root.items.get("version")
    if node is None or (isinstance(node, ScalarNode) and node.value == VERSION and not isinstance(node.value, bool)):
        return True
    hint = "this isolate-host reads version 1; a later one needs a later isolate-host"
    findings.append(
        Finding(code="config-version", message="version: must be 1", mark=locate(root, ("version",)), hint=hint, path=("version",))
    )
    return False


def _load(
    root: MapNode, catalog: Catalog, findings: list[Finding], environ: Mapping[str, str], files: Sequence[Path]
) -> LoadedConfig | None:
    interpolate(root, findings, environ)
    policies = PolicySchemas(root, catalog, findings)
    policies.collect()
    schema = compose(policies.schemas)
    data = root.data()
    unresolved = {item.path for item in findings}
    findings += [item for item in validate(root, data, schema) if item.path not in unresolved or not item.path]
    refused = [item.path for item in findings if item.severity == "error"]
    _check_meaning(root, sound_part(data, refused), schema, policies.plugins, catalog, findings)
    if any(item.severity == "error" for item in findings):
        return None
    secrets = frozenset(secret_paths(data, schema))
    config = Builder(root, convert(data, schema), policies.plugins).build()
    return LoadedConfig(config, tuple(sorted_findings(findings)), tuple(files), root, secrets)


def _check_meaning(
    root: MapNode, data: Mapping[str, Any], schema: dict[str, Any], plugins: Sequence[str], catalog: Catalog, findings: list[Finding]
) -> None:
    findings += check_rules(root, data)
    for path in secret_paths(data, schema):
        node = node_at(root, path)
        if isinstance(node, ScalarNode) and not node.interpolated:
            message = f"{path_text(path)}: a secret is written in the file"
            hint = "keep it elsewhere: ${file:PATH} or ${env:NAME}"
            findings.append(
                Finding(code="secret-in-file", message=message, mark=node.mark, severity="warning", hint=hint, path=path)
            )
    broken = catalog.load(plugins)
    for name, problem in broken.items():
        mark = _first_use(root, data, name)
        findings.append(Finding(code=problem.code, message=problem.message, mark=mark, hint=problem.hint))
    _check_policies(root, convert(data, schema), catalog, broken, findings)


def _check_policies(
    root: MapNode, data: Mapping[str, Any], catalog: Catalog, broken: Mapping[str, Any], findings: list[Finding]
) -> None:
    builder = Builder(root, data, ())
    for sandbox, block in data.get("sandboxes", {}).items():
        for name, value in block.get("policies", {}).items():
            if value is False or name in broken:
                continue
            policy = builder.policy(sandbox, name, value)
            path = ("sandboxes", sandbox, "policies", name)
            where = Where(name, sandbox, policy.base_dir, path, lambda key: locate(root, key))
            findings += catalog.check_policy(name, policy.policy, where)


def _first_use(root: MapNode, data: Mapping[str, Any], plugin: str) -> Mark:
    if plugin in data.get("plugins", ()):
        return locate(root, ("plugins", data["plugins"].index(plugin)))
    for sandbox, block in data.get("sandboxes", {}).items():
        if plugin in block.get("policies", {}):
            return locate(root, ("sandboxes", sandbox, "policies", plugin))
    return root.mark
