"""Runtime: evals, abort, end of life, events, diagnostics: against the fake broker."""

import asyncio
import logging

import pytest

import isolate_host as ih
from isolate_host.client.host import IsolateHost
from isolate_host.client.runtime import absolute_filename
from tests.support.fake_broker import FakeLink
from tests.support.pair import until


async def echo(guest, code):
    return code


async def sleepy(guest, code):
    await asyncio.sleep(60)


async def test_eval_returns_the_value(fake):
    async with fake(echo, cwd="/app") as (rt, channel, _):
        assert await rt.eval("1 + 1", filename="entry.ts", timeout_s=2) == "1 + 1"
        header = channel.link.evals[0]
        assert (header["filename"], header["mode"], header["timeout_s"], header["p"]) == ("/app/entry.ts", "auto", 2, 1)


async def test_await_and_async_with_both_work():
    link = FakeLink(echo)
    host = IsolateHost(link, link.hello)
    rt = await host.create_runtime()
    assert await rt.eval("x") == "x"
    async with rt:
        pass
    assert rt.disposed
    await rt.dispose()
    await host.close()
    await host.close()
    assert len(link.channels[0].disposed) == 1


async def test_an_opening_that_nobody_uses_does_nothing():
    link = FakeLink(echo)
    host = IsolateHost(link, link.hello)
    host.create_runtime()
    assert not link.channels
    await host.close()


async def test_the_spec_that_the_broker_gets(fake):
    options = {
        "bindings": ih.Bindings(console=print, tools={"greet": ih.Tool(lambda n: n, timeout_s=3)}, modules=ih.create_module_resolver()),
        "limits": ih.Limits(memory_mb=64, timeout_s=None),
        "cwd": "/app/../x/",
        "sandbox": "agent",
        "key": "k",
        "nested_host": False,
    }
    async with fake(**options) as (_, channel, _host):
        assert channel.spec == {
            "sandbox": "agent",
            "limits": {"memory_mb": 64, "timeout_s": None},
            "cwd": "/x",
            "key": "k",
            "nested": False,
            "bindings": {"console": {}, "tools": {"greet": {"kind": "sync", "timeout_s": 3}}, "modules": {}},
        }


async def test_evals_run_one_after_another_in_order(fake):
    log = []

    async def program(guest, code):
        log.append(f"begin {code}")
        await asyncio.sleep(0.002)
        log.append(f"end {code}")

    async with fake(program) as (rt, _, _host):
        await asyncio.gather(*(rt.eval(name) for name in "abc"))
    assert log == [f"{what} {name}" for name in "abc" for what in ("begin", "end")]


async def test_a_throw_leaves_the_runtime_usable(fake):
    async def program(guest, code):
        if code == "throw":
            raise ih.GuestError("RangeError", "too far", "RangeError: too far\n    at /index.ts:1:1", guest_code="E1")
        return code

    async with fake(program) as (rt, _, _host):
        with pytest.raises(ih.GuestError) as caught:
            await rt.eval("throw")
        assert (caught.value.name, caught.value.guest_code) == ("RangeError", "E1")
        assert "/index.ts:1:1" in caught.value.stack
        assert await rt.eval("fine") == "fine"


async def test_an_unhandled_rejection_fails_its_eval(fake):
    async def program(guest, code):
        if code == "bad":
            guest.reject(ValueError("lost"))
        return code

    async with fake(program) as (rt, _, _host):
        with pytest.raises(ih.GuestError, match="lost"):
            await rt.eval("bad")
        assert await rt.eval("good") == "good"


async def test_a_rejection_between_evals_is_reported(fake, caplog):
    async with fake(echo) as (rt, channel, _):
        with caplog.at_level(logging.WARNING):
            channel.guest.reject(ValueError("lost"))
            await until(lambda: "lost" in caplog.text)
        assert await rt.eval("x") == "x"


class TestAbort:
    async def test_a_signal_kills_the_runtime(self, fake):
        async with fake(sleepy) as (rt, channel, host):
            controller = ih.AbortController()
            task = asyncio.create_task(rt.eval("x", signal=controller.signal))
            await until(lambda: channel.link.evals)
            controller.abort("no longer needed")
            with pytest.raises(ih.Aborted) as caught:
                await task
            assert caught.value.reason == "no longer needed"
            with pytest.raises(ih.Disposed, match="no longer needed"):
                await rt.eval("y")
            await until(lambda: channel.disposed)
            assert channel.disposed[0][0] is True
            assert host.diagnostics().runtimes == 0

    async def test_a_signal_that_aborted_before_harms_nothing(self, fake):
        async with fake(echo) as (rt, channel, _):
            controller = ih.AbortController()
            controller.abort("early")
            with pytest.raises(ih.Aborted, match="early"):
                await rt.eval("x", signal=controller.signal)
            assert not channel.link.evals
            assert await rt.eval("x") == "x"

    async def test_a_signal_for_a_queued_eval_harms_nothing(self, fake):
        release = asyncio.Event()

        async def program(guest, code):
            if code == "first":
                await release.wait()
            return code

        async with fake(program) as (rt, _, _host):
            controller = ih.AbortController()
            first = asyncio.create_task(rt.eval("first"))
            second = asyncio.create_task(rt.eval("second", signal=controller.signal))
            third = asyncio.create_task(rt.eval("third"))
            await asyncio.sleep(0.01)
            controller.abort()
            with pytest.raises(ih.Aborted):
                await second
            release.set()
            assert await first == "first"
            assert await third == "third"

    async def test_cancelling_the_task_kills_the_runtime(self, fake):
        async with fake(sleepy) as (rt, channel, _):
            task = asyncio.create_task(rt.eval("x"))
            await until(lambda: channel.link.evals)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with pytest.raises(ih.Disposed, match="cancelled"):
                await rt.eval("y")
            await until(lambda: channel.disposed)

    async def test_cancelling_a_queued_eval_harms_nothing(self, fake):
        async with fake(echo) as (rt, _, _host):
            first = asyncio.create_task(rt.eval("first"))
            second = asyncio.create_task(rt.eval("second"))
            await asyncio.sleep(0)
            second.cancel()
            await asyncio.gather(second, return_exceptions=True)
            assert await first == "first"
            assert await rt.eval("third") == "third"

    async def test_wait_for_works_as_a_timeout(self, fake):
        async with fake(sleepy) as (rt, _, _host):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(rt.eval("x"), 0.01)
            assert rt.disposed


