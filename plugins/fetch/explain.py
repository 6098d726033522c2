"""What a policy decides about one request, for ``isolate-host explain``. Asks nobody: names are not resolved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from isolate_host.config import Where
from isolate_host.plugin import Explanation
from isolate_host.plugins.fetch.policy import Decision, EgressPolicy
from isolate_host.plugins.fetch.rules import Rule, host_matches
from isolate_host.plugins.fetch.targets import BadTargetError, Target

__all__ = ["explain_policy"]

_VALUE: Final = re.compile(r"(?:(?P<method>[!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s+)?(?P<url>\S+)")


def explain_policy(policy: Mapping[str, Any], value: str, where: Where) -> Explanation:
    """``value`` is a URL, with a method before it when that is not GET."""
    match = _VALUE.fullmatch(value.strip())
    if match is None:
        return Explanation(False, "that is no request: write a URL, or a method and a URL")
    try:
        target = Target.parse(match["url"])
    except BadTargetError as error:
        return Explanation(False, str(error))
    key = f"sandboxes.{where.sandbox}.policies.{where.capability}"
    decision = EgressPolicy(policy, key=key, capability=where.capability).decide((match["method"] or "GET").upper(), target)
    if decision.denial is not None:
        because = decision.denial.rule if decision.rule is None else decision.denial.message
        return Explanation(False, because, decision.path, decision.denial.hint)
    rule = "" if decision.rule is None else decision.rule.text
    return Explanation(True, f"rule {rule}", decision.path, notes=tuple(_notes(decision, policy)))


def _notes(decision: Decision, policy: Mapping[str, Any]) -> Iterator[str]:
    target = decision.target
    if target.address is None:
        private = "may be private" if decision.private else "must be public (private_addresses: deny)"
        yield f"the address that {target.host} leads to is judged when it is connected to, and {private}"
    for place, item in enumerate(policy.get("credentials", ())):
        if host_matches(Rule.parse({"host": item["host"]}).host, target.host):
            how = "is added by the host" if target.scheme in ("https", "wss") else "is not added: the connection is not encrypted"
            yield f"credentials[{place}] ({item['header']}) {how}"
