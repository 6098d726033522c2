"""Sudden deaths and hostile frames: nothing survives that should not, and nothing else breaks."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import isolate_host as ih
from isolate_host.errors import LimitExceeded, ProtocolError, SandboxViolation, WorkerCrashed
from isolate_host.host.runtime import BrokerRuntime
from tests.support.hostile import HostileZygote

pytestmark = [pytest.mark.adversarial, pytest.mark.timeout(120)]

VICTIM = """
import asyncio, json, sys
import isolate_host as ih
async def main():
    async with ih.create_isolate_host() as host:
        runtimes = [await host.create_runtime() for _ in range(3)]
        for runtime in runtimes[1:]:
            asyncio.ensure_future(runtime.eval("while (true) {}", "/a.js"))
        await asyncio.sleep(0.2)
        print(json.dumps([r._channel._worker.host_pid() for r in runtimes]), flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] not in ("Z", "X")
    except OSError:
        return False


async def gone(pids: list[int], within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while any(alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


async def test_a_killed_broker_leaves_no_worker() -> None:
    import json

    process = subprocess.Popen([sys.executable, "-c", VICTIM], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pids = json.loads(await asyncio.to_thread(process.stdout.readline))
    assert all(alive(pid) for pid in pids)
    process.kill()
    process.wait()
    process.stdout.close()
    assert await gone(pids)


async def test_a_killed_zygote_takes_its_workers_and_the_host_recovers(embedded: ih.IsolateHost) -> None:
    runtime = await embedded.create_runtime()
    channel = runtime._channel
    assert isinstance(channel, BrokerRuntime) and channel._worker is not None
    worker_pid = channel._worker.host_pid()
    outer = embedded._link._broker._pool._zygote._process.pid
    zygote_pid = int(Path(f"/proc/{outer}/task/{outer}/children").read_text().split()[0])
    task = asyncio.ensure_future(runtime.eval("while (true) {}", "/a.js"))
    await asyncio.sleep(0.1)
    os.kill(zygote_pid, signal.SIGKILL)
    with pytest.raises(WorkerCrashed):
        await task
    assert await gone([worker_pid])
    async with embedded.create_runtime() as again:
        assert await again.eval("1 + 1", "/a.js") == 2


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("4 GB length prefix", "os.write(0, b'\\xff\\xff\\xff\\xff' + b'x' * 100)"),
        ("garbage", "os.write(0, (40).to_bytes(4, 'little') + (20).to_bytes(4, 'little') + b'{' * 36)"),
        ("header longer than the frame", "os.write(0, (8).to_bytes(4, 'little') + (4000).to_bytes(4, 'little') + b'{}{}')"),
        ("deep JSON", "h = b'{\"t\":' + b'[' * 60000 + b']' * 60000 + b'}'; os.write(0, (4 + len(h)).to_bytes(4, 'little') + len(h).to_bytes(4, 'little') + h)"),
        ("segments beyond the frame", "h = b'{\"t\":\"ok\",\"s\":[999999]}'; os.write(0, (4 + len(h)).to_bytes(4, 'little') + len(h).to_bytes(4, 'little') + h)"),
        ("negative segment", "h = b'{\"t\":\"ok\",\"s\":[-5]}'; os.write(0, (4 + len(h)).to_bytes(4, 'little') + len(h).to_bytes(4, 'little') + h)"),
    ],
)
async def test_hostile_frames_cost_the_sender_its_life(name: str, code: str) -> None:
    zygote = HostileZygote()
    await zygote.start()
    try:
        attacker, bystander = await zygote.attacker(), await zygote.attacker()
        outcome = await attacker.run(code + "; time.sleep(0); result = 1", timeout_s=5)
        if isinstance(outcome, str):
            outcome = await asyncio.wait_for(asyncio.shield(attacker.worker.ended), 30)
        # time.sleep is a forbidden system call: whichever verdict comes first is fine, the attacker is dead.
        assert isinstance(outcome, (ProtocolError, SandboxViolation, LimitExceeded)), name
        assert await bystander.run("result = 2") == "2"
        await bystander.end()
    finally:
        await zygote.stop()


@pytest.mark.parametrize(("code", "kind"), [("time.sleep(0)", SandboxViolation), ("os.kill(os.getpid(), 9)", SandboxViolation), ("os.abort()", LimitExceeded)])
async def test_a_death_keeps_its_name_when_the_zygote_is_slow_to_report_it(code: str, kind: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    """Under load the channel of a dead worker is closed long before its exit report: nobody may conclude from that that it merely fell silent."""
    monkeypatch.setattr("isolate_host.host.worker._CLOSED_CHANNEL_GRACE_S", 0)
    zygote = HostileZygote()
    await zygote.start()
    outer = zygote._process.pid
    inner = int(Path(f"/proc/{outer}/task/{outer}/children").read_text().split()[0])
    try:
        attacker = await zygote.attacker()
        pid = attacker.worker.host_pid()
        os.kill(inner, signal.SIGSTOP)
        running = asyncio.ensure_future(attacker.run(code))
        assert await gone([pid])
        closed = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, closed.set)
        await closed.wait()
        assert not running.done()
        if kind is SandboxViolation:
            # And nobody's limit stands before it.
            attacker.worker.kill(LimitExceeded("too slow", kind="wall"))
        os.kill(inner, signal.SIGCONT)
        outcome = await running
        assert type(outcome) is kind
    finally:
        os.kill(inner, signal.SIGCONT)
        await zygote.stop()


async def test_half_a_frame_then_silence_does_not_block_others(embedded: ih.IsolateHost) -> None:
    zygote = HostileZygote()
    await zygote.start()
    try:
        attacker = await zygote.attacker()
        assert await attacker.run("os.write(0, (1000).to_bytes(4, 'little') + b'half'); result = 1", timeout_s=0.5) == "no answer"
        async with embedded.create_runtime() as runtime:
            assert await runtime.eval("3", "/a.js") == 3
        await attacker.end()
    finally:
        await zygote.stop()


async def test_a_worker_that_asks_and_never_reads_is_ended(embedded: ih.IsolateHost, monkeypatch: pytest.MonkeyPatch) -> None:
    from isolate_host.host import worker as worker_module
    from isolate_host.wire.frames import Frame

    monkeypatch.setattr(worker_module, "_BACKLOG", 1 << 20)
    zygote = HostileZygote()
    await zygote.start()
    try:
        attacker = await zygote.attacker()
        attacker.worker.send(Frame({"t": "attack"}, b"while True: pass"))
        for _ in range(400):
            attacker.worker.send(Frame({"t": "ok", "id": 1}, b"x" * 100_000))
            if attacker.worker.ended.done():
                break
            await asyncio.sleep(0)
        error = await asyncio.wait_for(asyncio.shield(attacker.worker.ended), 30)
        assert isinstance(error, LimitExceeded) and error.kind == "backlog"
    finally:
        await zygote.stop()


async def test_a_storm_of_creations(embedded: ih.IsolateHost) -> None:
    runtimes = await asyncio.gather(*(embedded.create_runtime() for _ in range(60)))
    assert await asyncio.gather(*(runtime.eval("1 + 1", "/a.js") for runtime in runtimes)) == [2] * 60
    await asyncio.gather(*(runtime.dispose() for runtime in runtimes))
    assert embedded.diagnostics()["runtimes"] == 0
