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
            # No farewell, and it does not come back: as when its process dies.
            host._link._closed = True
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


async def test_a_handle_goes_on_when_the_connection_is_lost(folder):
    heard, seen = [], []
    async with await open_host("daemon", folder) as watcher, await open_host("daemon", folder) as host:
        bindings = ih.Bindings(tools={"greet": lambda name: f"hello {name}"}, console=lambda entry: seen.append(entry.text))
        runtime = await host.get_namespaced_runtime("s", bindings=bindings)
        runtime.events.on("told", heard.append)
        await runtime.eval("globalThis.n = 1; globalThis.late = null; __on('ask', (x) => __emit('told', x + n))")
        identity, leased = runtime.id, await runtime.eval("() => n")
        for loss in (1, 2):
            busy = asyncio.create_task(runtime.eval("await new Promise(() => setInterval(() => {}, 1e6))"))
            await until(lambda: runtime.diagnostics()["state"] == "active")
            host._link._connection.transport.abort()
            with pytest.raises(ih.NotConnected):
                await busy
            assert (await runtime.eval("++n"), runtime.id, runtime.disposed) == (loss + 1, identity, False)
        assert await runtime.eval("console.log('seen'); await greet('again')") == "hello again"
        assert seen == ["seen"]
        await runtime.events.emit("ask", 10)
        await until(lambda: heard == [13])
        with pytest.raises(ih.IsolateHostError):
            await leased()
        assert (await runtime.run_tests('test("n", () => { expect(n).toBe(3) })')).success
        with pytest.raises(ih.NamespaceInUse):
            await watcher.get_namespaced_runtime("s")
        assert (await host.diagnostics())["runtimes"] == 1
        await runtime.dispose()
        async with watcher.get_namespaced_runtime("s") as again:
            assert (again.reused, await again.eval("n")) == (True, 3)


async def test_a_plain_runtime_does_not_come_back(folder):
    async with await open_host("daemon", folder), await open_host("daemon", folder) as host:
        plain, keyed = await host.create_runtime(), await host.get_namespaced_runtime("s")
        host._link._connection.transport.abort()
        await until(lambda: plain.disposed)
        with pytest.raises(ih.Disposed, match="connection to the daemon was lost"):
            await plain.eval("1")
        assert await keyed.eval("1") == 1


async def test_a_session_that_is_not_there_any_more_is_not_replaced_in_silence(folder):
    async with await open_host("daemon", folder) as watcher, await open_host("daemon", folder) as host:
        runtime = await host.get_namespaced_runtime("s")
        reach, gone = host._link._reach, asyncio.Event()

        async def later(**options):
            await gone.wait()
            return await reach(**options)

        host._link._reach = later
        host._link._connection.transport.abort()
        while not await watcher.dispose_namespace("s"):
            await asyncio.sleep(0)
        assert runtime.disposed is False
        gone.set()
        with pytest.raises(ih.Disposed, match="was lost, and the session with it"):
            await runtime.eval("1")
        # What was made by trying is gone, too.
        async with watcher.get_namespaced_runtime("s") as other:
            assert other.reused is False


async def test_it_does_not_start_a_daemon_to_come_back_to(folder):
    async with await open_host("daemon", folder) as host:
        runtime = await host.get_namespaced_runtime("s")
        stop_daemon(folder, signal.SIGKILL)
        with pytest.raises((ih.Disposed, ih.NotConnected)):
            await runtime.eval("1")
        await until(lambda: runtime.disposed)
        assert daemon_pid(folder) is None


async def test_it_can_be_disposed_while_it_comes_back(folder):
    async with await open_host("daemon", folder) as watcher, await open_host("daemon", folder) as host:
        runtime = await host.get_namespaced_runtime("s")
        await runtime.eval("globalThis.n = 1")
        host._link._connection.transport.abort()
        await until(lambda: runtime._coming_back is not None)
        await runtime.dispose()
        assert runtime.disposed
        async with watcher.get_namespaced_runtime("s") as again:
            assert (again.reused, await again.eval("n")) == (True, 1)


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


@pytest.mark.parametrize("kind", ["create_runtime", "create_test_runtime"])
async def test_other_handles_end_with_the_connection_and_their_sessions_wait(folder, kind):
    """What comes back by itself is `get_namespaced_runtime` alone; nothing is lost for the others either."""
    async with await open_host("daemon", folder) as host:
        if kind == "create_runtime":
            runtime = await host.create_runtime(key="s")
            await runtime.eval("globalThis.n = 1")
        else:
            runtime = await host.create_test_runtime(key="s")
            assert (await runtime.run("globalThis.n = 1; test('x', () => {});")).success
        identity = runtime.id
        host._link._connection.transport.abort()

        async def use():
            await (runtime.eval("n") if kind == "create_runtime" else runtime.run("test('x', () => {});"))

        with pytest.raises((ih.Disposed, ih.NotConnected)):
            await use()
        await until(lambda: runtime.disposed)
        with pytest.raises(ih.Disposed, match="connection to the daemon was lost"):
            await use()
        async with asyncio.timeout(10):
            while True:
                try:
                    again = await host.get_namespaced_runtime("s")
                    break
                except ih.NamespaceInUse:
                    await asyncio.sleep(0.02)  # the daemon has not noticed yet
        assert (again.reused, again.id, await again.eval("n")) == (True, identity, 1)
