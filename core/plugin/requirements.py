"""Does an installed plugin want another isolate-host? Read from metadata, before anything of it is imported."""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError, version

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

__all__ = ["HOST_DISTRIBUTION", "host_version", "unmet_requirement"]

HOST_DISTRIBUTION = "isolate-host"


def host_version() -> str:
    """The version of isolate-host itself, ``0`` when it runs without being installed."""
    try:
        return version(HOST_DISTRIBUTION)
    except PackageNotFoundError:
        return "0"


def unmet_requirement(distribution: Distribution) -> str | None:
    """The ``Requires-Dist`` of ``distribution`` that the running isolate-host does not meet."""
    running = host_version()
    for text in distribution.requires or ():
        requirement = _parse(text)
        if requirement is None or canonicalize_name(requirement.name) != HOST_DISTRIBUTION:
            continue
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if applies and not requirement.specifier.contains(running, prereleases=True):
            return str(requirement)
    return None


def _parse(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None
