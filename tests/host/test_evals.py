"""When the time of an evaluation begins. The compiler here is a clock that a test winds."""

from __future__ import annotations

import asyncio
from typing import Any

from isolate_host.errors import ExecutionTimeout
from isolate_host.host.codeframe import SourceShelf
from isolate_host.host.compiler import Compiled
from isolate_host.host.evals import EvalDesk
from isolate_host.wire.frames import Frame


class HeldCompiler:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.done = asyncio.Event()

    async def compile(self, source: str, filename: str, *, mode: str) -> Compiled:
        await self.done.wait()
        return Compiled("1", None, ())


async def test_compiling_takes_none_of_the_time_of_the_guest() -> None:
    compiler, sent, expired = HeldCompiler(), asyncio.Event(), asyncio.Event()
    errors: list[ExecutionTimeout] = []
    tasks: list[asyncio.Task[Any]] = []

    def expire(error: ExecutionTimeout) -> None:
        errors.append(error)
        expired.set()

    desk = EvalDesk(
        compiler, SourceShelf(), timeout_s=0.02, send=lambda _: sent.set(), reply=lambda _: None, expire=expire,  # type: ignore[arg-type]
        spawn=lambda work: tasks.append(asyncio.ensure_future(work)),
    )
    desk.begin(Frame({"t": "w.eval", "id": 1, "filename": "/a.tsx"}, b"<a/>"))
    await asyncio.sleep(0.1)
    assert not errors and desk.deadline() is None
    compiler.done.set()
    await sent.wait()
    assert desk.deadline() is not None
    await expired.wait()
    assert errors[0].timeout_s == 0.02
    desk.close()
