"""The control socket between broker and zygote: one message a datagram, descriptors beside it.

What comes with each fork is packed and not JSON. Whatever the zygote touches between two forks is a page that the workers before it no
longer share: a JSON encoder's are 100 KB that they would not have written to themselves.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

__all__ = ["Exited", "ForkOrder", "Forked", "receive", "send", "tell", "told"]

_MAX_MESSAGE = 1 << 16
_MAX_DESCRIPTORS = 4
_ORDER = struct.Struct("=QQQ?")
_FORKED = struct.Struct("=cQQ")
_EXITED = struct.Struct("=cQidQ")


class ForkOrder(NamedTuple):
    """To the zygote. ``memory`` (bytes) and ``cpu_seconds``: 0 = unlimited. ``spare``: nobody waits for this worker yet.

    ``attempt``: what the canary is to try, else empty.
    """

    request: int
    memory: int
    cpu_seconds: int
    spare: bool = False
    attempt: str = ""

    def pack(self) -> bytes:
        """As a datagram."""
        return _ORDER.pack(*self[:4]) + self.attempt.encode()

    @classmethod
    def unpack(cls, data: bytes) -> ForkOrder:
        """From a datagram."""
        request, memory, cpu_seconds, spare = _ORDER.unpack_from(data)
        return cls(request, memory, cpu_seconds, spare, data[_ORDER.size :].decode())


class Forked(NamedTuple):
    """From the zygote, with a pidfd: ``pid`` is the worker's inside of the namespace."""

    request: int
    pid: int

    def pack(self) -> bytes:
        """As a datagram."""
        return _FORKED.pack(b"F", *self)


class Exited(NamedTuple):
    """From the zygote: the worker was reaped. ``status`` as ``wait(2)`` gives it."""

    pid: int
    status: int
    cpu_s: float
    max_rss_kib: int

    def pack(self) -> bytes:
        """As a datagram."""
        return _EXITED.pack(b"X", *self)


def tell(message: dict[str, Any]) -> bytes:
    """How the start went, which is told once: a datagram for :func:`told`."""
    return json.dumps(message, separators=(",", ":")).encode()


def told(data: bytes) -> Forked | Exited | dict[str, Any]:
    """What a datagram of the zygote says."""
    if data[:1] == b"F":
        return Forked(*_FORKED.unpack(data)[1:])
    if data[:1] == b"X":
        return Exited(*_EXITED.unpack(data)[1:])
    message: dict[str, Any] = json.loads(data)
    return message


def send(control: socket.socket, data: bytes, descriptors: Sequence[int] = ()) -> None:
    """Send one datagram; the kernel duplicates the descriptors."""
    socket.send_fds(control, [data], list(descriptors))


def receive(control: socket.socket, size: int = _MAX_MESSAGE) -> tuple[bytes, list[int]] | None:
    """The next datagram, of ``size`` bytes at most, and its descriptors; ``None`` at the end. Raises ``BlockingIOError`` when there is none yet."""
    try:
        data, descriptors, _, _ = socket.recv_fds(control, size, _MAX_DESCRIPTORS)
    except BlockingIOError:
        raise
    except OSError:
        return None
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    return (data, descriptors) if data else None
