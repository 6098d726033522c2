"""What of a session outlives its owners, and whether it fits the next one."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from isolate_host.config.limits import LimitsConfig
from isolate_host.errors import PolicyDenied
from isolate_host.host.codeframe import SourceShelf
from isolate_host.host.grants import Grants
from isolate_host.host.modules import ModuleLedger
from isolate_host.host.pool import WorkerPool
from isolate_host.host.spec import RuntimeSpec
from isolate_host.host.typedesk import EarlierCode
from isolate_host.host.worker import Worker
from isolate_host.plugin import Estate

__all__ = ["HostSession"]

#: Limits that are put on the process when it starts, and that nobody can put on it again.
_OF_THE_PROCESS = ("memory_mb", "cpu_s")


@dataclass(slots=True)
class HostSession:
    """One isolate with a name. Its worker belongs to one owner at a time."""

    key: str
    runtime_id: str
    sandbox: str | None
    worker: Worker
    #: Where the worker came from: a session of a retired pool (other plugins, another isolation) is not kept.
    pool: WorkerPool
    ledger: ModuleLedger = field(default_factory=ModuleLedger)
    sources: SourceShelf = field(default_factory=SourceShelf)
    #: What capabilities leave to the next owner.
    estate: Estate = field(default_factory=Estate)
    #: What the guest has of its last owner's grants.
    surface: dict[str, Any] = field(default_factory=dict)
    #: What its evaluations declared, for checks of the next ones.
    earlier: EarlierCode = field(default_factory=EarlierCode)

    def fit(self, spec: RuntimeSpec, asked: Mapping[str, Any]) -> RuntimeSpec:
        """``spec`` as this session can have it. Raises ``PolicyDenied``, naming what it cannot have.

        ``asked``: the limits that the caller named; the others are the sandbox's or the host's.
        """
        sandbox = spec.sandbox.name if spec.sandbox else None
        if sandbox != self.sandbox:
            raise self._refused("sandbox", sandbox, self.sandbox)
        fixed: dict[str, Any] = {}
        for name in _OF_THE_PROCESS:
            has = getattr(self.worker.limits, name)
            if (name in asked and asked[name] != has) or (spec.sandbox is not None and _exceeds(has, getattr(spec.sandbox.limits, name))):
                raise self._refused(f"limits.{name}", getattr(spec.limits, name), has)
            fixed[name] = has
        limits: LimitsConfig = replace(spec.limits, **fixed)
        return replace(spec, limits=limits)

    def unchanged(self, grants: Grants, cwd: str) -> list[str]:
        """The capabilities that the new owner has in the very form of the last one: the guest keeps its globals for them."""
        now = surface_of(grants, cwd)
        return sorted(name for name, state in now.items() if name in self.surface and self.surface[name] == state)

    def remember(self, grants: Grants, cwd: str) -> None:
        """The guest has been told of these."""
        self.surface = surface_of(grants, cwd)

    def branch(self, key: str, runtime_id: str, worker: Worker) -> HostSession:
        """The session of a worker that was forked from this one's."""
        ledger = ModuleLedger(dict(self.ledger.sent), dict(self.ledger.folders))
        sources, earlier = copy.deepcopy(self.sources), self.earlier.copy()
        # The estate stays with the parent: two isolates cannot share what there is once.
        return HostSession(
            key, runtime_id, self.sandbox, worker, self.pool, ledger, sources, surface=dict(self.surface), earlier=earlier,
        )

    def _refused(self, what: str, wanted: Any, has: Any) -> PolicyDenied:
        return PolicyDenied(
            f"session {self.key!r} was made with {what}={has}, which cannot become {wanted} while it lives",
            capability="sessions", value=f"{what}={wanted}", rule=f"{what} of a session stays",
            hint=f"ask for {what}={has}, or end the session first: dispose_namespace({self.key!r})",
        )


def surface_of(grants: Grants, cwd: str) -> dict[str, Any]:
    """What the guest scripts are told, by capability."""
    told: dict[str, Any] = {name: ("granted", cwd, grant["options"]) for name, grant in grants.options().items()}
    return {**told, **{name: ("absent", cwd, hint) for name, hint in grants.absent.items()}}


def _exceeds(has: float | None, allowed: float | None) -> bool:
    return allowed is not None and (has is None or has > allowed)
