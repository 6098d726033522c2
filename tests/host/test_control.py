"""The datagrams between broker and zygote, and what a worker does before anybody owns it."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

import isolate_host as ih
from isolate_host.worker import control
from tests.host.test_priorities import pid_of
from tests.support.pair import until


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    theirs.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize(
    "order",
    [control.ForkOrder(1, 0, 0), control.ForkOrder(2**40, 64 << 20, 30, True), control.ForkOrder(3, 1, 1, False, "read /etc/passwd")],
)
def test_an_order_arrives_as_it_was_sent(order: control.ForkOrder) -> None:
    assert control.ForkOrder.unpack(order.pack()) == order


@pytest.mark.parametrize("message", [control.Forked(7, 4_000_000), control.Exited(9, 139, 1.5, 70_000), {"hello": {"seccomp": "on"}}])
def test_the_zygote_is_understood(message: control.Forked | control.Exited | dict[str, object]) -> None:
    assert control.told(control.tell(message) if isinstance(message, dict) else message.pack()) == message


def test_descriptors_arrive_and_are_closed_on_exec(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    read, write = os.pipe()
    control.send(ours, b"x", [read, write])
    received = control.receive(theirs)
    assert received is not None and received[0] == b"x"
    for descriptor in received[1]:
        assert not os.get_inheritable(descriptor)
    os.write(received[1][1], b"through")
    assert os.read(read, 100) == b"through"
    for descriptor in (read, write, *received[1]):
        os.close(descriptor)


def test_nothing_yet_and_the_end_are_told_apart(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    with pytest.raises(BlockingIOError):
        control.receive(theirs)
    ours.close()
    assert control.receive(theirs) is None


async def test_a_spare_has_no_trace_of_its_rehearsal(embedded: ih.IsolateHost) -> None:
    broker = embedded._link._broker  # type: ignore[attr-defined]
    async with embedded.create_runtime():
        # Spares are made for limits that were asked for once.
        await until(broker._pool.spare_count, 10)
    async with embedded.create_runtime() as runtime:
        assert await runtime.eval("Object.getOwnPropertyNames(globalThis).filter((name) => /rehears/.test(name))") == []
        await runtime.eval("globalThis.address = import.meta.url; export {}", filename="/first.js")
        assert await runtime.eval("address") == "file:///first.js"
        with pytest.raises(ih.GuestError) as caught:
            await runtime.eval("missing")
        assert "rehears" not in caught.value.stack


async def test_an_idle_worker_gives_memory_back(embedded: ih.IsolateHost) -> None:
    """Parsing takes memory of the allocator, not of V8's heap, and frees it again."""
    async with embedded.create_runtime() as runtime:
        rollup = Path(f"/proc/{pid_of(runtime)}/smaps_rollup")
        large = ";".join(f"function f{number}(a, b) {{ return [a, b, {number}] }}" for number in range(20_000))
        await runtime.eval(f"new Function({large!r}); 1")
        before = private_kib(rollup)
        await until(lambda: private_kib(rollup) <= before - 1000, 10)


def private_kib(rollup: Path) -> int:
    found = re.search(r"^Private_Dirty:\s+(\d+)", rollup.read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])