class TestEnd:
    async def test_dispose_during_an_eval(self, fake):
        async with fake(sleepy) as (rt, channel, _):
            task = asyncio.create_task(rt.eval("x"))
            await until(lambda: channel.link.evals)
            await rt.dispose(reason="test over")
            with pytest.raises(ih.Disposed, match="test over"):
                await task

    async def test_the_broker_ends_it(self, fake):
        async with fake(sleepy) as (rt, channel, host):
            task = asyncio.create_task(rt.eval("x"))
            queued = asyncio.create_task(rt.eval("y"))
            await until(lambda: channel.link.evals)
            channel.guest.die(ih.LimitExceeded("out of memory", kind="memory"))
            with pytest.raises(ih.LimitExceeded, match="memory"):
                await task
            with pytest.raises(ih.Disposed) as caught:
                await queued
            assert isinstance(caught.value.__cause__, ih.LimitExceeded)
            assert host.diagnostics().runtimes == 0

    async def test_closing_the_host_disposes_everything(self):
        link = FakeLink(sleepy)
        host = IsolateHost(link, link.hello)
        runtimes = [await host.create_runtime() for _ in range(3)]
        assert host.diagnostics().runtimes == 3
        await host.close()
        assert all(rt.disposed for rt in runtimes)
        assert host.diagnostics() == {"runtimes": 0, "servers": 0, "connected": False, "isolation": {"seccomp": "on"}}
        with pytest.raises(ih.Disposed):
            await host.create_runtime()

    async def test_creation_errors_reach_the_caller(self):
        link = FakeLink(echo)
        link.refuse = ih.IsolationUnavailable("no seccomp", layers={"seccomp": "missing"})
        async with IsolateHost(link, link.hello) as host:
            with pytest.raises(ih.IsolationUnavailable):
                await host.create_runtime()
            assert host.diagnostics().runtimes == 0

    async def test_a_guest_that_breaks_the_protocol_is_ended(self, fake):
        async with fake(sleepy) as (rt, channel, _):
            task = asyncio.create_task(rt.eval("x"))
            await until(lambda: channel.link.evals)
            channel.guest.endpoint._send(ih_frame({"t": "zzz"}))
            with pytest.raises(ih.ProtocolError):
                await task
            await until(lambda: channel.disposed)


def ih_frame(header):
    from isolate_host.wire.frames import Frame

    return Frame(header)


class TestEvents:
    async def test_both_ways(self, fake):
        async def program(guest, code):
            guest.note("events", "emit", "ping", {"n": 1})

        async with fake(program) as (rt, channel, _):
            got, later = [], []

            async def slow(payload):
                await asyncio.sleep(0)
                later.append(payload)

            off = rt.events.on("ping", got.append)
            rt.events.on("ping", lambda payload: 1 / 0)
            rt.events.on("ping", slow)
            await rt.eval("")
            await until(lambda: later)
            off()
            await rt.eval("")
            assert got == [{"n": 1}]
            await rt.events.emit("pong", {"m": [1, 2]})
            await until(lambda: channel.guest.notes)
            assert channel.guest.notes == [("events", "emit", ["pong", {"m": [1, 2]}])]

    async def test_payloads_are_data(self, fake):
        async with fake() as (rt, _, _host):
            with pytest.raises(ih.MarshalError) as caught:
                await rt.events.emit("x", {"f": print})
            assert caught.value.path.endswith(".f")
            await rt.dispose()
            with pytest.raises(ih.Disposed):
                await rt.events.emit("x", 1)


async def test_diagnostics_now_and_awaited(fake):
    async with fake(sleepy) as (rt, channel, host):
        assert rt.diagnostics().state == "idle"
        task = asyncio.create_task(rt.eval("x"))
        await until(lambda: channel.link.evals)
        now = rt.diagnostics()
        assert (now["state"], now["evals"], now["id"]) == ("active", 1, "r1")
        full = await rt.diagnostics()
        assert (full.state, full.cpu_s) == ("active", 0.5)
        assert (await host.diagnostics()).workers == 1
        await rt.dispose()
        await asyncio.gather(task, return_exceptions=True)
        assert rt.diagnostics().state == "disposed"
        assert (await rt.diagnostics()).state == "disposed"


@pytest.mark.parametrize(
    ("filename", "cwd", "expected"),
    [
        ("/index.ts", "/", "/index.ts"),
        ("a.ts", "/", "/a.ts"),
        ("a.ts", "/app", "/app/a.ts"),
        ("/lib/", "/app", "/lib/index.ts"),
        ("../x.ts", "/app", "/x.ts"),
        ("//x//y.ts", "/", "/x/y.ts"),
    ],
)
def test_file_names(filename, cwd, expected):
    assert absolute_filename(filename, cwd) == expected


@pytest.mark.parametrize("filename", ["../x.ts", "/../x", "", "a\0b", "/a/../../b"])
def test_file_names_that_leave_the_root(filename):
    with pytest.raises(ValueError, match=r"filename"):
        absolute_filename(filename, "/")
