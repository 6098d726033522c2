"""The audit record: one JSON line per host call, written by a thread so that no call waits for the disk.

The line's form is ``schemas/audit.v1.schema.json``. Payloads are never recorded.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from isolate_host.config.model import AuditConfig
from isolate_host.errors import PolicyDenied

__all__ = ["AuditLog"]

_LOG = logging.getLogger("isolate_host.audit")
_VERSION = 1
#: Records that may wait for the disk. Beyond that they are counted and the loss is itself recorded.
_QUEUE_LIMIT = 100_000
_BATCH = 512


class AuditLog:
    """Takes events on the event loop; ``observe`` (the plugins' hook) sees each at once."""

    def __init__(self, config: AuditConfig, observe: Callable[[Mapping[str, Any]], None] | None) -> None:
        self._config, self._observe = config, observe
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue(_QUEUE_LIMIT)
        self._lost = 0
        self._thread: threading.Thread | None = None
        if config.file is not None:
            _open(config.file).close()
            self._thread = threading.Thread(target=self._write_all, args=(config.file,), name="isolate-host-audit", daemon=True)
            self._thread.start()

    @property
    def wanted(self) -> bool:
        """Whether anybody looks; when not, a hot path need not build the event."""
        return self._thread is not None or self._observe is not None

    def record(self, event: str, **fields: Any) -> None:
        """Note one event: ``call``, ``denied``, ``created``, ``ended``."""
        if not self.wanted:
            return
        now = datetime.fromtimestamp(time.time(), UTC)
        record = {"v": _VERSION, "ts": now.isoformat(timespec="microseconds"), "event": event, **fields}
        if self._observe is not None:
            self._observe(record)
        if self._thread is not None:
            try:
                self._queue.put_nowait(record)
            except queue.Full:
                self._lost += 1

    def denied(self, error: PolicyDenied, **fields: Any) -> None:
        """Note a refusal, with what ``isolate-host audit suggest`` makes a proposal of."""
        more = {key: value for key, value in {"op": error.op, "hint": error.hint}.items() if value}
        self.record("denied", **fields, capability=error.capability, value=error.value, rule=error.rule, **more)

    def close(self) -> None:
        """Write what waits, and end."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    # ------------------------------------------------------------------ the writing thread
    def _write_all(self, path: Path) -> None:
        file = _open(path)
        more = True
        while more:
            lines, more = self._next_lines()
            try:
                file.write("".join(lines))
                file.flush()
                if file.tell() > self._config.max_bytes:
                    file.close()
                    _rotate(path, self._config.keep)
                    file = _open(path)
            except OSError as error:
                _LOG.error("audit records are lost: %s", error)
        file.close()

    def _next_lines(self) -> tuple[list[str], bool]:
        """At least one record, and what else is ready; false when the log ends."""
        records = [self._queue.get()]
        with contextlib.suppress(queue.Empty):
            while len(records) < _BATCH:
                records.append(self._queue.get_nowait())
        lost, self._lost = self._lost, 0
        lines = [json.dumps(record, separators=(",", ":"), default=str) + "\n" for record in records if record is not None]
        if lost:
            lines.append(json.dumps({"v": _VERSION, "event": "lost", "count": lost}) + "\n")
        return lines, records[-1] is not None


def _open(path: Path) -> Any:
    """The file, readable by its owner only: it names what tenants do."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "a", encoding="utf-8")


def _rotate(path: Path, keep: int) -> None:
    for number in range(keep, 0, -1):
        source = path if number == 1 else path.with_name(f"{path.name}.{number - 1}")
        with contextlib.suppress(FileNotFoundError):
            source.rename(path.with_name(f"{path.name}.{number}"))
