"""Who is at the other end of a socket."""

from __future__ import annotations

import hashlib
import hmac
import os
import socket
import ssl
import struct
from typing import Any

from isolate_host.config import TcpConfig
from isolate_host.daemon.troubles import load_certificate
from isolate_host.errors import NotConnected

__all__ = ["allowed_peer", "check_token", "peer_identity", "peer_uid", "server_tls"]

_UCRED = struct.Struct("3i")


def peer_uid(connection: Any) -> int:
    """The user behind a unix socket, as the kernel knows it."""
    _pid, uid, _gid = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return int(uid)


def allowed_peer(connection: Any) -> bool:
    """Our own user, or root, who could read our memory anyway."""
    return peer_uid(connection) in (os.getuid(), 0)


def peer_identity(connection: Any, token: str | None) -> str:
    """Whom sessions belong to: the user behind a unix socket, or whoever holds the token."""
    if connection.family == socket.AF_UNIX:
        return f"uid:{peer_uid(connection)}"
    return f"token:{hashlib.sha256((token or '').encode()).hexdigest()}"


def check_token(expected: str | None, given: Any) -> None:
    """Compare in constant time. Raises ``NotConnected``; without an expected token everything passes."""
    if expected is not None and not (isinstance(given, str) and hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))):
        raise NotConnected("the daemon refused the token", hint="give DaemonOptions(token=…) the token of the daemon's configuration")


def server_tls(config: TcpConfig) -> ssl.SSLContext:
    """TLS 1.3 with the configured certificate. Raises ``ConfigError``."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    load_certificate(context, config.certificate, config.key)
    return context
