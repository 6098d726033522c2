"""On what terms a runtime gets a capability: by its sandbox, by a binding, or by what the runtime that created it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from isolate_host.config.model import PolicyConfig
from isolate_host.errors import PolicyDenied
from isolate_host.host.lineage import Lineage
from isolate_host.host.spec import RuntimeSpec
from isolate_host.plugin import Capability, PluginRegistry

__all__ = ["Terms", "terms_of"]


@dataclass(frozen=True, slots=True)
class Terms:
    """``policy`` and ``sandbox`` are ``None`` where only a binding speaks. ``lender`` is the parent's capability that is passed on."""

    policy: PolicyConfig | None
    sandbox: str | None
    binding: Mapping[str, Any] | None
    parent: Capability | None = None
    lender: Capability | None = None


def terms_of(name: str, spec: RuntimeSpec, registry: PluginRegistry) -> Terms | None:
    """The terms for capability ``name``; ``None`` = it is not granted. Raises ``PolicyDenied``."""
    if name in spec.withheld:
        return None
    policy = spec.sandbox.policies.get(name) if spec.sandbox else None
    terms = Terms(policy, spec.sandbox_name, spec.bindings.get(name))
    if name in spec.inherent:
        return terms
    if spec.lineage is not None:
        return _of_child(name, spec, spec.lineage, registry, terms)
    if policy is None and (spec.sandbox is not None or not (name in spec.bindings or registry.is_harmless(name))):
        return None
    return terms


def _of_child(name: str, spec: RuntimeSpec, lineage: Lineage, registry: PluginRegistry, own: Terms) -> Terms | None:
    """A child has what its parent lends it, what its parent's code answers, and what reaches nothing and its sandbox names, if it has one.

    Everything else is absent, whatever policy the sandbox has for it: that was granted to the parent alone.
    """
    parent = lineage.capabilities.get(name)
    if parent is not None and parent.reviews:
        # A rule about code that may run holds for whoever is asked to run it.
        return Terms(own.policy, own.sandbox, own.binding, parent)
    if name in lineage.lent:
        if parent is None:
            raise PolicyDenied(
                f"the runtime that asks has no {name!r} to pass on", capability=name, value=name, rule="not granted to the parent runtime",
                hint=f"grant {name} to the parent runtime first",
            )
        return Terms(own.policy, own.sandbox, lineage.binding(name), parent, parent)
    if registry.is_harmless(name):
        named = spec.sandbox is None or own.policy is not None
        if not named and name in spec.bindings and spec.bindings[name].get("if_granted") is not True:
            key = f"sandboxes.{own.sandbox}.policies.{name}"
            raise PolicyDenied(
                f"the sandbox of the runtime that asks does not grant {name!r}", capability=name, value=name, rule=f"no {key}", hint=f"add {key}"
            )
        return Terms(own.policy, own.sandbox, own.binding, parent) if named else None
    if name not in spec.bindings:
        return None
    if not registry.is_answerable(name):
        raise PolicyDenied(
            f"guest code cannot answer {name!r} for a child", capability=name, value=name, rule="its plugin does not allow it",
            hint="pass on the one that this runtime has",
        )
    # The parent's code answers, within what that may do: a policy of the sandbox has been applied there.
    return Terms(None, None, spec.bindings[name], parent)
