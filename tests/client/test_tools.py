"""Tools, console and callbacks, as the guest calls them."""

import asyncio
import functools

import pytest

import isolate_host as ih
from tests.support.pair import until


def running(fake, tools, body, **options):
    """A runtime whose program is ``body(call)`` with ``call(name, *args)`` calling a tool."""

    async def program(guest, code):
        return await body(functools.partial(guest.call, "tools"))

    return fake(program, bindings=ih.Bindings(tools=tools), **options)


async def test_sync_async_and_partial_tools(fake):
    async def greet(name):
        await asyncio.sleep(0)
        return f"hello {name}"

    class Adder:
        async def __call__(self, a, b):
            return a + b

    async def body(call):
        return [await call("greet", "x"), await call("inc", 1), await call("add", 1, 2), await call("ten")]

    tools = {"greet": greet, "inc": lambda n: n + 1, "add": Adder(), "ten": functools.partial(int, "10")}
    async with running(fake, tools, body) as (rt, channel, _):
        assert await rt.eval("") == ["hello x", 2, 3, 10]
        kinds = {name: tool["kind"] for name, tool in channel.spec["bindings"]["tools"].items()}
        assert kinds == {"greet": "async", "inc": "sync", "add": "async", "ten": "sync"}


async def test_the_context_goes_to_whoever_asks_for_it(fake):
    seen = []

    def by_name(value, ctx):
        seen.append(ctx)

    async def by_annotation(value, *, where: ih.HostCallContext):
        seen.append(where)

    def by_text(value, where: "ih.HostCallContext | None" = None):
        seen.append(where)

    def without(value):
        seen.append(None)

    async def body(call):
        for name in ("by_name", "by_annotation", "by_text", "without"):
            await call(name, 1, dl=5, req="q7")

    tools = {function.__name__: function for function in (by_name, by_annotation, by_text, without)}
    async with running(fake, tools, body, sandbox="agent") as (rt, _, _host):
        await rt.eval("")
    *contexts, last = seen
    assert last is None
    for ctx in contexts:
        assert (ctx.capability, ctx.runtime_id, ctx.sandbox, ctx.request_id) == ("tools", "r1", "agent", "q7")
        assert 4 < ctx.remaining() <= 5
        assert ctx.resource_id.startswith("tools:")


async def test_wrong_arguments_are_the_guests_error(fake):
    async def body(call):
        with pytest.raises(ih.GuestError) as caught:
            await call("one", 1, 2, 3)
        with pytest.raises(ih.GuestError) as unknown:
            await call("nothing")
        return [caught.value.name, unknown.value.name]

    async with running(fake, {"one": lambda a: a}, body) as (rt, _, _host):
        assert await rt.eval("") == ["TypeError", "LookupError"]


async def test_generators(fake):
    async def ticks(n):
        for i in range(n):
            yield i

    def letters():
        yield from "ab"

    async def body(call):
        return [[item async for item in await call("ticks", 3)], [item async for item in await call("letters")]]

    async with running(fake, {"ticks": ticks, "letters": letters, "slow": ih.Tool(ticks, timeout_s=5)}, body) as (rt, channel, _):
        assert await rt.eval("") == [[0, 1, 2], ["a", "b"]]
        assert {tool["kind"] for tool in channel.spec["bindings"]["tools"].values()} == {"generator"}


async def test_a_tool_with_a_time_limit(fake):
    log = []

    async def stuck(ctx):
        try:
            await asyncio.sleep(60)
        finally:
            log.append(ctx.signal.aborted)

    async def drip():
        try:
            yield 1
            await asyncio.sleep(60)
        finally:
            log.append("drip closed")

    async def own():
        raise TimeoutError("my own")

    async def body(call):
        with pytest.raises(ih.LimitExceeded, match="'stuck' took longer"):
            await call("stuck")
        iterator = await call("drip")
        assert await anext(iterator) == 1
        with pytest.raises(ih.LimitExceeded):
            await anext(iterator)
        with pytest.raises(ih.GuestError, match="my own"):
            await call("own")

    tools = {function.__name__: ih.Tool(function, timeout_s=0.02) for function in (stuck, drip, own)}
    async with running(fake, tools, body) as (rt, _, _host):
        await rt.eval("")
    assert len(log) == 2
    assert "drip closed" in log


