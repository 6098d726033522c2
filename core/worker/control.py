"""The control socket between broker and zygote: one JSON message a datagram, descriptors beside it."""

from __future__ import annotations

import json
import os
import socket
from typing import Any

__all__ = ["MAX_DESCRIPTORS", "receive", "send"]

_MAX_MESSAGE = 1 << 16
MAX_DESCRIPTORS = 4


def send(control: socket.socket, message: dict[str, Any], descriptors: list[int] | None = None) -> None:
    """Send one message; the kernel duplicates the descriptors."""
    socket.send_fds(control, [json.dumps(message, separators=(",", ":")).encode()], descriptors or [])


def receive(control: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next message and its descriptors, or ``None`` at the end. Raises ``BlockingIOError`` when there is none yet."""
    try:
        data, descriptors, _flags, _address = socket.recv_fds(control, _MAX_MESSAGE, MAX_DESCRIPTORS)
    except (ConnectionError, OSError) as error:
        if isinstance(error, BlockingIOError):
            raise
        return None
    if not data:
        return None
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    message: dict[str, Any] = json.loads(data)
    return message, descriptors
