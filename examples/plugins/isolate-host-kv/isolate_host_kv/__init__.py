"""The capability ``kv``: a key-value store on SQLite. Hook implementations only; the rest is imported when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from isolate_host.config import Finding, Where
from isolate_host.plugin import Capability, CapabilityRequest, GuestScript, hookimpl


@hookimpl
def isolate_host_create_capability(request: CapabilityRequest) -> Capability | None:
    """One connection a runtime. Without a policy there is no database to open, so a binding alone grants nothing."""
    from isolate_host_kv.plugin import KeyValue

    return KeyValue(request) if request.configured else None


@hookimpl
def isolate_host_guest_script() -> GuestScript:
    """``globalThis.kv``."""
    return GuestScript.from_package("kv", __name__)


@hookimpl
def isolate_host_check_policy(policy: Mapping[str, Any], where: Where) -> list[Finding]:
    """The folder of the database must be there: a typing error should not start an empty one somewhere else."""
    folder = (where.base_dir / policy["file"]).parent
    if folder.is_dir():
        return []
    return [where.finding("kv-no-folder", f"the folder of {policy['file']!r} does not exist", "file", hint=f"mkdir -p {folder}")]


@hookimpl
def isolate_host_declare_types() -> str:
    """What type checks of guest code know."""
    return files(__name__).joinpath("types.d.ts").read_text(encoding="utf-8")
