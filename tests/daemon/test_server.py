"""The socket server with real clients over a fake broker: handshake, ownership, ends, flow."""

import asyncio
import json
import struct

import pytest

import isolate_host as ih
from isolate_host.config import HostConfig
from isolate_host.config.model import DaemonConfig
from tests.support.daemons import fake_daemon
from tests.support.pair import until


async def echo(guest, code):
    return code


async def sleepy(guest, code):
    await asyncio.sleep(60)


@pytest.fixture
async def daemon(folder):
    async with fake_daemon(folder, echo) as running:
        yield running


def host_of(daemon, **options):
    return ih.create_isolate_host(daemon=daemon.options(**options))


async def test_a_runtime_through_the_socket(folder):
    async def program(guest, code):
        guest.note("console", "entry", {"type": "output", "text": "hi"})
        return [code, await guest.call("tools", "double", b"ab"), await guest.call("tools", "later", len)]

    async def later(callback):
        return await callback([1, 2, 3])

    entries = []
    async with fake_daemon(folder, program) as daemon, host_of(daemon) as host:
        bindings = ih.Bindings(console=entries.append, tools={"double": lambda data: data * 2, "later": later})
        async with host.create_runtime(bindings=bindings) as rt:
            assert await rt.eval("x") == ["x", b"abab", 3]
            assert [entry.text for entry in entries] == ["hi"]
            assert rt.id == "r1"
            assert (await rt.diagnostics())["cpu_s"] == 0.5
        assert daemon.broker.channels[0].disposed == [(False, None)]
        assert host.diagnostics().connected
        assert (await host.diagnostics())["workers"] == 1
    assert not host.diagnostics().connected


async def test_many_runtimes_on_one_connection(daemon):
    async with host_of(daemon) as host:
        runtimes = [await host.create_runtime() for _ in range(20)]
        assert await asyncio.gather(*(rt.eval(str(i)) for i, rt in enumerate(runtimes))) == [str(i) for i in range(20)]
        assert daemon.server.clients == 1


async def test_creation_errors_keep_their_class(daemon):
    daemon.broker.refuse = ih.PolicyDenied("no", capability="tools", value="x", rule="r", hint="allow x")
    async with host_of(daemon) as host:
        with pytest.raises(ih.PolicyDenied) as caught:
            await host.create_runtime()
        assert (caught.value.capability, caught.value.hint) == ("tools", "allow x")
        daemon.broker.refuse = None
        rt = await host.create_runtime()
        assert await rt.eval("fine") == "fine"


async def test_the_end_of_a_runtime_reaches_its_client(folder):
    async with fake_daemon(folder, sleepy) as daemon, host_of(daemon) as host:
        rt = await host.create_runtime()
        task = asyncio.create_task(rt.eval("x"))
        await until(lambda: daemon.broker.evals)
        daemon.broker.channels[0].guest.die(ih.LimitExceeded("too much", kind="memory"))
        with pytest.raises(ih.LimitExceeded, match="too much"):
            await task
        assert host.diagnostics().runtimes == 0


async def test_abort_reaches_the_broker(folder):
    async with fake_daemon(folder, sleepy) as daemon, host_of(daemon) as host:
        rt = await host.create_runtime()
        controller = ih.AbortController()
        task = asyncio.create_task(rt.eval("x", signal=controller.signal))
        await until(lambda: daemon.broker.evals)
        controller.abort("enough")
        with pytest.raises(ih.Aborted, match="enough"):
            await task
        await until(lambda: daemon.broker.channels[0].disposed)
        assert daemon.broker.channels[0].disposed[0][0] is True


async def test_a_client_that_dies_loses_its_runtimes_and_nobody_elses(folder):
    async with fake_daemon(folder, sleepy) as daemon:
        other = await host_of(daemon)
        kept = await other.create_runtime()
        dying = await host_of(daemon)
        rt = await dying.create_runtime()
        task = asyncio.create_task(rt.eval("x"))
        await until(lambda: daemon.broker.evals)
        dying._link._connection.transport.abort()
        with pytest.raises(ih.NotConnected):
            await task
        await until(lambda: daemon.broker.channels[1].disposed)
        assert not daemon.broker.channels[0].disposed
        assert not kept.disposed
        await dying.close()
        await other.close()


async def test_a_lost_connection_is_made_anew(daemon):
    async with host_of(daemon) as host:
        rt = await host.create_runtime()
        host._link._connection.transport.abort()
        await until(lambda: rt.disposed)
        assert not host.diagnostics().connected
        with pytest.raises(ih.Disposed) as caught:
            await rt.eval("x")
        assert isinstance(caught.value.__cause__, ih.NotConnected)
        async with host.create_runtime() as again:
            assert await again.eval("y") == "y"
        assert host.diagnostics().connected


