"""A compromised worker at the fork gate: what it may do is what the broker ordered, once; all else kills it and touches nobody."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from isolate_host.errors import ForkRefused, SandboxViolation, WorkerCrashed
from isolate_host.host import forkgate
from isolate_host.host.forkgate import NewProcess
from isolate_host.wire.frames import Frame
from tests.runtime.test_sessions import until_gone
from tests.support.hostile import Attacker, HostileZygote

pytestmark = [pytest.mark.adversarial, pytest.mark.timeout(180)]

FLAGS = 0x1008011
CLONE = f"c = ctypes.PyDLL(None, use_errno=True); x = c.syscall(ctypes.c_long(56), ctypes.c_long({FLAGS}), ctypes.c_long(0), ctypes.c_long(0), ctypes.c_long(0), ctypes.c_long(0))\n"


@pytest.fixture(params=["root", "user"])
async def zygote(request: pytest.FixtureRequest) -> AsyncIterator[HostileZygote]:
    if request.param == "root" and os.getuid() != 0:
        pytest.skip("not started as root")
    zygote = HostileZygote(user=12345 if request.param == "user" and os.getuid() == 0 else None)
    await zygote.start()
    if zygote.gate is None:
        await zygote.stop()
        pytest.skip("this machine gives no pid namespace, and so no gate")
    yield zygote
    await zygote.stop()


@pytest.fixture
async def neighbour(zygote: HostileZygote) -> AsyncIterator[Attacker]:
    """Must live whatever the others do."""
    other = await zygote.attacker()
    yield other
    assert await other.run("result = 1 + 1") == "2"
    await other.end()


def order(attacker: Attacker, code: str) -> Callable[[], None]:
    return lambda: attacker.worker.send(Frame({"t": "attack"}, code.encode()))


async def forked(zygote: HostileZygote, attacker: Attacker, code: str) -> tuple[NewProcess, socket.socket]:
    """Order a fork that ``code`` carries out; the new process and our end of its channel."""
    ours, theirs = socket.socketpair()
    assert zygote.gate is not None
    with theirs:
        try:
            process = await zygote.gate.fork(attacker.worker, order(attacker, code), [theirs.fileno()] * 3)
        except BaseException:
            ours.close()
            raise
    return process, ours


def status_of(zygote: HostileZygote, process: NewProcess) -> asyncio.Future[int]:
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    zygote.on_death(process.inner_pid, lambda report: ended.set_result(report.status))
    return ended


@pytest.mark.parametrize("code", [
    CLONE + "result = x",
    "os.getppid(); result = 'asked'",
    "os.kill; c = ctypes.CDLL(None); result = c.syscall(234, 1, 1, 9)",
    "c = ctypes.CDLL(None); result = c.syscall(234, os.getpid(), ctypes.CDLL(None).gettid(), 9)",
    CLONE.replace(str(FLAGS), str(FLAGS | 0x100)) + "result = x",
    CLONE.replace(str(FLAGS), str(FLAGS | 0x10000000)) + "result = x",
    CLONE.replace(str(FLAGS), str(FLAGS | 1 << 40)) + "result = x",
    "result = os.fork()",
], ids=["fork", "report", "signal init", "signal itself", "shared memory", "new user namespace", "high flags", "plain fork"])
async def test_without_an_order(zygote: HostileZygote, neighbour: Attacker, code: str) -> None:
    attacker = await zygote.attacker()
    assert isinstance(await attacker.run(code), SandboxViolation)


async def test_as_ordered_once(zygote: HostileZygote, neighbour: Attacker) -> None:
    attacker = await zygote.attacker()
    process, channel = await forked(zygote, attacker, CLONE + "if x == 0:\n os.getppid()\n os.write(0, b'mine')\n os.read(0, 1)\n os._exit(7)\nresult = x > 0")
    ended = status_of(zygote, process)
    with channel:
        channel.setblocking(False)
        assert await asyncio.get_running_loop().sock_recv(channel, 100) == b"mine"
        await asyncio.get_running_loop().sock_sendall(channel, b"x")
        assert os.waitstatus_to_exitcode(await ended) == 7
    os.close(process.pidfd)
    assert await attacker.run("result = 'parent lives'") == repr(True)
    await attacker.end()


async def test_a_second_fork_on_one_order(zygote: HostileZygote, neighbour: Attacker) -> None:
    attacker = await zygote.attacker()
    code = CLONE + "if x == 0:\n os.getppid()\n os.read(0, 1)\n os._exit(0)\n" + CLONE + "result = x"
    process, channel = await forked(zygote, attacker, code)
    assert isinstance(await attacker.worker.ended, SandboxViolation)
    channel.close()
    assert os.waitstatus_to_exitcode(await status_of(zygote, process)) == 0
    os.close(process.pidfd)


async def test_the_fork_forks(zygote: HostileZygote, neighbour: Attacker) -> None:
    attacker = await zygote.attacker()
    code = CLONE + "if x == 0:\n os.getppid()\n " + CLONE.replace("\n", "\n ") + "os._exit(3)\nresult = x > 0"
    process, channel = await forked(zygote, attacker, code)
    assert os.waitstatus_to_exitcode(await status_of(zygote, process)) == -9
    channel.close()
    os.close(process.pidfd)
    await attacker.end()


async def test_the_fork_signals_its_parent(zygote: HostileZygote, neighbour: Attacker) -> None:
    attacker = await zygote.attacker()
    code = "parent = os.getpid()\n" + CLONE + "if x == 0:\n os.getppid()\n c.syscall(234, parent, parent, 6)\n os._exit(3)\nresult = x > 0"
    process, channel = await forked(zygote, attacker, code)
    assert os.waitstatus_to_exitcode(await status_of(zygote, process)) == -9
    channel.close()
    os.close(process.pidfd)
    assert await attacker.run("result = 1") == "True"
    await attacker.end()


async def test_a_fork_aborts_itself(zygote: HostileZygote, neighbour: Attacker) -> None:
    attacker = await zygote.attacker()
    process, channel = await forked(zygote, attacker, CLONE + "if x == 0:\n os.getppid()\n c.syscall(234, os.getpid(), os.getpid(), 6)\nresult = x > 0")
    assert os.waitstatus_to_exitcode(await status_of(zygote, process)) == -6
    channel.close()
    os.close(process.pidfd)
    await attacker.end()


async def test_a_fork_that_keeps_its_parents_channel(zygote: HostileZygote, neighbour: Attacker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forkgate, "_PATIENCE_S", 0.5)
    attacker = await zygote.attacker()
    before = set(_children(attacker))
    code = CLONE + "if x == 0:\n while True: os.write(0, b'')\nresult = x > 0"
    with pytest.raises(WorkerCrashed, match="did not fork as ordered"):
        await forked(zygote, attacker, code)
    await attacker.worker.ended
    for pid in set(_children(neighbour)) - before:
        await until_gone(pid)
    # The gate serves the next one.
    other = await zygote.attacker()
    process, channel = await forked(zygote, other, CLONE + "if x == 0:\n os.getppid()\n os._exit(0)\nresult = 1")
    assert os.waitstatus_to_exitcode(await status_of(zygote, process)) == 0
    channel.close()
    os.close(process.pidfd)
    await other.end()


async def test_a_fork_that_hides_while_its_parent_leaves(zygote: HostileZygote, neighbour: Attacker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forkgate, "_PATIENCE_S", 0.5)
    attacker = await zygote.attacker()
    with pytest.raises(WorkerCrashed):
        await forked(zygote, attacker, CLONE + "if x == 0:\n while True: os.write(0, b'')\nos._exit(0)")
    for pid in set(_children(neighbour)) - {neighbour.worker.host_pid()}:
        await until_gone(pid)


async def test_an_order_that_is_not_followed(zygote: HostileZygote, neighbour: Attacker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forkgate, "_PATIENCE_S", 0.3)
    attacker = await zygote.attacker()
    with pytest.raises(ForkRefused, match="busy"):
        await forked(zygote, attacker, "result = 'no'")
    assert (await attacker.frames.get()).body == b"'no'"
    # An honest worker may get to it late, and hears no; whoever tries twice did not mean that order.
    assert await attacker.run(CLONE + "result = x") == "-1"
    assert isinstance(await attacker.run(CLONE + "result = x"), SandboxViolation)


async def test_another_worker_reports_in_the_place_of_the_fork(zygote: HostileZygote, neighbour: Attacker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forkgate, "_PATIENCE_S", 1.0)
    attacker, thief = await zygote.attacker(), await zygote.attacker()
    stolen = asyncio.create_task(forked(zygote, attacker, CLONE + "if x == 0:\n time.sleep\n while True: pass\nresult = x > 0"))
    assert await attacker.frames.get()
    assert isinstance(await thief.run("os.getppid(); os.write(0, b'stolen'); result = 'in'"), SandboxViolation)
    with pytest.raises(WorkerCrashed):
        await stolen
    await attacker.worker.ended


def _children(attacker: Attacker) -> list[int]:
    """All processes of the attacker's zygote."""
    status = Path(f"/proc/{attacker.worker.host_pid()}/status").read_text()
    zygote = next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:"))
    return [int(pid) for pid in Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split()]
