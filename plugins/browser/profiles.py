"""Profiles: what a context remembered (cookies, local storage), kept in the guest's files for the next context of that name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from isolate_host.plugins.browser.grants import FileGrants

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

__all__ = ["Profile", "is_profile_id", "read_profile"]

ROOT: Final = "/.browser-profiles"
_ID: Final = re.compile(r"(?!\.+(/|$))[A-Za-z0-9._-]{1,100}(/(?!\.+(/|$))[A-Za-z0-9._-]{1,100}){0,7}")
_MODES: Final = {"storageState": False, "storage_state": False, "persistent": True}


@dataclass(frozen=True, slots=True)
class Profile:
    """One that a context uses."""

    id: str
    path: str
    #: Begin without what is kept.
    reset: bool = False
    #: Keep what there is when the context is closed.
    autosave: bool = True
    indexed_db: bool = False
    #: A whole folder of a browser, which the embedder keeps: a guest that could write one would configure the browser.
    persistent: bool = False

    async def load(self, files: FileGrants) -> dict[str, Any] | None:
        """What was kept. Raises what reading files does, except that a profile may be new."""
        if self.reset or self.persistent:
            return None
        try:
            state = json.loads((await files.read(self.path)).buffer)
        except (FileNotFoundError, KeyError):
            return None
        if not isinstance(state, dict):
            raise TypeError(f"{self.path} is no storage state")
        return state

    async def save(self, context: BrowserContext, files: FileGrants) -> None:
        """Keep what ``context`` remembers."""
        if self.autosave and not self.persistent:
            state = await context.storage_state(indexed_db=self.indexed_db)
            await files.write(self.path, json.dumps(state).encode())


def is_profile_id(name: str) -> bool:
    """Whether a profile may be called so."""
    return _ID.fullmatch(name) is not None


def read_profile(given: Any, defaults: Mapping[str, Any]) -> Profile:
    """The option ``profile`` of ``newContext``: an id, or an object. ``defaults`` are the embedder's. Raises ``TypeError`` and ``ValueError``."""
    wanted = {"id": given} if isinstance(given, str) else given
    if not isinstance(wanted, Mapping) or not isinstance(wanted.get("id"), str) or not is_profile_id(wanted["id"]):
        raise TypeError("profile must be an id (letters, digits, . _ - and /), or have one")
    mode = wanted.get("mode") or defaults.get("default_mode") or defaults.get("defaultMode") or "storageState"
    persistent = _MODES.get(mode) if isinstance(mode, str) else None
    if persistent is None:
        raise ValueError(f"profile.mode must be storageState or persistent, not {str(mode)[:40]!r}")
    flags = {"reset": False, "autosave": True, "indexedDB": False}
    for name, default in flags.items():
        value = wanted.get(name, defaults.get(name, defaults.get("indexed_db", default) if name == "indexedDB" else default))
        if not isinstance(value, bool):
            raise TypeError(f"profile.{name} must be true or false")
        flags[name] = value
    root = str(defaults.get("root") or ROOT).rstrip("/")
    return Profile(wanted["id"], f"{root}/{wanted['id']}/storage-state.json", flags["reset"], flags["autosave"], flags["indexedDB"], persistent)