async def test_nobody_there(folder):
    with pytest.raises(ih.NotConnected, match="no daemon listens") as caught:
        await ih.create_isolate_host(daemon=ih.DaemonOptions(socket_path=folder / "none.sock", auto_start=False))
    assert "isolate-host serve" in caught.value.hint


async def test_a_daemon_that_never_answers(folder):
    async def mute(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_unix_server(mute, folder / "mute.sock")
    with pytest.raises(ih.NotConnected, match="did not answer"):
        await ih.create_isolate_host(daemon=ih.DaemonOptions(socket_path=folder / "mute.sock", auto_start=False, timeout_s=0.1))
    server.close()
    await server.wait_closed()
    await asyncio.sleep(0.01)


class Raw:
    """A client that writes what it likes."""

    def __init__(self, reader, writer):
        self.reader, self.writer, self.id = reader, writer, 0

    @classmethod
    async def connect(cls, daemon, hello=True):
        raw = cls(*await asyncio.open_unix_connection(daemon.path))
        if hello:
            assert (await raw.ask("hello", {"protocol": 1}))["t"] == "ok"
        return raw

    def send(self, header, body=b""):
        text = header if isinstance(header, bytes) else json.dumps(header).encode()
        self.writer.write(struct.pack("<II", 4 + len(text) + len(body), len(text)) + text + body)

    async def ask(self, op, params):
        self.id += 1
        self.send({"t": "call", "cap": "host", "op": op, "id": self.id}, json.dumps([params]).encode())
        return await self.read()

    async def read(self):
        async with asyncio.timeout(30):
            total, length = struct.unpack("<II", await self.reader.readexactly(8))
            data = await self.reader.readexactly(total - 4)
        return {**json.loads(data[:length]), "body": data[length:]}

    async def cut_off(self):
        async with asyncio.timeout(30):
            try:
                while await self.reader.read(1000):
                    pass
            except ConnectionResetError:
                pass
        self.writer.close()
        return True


class TestHostileClients:
    @pytest.mark.parametrize(
        "message",
        [
            {"t": "call", "cap": "host", "op": "create", "id": 1},
            {"t": "ok", "id": 1},
            {"t": "w.eval", "id": 1, "ch": 1},
            {"t": "call", "cap": "tools", "op": "x", "id": 1},
            b"{",
        ],
    )
    async def test_nothing_before_hello(self, daemon, message):
        raw = await Raw.connect(daemon, hello=False)
        raw.send(message, b"[{}]")
        assert await raw.cut_off()

    @pytest.mark.parametrize(
        "message",
        [
            {"t": "w.eval", "id": 1, "p": 1, "ch": 5},
            {"t": "w.eval", "id": 1, "p": 1, "ch": 0},
            {"t": "w.eval", "id": 1, "p": 1, "ch": "1"},
            {"t": "w.eval", "id": 1, "p": 1, "ch": [1]},
            {"t": "call", "cap": "host", "op": "dispose", "id": 9},
            {"t": "call", "cap": "host", "op": 1, "id": 9},
        ],
    )
    async def test_frames_for_what_is_not_theirs(self, daemon, message):
        owner = await Raw.connect(daemon)
        for _ in range(5):
            await owner.ask("create", {"ch": owner.id, "kind": "runtime", "spec": {}})
        thief = await Raw.connect(daemon)
        thief.send(message, b'[{"ch": 1}]')
        assert await thief.cut_off()
        assert not any(channel.disposed for channel in daemon.broker.channels)
        assert not daemon.broker.evals
        owner.writer.close()

    async def test_channel_numbers_count_up(self, daemon):
        raw = await Raw.connect(daemon)
        assert (await raw.ask("create", {"ch": 1, "kind": "runtime", "spec": {}}))["t"] == "ok"
        raw.send({"t": "call", "cap": "host", "op": "create", "id": 50}, b'[{"ch": 1, "kind": "runtime", "spec": {}}]')
        assert await raw.cut_off()

    async def test_half_a_frame_and_gone(self, daemon):
        raw = await Raw.connect(daemon)
        await raw.ask("create", {"ch": 1, "kind": "runtime", "spec": {}})
        raw.writer.write(b"\x10\x00\x00\x00\x08")
        raw.writer.close()
        await until(lambda: daemon.broker.channels[0].disposed)
        await until(lambda: daemon.server.clients == 0)

    async def test_four_gigabytes(self, daemon):
        raw = await Raw.connect(daemon)
        raw.writer.write(b"\xff\xff\xff\xff")
        assert await raw.cut_off()

    async def test_a_large_frame_before_hello(self, daemon):
        raw = await Raw.connect(daemon, hello=False)
        raw.writer.write(struct.pack("<I", 1 << 20))
        assert await raw.cut_off()

    async def test_another_version(self, daemon):
        raw = await Raw.connect(daemon, hello=False)
        reply = await raw.ask("hello", {"protocol": 99})
        assert reply["t"] == "err"
        assert b"NotConnected" in reply["body"]
        assert await raw.cut_off()

    async def test_a_malformed_create_is_an_error_reply(self, daemon):
        raw = await Raw.connect(daemon)
        assert (await raw.ask("create", {"ch": 1, "kind": 5, "spec": {}}))["t"] == "err"
        assert (await raw.ask("diagnostics", {}))["t"] == "ok"
        raw.writer.close()

    async def test_another_user_is_cut_off(self, daemon, monkeypatch):
        monkeypatch.setattr("isolate_host.daemon.peers.peer_uid", lambda connection: 12345)
        raw = await Raw.connect(daemon, hello=False)
        assert await raw.cut_off()
        assert daemon.server.accepted == 0

    async def test_the_number_of_clients_is_bounded(self, folder):
        async with fake_daemon(folder, echo, HostConfig(daemon=DaemonConfig(max_clients=2))) as daemon:
            kept = [await Raw.connect(daemon) for _ in range(2)]
            extra = await Raw.connect(daemon, hello=False)
            assert await extra.cut_off()
            for raw in kept:
                raw.writer.close()


class TestFlow:
    async def test_a_client_that_does_not_read_pauses_its_guests(self, folder):
        async def flood(guest, code):
            for _ in range(400):
                guest.note("console", "entry", {"text": "x" * 50_000})
                await asyncio.sleep(0)

        async with fake_daemon(folder, flood) as daemon:
            raw = await Raw.connect(daemon)
            await raw.ask("create", {"ch": 1, "kind": "runtime", "spec": {}})
            raw.send({"t": "w.eval", "id": 1, "p": 1, "ch": 1, "filename": "/x"}, b"go")
            channel = daemon.broker.channels[0]
            await until(lambda: channel.flow == ["pause"])
            async with asyncio.timeout(10):
                while (await raw.read())["t"] != "ok":
                    pass
            assert channel.flow[-1] == "resume"
            raw.writer.close()

    async def test_a_worker_that_is_far_behind_pauses_its_client(self, folder):
        async with fake_daemon(folder, echo) as daemon, host_of(daemon) as host:
            rt = await host.create_runtime()
            channel = daemon.broker.channels[0]
            channel.room.clear()
            sending = asyncio.gather(*(rt.events.emit("e", b"x" * (1 << 20)) for _ in range(80)))
            await asyncio.sleep(0.3)
            assert len(channel.guest.notes) < 60
            channel.room.set()
            await until(lambda: len(channel.guest.notes) == 80)
            await sending


async def test_a_message_that_a_guest_refuses_fails_alone(folder):
    async def program(guest, code):
        if code == "tool":
            with pytest.raises(ih.LimitExceeded, match="too large"):
                await guest.call("tools", "large")
            return "survived"
        return len

    async with fake_daemon(folder, program) as daemon, host_of(daemon) as host:
        rt = await host.create_runtime(bindings=ih.Bindings(tools={"large": lambda: b"x" * 5000}))
        daemon.broker.channels[0].limit = 1000
        assert await rt.eval("tool") == "survived"
        function = await rt.eval("function")
        with pytest.raises(ih.LimitExceeded, match="too large"):
            await function(b"x" * 5000)
        with pytest.raises(ih.LimitExceeded, match="too large"):
            await rt.eval("x" * 5000)
        assert await function(b"x" * 500) == 500


class TestEnd:
    async def test_drain_waits_for_running_evals_and_refuses_new_runtimes(self, folder):
        release = asyncio.Event()

        async def program(guest, code):
            await release.wait()
            return code

        async with fake_daemon(folder, program) as daemon, host_of(daemon) as host:
            rt = await host.create_runtime()
            task = asyncio.create_task(rt.eval("x"))
            await until(lambda: daemon.broker.evals)
            draining = asyncio.create_task(daemon.server.drain(5))
            await asyncio.sleep(0.1)
            assert not draining.done()
            assert not daemon.path.exists()
            with pytest.raises(ih.Disposed, match="shutting down"):
                await host.create_runtime()
            release.set()
            assert await task == "x"
            await draining

    async def test_drain_is_bounded(self, folder):
        async with fake_daemon(folder, sleepy) as daemon, host_of(daemon) as host:
            rt = await host.create_runtime()
            task = asyncio.create_task(rt.eval("x"))
            await until(lambda: daemon.broker.evals)
            await daemon.server.drain(0.05)
            await daemon.server.close()
            with pytest.raises(ih.NotConnected):
                await task

    async def test_idleness(self, folder):
        async with fake_daemon(folder, echo, idle_exit_s=0.05) as daemon:
            async with host_of(daemon):
                await asyncio.sleep(0.1)
                assert not daemon.server.idle.is_set()
            async with asyncio.timeout(30):
                await daemon.server.idle.wait()
