"""The link to a daemon: finds it, starts it if allowed, and finds it again after a loss."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import struct
from pathlib import Path
from typing import Any, Self

from isolate_host.client.daemon_connection import DaemonConnection
from isolate_host.client.link import Channel, Sink
from isolate_host.client.options import DaemonOptions
from isolate_host.client.starting import start_daemon
from isolate_host.errors import Disposed, NotConnected

__all__ = ["SocketLink"]

_UCRED = struct.Struct("3i")


class SocketLink:
    """Implements :class:`~isolate_host.client.link.Link`.

    When the connection is lost its runtimes are gone (``NotConnected``); the next use of the link connects anew.
    """

    keeps_sessions = True

    def __init__(self, options: DaemonOptions) -> None:
        self._options = options
        self._connection: DaemonConnection | None = None
        self._connecting = asyncio.Lock()
        self._closed = False

    @classmethod
    async def connect(cls, options: DaemonOptions) -> Self:
        """Connect. Raises ``NotConnected``, or what made the daemon that was started here fail."""
        link = cls(options)
        await link._connected()
        return link

    @property
    def connected(self) -> bool:
        """True while there is a connection."""
        return self._connection is not None and self._connection.connected

    async def control(self, op: str, params: dict[str, Any]) -> Any:
        """Ask the daemon."""
        connection = await self._connected()
        return connection.hello if op == "hello" else await connection.request(op, params)

    async def open(self, kind: str, spec: dict[str, Any], sink: Sink, *, start: bool = True) -> Channel:
        """Create a runtime at the daemon."""
        return await (await self._connected(start=start)).open(kind, spec, sink)

    async def close(self) -> None:
        """Close the connection; the daemon ends the runtimes of this client. The daemon itself goes on."""
        self._closed = True
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.connected = False
            connection.close()
            await connection.gone

    # -- connecting --------------------------------------------------------------------------------------------------

    async def _connected(self, *, start: bool = True) -> DaemonConnection:
        if self._closed:
            raise Disposed("the host was closed")
        async with self._connecting:
            if self._connection is None or not self._connection.connected:
                self._connection = await self._reach(start=start and self._options.auto_start)
            return self._connection

    async def _reach(self, *, start: bool) -> DaemonConnection:
        options = self._options
        try:
            async with asyncio.timeout(options.timeout_s):
                connection = await (self._over_tls(options.address) if options.address else self._over_unix(options.path, start=start))
                try:
                    await connection.greet(options.token)
                except BaseException:
                    connection.close()
                    raise
                return connection
        except TimeoutError:
            raise NotConnected(f"the daemon did not answer within {options.timeout_s:g} s", hint="see its log, or raise timeout_s") from None

    async def _over_unix(self, path: Path, *, start: bool) -> DaemonConnection:
        try:
            return await _dial(path)
        except (FileNotFoundError, ConnectionRefusedError):
            if not start:
                raise NotConnected(f"no daemon listens on {path}", hint=f"start one: isolate-host serve --socket {path}") from None
        except OSError as error:
            raise NotConnected(f"cannot connect to {path}: {error.strerror}") from None
        await start_daemon(self._options)
        try:
            return await _dial(path)
        except OSError as error:
            raise NotConnected(f"the daemon on {path} went away at once: {error.strerror}", hint=f"see {path}.log") from None

    async def _over_tls(self, address: str) -> DaemonConnection:
        host, _, port = address.rpartition(":")
        context = ssl.create_default_context(cafile=self._options.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        try:
            _, connection = await asyncio.get_running_loop().create_connection(DaemonConnection, host.strip("[]"), int(port), ssl=context)
        except ssl.SSLError as error:
            raise NotConnected(f"the daemon at {address} has no certificate that we trust: {error.reason}", hint="give ca_file=") from None
        except OSError as error:
            raise NotConnected(f"cannot connect to {address}: {error.strerror or error}") from None
        return connection


async def _dial(path: Path) -> DaemonConnection:
    """Connect to a socket, and make sure that it is ours: whoever listens there would see everything that guests are given."""
    connecting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        connecting.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connecting, str(path))
        _pid, uid, _gid = _UCRED.unpack(connecting.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
        if uid not in (os.getuid(), 0):
            raise NotConnected(f"the socket {path} belongs to user {uid}", hint="choose another socket_path")
        _, connection = await asyncio.get_running_loop().create_unix_connection(DaemonConnection, sock=connecting)
    except BaseException:
        connecting.close()
        raise
    return connection
