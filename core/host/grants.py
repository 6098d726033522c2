"""Which capabilities a new runtime gets: what its sandbox names, and what the caller bound where no sandbox is in force."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from isolate_host.config.model import HostConfig
from isolate_host.errors import PluginError, PolicyDenied
from isolate_host.host.module_answers import FoundModule
from isolate_host.host.spec import RuntimeSpec
from isolate_host.host.terms import terms_of
from isolate_host.host.typedesk import TypeDesk
from isolate_host.plugin import Capability, CapabilityRequest, ChildHost, Estate, GuestCode, GuestPort, PluginRegistry

__all__ = ["Grants", "open_grants"]

_LOG = logging.getLogger("isolate_host.plugins")


class Grants:
    """The capabilities of one runtime, and for the guest: their options, and a hint for each that is absent."""

    def __init__(self, types: TypeDesk | None = None) -> None:
        self.capabilities: dict[str, Capability] = {}
        self.absent: dict[str, str] = {}
        self._types = types

    def reviewer(self, look: Callable[[str, str], Awaitable[FoundModule | None]]) -> Callable[[GuestCode], Awaitable[None]] | None:
        """Who sees code before it runs; ``None`` when no capability wants to. ``look`` finds what the program imports."""
        if not self.reviews:
            return None
        if self._types is not None:
            self._types.look = look
        return self.review

    @property
    def reviews(self) -> bool:
        """Whether a capability wants to see code before it runs."""
        return any(capability.reviews for capability in self.capabilities.values())

    async def review(self, code: GuestCode) -> None:
        """Show ``code`` to every capability that reviews. Raises what one of them refuses it with."""
        for capability in self.capabilities.values():
            if capability.reviews:
                await capability.review(code)
        if self._types is not None and code.kind == "eval":
            self._types.admitted(code)

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
    types: TypeDesk | None = None,
    children: Callable[[Grants], ChildHost] | None = None,
) -> Grants:
    """Open every capability.

    Raises ``PolicyDenied`` for a binding that the sandbox does not grant, ``PluginError``.
    """
    grants = Grants(types)
    door = None if children is None else children(grants)
    for name in _names(spec, config, registry):
        terms = terms_of(name, spec, registry)
        if terms is None:
            grants.absent[name] = _hint(name, spec)
            continue
        policy = terms.policy
        request = CapabilityRequest(
            name=name, policy=policy.policy if policy else {},
            configured=terms.sandbox is not None,
            binding=terms.binding,
            runtime_id=runtime_id,
            sandbox=terms.sandbox,
            cwd=spec.cwd,
            base_dir=policy.base_dir if policy else config.base_dir,
            guest=port(name),
            mode=policy.mode if policy else "enforce",
            limits=asdict(spec.limits),
            on_denied=on_denied,
            origin=policy.origin if policy else "",
            shared=registry.shared(name),
            parent=terms.parent,
            children=door,
            check_types=types,
            peers=MappingProxyType(grants.capabilities),
            estate=estate,
        )
        capability = registry.create_capability(name, request) if terms.lender is None else _lend(terms.lender, request)
        if capability is None:
            grants.absent[name] = _hint(name, spec)
        else:
            grants.capabilities[name] = capability
    return grants


def _lend(lender: Capability, request: CapabilityRequest) -> Capability:
    lent = lender.lend(request)
    if lent is None:
        raise PolicyDenied(
            f"the capability {request.name!r} cannot be passed on to a child runtime",
            capability=request.name, value=request.name, rule="its plugin does not lend it", hint="answer it with functions of your own",
        )
    return lent


def _names(spec: RuntimeSpec, config: HostConfig, registry: PluginRegistry) -> list[str]:
    """Every plugin in use, in configured order; a binding for another, or against the sandbox, is refused by name.

    A binding with ``if_granted`` is meant only for where it is granted.
    """
    names = [name for name in config.plugins if name in registry.loaded]
    names += [name for name in registry.loaded if name not in names]
    for name in spec.inherent - set(names):
        raise PluginError(f"an app server needs the plugin {name!r}, which this host has not loaded", plugin=name, hint=f"add {name} to plugins:")
    for name, binding in spec.bindings.items():
        if binding.get("if_granted") is True or spec.lineage is not None:
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
    if name in spec.withheld:
        return f"whoever created this runtime withheld {name} from it"
    if spec.lineage is not None:
        return f"give {name} in bindings when the child is created"
    if spec.sandbox is None:
        return f"bind {name}= when the runtime is created"
    return f"add sandboxes.{spec.sandbox.name}.policies.{name}"
