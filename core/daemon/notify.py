"""Tells systemd, or whoever started the daemon, how it is."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import MutableMapping

from isolate_host.errors import IsolateHostError
from isolate_host.wire.daemon_protocol import IDLE_EXIT_VARIABLE, READY_FD_VARIABLE

__all__ = ["Starter", "sd_notify"]


def sd_notify(state: str) -> None:
    """Send one state (``READY=1``, ``RELOADING=1``, ``STOPPING=1``) to the socket in ``NOTIFY_SOCKET``, if there is one."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    # A supervisor that does not listen is no reason to stop serving.
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notifier:
        notifier.sendto(state.encode(), address)


class Starter:
    """The client that started this daemon, if one did: it waits on a pipe for one line."""

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        # Taken out of the environment: no process that we start later is meant.
        descriptor = environ.pop(READY_FD_VARIABLE, "")
        idle = environ.pop(IDLE_EXIT_VARIABLE, "")
        self._fd = int(descriptor) if descriptor.isdigit() else -1
        #: Seconds without clients after which the daemon ends; ``None`` = never.
        self.idle_exit_s = float(idle) if idle.replace(".", "", 1).isdigit() else None

    def ready(self) -> None:
        """The socket accepts."""
        self._write({"ready": True})

    def failed(self, error: IsolateHostError) -> None:
        """It will not."""
        self._write({"error": error.to_wire()})

    def _write(self, message: dict[str, object]) -> None:
        if self._fd >= 0:
            # The client may have lost patience.
            with contextlib.suppress(OSError):
                os.write(self._fd, json.dumps(message).encode() + b"\n")
            with contextlib.suppress(OSError):
                os.close(self._fd)
            self._fd = -1
