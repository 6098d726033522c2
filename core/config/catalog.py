"""What the configuration needs to know of plugins. ``isolate_host.plugin`` imports this package, so it is a protocol here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from isolate_host.config.findings import Finding
from isolate_host.config.where import Where
from isolate_host.errors import PluginError

__all__ = ["Catalog", "Problem"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a plugin cannot be used.

    ``code`` is ``plugin-not-installed``, ``plugin-duplicate-name``, ``plugin-incompatible``, ``plugin-broken`` or ``plugin-bad-schema``.
    """

    code: str
    plugin: str
    message: str
    distribution: str | None = None
    hint: str | None = None

    def error(self) -> PluginError:
        """The same as an exception."""
        return PluginError(self.message, plugin=self.plugin, distribution=self.distribution, hint=self.hint)


class Catalog(Protocol):
    """The plugins of one host; :class:`isolate_host.plugin.registry.PluginRegistry` is one."""

    def installed(self) -> list[str]:
        """Names of all installed plugins."""

    def schema(self, name: str) -> dict[str, Any] | Problem:
        """The policy schema of a plugin, read without importing it."""

    def load(self, names: Iterable[str]) -> dict[str, Problem]:
        """Import the named plugins; returns those that cannot be used."""

    def check_policy(self, name: str, policy: Mapping[str, Any], where: Where) -> list[Finding]:
        """What a loaded plugin finds wrong with a policy beyond its schema."""
