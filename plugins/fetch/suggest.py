"""The least that would have to be allowed so that refused requests pass, for ``isolate-host audit suggest``.

Guests chose the URLs. A rule is suggested only when it means those requests and no others, as far as rules can say that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from isolate_host.plugin import Refusal, Suggestion
from isolate_host.plugins.fetch.addresses import kind_of_address
from isolate_host.plugins.fetch.rules import BadRuleError, Rule
from isolate_host.plugins.fetch.targets import DEFAULT_PORTS, BadTargetError, Target

__all__ = ["suggest_policy"]

#: What the schema takes for a method.
_METHOD: Final = re.compile(r"[A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class _Wanted:
    target: Target
    private: bool


class _NotSuggestedError(Exception):
    """Why a request gets no rule."""


def suggest_policy(refusals: Sequence[Refusal]) -> Suggestion:
    """One allowing rule for each URL, with all methods that were refused for it."""
    methods: dict[_Wanted, set[str]] = {}
    left = []
    private = {refusal.value for refusal in refusals if refusal.rule.endswith("private_addresses: deny")}
    for refusal in refusals:
        try:
            wanted = _wanted(refusal, private)
        except (_NotSuggestedError, BadTargetError) as reason:
            left.append((refusal, str(reason)))
        else:
            methods.setdefault(wanted, set()).add(refusal.op)
    rules = [_rule(wanted, found) for wanted, found in sorted(methods.items(), key=lambda item: item[0].target.url)]
    return Suggestion({"allow": rules} if rules else {}, left)


def _wanted(refusal: Refusal, private: Iterable[str]) -> _Wanted:
    if ".deny: " in refusal.rule:
        raise _NotSuggestedError(f"a denying rule refuses it ({refusal.rule}), and that wins over whatever is allowed")
    target = Target.parse(refusal.value)
    address_kind = "public" if target.address is None else kind_of_address(target.address)
    if address_kind == "never":
        raise _NotSuggestedError("no policy opens this address")
    if _METHOD.fullmatch(refusal.op) is None:
        raise _NotSuggestedError("no rule can name this method")
    if "*" in target.path:
        raise _NotSuggestedError("its path has a *, which in a rule would mean anything")
    wanted = _Wanted(target, refusal.value in private or address_kind != "public")
    try:
        fits = Rule.parse(_rule(wanted, {refusal.op})).allows(refusal.op, target)
    except BadRuleError:
        fits = False
    if not fits:
        raise _NotSuggestedError("no rule can name this URL alone, since servers may read its path in several ways")
    return wanted


def _rule(wanted: _Wanted, methods: Iterable[str]) -> dict[str, Any]:
    target = wanted.target
    rule: dict[str, Any] = {} if target.scheme == "https" else {"scheme": target.scheme}
    rule["host"] = target.host
    if target.port != DEFAULT_PORTS[target.scheme]:
        rule["port"] = target.port
    rule |= {"path": target.path, "methods": sorted(methods)}
    return rule | ({"private_addresses": "allow"} if wanted.private else {})
