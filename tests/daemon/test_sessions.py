"""Sessions at a daemon outlive their clients, and belong to who made them."""

import asyncio
import signal

import pytest

import isolate_host as ih
from isolate_host.config import HostConfig
from isolate_host.config.model import SandboxConfig
from isolate_host.host.broker import Broker
from isolate_host.plugin import PluginRegistry
from tests.support.hosts import daemon_pid, open_host, stop_daemon
from tests.support.pair import until


@pytest.fixture(autouse=True)
def no_daemon_stays(folder):
    yield
    stop_daemon(folder)


async def test_they_outlive_a_client_that_closes_and_one_that_vanishes(folder):
    async with await open_host("daemon", folder) as watcher:
        async with await open_host("daemon", folder) as host:
            await (await host.get_namespaced_runtime("s")).eval("globalThis.n = 1")
            await (await host.create_runtime()).eval("1")
        async with await open_host("daemon", folder) as host:
            runtime = await host.get_namespaced_runtime("s")
            assert (runtime.reused, await runtime.eval("++n")) == (True, 2)
            with pytest.raises(ih.NamespaceInUse):
                await watcher.get_namespaced_runtime("s")
            busy = asyncio.create_task(runtime.eval("await new Promise(() => setInterval(() => {}, 1e6))"))
            await asyncio.sleep(0.05)
            # No farewell: as when its process dies.
            host._link._connection.transport.abort()
            with pytest.raises(ih.NotConnected):
                await busy
            with pytest.raises(ih.Disposed, match="connection to the daemon was lost"):
                await runtime.eval("n")

        async def take():
            try:
                return await watcher.get_namespaced_runtime("s")
            except ih.NamespaceInUse:
                return None

        while (again := await take()) is None:
            await asyncio.sleep(0.01)
        assert (again.reused, await again.eval("n")) == (True, 2)
        known = await watcher.diagnostics()
        assert (known["sessions_pooled"], (await again.diagnostics())["key"]) == (0, "s")


async def test_a_killed_daemon_loses_them_and_says_so_by_reused(folder):
    async with await open_host("daemon", folder) as host:
        runtime = await host.get_namespaced_runtime("s")
        await runtime.eval("globalThis.n = 1")
        stop_daemon(folder, signal.SIGKILL)
        await until(lambda: runtime.disposed)
        async with host.get_namespaced_runtime("s") as again:
            assert (again.reused, await again.eval("typeof n")) == (False, "undefined")
    await until(lambda: daemon_pid(folder) is None)


class Silent:
    def receive(self, frame):
        pass

    def ended(self, error):
        self.error = error


async def test_identities_do_not_see_each_other_unless_the_sandbox_shares():
    sandboxes = {"default": SandboxConfig(name="default"), "room": SandboxConfig(name="room", sessions="shared")}
    broker = Broker(HostConfig(sandboxes=sandboxes, configured=True), PluginRegistry())
    try:
        await broker.start()
        alice, bob = Silent(), Silent()
        hers = await broker.open("runtime", {"key": "k"}, alice, owner="uid:1")
        his = await broker.open("runtime", {"key": "k"}, bob, owner="uid:2")
        assert hers.info["reused"] is his.info["reused"] is False and hers.id != his.id
        # Bob cannot end what is Alice's, nor find it when it waits.
        await hers.dispose(hard=False)
        await his.dispose(hard=True)
        assert await broker.control("dispose_namespace", {"key": "k"}, owner="uid:2") is False
        again = await broker.open("runtime", {"key": "k"}, bob, owner="uid:2")
        assert again.info["reused"] is False
        back = await broker.open("runtime", {"key": "k"}, alice, owner="uid:1")
        assert back.info["reused"] is True and back.id == hers.id
        # A key that looks like a scope is only a key.
        forged = await broker.open("runtime", {"key": "uid:1/k"}, bob, owner="uid:2")
        assert forged.info["reused"] is False
        room = await broker.open("runtime", {"key": "k", "sandbox": "room"}, alice, owner="uid:1")
        with pytest.raises(ih.NamespaceInUse):
            await broker.open("runtime", {"key": "k", "sandbox": "room"}, bob, owner="uid:2")
        await room.dispose(hard=False)
        shared = await broker.open("runtime", {"key": "k", "sandbox": "room"}, bob, owner="uid:2")
        assert shared.info["reused"] is True
    finally:
        await broker.close()


@pytest.mark.parametrize("key", [1, "", "x" * 513, ["k"]])
async def test_a_forged_key_is_refused(folder, key):
    async with await open_host("daemon", folder) as host:
        with pytest.raises(ih.ProtocolError):
            await host._link.open("runtime", {"key": key}, Silent())
