"""The access log: one JSON line a request, written by a thread so that no request waits for the disk."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from isolate_host.daemon.apps.request import IncomingRequest

if TYPE_CHECKING:
    from isolate_host.daemon.apps.exchange import Exchange

__all__ = ["AccessLog"]

_LOG = logging.getLogger("isolate_host.apps")
_EVERY_S = 0.2
_MAX_LINES = 100_000

_Entry = tuple[float, str, IncomingRequest, int, int, float]


class AccessLog:
    """Opens the file for each batch, so that a tool may rotate it. Raises ``OSError`` at once when it cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: list[_Entry] = []
        self._lost = 0
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        _append(path, "")

    def record(self, app: str, exchange: Exchange, request: IncomingRequest) -> None:
        """One request that was answered, or given up (status 499)."""
        if len(self._entries) >= _MAX_LINES:
            self._lost += 1
            return
        duration = self._loop.time() - exchange.started
        self._entries.append((time.time(), app, request, exchange.status, exchange.sent, duration))
        if self._timer is None and self._writing is None:
            self._timer = self._loop.call_later(_EVERY_S, self._start)

    def _start(self) -> None:
        self._timer = None
        self._writing = self._loop.create_task(self._write())

    async def _write(self) -> None:
        entries, self._entries = self._entries, []
        lost, self._lost = self._lost, 0
        try:
            await asyncio.to_thread(_write, self._path, entries, lost)
        except OSError as error:
            _LOG.error("access records are lost: %s", error)
        self._writing = None
        if self._entries:
            self._timer = self._loop.call_later(_EVERY_S, self._start)

    async def close(self) -> None:
        """Write what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._writing is not None:
            await self._writing
        if self._entries:
            await self._write()


def _write(path: Path, entries: list[_Entry], lost: int) -> None:
    """On a thread: the lines are made here, too."""
    lines = [_line(entry) for entry in entries]
    if lost:
        lines.append(json.dumps({"lost": lost}) + "\n")
    _append(path, "".join(lines))


def _line(entry: _Entry) -> str:
    now, app, request, status, sent, duration = entry
    return json.dumps(
        {
            "ts": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"), "app": app, "request": request.request_id,
            "client": request.client, "method": request.method, "host": request.host, "target": request.target,
            "status": status or 499, "bytes": sent, "duration_ms": round(duration * 1000, 3),
        },
        separators=(",", ":"),
    ) + "\n"


def _append(path: Path, text: str) -> None:
    """Readable by the owner only: it names who asked for what."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "a", encoding="utf-8") as file:
        file.write(text)
