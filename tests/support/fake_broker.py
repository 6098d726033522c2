"""A broker and a guest in Python, behind the ``Link`` seam: client tests need neither V8 nor processes.

A *program* plays the guest: ``async (guest, code) -> value``. Frames cross as bytes, so that everything is encoded as on a real hop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from isolate_host.errors import Disposed, IsolateHostError, LimitExceeded
from isolate_host.wire.endpoint import Endpoint
from isolate_host.wire.frames import Frame, FrameReader, encode_frame
from isolate_host.wire.serving import IncomingCall

__all__ = ["FakeChannel", "FakeLink", "Guest"]

Program = Callable[["Guest", str], Awaitable[Any]]


class Guest:
    """The guest's side of one fake runtime."""

    def __init__(self, channel: FakeChannel) -> None:
        self._channel = channel
        self.notes: list[tuple[str, str, list[Any]]] = []
        self.endpoint = Endpoint(channel.to_client, peer=1, guest=True, on_note=self._note)

    def _note(self, call: IncomingCall) -> None:
        self.notes.append((call.header["cap"], call.header["op"], call.arguments()))

    async def call(self, capability: str, op: str, *args: Any, **extra: Any) -> Any:
        """What ``sdk.call`` does, after the broker added what a forwarded call has."""
        header = {"t": "call", "cap": capability, "op": op, "rt": "r1", "res": f"{capability}:{op}:1", "req": None, "dl": None, **extra}
        return await self.endpoint.request(header, args)

    def note(self, capability: str, op: str, *args: Any) -> None:
        self.endpoint.note(capability, op, *args)

    def reject(self, error: BaseException) -> None:
        body, segments = self.endpoint.encode(error)
        self._channel.to_client(Frame({"t": "w.reject"}, body, segments))

    def die(self, error: IsolateHostError) -> None:
        """The broker ends the runtime."""
        self._channel.end(error)


class FakeChannel:
    """Implements ``Channel``."""

    def __init__(self, link: FakeLink, spec: dict[str, Any], sink: Any) -> None:
        self.link, self.spec, self.sink = link, spec, sink
        self.info: dict[str, Any] = {"id": f"r{len(link.channels) + 1}", "isolation": {"seccomp": "on"}}
        self.disposed: list[tuple[bool, str | None]] = []
        self.flow: list[str] = []
        self.limit = 1 << 30
        self.room = asyncio.Event()
        self.room.set()
        self._ended = False
        self._to_client, self._to_guest = FrameReader(), FrameReader()
        self.guest = Guest(self)

    def to_client(self, frame: Frame) -> None:
        self._deliver(frame, self._to_client, lambda item: None if self._ended else self.sink.receive(item))

    def send(self, frame: Frame) -> None:
        if len(frame.body) + sum(map(len, frame.segments)) > self.limit:
            raise LimitExceeded("a message is too large", kind="payload")
        self._deliver(frame, self._to_guest, self._receive)

    def _deliver(self, frame: Frame, reader: FrameReader, target: Callable[[Frame], None]) -> None:
        data = b"".join(encode_frame(frame))
        asyncio.get_running_loop().call_soon(lambda: [target(item) for item in reader.feed(data)])

    def _receive(self, frame: Frame) -> None:
        assert frame.header.get("p") == 1 or frame.header["t"] in ("ok", "err"), frame.header
        if frame.header["t"] == "w.eval":
            self.link.evals.append(frame.header)
            self.guest.endpoint.spawn(self._evaluate(frame))
        else:
            self.guest.endpoint.receive(frame)

    async def _evaluate(self, frame: Frame) -> None:
        endpoint = self.guest.endpoint
        header = {"id": frame.header["id"], "p": 1}
        try:
            body, segments = endpoint.encode(await self.link.program(self.guest, frame.body.decode()))
        except Exception as error:
            body, segments = endpoint.encode(error)
            header["t"] = "err"
        self.to_client(Frame({"t": "ok", **header}, body, segments))

    async def drain(self) -> None:
        await self.room.wait()

    def pause(self) -> None:
        self.flow.append("pause")

    def resume(self) -> None:
        self.flow.append("resume")

    async def dispose(self, hard: bool, reason: str | None) -> None:
        self.disposed.append((hard, reason))
        self.end(None)
        await asyncio.sleep(0)

    def end(self, error: IsolateHostError | None) -> None:
        if not self._ended:
            self._ended = True
            self.guest.endpoint.close(Disposed("the fake runtime ended"))
            self.sink.ended(error)

    async def settled(self) -> None:
        await asyncio.sleep(0)

    async def diagnostics(self) -> dict[str, Any]:
        return {"cpu_s": 0.5, "state": "stale"}


class FakeLink:
    """Implements ``Link``."""

    keeps_sessions = False

    def __init__(self, program: Program, **hello: Any) -> None:
        self.program = program
        self.hello = {"plugins": ["console", "tools", "modules"], "isolation": {"seccomp": "on"}, **hello}
        self.connected = True
        self.channels: list[FakeChannel] = []
        self.evals: list[dict[str, Any]] = []
        self.refuse: IsolateHostError | None = None

    async def control(self, op: str, params: dict[str, Any], *, owner: str = "") -> Any:
        return self.hello if op == "hello" else {"workers": len(self.channels)}

    async def open(self, kind: str, spec: dict[str, Any], sink: Any, *, owner: str = "", start: bool = True) -> FakeChannel:
        if self.refuse is not None:
            raise self.refuse
        channel = FakeChannel(self, spec, sink)
        self.channels.append(channel)
        return channel

    async def close(self) -> None:
        self.connected = False
        for channel in self.channels:
            channel.end(None)
