"""Coverage of guest code: the worker counts, and a locked worker of its own turns the counts into a report on the original text."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from isolate_host.config.isolation import IsolationConfig
from isolate_host.errors import ExecutionTimeout, IsolateHostError, LimitExceeded, ProtocolError
from isolate_host.guest import read_bundle
from isolate_host.host.compiler import Compiler
from isolate_host.host.service_workers import ServiceWorkers
from isolate_host.host.template import Template
from isolate_host.host.worker import WorkerLimits
from isolate_host.wire.frames import Frame
from isolate_host.wire.jsontext import load_json

__all__ = ["CodeServices", "CoverageConverter", "CoverageDesk"]

_LIMITS = WorkerLimits(1024, None, 256 << 20)
#: Code of 1 MB takes about a second; ten times that, and something for a loaded machine, is hostile.
_SECONDS, _BYTES_PER_SECOND = 10.0, 100_000
_MAX_GLOBS, _MAX_GLOB = 200, 500
_OPS = ("start", "take")
_GLOB_PART = re.compile(r"\*\*/|\*\*|\*|\?|\{[^{}]*\}|.", re.DOTALL)


class CoverageConverter:
    """Reports for all runtimes of one broker. The first one starts the worker."""

    def __init__(self, kernel: str, isolation: IsolationConfig) -> None:
        self._kernel = kernel
        self._workers = ServiceWorkers("coverage reporter", self._template, isolation, _LIMITS, most=2)

    def _template(self) -> Template:
        return Template("coverage", (("kernel", self._kernel), ("coverage", read_bundle("coverage"))))

    async def convert(self, report: bytes) -> dict[str, Any]:
        """``{"files": [Istanbul's FileCoverage, …], "unread": [path, …]}``. Raises ``ExecutionTimeout``, ``LimitExceeded`` and ``ProtocolError``."""
        allowed = _SECONDS + len(report) / _BYTES_PER_SECOND
        try:
            reply = await self._workers.call("convert", report.decode("utf-8", "replace"), allowed)
        except TimeoutError:
            raise ExecutionTimeout(f"no coverage report could be made within {allowed:.1f} s", timeout_s=allowed) from None
        except LimitExceeded as error:
            hint = "name the files that matter: CoverageOptions(include=…)"
            raise LimitExceeded("the coverage report needs too much memory", kind="memory", hint=hint) from error
        if not isinstance(reply, str):
            raise ProtocolError("the coverage reporter gave a malformed answer")
        told = load_json(reply.encode("utf-8", "replace"))
        if not isinstance(told, dict) or not isinstance(told.get("files"), list) or not isinstance(told.get("unread"), list):
            raise ProtocolError("the coverage reporter gave a malformed answer")
        return {"files": told["files"], "unread": [str(path) for path in told["unread"]]}

    async def close(self) -> None:
        """Stop the workers and their zygote."""
        await self._workers.close()


@dataclass(frozen=True, slots=True)
class CodeServices:
    """What serves the code of all runtimes of a broker."""

    compiler: Compiler
    coverage: CoverageConverter


class CoverageDesk:
    """What one worker is asked about coverage, one question at a time."""

    def __init__(self, send: Callable[[Frame], None], converter: CoverageConverter) -> None:
        self._send, self._converter = send, converter
        self._asked = 0
        self._answer: asyncio.Future[bytes] | None = None
        self._closed: IsolateHostError | None = None

    async def ask(self, params: dict[str, Any]) -> dict[str, Any] | None:
        """``{"op": "start"}``, or ``{"op": "take", "include": globs, "exclude": globs, "skip": names}``: then the report on what ran since.

        Raises ``ProtocolError`` for what no client of ours asks, and what ended the runtime.
        """
        op = params.get("op")
        if op not in _OPS or self._answer is not None:
            raise ProtocolError("malformed coverage request")
        body = b"" if op == "start" else json.dumps(_selection(params)).encode()
        if self._closed is not None:
            raise self._closed
        self._asked += 1
        self._answer = asyncio.get_running_loop().create_future()
        try:
            self._send(Frame({"t": "w.cover", "id": self._asked, "op": op}, body))
            report = await asyncio.wait_for(self._answer, _SECONDS)
        except TimeoutError:
            raise ExecutionTimeout("guest code kept its isolate busy when coverage was asked for", timeout_s=_SECONDS) from None
        finally:
            self._answer = None
        return None if op == "start" else await self._converter.convert(report)

    def answered(self, frame: Frame) -> None:
        """The worker's reply. Raises ``ProtocolError`` when nobody asked."""
        number = frame.header.get("id")
        if type(number) is not int or not 0 < number <= self._asked:
            raise ProtocolError("a report on coverage that nobody asked for")
        if self._answer is None or self._answer.done() or number != self._asked:
            return  # too late
        if frame.body.startswith(b'{"error":'):
            told = load_json(frame.body)
            self._answer.set_exception(IsolateHostError(f"coverage cannot be counted here: {str(told.get('error'))[:300]}"))
        else:
            self._answer.set_result(bytes(frame.body))

    def close(self, error: IsolateHostError) -> None:
        """The runtime has ended."""
        self._closed = error
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


def _selection(params: dict[str, Any]) -> dict[str, list[str]]:
    """The regular expressions of names that are wanted and that are not."""
    include, exclude, skip = (_texts(params.get(name)) for name in ("include", "exclude", "skip"))
    names = [re.escape(name) + r"\Z" for name in skip]
    return {"include": [_regular_expression(glob) for glob in include], "exclude": [*map(_regular_expression, exclude), *names]}


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > _MAX_GLOBS or not all(isinstance(item, str) and len(item) <= _MAX_GLOB for item in value):
        raise ProtocolError(f"globs of coverage must be up to {_MAX_GLOBS} texts of up to {_MAX_GLOB} characters")
    return value


def _regular_expression(glob: str) -> str:
    """Over the name of a file in the guest: ``*`` and ``?`` stay in a folder, ``**`` does not, ``{a,b}`` are choices; a folder means all below it."""
    parts = []
    for part in _GLOB_PART.findall(glob.lstrip("/")):
        if part.startswith("{") and part.endswith("}"):
            parts.append("(?:" + "|".join(re.escape(choice).replace(r"\*", "[^/]*") for choice in part[1:-1].split(",")) + ")")
        else:
            parts.append({"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part) or re.escape(part))
    return "/" + "".join(parts).removesuffix("/") + r"(?:/.*)?\Z"
