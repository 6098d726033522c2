"""The two decorators of the plugin seam."""

from __future__ import annotations

from pluggy import HookimplMarker, HookspecMarker

__all__ = ["PROJECT", "hookimpl", "hookspec"]

PROJECT = "isolate_host"

#: Marks a function of a plugin as an implementation of a hook.
hookimpl = HookimplMarker(PROJECT)
#: Marks a declaration of a hook.
hookspec = HookspecMarker(PROJECT)
