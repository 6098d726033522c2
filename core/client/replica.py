"""One isolate of an app server: opened, booted from its entry, asked, ended."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

from isolate_host.client.link import Channel
from isolate_host.client.log_text import log_text
from isolate_host.client.session import Session
from isolate_host.errors import Disposed, IsolateHostError
from isolate_host.wire.frames import Frame

__all__ = ["Replica"]

_logger = logging.getLogger(__name__)
_BOOT_FILE = "/isolate-host/boot.mjs"


class Replica:
    """A booted isolate. ``asked`` counts what it has not answered yet, ``held`` what else keeps it: open streams and WebSockets."""

    def __init__(self, number: int, session: Session, channel: Channel) -> None:
        self.number = number
        self.session, self.channel = session, channel
        self.asked = self.held = 0
        #: No new requests: it is being replaced.
        self.retired = False
        self._quiet = asyncio.Event()
        self._quiet.set()

    @property
    def load(self) -> int:
        """What the least busy replica has least of."""
        return self.asked + self.held

    @property
    def alive(self) -> bool:
        """False when the isolate is gone."""
        return self.session.end is None

    @property
    def ended(self) -> IsolateHostError:
        """Why it is gone."""
        return self.session.end or Disposed("the isolate was disposed")

    async def boot(self, entry: str) -> None:
        """Load ``entry`` and find its handlers. Raises what the program throws, and ``GuestError`` when it registers none."""
        endpoint = self.session.endpoint
        source = f"import * as app from {json.dumps(entry)};\nexport default () => app;\n"
        load = await endpoint.request({"t": "w.eval", "filename": _BOOT_FILE, "mode": "module"}, body=source.encode())
        if self.session.rejections:
            raise self.session.rejections[0]
        await endpoint.call("serve", "boot", load)
        self.session.on_rejection = self._report

    def _report(self, error: BaseException) -> None:
        self.session.rejections.clear()
        _logger.warning("uncaught error in app server isolate %s: %s", self.session.info.get("id"), log_text(error))

    # ------------------------------------------------------------------ work
    def ask(self, header: dict[str, Any], body: bytes, segments: Any, on_reply: Callable[[Frame | BaseException], None]) -> int:
        """Send one ``call`` to the guest; see ``Endpoint.ask``."""

        def replied(reply: Frame | BaseException) -> None:
            self.asked -= 1
            if self.asked == 0:
                self._settle()
            on_reply(reply)

        self.asked += 1
        try:
            number = self.session.endpoint.ask(header, body, segments, replied)
        except BaseException:
            self.asked -= 1
            raise
        if self.asked == 1:
            self._quiet.clear()
        return number

    def hold(self) -> None:
        """A stream or a WebSocket began."""
        self.held += 1
        self._quiet.clear()

    def release(self) -> None:
        """It ended."""
        self.held -= 1
        self._settle()

    def _settle(self) -> None:
        if self.load == 0:
            self._quiet.set()

    # ------------------------------------------------------------------ end
    async def retire(self, drain_s: float, reason: str) -> None:
        """Finish what was begun, background work included, for at most ``drain_s`` seconds; then end."""
        self.retired = True
        if drain_s > 0 and self.alive:
            try:
                async with asyncio.timeout(drain_s):
                    await self._quiet.wait()
                    if self.alive:
                        await self.session.endpoint.call("serve", "quiet")
            except (TimeoutError, IsolateHostError):
                pass  # it is ended now in any case
        await self.dispose(reason)

    async def dispose(self, reason: str) -> None:
        """End the isolate; what it has not answered fails with ``Disposed``."""
        self.retired = True
        self.session.ended(Disposed(f"the app server's isolate was ended: {reason}"))
        await self.channel.dispose(True, reason)
        await self.session.settle()
