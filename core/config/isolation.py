"""Which layers lock a worker, and what happens on a machine that lacks one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

__all__ = ["LAYERS", "CanaryConfig", "IsolationConfig", "Jit", "Mode", "OnMissing", "ZygoteConfig", "layer_defaults"]

Mode = Literal["strict", "standard", "development"]
OnMissing = Literal["refuse", "warn", "ignore"]
Jit = Literal["full", "baseline", "off"]

# One row a layer: what a missing one does in mode strict, standard, development.
_TABLE: dict[str, tuple[OnMissing, OnMissing, OnMissing]] = {
    "seccomp": ("refuse", "refuse", "warn"),
    "no_new_privs": ("refuse", "refuse", "warn"),
    "rlimits": ("refuse", "refuse", "warn"),
    "drop_privileges": ("refuse", "refuse", "warn"),  # only judged when started as root
    "single_process_per_isolate": ("refuse", "refuse", "warn"),
    "memory_limit": ("refuse", "refuse", "warn"),  # at least one of RLIMIT_DATA, a cgroup, the monitor
    "namespaces.user": ("warn", "ignore", "ignore"),
    "namespaces.net": ("warn", "ignore", "ignore"),
    "namespaces.mount": ("warn", "ignore", "ignore"),
    "namespaces.pid": ("warn", "ignore", "ignore"),
    "namespaces.ipc": ("warn", "ignore", "ignore"),
    "landlock": ("warn", "ignore", "ignore"),
    "cgroup": ("ignore", "ignore", "ignore"),
    "single_threaded_v8": ("warn", "warn", "ignore"),
}
_MODES: tuple[Mode, ...] = ("strict", "standard", "development")

#: Names of the layers, as they stand in ``on_missing`` and in diagnostics.
LAYERS: tuple[str, ...] = tuple(_TABLE)


def layer_defaults(mode: Mode) -> Mapping[str, OnMissing]:
    """What a missing layer does in ``mode`` unless ``on_missing`` says otherwise."""
    column = _MODES.index(mode)
    return MappingProxyType({layer: row[column] for layer, row in _TABLE.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class ZygoteConfig:
    """The process that workers are forked from."""

    #: Locked workers kept ready.
    spares: int = 4
    #: A zygote is replaced after so many forks or seconds, so that no address layout lives long.
    max_forks: int = 1000
    max_age_s: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryConfig:
    """A worker that tries to break out and must fail, run before the first guest and again now and then."""

    at_start: bool = True
    #: ``None`` = only at start.
    every_s: float | None = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationConfig:
    """How guests are locked in. A layer that is missing is refused, warned of or ignored, as ``on_missing`` says."""

    mode: Mode = "strict"
    on_missing: Mapping[str, OnMissing] = field(default_factory=lambda: layer_defaults("strict"))
    #: ``baseline`` = no optimising compilers, ``off`` = interpreter only and no executable memory at all.
    jit: Jit = "full"
    wasm: bool = True
    #: Whether ``runtime.fork()`` is possible. Off, no worker may fork, and the broker is never asked.
    fork: bool = True
    #: Off-heap memory (array buffers, strings being built) above the heap limit, in MiB.
    offheap_slack_mb: float = 24
    zygote: ZygoteConfig = field(default_factory=ZygoteConfig)
    canary: CanaryConfig = field(default_factory=CanaryConfig)
    #: An environment variable that, set to ``1``, turns every ``refuse`` into a warning logged for each worker. Empty = none does.
    allow_insecure_env: str = "ISOLATE_HOST_ALLOW_INSECURE"

    def action(self, layer: str) -> OnMissing:
        """What to do when ``layer`` is missing; an unknown layer is refused."""
        return self.on_missing.get(layer, "refuse")
