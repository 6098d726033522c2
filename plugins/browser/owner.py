"""Whose browser it is at the moment: in a session that changes, while contexts stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from isolate_host.client.bindings import BrowserBinding
from isolate_host.errors import PolicyDenied
from isolate_host.files.service import FileService
from isolate_host.plugin import CapabilityRequest
from isolate_host.plugins.browser.grants import BoundFiles, FileSource, ServiceFiles
from isolate_host.plugins.files.plugin import Files

__all__ = ["Owner"]


class Owner:
    """Where denials are recorded (which raises them, unless the policy is only tried out), and where paths lead."""

    def __init__(self, deny: Callable[[PolicyDenied], None], files: Callable[[], FileSource | None]) -> None:
        self._deny, self._files = deny, files

    def deny(self, error: PolicyDenied) -> None:
        """Record a denial."""
        self._deny(error)

    def files(self) -> FileSource | None:
        """Where a guest's paths lead; ``None`` = it has no files."""
        return self._files()

    @classmethod
    def of_request(cls, request: CapabilityRequest) -> Self:
        """In the broker: the files are those of the runtime's ``files`` capability."""

        def files() -> FileSource | None:
            found = request.peers.get("files")
            return ServiceFiles(found.service) if isinstance(found, Files) else None

        return cls(request.deny, files)

    @classmethod
    def of_binding(
        cls, binding: BrowserBinding, denied: Callable[[PolicyDenied], None], files: Callable[[], FileService] | None, *, enforce: bool
    ) -> Self:
        """In the client: the functions for files that came with the browser, else the files that were bound."""
        # A handler of ours has functions of its own.
        functions = binding if binding.handler is None else getattr(binding.handler, "__self__", None)
        read_file, write_file = (getattr(functions, name, None) for name in ("read_file", "write_file"))

        def source() -> FileSource | None:
            if read_file is not None or write_file is not None:
                return BoundFiles(read_file, write_file)
            return None if files is None else ServiceFiles(files())

        def deny(error: PolicyDenied) -> None:
            denied(error)
            if enforce:
                raise error

        return cls(deny, source)

    def become(self, other: Owner) -> None:
        """From now on it is that one."""
        self._deny, self._files = other._deny, other._files
