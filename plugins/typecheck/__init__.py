"""``typecheck``: code whose types do not check is refused before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from isolate_host.config import Finding, Where
from isolate_host.plugin import Capability, CapabilityRequest, hookimpl

__all__ = ["isolate_host_check_policy", "isolate_host_create_capability", "isolate_host_declare_types"]


@hookimpl
def isolate_host_create_capability(request: CapabilityRequest) -> Capability | None:
    """Only where a policy asks for it; a guest sees nothing of it either way."""
    from isolate_host.plugins.typecheck.plugin import Typecheck

    return Typecheck(request) if request.configured and request.policy.get("code", "required") == "required" else None


@hookimpl
def isolate_host_check_policy(policy: Mapping[str, Any], where: Where) -> list[Finding]:
    """Report declarations that are not there."""
    from isolate_host.plugins.typecheck.declared import check_policy

    return check_policy(policy, where)


@hookimpl
def isolate_host_declare_types(policy: Mapping[str, Any], base_dir: Path) -> str:
    """The files that the policy names: a check knows what they declare."""
    from isolate_host.plugins.typecheck.declared import read_declarations

    return files(__name__).joinpath("types.d.ts").read_text(encoding="utf-8") + read_declarations(policy, base_dir)
