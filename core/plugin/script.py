"""The JavaScript half of a plugin."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

__all__ = ["GuestScript"]


@dataclass(frozen=True, slots=True)
class GuestScript:
    """The guest script of the plugin ``name``: the body of ``function (registerCapability) { … }``."""

    name: str
    source: str
    #: Native code of the worker that the script uses through ``sdk.compute``: ``("crypto",)``.
    services: tuple[str, ...] = ()

    @property
    def filename(self) -> str:
        """What a stack trace calls the script."""
        return f"isolate-host:plugin/{self.name}"

    @classmethod
    def from_package(cls, name: str, package: str, resource: str = "guest.js", *, services: tuple[str, ...] = ()) -> GuestScript:
        """The script that lies in ``package`` as ``resource``."""
        return cls(name, files(package).joinpath(resource).read_text(encoding="utf-8"), services)
