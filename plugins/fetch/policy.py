"""Where a guest may connect to. Pure: no socket is opened here, so whatever reaches out on behalf of a guest can ask it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from isolate_host.errors import PolicyDenied
from isolate_host.plugins.fetch.addresses import Address, kind_of_address
from isolate_host.plugins.fetch.rules import Rule
from isolate_host.plugins.fetch.targets import LONGEST_REMEMBERED, MOST_REMEMBERED, Target

__all__ = ["Decision", "EgressPolicy"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy says to one request, before its host was resolved. ``denial`` is ``None`` when it may go on."""

    method: str
    target: Target
    #: The rule that allowed it.
    rule: Rule | None
    denial: PolicyDenied | None
    #: Whether it may end at a private address.
    private: bool
    #: The key that decided, below the policy block: ``("allow", 0)``; ``("allow",)`` when no rule matched.
    path: tuple[str | int, ...] = ()


class EgressPolicy:
    """The rules of one capability. ``key`` is where they stand, as in ``sandboxes.agent.policies.fetch``.

    Ask :meth:`decide` for every request and every redirect, and then :meth:`refuse_address` for the address that will be connected to.
    """

    def __init__(self, policy: Mapping[str, Any], *, key: str, capability: str = "fetch", origin: str = "") -> None:
        self._allow = [Rule.parse(rule) for rule in policy.get("allow", ())]
        self._deny = [Rule.parse(rule, deny=True) for rule in policy.get("deny", ())]
        self._private = policy.get("private_addresses", "deny") == "allow"
        self._key, self._capability, self._origin = key, capability, origin
        self._allowed: dict[tuple[str, Target], Decision] = {}

    def decide(self, method: str, target: Target) -> Decision:
        """May a request with ``method`` go to ``target``? An address in the URL is judged here already; denying rules win."""
        known = self._allowed.get((method, target))
        if known is not None:
            return known
        decision = self._decide(method, target)
        # Rules do not change, so neither does what they say. A denial is made anew: it is an exception, and raising it leaves traces.
        if decision.denial is None and len(target.path) + len(target.query) <= LONGEST_REMEMBERED:
            if len(self._allowed) >= MOST_REMEMBERED:
                self._allowed.clear()
            self._allowed[method, target] = decision
        return decision

    def _decide(self, method: str, target: Target) -> Decision:
        for place, rule in enumerate(self._deny):
            if rule.denies(method, target):
                return Decision(method, target, None, self._forbidden(method, target, rule), private=False, path=("deny", place))
        matching = [(place, rule) for place, rule in enumerate(self._allow) if rule.allows(method, target)]
        if not matching:
            return Decision(method, target, None, self._not_allowed(method, target), private=False, path=("allow",))
        # Rules add up: one that opens private addresses is not closed by another that merely does not.
        place, best = max(matching, key=lambda item: self._opens_private(item[1]))
        decision = Decision(method, target, best, None, private=self._opens_private(best), path=("allow", place))
        denial = None if target.address is None else self.refuse_address(decision, target.address)
        return decision if denial is None else replace(decision, denial=denial, private=False)

    def refuse_address(self, decision: Decision, address: Address) -> PolicyDenied | None:
        """Why the request must not connect to ``address``; ``None`` = it may."""
        target = decision.target
        for rule in self._deny:
            if rule.denies_address(decision.method, target, address):
                return self._forbidden(decision.method, target, rule)
        kind = kind_of_address(address)
        if kind == "public" or (kind == "private" and decision.private):
            return None
        if kind == "metadata" and decision.private and target.address == address and decision.rule is not None and decision.rule.host == target.host:
            return None
        return self._private_address(decision, address, kind)

    def pool(self, decision: Decision) -> Hashable:
        """Connections may be shared by requests with the same value: what could be refused about their address is the same."""
        about = [rule.text for rule in self._deny if rule.names_address(decision.method, decision.target)]
        return decision.private, tuple(about)

    def _opens_private(self, rule: Rule) -> bool:
        return self._private if rule.private is None else rule.private

    # ── what is told ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _forbidden(self, method: str, target: Target, rule: Rule) -> PolicyDenied:
        return self._denied(
            f"{method} {target.shown} is denied by {self._key}.deny", method, target, f"{self._key}.deny: {rule.text}",
            f"take {rule.text} out of {self._key}.deny",
        )

    def _not_allowed(self, method: str, target: Target) -> PolicyDenied:
        return self._denied(
            f"{method} {target.shown} is not allowed: it needs {self._key}.allow", method, target, f"no rule of {self._key}.allow matches",
            f'add "{target.shown}" to {self._key}.allow',
        )

    def _private_address(self, decision: Decision, address: Address, kind: str) -> PolicyDenied:
        if kind == "private":
            hint = f"set private_addresses: allow on the rule in {self._key}.allow"
        elif kind == "metadata":
            hint = f"only a rule in {self._key}.allow with the address itself as host, and private_addresses: allow, opens it"
        else:
            hint = "no policy opens it"
        what = "a private" if kind == "private" else "a metadata service's" if kind == "metadata" else "an unroutable"
        rule = f"{self._key}.private_addresses: deny"
        message = f"{decision.target.origin} leads to {what} address, {address}"
        return self._denied(message, decision.method, decision.target, rule, hint)

    def _denied(self, message: str, method: str, target: Target, rule: str, hint: str) -> PolicyDenied:
        hint = f"{hint} ({self._origin})" if self._origin else hint
        return PolicyDenied(message, capability=self._capability, value=target.shown, rule=rule, op=method, hint=hint)
