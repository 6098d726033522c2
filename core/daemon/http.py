"""The plain HTTP front: ``/healthz``, ``/readyz`` and ``/metrics``. Reads request lines, serves GET and HEAD, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from isolate_host.config import HttpConfig
from isolate_host.daemon.troubles import cannot_listen

__all__ = ["HttpFront", "render_metrics"]

#: Whoever connects has so long (seconds) and so many bytes for a request.
_TIMEOUT_S = 5.0
_MAX_REQUEST_BYTES = 8192
_TEXT = "text/plain; charset=utf-8"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"
_HELP = {
    "runtimes": ("gauge", "Live runtimes."),
    "runtimes_created_total": ("counter", "Runtimes created since the start."),
    "spares": ("gauge", "Workers that wait for a runtime."),
    "clients": ("gauge", "Connected clients."),
    "clients_total": ("counter", "Clients accepted since the start."),
    "config_last_reload_successful": ("gauge", "Whether the last reload of the configuration succeeded (1 before the first)."),
}


def render_metrics(values: Mapping[str, float]) -> str:
    """Prometheus text for the metrics that are known, each under ``isolate_host_``.

    >>> print(render_metrics({"runtimes": 2}))
    # HELP isolate_host_runtimes Live runtimes.
    # TYPE isolate_host_runtimes gauge
    isolate_host_runtimes 2
    <BLANKLINE>
    """
    lines = []
    for name, (kind, text) in _HELP.items():
        if name in values:
            full = f"isolate_host_{name}"
            lines += [f"# HELP {full} {text}", f"# TYPE {full} {kind}", f"{full} {values[name]:g}"]
    return "\n".join(lines) + "\n"


class HttpFront:
    """Answers on the configured address. ``metrics`` gives the numbers, ``ready`` says whether new clients are welcome."""

    def __init__(self, config: HttpConfig, metrics: Callable[[], Mapping[str, Any]], ready: Callable[[], bool]) -> None:
        self._config = config
        self._metrics = metrics
        self._ready = ready
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Raises ``ConfigError``."""
        listen = self._config.listen
        try:
            self._server = await asyncio.start_server(self._serve, listen.host, listen.port, limit=_MAX_REQUEST_BYTES)
        except OSError as error:
            raise cannot_listen(listen, error) from None

    @property
    def port(self) -> int:
        """The port, when the system chose it."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server is not None else 0

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                head = await reader.readuntil(b"\r\n\r\n")
                status, kind, body = self._answer(head.split(b"\r\n", 1)[0].decode("latin-1"))
                header = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                writer.write(header.encode() + (b"" if head.startswith(b"HEAD ") else body))
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def _answer(self, request: str) -> tuple[str, str, bytes]:
        method, _, rest = request.partition(" ")
        path = rest.split(" ")[0].split("?")[0]
        if method not in ("GET", "HEAD"):
            return "405 Method Not Allowed", _TEXT, b"only GET\n"
        if path == "/healthz":
            return "200 OK", _TEXT, b"ok\n"
        if path == "/readyz":
            return ("200 OK", _TEXT, b"ready\n") if self._ready() else ("503 Service Unavailable", _TEXT, b"draining\n")
        if path == "/metrics":
            return "200 OK", _METRICS, render_metrics(self._metrics()).encode()
        return "404 Not Found", _TEXT, b"there are /healthz, /readyz and /metrics\n"
