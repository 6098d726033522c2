"""Which plugins are installed, and how one of them is imported.

stevedore finds and loads the entry points, with two of its habits replaced:

* its on-disk cache of entry points is trusted without a check, so whoever can write the cache folder chooses the code
  that the host runs; :meth:`_OneExtension.list_entry_points` reads the installed metadata instead, every time;
* two distributions with the same name are resolved by luck; here that is an error naming both, before any import.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from packaging.utils import canonicalize_name
from stevedore import NamedExtensionManager

from isolate_host.config.catalog import Problem
from isolate_host.plugin.requirements import HOST_DISTRIBUTION, host_version, unmet_requirement

__all__ = ["PLUGIN_GROUP", "SCHEMA_GROUP", "Discovery", "EntryPointSource", "distribution_name", "is_builtin"]

PLUGIN_GROUP = "isolate_host.plugins"
SCHEMA_GROUP = "isolate_host.schemas"

EntryPointSource = Callable[[str], Iterable[EntryPoint]]


def _installed(group: str) -> Iterable[EntryPoint]:
    return entry_points(group=group)


class _OneExtension(NamedExtensionManager[Any]):
    """Loads exactly the entry point that was vetted."""

    def __init__(self, chosen: EntryPoint) -> None:
        self._chosen = chosen
        self.failure: BaseException | None = None
        super().__init__(
            PLUGIN_GROUP,
            [chosen.name],
            on_load_failure_callback=self._failed,
            on_missing_entrypoints_callback=None,
        )

    def list_entry_points(self) -> list[EntryPoint]:
        return [self._chosen]

    def _failed(self, _manager: object, _entry_point: EntryPoint, error: BaseException) -> None:
        self.failure = error


class Discovery:
    """The installed entry points, as they were when they were first asked for."""

    def __init__(self, source: EntryPointSource = _installed) -> None:
        self._source = source
        self._groups: dict[str, dict[str, list[EntryPoint]]] = {}

    def group(self, group: str) -> dict[str, list[EntryPoint]]:
        """The entry points of ``group`` by name. More than one under a name is a conflict."""
        if group not in self._groups:
            found: dict[str, list[EntryPoint]] = {}
            for entry_point in self._source(group):
                found.setdefault(entry_point.name, []).append(entry_point)
            self._groups[group] = dict(sorted(found.items()))
        return self._groups[group]

    def names(self) -> list[str]:
        """Names of the installed plugins, sorted."""
        return list(self.group(PLUGIN_GROUP))

    def find(self, name: str) -> EntryPoint | Problem:
        """The one entry point of plugin ``name``, or why there is none to use. Imports nothing."""
        found = self.group(PLUGIN_GROUP).get(name, [])
        if not found:
            return self._missing(name)
        if len(found) > 1:
            return _duplicate(name, found)
        return _incompatible(found[0]) or found[0]

    def load(self, name: str) -> Any | Problem:
        """Import plugin ``name`` and return what its entry point names, or why that failed."""
        entry_point = self.find(name)
        if isinstance(entry_point, Problem):
            return entry_point
        try:
            manager = _OneExtension(entry_point)
        # stevedore lets AssertionError through, and a plugin may call sys.exit(): neither may take the host along.
        except (Exception, SystemExit) as error:  # noqa: BLE001
            return _broken(entry_point, error)
        if manager.failure is not None:
            return _broken(entry_point, manager.failure)
        return manager.extensions[0].plugin

    def _missing(self, name: str) -> Problem:
        hint: str | None = None
        close = difflib.get_close_matches(name, self.names(), n=1)
        if close:
            # No pip hint here: to install whatever carries a mistyped name would be the worst answer to a typing error.
            hint = f"did you mean {close[0]!r}?"
        elif re.fullmatch(r"[A-Za-z0-9][\w.-]*", name):
            hint = f"pip install isolate-host-{canonicalize_name(name)}"
        return Problem("plugin-not-installed", name, f"no installed plugin is called {name!r}", hint=hint)


def distribution_name(entry_point: EntryPoint) -> str | None:
    """Name and version of the distribution that installed ``entry_point``."""
    return None if entry_point.dist is None else f"{entry_point.dist.name} {entry_point.dist.version}"


def is_builtin(entry_point: EntryPoint) -> bool:
    """True for the plugins that come with isolate-host."""
    return entry_point.dist is not None and canonicalize_name(entry_point.dist.name) == HOST_DISTRIBUTION


def _duplicate(name: str, found: list[EntryPoint]) -> Problem:
    owners = sorted(distribution_name(item) or "an unknown distribution" for item in found)
    message = f"{len(found)} distributions provide a plugin {name!r}: {', '.join(owners)}"
    return Problem("plugin-duplicate-name", name, message, hint="uninstall all but one of them")


def _incompatible(entry_point: EntryPoint) -> Problem | None:
    if entry_point.dist is None or (wanted := unmet_requirement(entry_point.dist)) is None:
        return None
    return Problem(
        "plugin-incompatible",
        entry_point.name,
        f"plugin {entry_point.name!r} requires {wanted}, but this is isolate-host {host_version()}",
        distribution_name(entry_point),
        f"install a version of {entry_point.dist.name} that was made for isolate-host {host_version()}",
    )


def _broken(entry_point: EntryPoint, error: BaseException) -> Problem:
    hint = None
    if isinstance(error, ModuleNotFoundError) and error.name:
        hint = f"the Python module {error.name!r} is not installed"
        if is_builtin(entry_point):
            hint = f"pip install 'isolate-host[{entry_point.name}]'"
    owner = distribution_name(entry_point)
    text = f"plugin {entry_point.name!r} of {owner} cannot be imported: {type(error).__name__}: {error}"
    return Problem("plugin-broken", entry_point.name, text, owner, hint)
