"""Two endpoints joined by real bytes: what one sends is encoded, cut into odd pieces, and read by the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from isolate_host.wire.endpoint import Endpoint
from isolate_host.wire.frames import Frame, FrameReader, encode_frame

__all__ = ["Pair", "until"]


class Pair:
    """``host`` (a client, party 1) and ``guest``. ``sent`` lists the headers that went each way."""

    def __init__(self, on_host_call: Callable[..., Any] | None = None, on_guest_call: Callable[..., Any] | None = None, **options: Any) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.violations: list[Exception] = []
        violated = self.violations.append
        self.host = Endpoint(self._way("host>", lambda: self.guest), peer=1, on_call=on_host_call, on_violation=violated, **options)
        self.guest = Endpoint(self._way("guest>", lambda: self.host), peer=1, guest=True, on_call=on_guest_call, on_violation=violated)

    def _way(self, name: str, target: Callable[[], Endpoint]) -> Callable[[Frame], None]:
        reader = FrameReader()

        def send(frame: Frame) -> None:
            data = b"".join(encode_frame(frame))
            self.sent.append((name, frame.header))
            asyncio.get_running_loop().call_soon(deliver, data)

        def deliver(data: bytes) -> None:
            middle = len(data) // 2
            for part in (data[:middle], data[middle:]):
                for frame in reader.feed(part):
                    target().receive(frame)

        return send

    def headers(self, way: str, kind: str) -> list[dict[str, Any]]:
        return [header for name, header in self.sent if name == way and header["t"] == kind]

    async def close(self) -> None:
        self.host.close()
        self.guest.close()
        await asyncio.gather(self.host.wait_closed(), self.guest.wait_closed())


async def until(condition: Callable[[], Any], seconds: float = 5.0) -> None:
    """Wait until ``condition()`` holds; fail after ``seconds``."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.001)
