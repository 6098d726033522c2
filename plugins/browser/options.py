"""The options of a new context, from what a guest may ask to what Playwright is told. Names are those of JavaScript on both sides."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from isolate_host.plugins.browser.arguments import js_pattern
from isolate_host.plugins.browser.exchange import PROBE_HOST
from isolate_host.plugins.browser.grants import FileGrants
from isolate_host.plugins.browser.pixels import check_size
from isolate_host.plugins.browser.policy import BrowserPolicy
from isolate_host.plugins.browser.profiles import Profile, read_profile
from isolate_host.plugins.browser.table import load_api

__all__ = ["Admission", "admit"]

#: What only the host decides, and why.
_HOST_ONLY: Final[Mapping[str, str]] = {
    "proxy": "pages go to the network through the host's own proxy",
    "clientCertificates": "the host holds the connections, and has no certificates of guests",
    "logger": "it is a function of the host",
}
#: What a guest may say beside the options that Playwright has in both languages: they are read here, and never handed on as they are.
_OURS: Final = frozenset({"logger", "profile", "recordHar", "recordVideo"})


class Admission(dict[str, Any]):
    """Options of a context that may be made, and what is to be done when it is closed."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self.video_from: Path | None = None
        self.har_from: Path | None = None
        self.video_to = self.har_to = ""
        self.profile: Profile | None = None

    async def carry(self, files: FileGrants) -> None:
        """Copy what Playwright recorded. Raises when something cannot be kept."""
        if self.har_from is not None and self.har_from.exists():
            await files.carry(self.har_from, self.har_to)
        if self.video_from is not None:
            for video in sorted(self.video_from.iterdir()):
                await files.carry(video, f"{self.video_to.rstrip('/')}/{video.name}")


async def admit(given: Mapping[str, Any], policy: BrowserPolicy, files: FileGrants, profiles: Mapping[str, Any]) -> Admission:
    """What a guest asked for, if it may have it. Raises ``PolicyDenied``, ``LimitExceeded``, ``TypeError``, and what reading files raises."""
    options = Admission(given)
    _check_names(options)
    for name, why in _HOST_ONLY.items():
        if options.get(name) is not None:
            raise policy.denied(f"the option {name} is the host's: {why}", name, f"{name} is host-only", f"leave {name} out")
    if options.get("ignoreHTTPSErrors") and policy.guarded:
        hint = f"leave it out; {policy.key}.ca_file names certificates to trust"
        raise policy.denied("ignoreHTTPSErrors is refused: certificates are checked by the host", "ignoreHTTPSErrors", "host-only", hint)
    _check_sizes(options, policy)
    if isinstance(options.get("storageState"), str):
        options["storageState"] = json.loads((await files.read(options["storageState"])).buffer)
    if not isinstance(options.get("storageState") or {}, dict):
        # A text is a path of the host to Playwright, also one that stood in a file of the guest.
        raise TypeError("storageState is an object with cookies and origins, or the path of a file that has one")
    _record(options, files)
    if options.get("profile") is not None:
        options.profile = read_profile(options["profile"], profiles)
        _check_persistent(options, options.profile)
        state = await options.profile.load(files)
        if state is not None:
            options["storageState"] = state
        if options.profile.persistent:
            options["userDataDir"] = options.profile.id
    options.pop("profile", None)
    return options


def _check_names(options: Mapping[str, Any]) -> None:
    """Playwright's functions take far more under Python's names: paths of the host, and how the process is started."""
    known = load_api().context_options.keys() | _OURS
    unknown = next((name for name in options if name not in known), None)
    if unknown is not None:
        raise TypeError(f"newContext has no option {str(unknown)[:60]!r}; there are: {', '.join(sorted(known))}")


def _check_persistent(options: Mapping[str, Any], profile: Profile) -> None:
    if profile.persistent and (profile.reset or options.get("storageState") is not None):
        raise ValueError("a persistent profile begins with what is in its folder: reset and storageState are for the mode storageState")


def _check_sizes(options: Mapping[str, Any], policy: BrowserPolicy) -> None:
    scale = options.get("deviceScaleFactor") or 1
    for name in ("viewport", "screen"):
        if isinstance(options.get(name), Mapping):
            check_size(options[name].get("width"), options[name].get("height"), policy, scale=scale)


def _record(options: Admission, files: FileGrants) -> None:
    video, har = options.pop("recordVideo", None), options.pop("recordHar", None)
    if video is not None:
        options.video_to = files.require(_field(video, "recordVideo", "dir"), "write")
        options.video_from = files.folder()
        options["recordVideoDir"] = str(options.video_from)
        if video.get("size") is not None:
            options["recordVideoSize"] = video["size"]
    if har is not None:
        options.har_to = files.require(_field(har, "recordHar", "path"), "write")
        zipped = options.har_to.endswith(".zip")
        options.har_from = files.folder() / ("archive.zip" if zipped else "archive.har")
        content = har.get("content") or ("attach" if zipped else "embed")
        if content == "attach" and not zipped:
            # It would put files beside the archive, in a folder that is ours.
            raise ValueError("recordHar with content: 'attach' needs a path that ends in .zip")
        options |= {"recordHarPath": str(options.har_from), "recordHarContent": content}
        renamed = {"mode": "recordHarMode", "omitContent": "recordHarOmitContent", "urlFilter": "recordHarUrlFilter"}
        # Not the one request that is the host's own, by which the context gets to the network.
        options["recordHarUrlFilter"] = js_pattern(f"^(?!http://{re.escape(PROBE_HOST)}/)", "")
        options |= {name: har[key] for key, name in renamed.items() if har.get(key) is not None}


def _field(value: Any, option: str, name: str) -> Any:
    if not isinstance(value, Mapping) or not isinstance(value.get(name), str):
        raise TypeError(f"{option} needs {name}, a path")
    return value[name]
