"""What a policy says about one tool, and what it lacks: ``isolate-host explain`` and ``audit suggest``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from isolate_host.plugin import Explanation, Refusal, Suggestion

__all__ = ["explain_policy", "suggest_policy"]

#: Names that are no pattern.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_$-]+")
_BOUND: Final = "it is there when the caller binds it"


def explain_policy(policy: Mapping[str, Any], name: str) -> Explanation:
    """``name`` is the name of a tool."""
    if name in policy.get("python", {}):
        return Explanation(True, f"the host answers it: {policy['python'][name]}", ("python", name))
    if "allow" not in policy:
        return Explanation(True, "without allow every tool that the caller binds may be called", notes=(_BOUND,))
    for place, pattern in enumerate(policy["allow"]):
        if fnmatchcase(name, pattern):
            return Explanation(True, f"pattern {pattern}", ("allow", place), notes=(_BOUND,))
    return Explanation(False, "no pattern of allow matches", ("allow",), f"add {name!r} to allow")


def suggest_policy(refusals: Sequence[Refusal]) -> Suggestion:
    """Each name by itself."""
    names = sorted({refusal.value for refusal in refusals if _PLAIN.fullmatch(refusal.value)})
    left = [(refusal, "its name could be taken for a pattern") for refusal in refusals if refusal.value not in names]
    return Suggestion({"allow": names} if names else {}, left)
