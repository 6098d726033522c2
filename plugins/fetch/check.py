"""What is wrong with a policy beyond its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isolate_host.config import Finding, Where
from isolate_host.config.secret import Secret
from isolate_host.plugins.fetch.messages import is_header_value
from isolate_host.plugins.fetch.rules import BadRuleError, Rule

__all__ = ["check_policy"]


def check_policy(policy: Mapping[str, Any], where: Where) -> list[Finding]:
    """A finding for each rule and host that cannot be read, and for a missing file of certificates."""
    findings = []
    for key in ("allow", "deny"):
        for index, rule in enumerate(policy.get(key, ())):
            if problem := _problem(rule, deny=key == "deny"):
                findings.append(where.finding("fetch-bad-rule", f"{key}[{index}]: {problem}", key, index))
    for index, item in enumerate(policy.get("credentials", ())):
        if problem := _problem({"host": item["host"]}):
            findings.append(where.finding("fetch-bad-rule", f"credentials[{index}]: {problem}", "credentials", index, "host"))
        elif item["host"] == "*":
            message = f"credentials[{index}]: a secret is not for every host: name the hosts it is for"
            findings.append(where.finding("fetch-bad-rule", message, "credentials", index, "host"))
        if not is_header_value(_text(item["value"])):
            message = f"credentials[{index}]: the value has a line break or another character that no header may have"
            findings.append(where.finding("fetch-bad-value", message, "credentials", index, "value"))
    if "ca_file" in policy and not (where.base_dir / policy["ca_file"]).is_file():
        findings.append(where.finding("fetch-no-file", f"ca_file: there is no file {policy['ca_file']}", "ca_file"))
    return findings


def _text(value: Secret | str) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _problem(rule: str | Mapping[str, Any], *, deny: bool = False) -> str | None:
    try:
        Rule.parse(rule, deny=deny)
    except BadRuleError as error:
        return str(error)
    return None
