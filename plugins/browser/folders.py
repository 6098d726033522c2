"""Persistent profiles of a browser that the host launches: which names a policy has, in which folder each lies, and that each is in use once."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from isolate_host.errors import PluginError, PolicyDenied
from isolate_host.plugin import CapabilityRequest

__all__ = ["ProfileFolder", "ProfileFolders"]

_PRIVATE: Final = 0o700
_LOG: Final = logging.getLogger("isolate_host.plugins.browser")


class ProfileFolder:
    """One that is in use. The lock is the kernel's: it holds against other hosts too, and ends with this process at the latest."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path, self._lock = path, lock

    def release(self) -> None:
        """Its browser has gone. Idempotent."""
        lock, self._lock = self._lock, -1
        if lock >= 0:
            os.close(lock)


class ProfileFolders:
    """What one policy says of profiles."""

    def __init__(self, request: CapabilityRequest) -> None:
        self._request = request
        policy: Mapping[str, Any] = request.policy.get("profiles", {})
        self._names = frozenset(policy.get("names", ()))
        # Below the sandbox's name: two sandboxes may say the same folder, and still share nothing.
        self._root = request.base_dir / policy["folder"] / (request.sandbox or "+") if policy else None

    def take(self, name: str) -> ProfileFolder:
        """The folder of a profile, until it is released. Raises ``PolicyDenied``, and ``ValueError`` when it is in use."""
        if self._root is None or name not in self._names:
            self._refuse(name)
        root = self._root
        if root is None:
            raise ValueError(f"there is no folder for the profile {name!r}")
        # One level: a profile must not lie inside of another. No name has a "+".
        folder = root / name.replace("/", "+")
        try:
            folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            lock = os.open(root / f"{folder.name}+lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            _LOG.warning("the profile %s cannot be used: %s", name, error)
            hint = f"see {self._request.key}.profiles.folder, and whether the host may write there"
            raise PluginError(f"the folder of the profile {name!r} cannot be used", plugin="browser", hint=hint) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise ValueError(f"the profile {name!r} is in use: close the context that has it, in whatever runtime it is") from None
        return ProfileFolder(folder, lock)

    def _refuse(self, name: str) -> None:
        key = f"{self._request.key}.profiles"
        message = f"the persistent profile {name!r} is not granted"
        origin = f" ({self._request.origin})" if self._request.origin else ""
        hint = f"add it to {key}.names, with a folder of the host in {key}.folder{origin}, or use the mode storageState, which needs files only"
        denied = PolicyDenied(message, capability="browser", value=name, rule=f"no name of {key}.names matches", op="newContext", hint=hint)
        self._request.deny(denied)
