"""The configuration of a host that was given none."""

from __future__ import annotations

from isolate_host.config.model import HostConfig

__all__ = ["BUILTIN_PLUGINS", "default_config"]

#: What this distribution ships; the same names stand under ``isolate_host.plugins`` in ``pyproject.toml``, and a test compares.
BUILTIN_PLUGINS = ("browser", "console", "crypto", "fetch", "files", "modules", "nested", "node", "serve", "tests", "tools", "typecheck")


def default_config() -> HostConfig:
    """An embedded host without YAML: all built-in plugins, strict isolation, no sandbox. What the caller binds is what a guest gets."""
    return HostConfig(plugins=BUILTIN_PLUGINS)
