"""Finds the test files of a checkout of web-platform-tests that need no server, and reads what they ask for."""

from __future__ import annotations

import dataclasses
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["DIRECTORIES", "Case", "find_cases"]

#: What the project is measured by: directories whose tests mostly run without the server of web-platform-tests.
DIRECTORIES = (
    "url", "urlpattern", "encoding", "streams", "compression",
    "fetch/api/headers", "fetch/api/request", "fetch/api/response", "fetch/api/body",
    "FileAPI", "dom/abort", "dom/events",
    "html/webappapis/atob", "html/webappapis/structured-clone", "html/webappapis/timers", "html/webappapis/microtask-queuing",
    "WebCryptoAPI", "hr-time", "user-timing", "console", "xhr/formdata", "websockets", "fetch/data-urls", "webidl",
    "webmessaging", "performance-timeline", "wasm",
)  # fmt: skip

_META = re.compile(r"^//\s*META:\s*(\w+)=(.*?)\s*$", re.MULTILINE)
_HERE = {"window", "dedicatedworker", "worker", "dedicatedworker-module", "shadowrealm", "jsshell"}
_SECONDS = {"long": 60.0}
_DEFAULT_SECONDS = 20.0
#: Variants that need a server with TLS or HTTP/2.
_NOT_SERVED = ("?wss", "?wpt_flags=h2")
#: What the server of web-platform-tests answers under another name.
_ALIASES = {"resources/WebIDLParser.js": "resources/webidl2/lib/webidl2.js"}


@dataclasses.dataclass(frozen=True)
class Case:
    """One file in one variant."""

    path: str  # from the root of the checkout, with the variant: "url/url-constructor.any.js?include=file"
    scripts: tuple[str, ...]  # from the root, in the order in which they run; the last is the test itself
    seconds: float

    @property
    def file(self) -> str:
        """The path without the variant."""
        return self.path.partition("?")[0]

    @property
    def search(self) -> str:
        """The variant, as ``location.search``."""
        _, mark, variant = self.path.partition("?")
        return mark + variant

    @property
    def directory(self) -> str:
        """The directory of :data:`DIRECTORIES` that it counts for."""
        return next(name for name in DIRECTORIES if self.path.startswith(name + "/"))


def find_cases(root: Path, only: list[str] | None = None) -> Iterator[Case]:
    """The cases of the checkout at ``root``, or those whose path starts with one of ``only``."""
    for directory in DIRECTORIES:
        for file in sorted((root / directory).rglob("*.any.js")):
            path = file.relative_to(root).as_posix()
            for case in _cases(path, file.read_text()):
                if not only or any(case.path.startswith(prefix) for prefix in only):
                    yield case


def _cases(path: str, text: str) -> Iterator[Case]:
    meta = _META.findall(text)
    scopes = {scope.strip().lstrip("!") for key, value in meta if key == "global" for scope in value.split(",")}
    if scopes and not scopes & _HERE:
        return
    folder = posixpath.dirname(path)
    names = [posixpath.normpath(posixpath.join("/", folder, value))[1:] for key, value in meta if key == "script"]
    scripts = [_ALIASES.get(name, name) for name in names]
    seconds = next((_SECONDS[value] for key, value in meta if key == "timeout" and value in _SECONDS), _DEFAULT_SECONDS)
    for variant in [value for key, value in meta if key == "variant" and value not in _NOT_SERVED] or [""]:
        yield Case(path + variant, (*scripts, path), seconds)
