"""Holds the isolation that a zygote reports against the isolation that the configuration demands."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

from isolate_host.config.isolation import LAYERS, IsolationConfig
from isolate_host.errors import IsolationUnavailable

__all__ = ["judge_layers"]

_LOG = logging.getLogger("isolate_host.isolation")


def judge_layers(layers: Mapping[str, str], isolation: IsolationConfig) -> list[str]:
    """Refuse or warn for each layer that is off; the warnings, for diagnostics.

    Raises :class:`IsolationUnavailable` when a layer that policy marks ``refuse`` is off, unless the operator set the
    override variable; then it is logged loudly, every time.
    """
    missing = {name: state.removeprefix("off: ") for name, state in layers.items() if state != "on"}
    judged = {name: isolation.action(name) if name in LAYERS else "warn" for name in missing}
    refused = {name: missing[name] for name, action in judged.items() if action == "refuse"}
    if refused and not _overridden(isolation, refused):
        names = ", ".join(f"{name} ({reason})" for name, reason in refused.items())
        raise IsolationUnavailable(
            f"this machine lacks isolation that the policy demands: {names}",
            layers=refused,
            hint="give the layer, or set isolation.on_missing for it to warn if you accept the risk",
        )
    warnings = [f"{name} is off: {missing[name]}" for name, action in judged.items() if action != "ignore"]
    for warning in warnings:
        _LOG.warning("isolation layer %s", warning)
    return warnings


def _overridden(isolation: IsolationConfig, refused: Mapping[str, str]) -> bool:
    variable = isolation.allow_insecure_env
    if not variable or os.environ.get(variable) != "1":
        return False
    _LOG.error("%s=1: running WITHOUT isolation layers %s", variable, ", ".join(refused))
    return True