@pytest.mark.parametrize("how", ["dispose", "die"])
async def test_a_pending_tool_sees_the_end_of_its_runtime(fake, how):
    log = []

    async def waiting(ctx):
        log.append("started")
        try:
            await asyncio.sleep(60)
        finally:
            log.append(ctx.signal.aborted)

    async def listening(ctx):
        log.append("started")
        await ctx.signal.wait()
        log.append(True)

    async def body(call):
        await asyncio.gather(call("waiting"), call("listening"))

    async with running(fake, {"waiting": waiting, "listening": listening}, body) as (rt, channel, _):
        task = asyncio.create_task(rt.eval(""))
        await until(lambda: len(log) == 2)
        assert rt.diagnostics().pending_tools == 2
        if how == "dispose":
            await rt.dispose()
        else:
            channel.guest.die(ih.WorkerCrashed("gone"))
        await until(lambda: len(log) == 4)
        await asyncio.gather(task, return_exceptions=True)
        assert log == ["started", "started", True, True]
        assert rt.diagnostics().pending_tools == 0


async def test_a_guest_callback_outlives_nothing(fake):
    kept = []

    async def body(call):
        async def callback(n):
            return n * 2

        await call("keep", callback)
        return await call("use", 21)

    async def use(n):
        return await kept[0](n)

    async with running(fake, {"keep": kept.append, "use": use}, body) as (rt, _, _host):
        assert await rt.eval("") == 42
        await rt.dispose()
        with pytest.raises(ih.Disposed):
            await kept[0](1)


class TestConsole:
    @staticmethod
    async def program(guest, code):
        guest.note("console", "entry", {"type": "output", "level": "warn", "text": "hi", "groupDepth": 2})
        guest.note("console", "entry", {"type": "count", "text": "a: 1", "label": "a", "count": 1, "durationMs": 1.5})
        return "done"

    async def test_entries_arrive_before_the_eval_resolves(self, fake):
        entries = []
        async with fake(self.program, bindings=ih.Bindings(console=lambda entry, ctx: entries.append((entry, ctx)))) as (rt, _, _host):
            assert await rt.eval("") == "done"
            (first, ctx), (second, _) = entries
            assert (first.type, first.level, first.text, first.stdout, first.group_depth) == ("output", "warn", "hi", "hi", 2)
            assert (second.label, second.count, second.duration_ms) == ("a", 1, 1.5)
            assert (ctx.capability, ctx.runtime_id) == ("console", "r1")
            with pytest.raises(AttributeError):
                first.label  # noqa: B018

    async def test_a_callback_of_the_entry_alone(self, fake):
        entries = []
        async with fake(self.program, bindings={"console": entries.append}) as (rt, _, _host):
            await rt.eval("")
        assert [entry.text for entry in entries] == ["hi", "a: 1"]

    async def test_a_callback_that_raises_or_is_async_harms_nothing(self, fake, caplog):
        async def broken(entry):
            raise ValueError("in the callback")

        for callback in (broken, lambda entry: 1 / 0):
            async with fake(self.program, bindings={"console": callback}) as (rt, _, _host):
                assert await rt.eval("") == "done"
                await asyncio.sleep(0)
        assert "in the callback" in caplog.text
        assert "ZeroDivisionError" in caplog.text

    @pytest.mark.parametrize("entry", [None, 1, [], {"type": [], "text": {}, "groupDepth": "x", "fields": 1}, {"": 1}])
    def test_any_entry_is_readable(self, entry):
        made = ih.ConsoleEntry.from_guest(entry)
        assert isinstance(made.text, str)
        assert isinstance(made.group_depth, int)
        repr(made)
