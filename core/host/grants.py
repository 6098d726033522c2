"""Which capabilities a new runtime gets: what its sandbox names, and what the caller bound where no sandbox is in force."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from isolate_host.config.model import HostConfig
from isolate_host.errors import PluginError, PolicyDenied
from isolate_host.host.spec import RuntimeSpec
from isolate_host.plugin import Capability, CapabilityRequest, Estate, GuestPort, PluginRegistry

__all__ = ["Grants", "open_grants"]

_LOG = logging.getLogger("isolate_host.plugins")


class Grants:
    """The capabilities of one runtime, and for the guest: their options, and a hint for each that is absent."""

    def __init__(self) -> None:
        self.capabilities: dict[str, Capability] = {}
        self.absent: dict[str, str] = {}

    def options(self) -> dict[str, Any]:
        """What the guest scripts' ``install`` functions get, in the order of granting."""
        return {name: {"options": dict(capability.guest_options)} for name, capability in self.capabilities.items()}

    def client_options(self) -> dict[str, Any]:
        """What the client is told, by capability."""
        return {name: dict(capability.client_options) for name, capability in self.capabilities.items() if capability.client_options}

    def diagnostics(self) -> dict[str, Any]:
        """What capabilities say about themselves."""
        told = {name: dict(capability.diagnostics()) for name, capability in self.capabilities.items()}
        return {name: facts for name, facts in told.items() if facts}

    async def aclose(self) -> None:
        """Give back everything; one capability that fails does not keep the others."""
        for capability in self.capabilities.values():
            try:
                await capability.aclose()
            except Exception:  # noqa: BLE001
                # Third-party clean-up must not stop the rest of it.
                _LOG.exception("closing %s failed", type(capability).__name__)


def open_grants(
    spec: RuntimeSpec,
    config: HostConfig,
    registry: PluginRegistry,
    runtime_id: str,
    port: Callable[[str], GuestPort],
    *,
    on_denied: Callable[[PolicyDenied], None],
    estate: Estate,
) -> Grants:
    """Open every capability.

    Raises ``PolicyDenied`` for a binding that the sandbox does not grant, ``PluginError``.
    """
    grants = Grants()
    for name in _names(spec, config, registry):
        policy = spec.sandbox.policies.get(name) if spec.sandbox else None
        if policy is None and name not in spec.inherent and (spec.sandbox is not None or not (name in spec.bindings or registry.is_harmless(name))):
            grants.absent[name] = _hint(name, spec)
            continue
        request = CapabilityRequest(
            name=name,
            policy=policy.policy if policy else {},
            configured=spec.sandbox is not None,
            binding=spec.bindings.get(name),
            runtime_id=runtime_id,
            sandbox=spec.sandbox.name if spec.sandbox else None,
            cwd=spec.cwd,
            base_dir=policy.base_dir if policy else config.base_dir,
            guest=port(name),
            mode=policy.mode if policy else "enforce",
            limits=asdict(spec.limits),
            on_denied=on_denied,
            origin=policy.origin if policy else "",
            shared=registry.shared(name),
            peers=MappingProxyType(grants.capabilities),
            estate=estate,
        )
        capability = registry.create_capability(name, request)
        if capability is None:
            grants.absent[name] = _hint(name, spec)
        else:
            grants.capabilities[name] = capability
    return grants


def _names(spec: RuntimeSpec, config: HostConfig, registry: PluginRegistry) -> list[str]:
    """Every plugin in use, in configured order; a binding for another, or against the sandbox, is refused by name.

    A binding with ``if_granted`` is meant only for where it is granted.
    """
    names = [name for name in config.plugins if name in registry.loaded]
    names += [name for name in registry.loaded if name not in names]
    for name in spec.inherent - set(names):
        raise PluginError(f"an app server needs the plugin {name!r}, which this host has not loaded", plugin=name, hint=f"add {name} to plugins:")
    for name, binding in spec.bindings.items():
        if binding.get("if_granted") is True:
            continue
        if spec.sandbox is not None and name not in spec.sandbox.policies:
            key = f"sandboxes.{spec.sandbox.name}.policies.{name}"
            raise PolicyDenied(
                f"the caller bound {name!r}, which sandbox {spec.sandbox.name!r} does not grant",
                capability=name, value=name, rule=f"no {key}", hint=f"add {key} ({spec.sandbox.origin})",
            )
        if name not in names:
            raise PolicyDenied(
                f"no plugin provides {name!r}", capability=name, value=name, rule="plugins", hint=f"add {name} to plugins:",
            )
    return names


def _hint(name: str, spec: RuntimeSpec) -> str:
    if spec.sandbox is None:
        return f"bind {name}= when the runtime is created"
    return f"add sandboxes.{spec.sandbox.name}.policies.{name}"
