"""Evaluations of a client: send the text as it is, compile it when V8 cannot read it, and answer with good errors."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from isolate_host.errors import ExecutionTimeout, GuestError, IsolateHostError, ProtocolError
from isolate_host.host.codeframe import SourceShelf, code_frame
from isolate_host.host.compiler import Compiled, Compiler, language_of
from isolate_host.plugin.review import GuestCode
from isolate_host.wire.encode import encode_value
from isolate_host.wire.frames import Frame

__all__ = ["EvalDesk"]

_LOG = logging.getLogger("isolate_host.evals")
#: TypeScript that V8 also parses, but with another meaning: a call with type arguments is a pair of comparisons.
_GENERIC_CALL = re.compile(r"[\w$)\]]\s*<[^<>;=(){}]*>\s*\(")
#: A static import with names may name types, which must vanish before the module is linked.
_NAMED_IMPORT = re.compile(r"(?:^|[;\n])\s*(?:import|export)\s*(?:[\w$*]|\{)")
_CLIENT = 1
_MODES = ("auto", "script", "module")


@dataclass(slots=True)
class _Eval:
    """One evaluation under way."""

    request: int
    filename: str
    mode: str
    #: 0: the client wants the value; 1: how a person is shown it; 2: in colours.
    show: int
    source: str
    timeout_s: float | None
    started: float
    compiled: bool = False
    timer: asyncio.TimerHandle | None = None
    #: True while the broker compiles: the worker is idle, and that is no stall.
    compiling: bool = False


class EvalDesk:
    """All evaluations of one runtime. ``reply`` sends to the client, ``send`` to the worker."""

    def __init__(
        self,
        compiler: Compiler,
        sources: SourceShelf,
        *,
        timeout_s: float | None,
        send: Callable[[Frame], None],
        reply: Callable[[Frame], None],
        expire: Callable[[ExecutionTimeout], None],
        spawn: Callable[[Any], object],
    ) -> None:
        self._compiler, self._sources = compiler, sources
        self._limit = timeout_s
        self._send, self._reply, self._expire, self._spawn = send, reply, expire, spawn
        self._evals: dict[int, _Eval] = {}
        #: Raises what refuses a text; ``None`` when nobody looks.
        self.review: Callable[[GuestCode], Awaitable[None]] | None = None

    def __len__(self) -> int:
        return len(self._evals)

    @property
    def waiting_for_guest(self) -> bool:
        """Whether an evaluation runs and none is being compiled."""
        return bool(self._evals) and not any(item.compiling for item in self._evals.values())

    def deadline(self) -> float | None:
        """The ``time.monotonic()`` second at which the first of them will be stopped."""
        ends = [item.started + item.timeout_s for item in self._evals.values() if item.timeout_s is not None and not item.compiling]
        return min(ends, default=None)

    # ------------------------------------------------------------------ from the client
    def begin(self, frame: Frame) -> None:
        """Take a ``w.eval`` frame. Raises ``ProtocolError`` for what no client of ours sends."""
        item = self._read(frame)
        self._evals[item.request] = item
        self._sources.put(item.filename, item.source)
        if self.review is None:
            self._run(item)
        else:
            item.compiling = True
            self._spawn(self._reviewed(item, self.review))

    async def _reviewed(self, item: _Eval, review: Callable[[GuestCode], Awaitable[None]]) -> None:
        """As with compiling, none of this is the guest's time."""
        try:
            await review(GuestCode(item.source, item.filename, "eval"))
        except IsolateHostError as error:
            self._finish_with(item, error)
            return
        except Exception:  # noqa: BLE001 - a reviewer is a plugin, and may raise anything: what it could not look at does not run
            _LOG.exception("a review of code failed")
            self._finish_with(item, IsolateHostError(f"{item.filename} could not be reviewed, and does not run", hint="see the log of the host"))
            return
        finally:
            item.compiling = False
        if item.request in self._evals:
            self._run(item)

    def _run(self, item: _Eval) -> None:
        language = language_of(item.filename)
        if language in ("tsx", "jsx") or (language == "ts" and (_GENERIC_CALL.search(item.source) or _NAMED_IMPORT.search(item.source))):
            self._start_compiling(item)
        else:
            self._dispatch(item, item.source.encode(), [])

    def _read(self, frame: Frame) -> _Eval:
        header = frame.header
        request, filename, mode = header.get("id"), header.get("filename"), header.get("mode", "auto")
        if type(request) is not int or request in self._evals or not isinstance(filename, str) or mode not in _MODES:
            raise ProtocolError("malformed evaluation request")
        show = header.get("show", 0)
        if type(show) is not int or show not in (0, 1, 2):
            raise ProtocolError("malformed evaluation request")
        asked = header.get("timeout_s")
        if asked is not None and (isinstance(asked, bool) or not isinstance(asked, (int, float)) or asked <= 0):
            raise ProtocolError("timeout_s must be a positive number")
        limits = [value for value in (self._limit, asked) if value is not None]
        try:
            source = frame.body.decode()
        except UnicodeDecodeError:
            raise ProtocolError("source text is not UTF-8") from None
        return _Eval(request, filename, mode, show, source, min(limits, default=None), time.monotonic())

    def _dispatch(self, item: _Eval, source: bytes, segments: list[bytes]) -> None:
        item.started = time.monotonic()
        if item.timeout_s is not None:
            item.timer = asyncio.get_running_loop().call_later(item.timeout_s, self._expired, item)
        header = {"t": "w.eval", "id": item.request, "p": _CLIENT, "filename": item.filename, "mode": item.mode}
        if item.show:
            header["show"] = item.show
        self._send(Frame(header, source, segments))

    def _expired(self, item: _Eval) -> None:
        timeout_s = item.timeout_s or 0.0
        self._expire(
            ExecutionTimeout(
                f"the evaluation ran longer than {timeout_s:g} s", timeout_s=timeout_s,
                hint="raise limits.timeout_s, or do less in one evaluation",
            )
        )

    # ------------------------------------------------------------------ compiling
    def _start_compiling(self, item: _Eval) -> None:
        # The compiler has limits of its own, and its first start takes longer than many a script may: the guest's time begins
        # when the guest does.
        item.compiling = True
        if item.timer is not None:
            item.timer.cancel()
        self._spawn(self._compile(item))

    async def _compile(self, item: _Eval) -> None:
        try:
            compiled = await self._compiler.compile(item.source, item.filename, mode="module" if item.mode == "module" else "script")
        except IsolateHostError as error:
            self._finish_with(item, error)
            return
        finally:
            item.compiling = False
        if item.request not in self._evals:
            return
        item.compiled = True
        if compiled.diagnostics:
            self._finish_with(item, self._compile_error(item, compiled))
        else:
            segments = [compiled.source_map.encode()] if compiled.source_map else []
            self._dispatch(item, compiled.code.encode(), segments)

    def _compile_error(self, item: _Eval, compiled: Compiled) -> GuestError:
        """One error that names every place."""
        first = compiled.diagnostics[0]
        others = "".join(f"\n{item.filename}:{more.line}:{more.column}: {more.message}" for more in compiled.diagnostics[1:])
        stack = f"SyntaxError: {first.message}\n    at {item.filename}:{first.line}:{first.column}"
        frame = code_frame(item.source, first.line, first.column, first.end_column)
        return GuestError("SyntaxError", first.message + others, stack, frame=frame)

    # ------------------------------------------------------------------ from the worker
    def refused(self, header: dict[str, Any]) -> None:
        """``w.syntax``: V8 cannot parse. TypeScript gets a second try through the compiler, JavaScript an error."""
        item = self._evals.get(header.get("id", 0))
        if item is None:
            return
        if not item.compiled and language_of(item.filename) is not None:
            self._start_compiling(item)
            return
        message = str(header.get("message", "the source cannot be parsed"))
        line, column, end = (value if isinstance(value := header.get(key), int) else 1 for key in ("line", "column", "end"))
        stack = f"SyntaxError: {message}\n    at {item.filename}:{line}:{column}"
        frame = None if item.compiled else code_frame(item.source, line, column, end)
        self._finish_with(item, GuestError("SyntaxError", message, stack, frame=frame))

    def answered(self, frame: Frame) -> Frame:
        """An ``ok`` or ``err`` of the guest for a client's request; an error of an evaluation gets its code frame."""
        item = self._evals.pop(frame.header.get("id", 0), None)
        if item is None:
            return frame
        if item.timer is not None:
            item.timer.cancel()
        return self.with_code_frame(frame) if frame.header["t"] == "err" else frame

    def with_code_frame(self, frame: Frame) -> Frame:
        """The same error frame with the lines around its first known location."""
        try:
            node = json.loads(frame.body)
        except (ValueError, RecursionError):
            return frame
        if not isinstance(node, dict) or node.get("$") != "err" or not isinstance(node.get("stack"), str):
            return frame
        text = self._sources.frame_for(node["stack"])
        if text is None:
            return frame
        node["frame"] = text
        return Frame(frame.header, json.dumps(node, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"), frame.segments)

    def abandon(self, request: Any) -> bool:
        """The client waits no longer, and nothing is to be stopped; false when no evaluation has that number."""
        item = self._evals.pop(request, None) if type(request) is int else None
        if item is not None and item.timer is not None:
            item.timer.cancel()
        return item is not None

    def stalled(self) -> None:
        """The guest is idle and nothing can wake it: fail every evaluation that still waits."""
        message = "the evaluation awaits a promise that can never settle: no timer, host call, listener or stream is left that could"
        for item in list(self._evals.values()):
            stack = f"Error: {message}\n    at {item.filename}"
            self._finish_with(item, GuestError("Error", message, stack, guest_code="ERR_UNSETTLED_TOP_LEVEL_AWAIT"))

    def _finish_with(self, item: _Eval, error: BaseException) -> None:
        if self._evals.pop(item.request, None) is None:
            return
        if item.timer is not None:
            item.timer.cancel()
        body, segments = encode_value(error)
        self._reply(Frame({"t": "err", "id": item.request, "p": _CLIENT, "h": 1}, body, segments))

    def close(self) -> None:
        """Forget all: the runtime has ended, which the client hears by itself."""
        for item in self._evals.values():
            if item.timer is not None:
                item.timer.cancel()
        self._evals.clear()
