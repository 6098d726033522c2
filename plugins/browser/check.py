"""What is wrong with a browser policy beyond its schema."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping
from typing import Any

from isolate_host.config import Finding, Where
from isolate_host.plugins.browser.flags import refused_flag
from isolate_host.plugins.browser.launch import find_executable
from isolate_host.plugins.browser.profiles import is_profile_id
from isolate_host.plugins.fetch.rules import BadRuleError, Rule

__all__ = ["check_policy"]


def check_policy(policy: Mapping[str, Any], where: Where) -> list[Finding]:
    """All findings."""
    findings = list(_rules(policy, where))
    if "ca_file" in policy and not (where.base_dir / policy["ca_file"]).is_file():
        findings.append(where.finding("browser-no-file", f"ca_file: there is no file {policy['ca_file']}", "ca_file"))
    if "launch" in policy:
        findings += _launch(policy["launch"], where)
    if "profiles" in policy:
        findings += _profiles(policy, where)
    return findings


def _rules(policy: Mapping[str, Any], where: Where) -> Iterator[Finding]:
    for key in ("allow", "deny"):
        for index, rule in enumerate(policy.get(key, ())):
            try:
                Rule.parse(rule, deny=key == "deny")
            except BadRuleError as error:
                yield where.finding("browser-bad-rule", f"{key}[{index}]: {error}", key, index)


def _profiles(policy: Mapping[str, Any], where: Where) -> Iterator[Finding]:
    if "launch" not in policy:
        message = "profiles are of a browser that the host launches, and there is no launch"
        yield where.finding("browser-no-launch", message, "profiles", hint="add launch: {}, or take profiles out")
    for index, name in enumerate(policy["profiles"]["names"]):
        if not is_profile_id(name):
            message = f"profiles.names[{index}]: {name} is no name of a profile (letters, digits, . _ - and /)"
            yield where.finding("browser-bad-profile", message, "profiles", "names", index)
    folder = where.base_dir / policy["profiles"]["folder"]
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        message = f"profiles.folder: {policy['profiles']['folder']} is no folder that can be written"
        yield where.finding("browser-no-folder", message, "profiles", "folder", hint="make it, for the user of the host alone")


def _launch(launch: Mapping[str, Any], where: Where) -> Iterator[Finding]:
    for index, argument in enumerate(launch.get("args", ())):
        why = refused_flag(argument)
        if why is not None:
            message = f"launch.args[{index}]: {argument.partition('=')[0]} is refused: {why}"
            yield where.finding("browser-bad-arg", message, "launch", "args", index, hint="take it out")
    if importlib.util.find_spec("playwright") is None:
        hint = "pip install 'isolate-host[browser]'"
        yield where.finding("browser-no-playwright", "launch needs Playwright, which is not installed", "launch", hint=hint)
    if "executable_path" in launch and find_executable(launch, where.base_dir) is None:
        message = f"launch.executable_path: there is no program {launch['executable_path']}"
        yield where.finding("browser-no-program", message, "launch", "executable_path", hint="install a Chromium, or correct the path")
