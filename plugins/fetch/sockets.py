"""The WebSockets of one runtime. Nothing is read from a server before the guest takes what was read, nor the other way round."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from aiohttp import ClientError, ClientResponse, ClientWebSocketResponse, WSMsgType

from isolate_host.errors import LimitExceeded
from isolate_host.plugins.fetch.targets import BadTargetError, Target

__all__ = ["Opened", "Socket", "Sockets", "read_protocols", "read_socket_target"]

#: What waits for a guest before the server has to wait: bytes, and messages (empty ones take memory too).
_BUFFER: Final = 256 * 1024
_MOST: Final = 64
#: How long a server may take to answer the closing handshake.
_CLOSE_S: Final = 10.0
_NO_CODE: Final = 1005
_LOST: Final = 1006
_LONGEST_REASON: Final = 123
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

Opened = tuple[ClientWebSocketResponse, ClientResponse]


def read_socket_target(url: Any) -> Target:
    """Where a socket may go. Raises ``TypeError`` and ``ValueError``."""
    if not isinstance(url, str):
        raise TypeError("a URL must be a string")
    target = Target.parse(url)
    if target.scheme not in ("ws", "wss") or target.fragment:
        raise BadTargetError("a WebSocket needs a ws: or wss: URL without fragment")
    return target


def read_protocols(protocols: Any) -> list[str]:
    """Checked subprotocols: they become a header. Raises ``TypeError``."""
    fits = isinstance(protocols, list) and all(isinstance(item, str) and _TOKEN.fullmatch(item) for item in protocols)
    if not fits or len(set(protocols)) != len(protocols):
        raise TypeError("subprotocols must be different tokens")
    return list(protocols)


class Sockets:
    """Open sockets by number. ``connect`` makes a connection that the policy allows."""

    def __init__(self, connect: Callable[[Target, list[str]], Awaitable[Opened]], *, most: int, max_message: int, key: str) -> None:
        self._connect, self._most, self._max_message, self._key = connect, most, max_message, key
        self._sockets: dict[int, Socket] = {}
        self._connecting = 0
        # A guest may still have numbers of a former owner of its session: they must not fit.
        self._last = secrets.randbits(48)

    async def open(self, target: Target, protocols: list[str]) -> dict[str, Any]:
        """Connect; what the guest has to know. Raises what ``connect`` does, and ``LimitExceeded``."""
        if len(self._sockets) + self._connecting >= self._most:
            message = f"{self._most} WebSockets are open"
            raise LimitExceeded(message, kind="fetch_websockets", hint=f"close some, or raise {self._key}.max_websockets")
        self._connecting += 1
        try:
            ws, response = await self._connect(target, protocols)
        finally:
            self._connecting -= 1
        self._last += 1
        self._sockets[self._last] = Socket(ws, response, self._max_message, self._key)
        return {"id": self._last, "protocol": ws.protocol or "", "extensions": response.headers.get("Sec-WebSocket-Extensions", "")}

    async def receive(self, number: Any) -> dict[str, Any]:
        """The next messages, once there are any, and the end after the last one."""
        found = await self._find(number).receive()
        if found["end"] is not None:
            self._sockets.pop(number, None)
        return found

    async def send(self, number: Any, messages: Any) -> None:
        """Send messages in order; returns when the server has taken enough of them that more may come."""
        await self._find(number).send(messages)

    async def close(self, number: Any, code: Any, reason: Any) -> None:
        """Begin the closing handshake."""
        await self._find(number).close(code, reason)

    def _find(self, number: Any) -> Socket:
        socket = self._sockets.get(number) if type(number) is int else None
        if socket is None:
            raise LookupError("there is no such WebSocket")
        return socket

    async def aclose(self) -> None:
        """Drop every connection."""
        sockets, self._sockets = list(self._sockets.values()), {}
        await asyncio.gather(*(socket.abort() for socket in sockets))


class Socket:
    """One connection, and a task that reads ahead as far as the buffer allows."""

    def __init__(self, ws: ClientWebSocketResponse, response: ClientResponse, max_message: int, key: str) -> None:
        self._ws, self._response, self._max_message, self._key = ws, response, max_message, key
        self._messages: deque[str | bytes] = deque()
        self._size = 0
        self._end: dict[str, Any] | None = None
        self._closing = False
        self._arrived, self._room = asyncio.Event(), asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._reader = asyncio.get_running_loop().create_task(self._read())

    # ── from the server ──────────────────────────────────────────────────────────────────────────────────────────────

    async def receive(self) -> dict[str, Any]:
        """What arrived, and ``end`` when nothing will follow."""
        while not self._messages and self._end is None:
            self._arrived.clear()
            await self._arrived.wait()
        messages = list(self._messages)
        self._drop()
        return {"messages": messages, "end": self._end}

    async def _read(self) -> None:
        try:
            while self._end is None:
                message = await self._ws.receive()
                if message.type is WSMsgType.TEXT or message.type is WSMsgType.BINARY:
                    await self._keep(message.data)
                elif message.type is WSMsgType.CLOSE:
                    await self._closed_by_server(message.data or _NO_CODE, message.extra or "")
                else:
                    broken = message.type is WSMsgType.ERROR
                    self._ended(_LOST, "", "the server broke the protocol, or sent too long a message" if broken else "the connection was lost")
        except (ClientError, OSError):
            self._ended(_LOST, "", "the connection was lost")
        finally:
            self._ended(_LOST, "", "the connection was lost")

    async def _keep(self, data: str | bytes) -> None:
        if self._closing:  # a guest that has said goodbye hears no more messages
            return
        self._messages.append(data)
        self._size += len(data)
        self._arrived.set()
        while self._end is None and (self._size >= _BUFFER or len(self._messages) >= _MOST):
            self._room.clear()
            await self._room.wait()

    async def _closed_by_server(self, code: int, reason: str) -> None:
        if not self._closing:
            self._closing = True
            await self._ws.send_frame(b"" if code == _NO_CODE else code.to_bytes(2), WSMsgType.CLOSE)
        self._ended(code, reason, None)

    def _ended(self, code: int, reason: str, error: str | None) -> None:
        """Only the first end counts."""
        if self._end is None:
            self._end = {"code": code, "reason": reason, "clean": error is None, "error": error}
            if self._timer is not None:
                self._timer.cancel()
            self._response.close()
            self._arrived.set()
            self._room.set()

    def _drop(self) -> None:
        self._messages.clear()
        self._size = 0
        self._room.set()

    # ── to the server ────────────────────────────────────────────────────────────────────────────────────────────────

    async def send(self, messages: Any) -> None:
        """After the end nothing is sent, and nothing is said about it: the guest is about to learn of the end."""
        for message in self._checked(messages):
            if self._closing or self._end is not None:
                return
            try:
                await (self._ws.send_str(message) if isinstance(message, str) else self._ws.send_bytes(message))
            except (ClientError, OSError):
                self._ended(_LOST, "", "the connection was lost")

    def _checked(self, messages: Any) -> Sequence[str | bytes]:
        if not isinstance(messages, list) or not all(isinstance(message, (str, bytes)) for message in messages):
            raise TypeError("messages must be texts or bytes")
        if any(len(message) > self._max_message for message in messages):
            error = f"a message has more than {self._max_message} bytes"
            raise LimitExceeded(error, kind="fetch_message", hint=f"raise {self._key}.max_message_bytes")
        return messages

    async def close(self, code: Any, reason: Any) -> None:
        """Say goodbye; the server's answer ends the socket, or the lack of one."""
        payload = _close_payload(code, reason)
        if self._closing or self._end is not None:
            return
        self._closing = True
        self._drop()
        self._timer = asyncio.get_running_loop().call_later(_CLOSE_S, self._ended, _LOST, "", "the server did not answer the closing handshake")
        try:
            await self._ws.send_frame(payload, WSMsgType.CLOSE)
        except (ClientError, OSError):
            self._ended(_LOST, "", "the connection was lost")

    async def abort(self) -> None:
        """No goodbye."""
        self._ended(_LOST, "", "the runtime has ended")
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)


def _close_payload(code: Any, reason: Any) -> bytes:
    if code is None:
        return b""
    if type(code) is not int or not (code == 1000 or 3000 <= code <= 4999) or not isinstance(reason, str):
        raise TypeError("a close code must be 1000 or from 3000 to 4999, with a text as its reason")
    text = reason.encode()
    if len(text) > _LONGEST_REASON:
        raise TypeError(f"the reason has more than {_LONGEST_REASON} bytes")
    return code.to_bytes(2) + text
