"""Constants of the hop between client and daemon (protocol §6)."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["HELLO_TIMEOUT_S", "HOST", "IDLE_EXIT_VARIABLE", "PROTOCOL_VERSION", "READY_FD_VARIABLE", "own_version"]

#: Both sides must speak the same version; it changes with any incompatible change of the frames.
PROTOCOL_VERSION = 1
#: The capability name of control requests.
HOST = "host"
#: A peer that has not said hello by then (seconds) is cut off.
HELLO_TIMEOUT_S = 10.0
#: Environment of a daemon that a client starts: the descriptor to report on, and the seconds without clients after which it ends.
READY_FD_VARIABLE = "ISOLATE_HOST_READY_FD"
IDLE_EXIT_VARIABLE = "ISOLATE_HOST_IDLE_EXIT_S"


def own_version() -> str:
    """The version of this distribution."""
    try:
        return version("isolate-host")
    except PackageNotFoundError:
        return "unknown"
