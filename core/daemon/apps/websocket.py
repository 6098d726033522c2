"""The front's end of one WebSocket: frames by the ``websockets`` library, life and flow here."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
from collections.abc import Callable, Sequence
from json.encoder import encode_basestring as _quoted

from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN, SERVER, Protocol
from websockets.utils import accept_key

from isolate_host.client.app_server import AppServer
from isolate_host.client.websockets import WebSocketCommand
from isolate_host.config.apps import AppLimits
from isolate_host.daemon.apps.heads import HeadWriter, encode_head
from isolate_host.daemon.apps.request import IncomingRequest
from isolate_host.daemon.apps.ws_frames import FrameIntake, plain_frame
from isolate_host.errors import IsolateHostError

__all__ = ["WebSocketConnection", "handshake_answer"]

#: Bytes to the guest after which the connection is no longer read until the worker has taken them.
_INTAKE = 1 << 20
#: What the client took is reported to the guest this often (seconds), not for each message.
_REPORT_S = 0.05
_CLOSE_S = 5.0


def handshake_answer(request: IncomingRequest, extra: list[tuple[str, str]], heads: HeadWriter) -> bytes | None:
    """The answer to a valid handshake (RFC 6455 §4.2), or ``None``. A subprotocol of the guest counts when the client offered it."""
    fields = request.websocket
    if fields is None or request.method != "GET" or fields.get("sec-websocket-version") != "13":
        return None
    key = fields.get("sec-websocket-key", "")
    try:
        if len(base64.b64decode(key, validate=True)) != 16:
            return None
    except (binascii.Error, ValueError):
        return None
    offered = [item.strip() for item in fields.get("sec-websocket-protocol", "").split(",")]
    flat: list[str] = []
    for name, value in extra:
        lower = name.lower()
        if lower == "sec-websocket-protocol" and value not in offered:
            continue
        if lower not in ("sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-version"):
            flat += (name, value)
    lines, _ = heads.fields(flat)
    return encode_head(
        f"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        f"sec-websocket-accept: {accept_key(key)}\r\n{lines}{heads.date().decode()}\r\n"
    )


class WebSocketConnection:
    """Passes messages between a client and the guest, and keeps both from being flooded by the other."""

    def __init__(
        self, transport: asyncio.Transport, server: AppServer, connection_id: str, limits: AppLimits,
        on_gone: Callable[[WebSocketConnection], None],
    ) -> None:
        self._transport, self._server, self._id, self._limits, self._on_gone = transport, server, connection_id, limits, on_gone
        self._protocol = Protocol(SERVER, state=OPEN, max_size=limits.message_bytes)
        self._replica, self._number = server.ws.take_over(connection_id, self._command)
        self._loop = asyncio.get_running_loop()
        self._frames = FrameIntake(self._protocol, limits.message_bytes, self._whole, self._by_library)
        #: Messages of this read that the guest has not been told of.
        self._messages: list[str | bytes] = []
        self._parts: list[bytes] = []
        self._text = False
        self._taken, self._passed, self._unanswered = 0, 0, 0
        self._intake: asyncio.Task[None] | None = None
        self._report: asyncio.TimerHandle | None = None
        self._ping: asyncio.TimerHandle | None = None
        self._ending: asyncio.TimerHandle | None = None
        self._full = False
        self._gone = False
        #: What the guest is told in the end: abnormal closure, unless somebody said goodbye.
        self._code, self._reason = 1006, ""

    def opened(self) -> None:
        """The handshake is answered."""
        self._tell("ws.open")
        self._ping = self._loop.call_later(self._limits.ping_s, self._send_ping)

    def _tell(self, op: str, *args: object) -> None:
        if self._replica.alive:
            self._replica.session.endpoint.note("serve", op, self._number, *args)

    # ------------------------------------------------------------------ from the client
    def received(self, data: bytes) -> None:
        """Bytes of the client. All messages in them go to the guest together."""
        if self._gone:
            return
        self._frames.feed(data)
        self._pass_on()
        self._flush()

    def _by_library(self, data: bytes) -> None:
        """What breaks the protocol is answered with its close code by the library."""
        self._protocol.receive_data(data)
        for frame in self._protocol.events_received():
            self._unanswered = 0
            if isinstance(frame, Frame) and frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                self._part(frame.opcode, bytes(frame.data), frame.fin)
        self._frames.fragmented = bool(self._parts)

    def _part(self, opcode: Opcode, data: bytes, fin: bool) -> None:
        if opcode is not Opcode.CONT:
            self._text = opcode is Opcode.TEXT
        self._parts.append(data)
        if not fin:
            return
        message = data if len(self._parts) == 1 else b"".join(self._parts)
        self._parts = []
        self._whole(self._text, message)

    def _whole(self, text: bool, message: bytes) -> None:
        """A message is complete."""
        self._unanswered = 0
        self._taken += len(message) + 64
        try:
            self._messages.append(message.decode() if text else message)
        except UnicodeDecodeError:
            self._protocol.fail(1007, "a text that is no UTF-8")

    def _pass_on(self) -> None:
        messages, self._messages = self._messages, []
        if not messages:
            return
        if self._replica.alive:
            items: list[str] = []
            segments: list[bytes] = []
            for message in messages:
                if isinstance(message, str):
                    items.append(_quoted(message))
                else:
                    items.append(f'{{"$":"bin","k":"Uint8Array","b":{len(segments)}}}')
                    segments.append(message)
            body = f"[{self._number},[{','.join(items)}]]".encode()
            self._replica.session.endpoint.note_encoded("serve", "ws.messages", body, segments)
        if self._taken > _INTAKE and self._intake is None:
            self._transport.pause_reading()
            self._intake = self._loop.create_task(self._take())

    async def _take(self) -> None:
        """Go on when the worker has read what it got."""
        await self._replica.channel.drain()
        self._taken, self._intake = 0, None
        if not self._gone and not self._transport.is_closing():
            self._transport.resume_reading()

    # ------------------------------------------------------------------ from the guest
    def _command(self, commands: Sequence[WebSocketCommand], size: int) -> None:
        if self._gone or self._protocol.state is not OPEN:
            return
        if commands[0].type == "close":
            self.close(commands[0].code or 1000, commands[0].reason)
            return
        # What the library still has to say comes first.
        self._flush()
        frames = []
        for command in commands:
            data = command.data
            if isinstance(data, str):
                frames.append(plain_frame(data.encode("utf-8", "replace"), text=True))
            elif data is not None:
                frames.append(plain_frame(data, text=False))
        self._transport.write(frames[0] if len(frames) == 1 else b"".join(frames))
        waiting = self._transport.get_write_buffer_size()
        if waiting > self._limits.backlog_bytes:
            # The client does not read; what waits for it is this host's memory.
            self._code, self._reason = 1013, "the client does not keep up"
            self._transport.abort()
            return
        self._passed += size
        self._full = waiting > 0
        if not self._full:
            self._report_soon()

    def writable(self) -> None:
        """The client took what waited."""
        self._full = False
        self._report_soon()

    def _report_soon(self) -> None:
        if self._report is None and self._passed:
            self._report = self._loop.call_later(_REPORT_S, self._report_now)

    def _report_now(self) -> None:
        self._report = None
        if self._transport.get_write_buffer_size() > 0:
            self._report_soon()
            return
        passed, self._passed = self._passed, 0
        if passed and not self._gone:
            self._tell("ws.passed", passed)

    # ------------------------------------------------------------------ life
    def _send_ping(self) -> None:
        if self._unanswered >= 2:
            self._code, self._reason = 1006, "the client left pings unanswered"
            self._transport.abort()
            return
        self._unanswered += 1
        if self._protocol.state is OPEN:
            self._protocol.send_ping(b"")
            self._flush()
            self._ping = self._loop.call_later(self._limits.ping_s, self._send_ping)

    def close(self, code: int, reason: str) -> None:
        """Say goodbye; the connection ends when the client has answered, or soon."""
        if self._gone or self._protocol.state is not OPEN:
            return
        self._protocol.send_close(code, reason)
        self._flush()

    def _flush(self) -> None:
        if self._gone:
            return
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                # The library's sign for the end of our side.
                self._transport.close()
        if self._protocol.state is not OPEN and self._ending is None:
            self._ending = self._loop.call_later(_CLOSE_S, self._transport.abort)

    def lost(self) -> None:
        """The connection is gone: the guest hears with which code."""
        if self._gone:
            return
        self._gone = True
        for timer in (self._ping, self._report, self._ending):
            if timer is not None:
                timer.cancel()
        self._protocol.receive_eof()
        if self._protocol.close_code is not None and self._protocol.close_code != 1006:
            self._code, self._reason = self._protocol.close_code, self._protocol.close_reason or ""
        with contextlib.suppress(IsolateHostError):  # the isolate may end in the same moment
            self._tell("ws.close", self._code, self._reason)
        self._server.ws.forget(self._id)
        self._on_gone(self)
