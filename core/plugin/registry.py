"""The plugins of one host."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pluggy import HookImpl, PluginManager, PluginValidationError

from isolate_host.config.catalog import Problem
from isolate_host.config.findings import Finding
from isolate_host.config.where import Where
from isolate_host.errors import IsolateHostError, PluginError
from isolate_host.plugin import hookspecs
from isolate_host.plugin.capability import Capability, CapabilityRequest
from isolate_host.plugin.discovery import PLUGIN_GROUP, Discovery, EntryPointSource, distribution_name, is_builtin
from isolate_host.plugin.explain import Explanation, Refusal, Suggestion
from isolate_host.plugin.markers import PROJECT
from isolate_host.plugin.review import PackageTypes
from isolate_host.plugin.schemas import read_schema
from isolate_host.plugin.script import GuestScript

__all__ = ["PluginInfo", "PluginRegistry"]

_LOG = logging.getLogger("isolate_host.plugins")


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """One installed plugin, for people."""

    name: str
    distribution: str | None
    builtin: bool
    schema_id: str | None
    problem: Problem | None


class PluginRegistry:
    """Finds plugins, imports those that were asked for, and calls their hooks one plugin at a time.

    Each host owns one. ``source`` replaces the installed entry points in tests.
    """

    def __init__(self, source: EntryPointSource | None = None) -> None:
        self._discovery = Discovery() if source is None else Discovery(source)
        self._manager = PluginManager(PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._problems: dict[str, Problem] = {}
        self._observers: tuple[HookImpl, ...] = ()
        self._shared: dict[str, dict[str, Any]] = {}
        self._finding = threading.Lock()

    # ── loading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def load(self, names: Iterable[str]) -> dict[str, Problem]:
        """Import the named plugins, once each. Returns those that cannot be used; the others work all the same."""
        wanted = list(names)
        for name in wanted:
            if name not in self._problems and not self._manager.has_plugin(name):
                self._load_one(name)
        return {name: self._problems[name] for name in wanted if name in self._problems}

    def register(self, name: str, plugin: object) -> None:
        """Add a plugin object that no distribution provides (tests, and plugins written in the embedding program)."""
        try:
            self._manager.register(plugin, name=name)
            self._manager.check_pending()
        except (PluginValidationError, ValueError) as error:
            self._manager.unregister(name=name)
            raise PluginError(f"plugin {name!r} does not fit: {error}", plugin=name) from error
        self._observers = tuple(self._manager.hook.isolate_host_observe_event.get_hookimpls())

    def _load_one(self, name: str) -> None:
        plugin = self._discovery.load(name)
        if isinstance(plugin, Problem):
            self._problems[name] = plugin
            return
        try:
            self.register(name, plugin)
        except PluginError as error:
            self._problems[name] = Problem("plugin-broken", name, error.message, self.distribution(name))

    # ── what the plugins offer ───────────────────────────────────────────────────────────────────────────────────────

    @property
    def loaded(self) -> list[str]:
        """Names of the plugins in use, sorted."""
        return sorted(name for name, _ in self._manager.list_name_plugin())

    def create_capability(self, name: str, request: CapabilityRequest) -> Capability | None:
        """Open capability ``name`` for a runtime. Raises ``PluginError`` when the plugin is absent or fails."""
        if problem := self.load([name]).get(name):
            raise problem.error()
        capability = self._call(name, "isolate_host_create_capability", request=request)
        if capability is not None and not isinstance(capability, Capability):
            message = f"isolate_host_create_capability of plugin {name!r} returned {type(capability).__name__}, not a Capability"
            raise PluginError(message, plugin=name, distribution=self.distribution(name))
        return capability

    def shared(self, name: str) -> dict[str, Any]:
        """What the capabilities of plugin ``name`` share in this host."""
        return self._shared.setdefault(name, {})

    async def aclose(self) -> None:
        """Close what plugins share in this host: each value that has an ``aclose``. One that fails does not keep the others."""
        for name, values in self._shared.items():
            for value in list(values.values()):
                close = getattr(value, "aclose", None)
                try:
                    if close is not None:
                        await close()
                except Exception:  # noqa: BLE001 -- third-party clean-up must not stop the rest of it
                    _LOG.exception("closing what plugin %s shares failed", name)
            values.clear()

    def guest_scripts(self, names: Iterable[str]) -> list[GuestScript]:
        """The guest scripts of the named plugins that have one. Raises ``PluginError``."""
        scripts = []
        for name in names:
            if problem := self.load([name]).get(name):
                raise problem.error()
            script = self._call(name, "isolate_host_guest_script")
            if script is not None:
                scripts.append(script)
        return scripts

    def is_harmless(self, name: str) -> bool:
        """Whether a runtime without a sandbox gets capability ``name`` unasked. A plugin that fails to say so is not."""
        return self._call(name, "isolate_host_is_harmless") is True

    def is_answerable(self, name: str) -> bool:
        """Whether guest code may answer capability ``name`` for runtimes that it creates. A plugin that fails to say so may not."""
        return self._call(name, "isolate_host_is_answerable") is True

    def declare_types(self, name: str, policy: Mapping[str, Any], base_dir: Path) -> str:
        """The TypeScript declarations that plugin ``name`` gives for ``policy``; empty when it has none. Raises ``PluginError``."""
        if problem := self.load([name]).get(name):
            raise problem.error()
        return self._call(name, "isolate_host_declare_types", policy=policy, base_dir=base_dir) or ""

    def find_types(self, name: str, policy: Mapping[str, Any], base_dir: Path, imports: Sequence[tuple[str, str]]) -> list[PackageTypes]:
        """The declarations that plugin ``name``, once loaded, finds behind ``imports``. Reads files. Raises ``PluginError`` and ``LimitExceeded``."""
        with self._finding:
            return self._call(name, "isolate_host_find_types", policy=policy, base_dir=base_dir, shared=self.shared(name), imports=imports) or []

    def explain(self, name: str, policy: Mapping[str, Any], value: str, where: Where) -> Explanation | None:
        """What ``policy`` of plugin ``name``, once loaded, decides about ``value``; ``None`` when the plugin does not say. Raises ``PluginError``."""
        found: Explanation | None = self._call(name, "isolate_host_explain_policy", policy=policy, value=value, where=where)
        return found

    def suggest(self, name: str, refusals: Sequence[Refusal]) -> Suggestion | None:
        """What plugin ``name`` would add to a policy that refused these; ``None`` when it does not say. Raises ``PluginError``."""
        if problem := self.load([name]).get(name):
            raise problem.error()
        found: Suggestion | None = self._call(name, "isolate_host_suggest_policy", refusals=refusals)
        return found

    def observe(self, event: Mapping[str, Any]) -> None:
        """Show one audit record to every plugin that wants to see it. An observer that raises is not asked again."""
        for observer in self._observers:
            try:
                observer.function(*[{"event": event}[name] for name in observer.argnames])
            except Exception:  # noqa: BLE001 -- third-party code must not disturb a call that it merely watches
                self._observers = tuple(item for item in self._observers if item is not observer)

    @property
    def observes(self) -> bool:
        """Whether any plugin wants to see audit records."""
        return bool(self._observers)

    # ── for the configuration (isolate_host.config.catalog.Catalog) ──────────────────────────────────────────────────

    def installed(self) -> list[str]:
        """Names of all installed plugins, loaded or not."""
        return sorted({*self._discovery.names(), *self.loaded})

    def schema(self, name: str) -> dict[str, Any] | Problem:
        """The policy schema of plugin ``name``, read without importing it."""
        return read_schema(self._discovery, name)

    def check_policy(self, name: str, policy: Mapping[str, Any], where: Where) -> list[Finding]:
        """What plugin ``name``, once loaded, finds wrong with ``policy``."""
        try:
            return list(self._call(name, "isolate_host_check_policy", policy=policy, where=where) or ())
        except PluginError as error:
            return [where.finding("plugin-broken", error.message, hint=error.hint)]

    def describe(self) -> list[PluginInfo]:
        """All installed plugins. Imports none of them."""
        return [self._describe(name) for name in self._discovery.names()]

    def distribution(self, name: str) -> str | None:
        """Name and version of what installed plugin ``name``."""
        found = self._discovery.group(PLUGIN_GROUP).get(name, [])
        return distribution_name(found[0]) if len(found) == 1 else None

    def _describe(self, name: str) -> PluginInfo:
        found = self._discovery.find(name)
        schema = self.schema(name)
        problem = self._problems.get(name) or next((item for item in (found, schema) if isinstance(item, Problem)), None)
        return PluginInfo(
            name=name,
            distribution=self.distribution(name),
            builtin=not isinstance(found, Problem) and is_builtin(found),
            schema_id=None if isinstance(schema, Problem) else schema.get("$id"),
            problem=problem,
        )

    # ── calling ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _call(self, name: str, hook: str, **arguments: Any) -> Any:
        """Call one plugin's own implementation of ``hook``; ``None`` when it has none."""
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            if implementation.plugin_name != name:
                continue
            try:
                return implementation.function(*[arguments[key] for key in implementation.argnames])
            except IsolateHostError:
                raise
            except Exception as error:
                message = f"plugin {name!r} failed in {hook}: {type(error).__name__}: {error}"
                raise PluginError(message, plugin=name, distribution=self.distribution(name)) from error
        return None
