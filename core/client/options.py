"""How to reach a daemon."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from isolate_host.client.limits import check_number

__all__ = ["DaemonOptions", "default_socket_path"]


def default_socket_path() -> Path:
    """``$XDG_RUNTIME_DIR/isolate-host.sock``; without that variable, in a folder of the user's own among the temporary files."""
    runtime_dir = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(runtime_dir) if runtime_dir else Path(tempfile.gettempdir()) / f"isolate-host-{os.getuid()}"
    return folder / "isolate-host.sock"


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonOptions:
    """Connect to a daemon: on a unix socket, or on ``address`` over TLS.

    * ``socket_path``: the daemon's socket; ``None`` = :func:`default_socket_path`.
    * ``auto_start``: start a daemon when none listens there; it ends by itself ``idle_exit_s`` seconds after its last client.
    * ``config``: the configuration file of a daemon that is started here.
    * ``timeout_s``: seconds for connecting, starting included.
    * ``address``: ``host:port`` of a daemon elsewhere, instead of a socket. Needs ``token``; nothing is started.
    * ``token``: what the daemon expects from its clients.
    * ``ca_file``: the certificates to trust, in PEM form; ``None`` = the system's.
    """

    socket_path: str | os.PathLike[str] | None = None
    auto_start: bool = True
    idle_exit_s: float = 30
    config: str | os.PathLike[str] | None = None
    timeout_s: float = 10
    address: str | None = None
    token: str | None = None
    ca_file: str | os.PathLike[str] | None = None

    def __post_init__(self) -> None:
        check_number("DaemonOptions.timeout_s", self.timeout_s)
        check_number("DaemonOptions.idle_exit_s", self.idle_exit_s)
        for name in ("socket_path", "config", "ca_file"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, (str, os.PathLike)):
                raise TypeError(f"DaemonOptions.{name} must be a path, not {type(value).__name__}")
        if self.address is None:
            return
        if self.socket_path is not None:
            raise ValueError("DaemonOptions takes a socket_path or an address, not both")
        host, _, port = self.address.rpartition(":")
        if not host or not port.isdigit():
            raise ValueError(f"DaemonOptions.address {self.address!r} must be host:port")
        if not self.token:
            raise ValueError("DaemonOptions.address needs a token")

    @property
    def path(self) -> Path:
        """The socket to use."""
        return default_socket_path() if self.socket_path is None else Path(self.socket_path).absolute()
