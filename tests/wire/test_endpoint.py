"""Requests, references and cancellation between two endpoints."""

import asyncio
import gc

import pytest

from isolate_host.errors import Disposed, GuestError, LimitExceeded, MarshalError, PolicyDenied
from isolate_host.wire.proxies import GuestFunction, GuestIterator, GuestPromise
from isolate_host.wire.serving import RawReply
from tests.support.pair import Pair, until


def answer(**operations):
    return lambda call: operations[call.header["op"]](*call.arguments())


async def test_calls_both_ways():
    pair = Pair(answer(add=lambda a, b: a + b), answer(shout=str.upper))
    assert await pair.guest.call("t", "add", 1, 2) == 3
    assert await pair.host.call("t", "shout", "x") == "X"
    await pair.close()


async def test_many_calls_get_their_own_results_out_of_order():
    async def wait(n):
        await asyncio.sleep((n * 7 % 10) / 1000)
        return n

    pair = Pair(answer(wait=wait))
    assert await asyncio.gather(*(pair.guest.call("t", "wait", n) for n in range(100))) == list(range(100))
    assert pair.host.serving == pair.guest.pending == 0
    await pair.close()


async def test_errors_keep_their_fields():
    class OddError(Exception):
        code = "E_ODD"

    async def later():
        raise PolicyDenied("no", capability="c", value="v", rule="r")

    def now():
        raise OddError("strange")

    pair = Pair(answer(now=now, later=later))
    with pytest.raises(GuestError) as caught:
        await pair.guest.call("t", "now")
    assert (caught.value.name, caught.value.message, caught.value.guest_code) == ("OddError", "strange", "E_ODD")
    with pytest.raises(PolicyDenied):
        await pair.guest.call("t", "later")
    await pair.close()


async def test_results_that_cannot_cross_become_errors():
    pair = Pair(answer(bad=lambda: {"x": [object()]}))
    with pytest.raises(MarshalError) as caught:
        await pair.guest.call("t", "bad")
    assert caught.value.path == "$.x[0]"
    await pair.close()


async def test_an_iterable_that_raises_while_it_is_encoded():
    class Trap(dict):
        def items(self):
            raise RuntimeError("gotcha")

    pair = Pair(answer(bad=lambda: Trap(a=1)))
    with pytest.raises(MarshalError, match="RuntimeError"):
        await pair.guest.call("t", "bad")
    await pair.close()


class TestFunctions:
    async def test_callbacks_repeatedly_and_concurrently(self):
        async def use(callback):
            first = await callback(1)
            return [first, *await asyncio.gather(*(callback(n) for n in range(5)))]

        pair = Pair(answer(use=use))

        async def double(n):
            await asyncio.sleep(0)
            return n * 2

        assert await pair.guest.call("t", "use", double) == [2, 0, 2, 4, 6, 8]
        await pair.close()

    async def test_identity_goes_home(self):
        pair = Pair(answer(same=lambda f: f))

        def mine():
            return 1

        assert await pair.guest.call("t", "same", mine) is mine
        await pair.close()

    async def test_one_object_one_proxy(self):
        seen = []
        pair = Pair(answer(take=lambda *fs: seen.extend(fs)))

        def mine():
            return 1

        await pair.guest.call("t", "take", mine, [mine])
        assert seen[0] is seen[1][0]
        assert isinstance(seen[0], GuestFunction)
        assert seen[0].name == "mine"
        seen.clear()
        gc.collect()
        await until(lambda: len(pair.guest.references.owned) == 0)
        assert pair.headers("host>", "drop") == [{"t": "drop", "refs": [[1, 2]], "p": 1}]
        await pair.close()

    async def test_handles_chain(self):
        def open_door(n):
            return {"value": lambda: n, "next": lambda: open_door(n + 1)}

        pair = Pair(answer(open=open_door))
        door = await pair.guest.call("t", "open", 1)
        third = await (await door["next"]())["next"]()
        assert await third["value"]() == 3
        await pair.close()

    async def test_closing_gives_the_lease_back(self):
        pair = Pair(answer(make=lambda: len))
        function = await pair.guest.call("t", "make")
        assert await function([1, 2]) == 2
        await function.close()
        await function.close()
        with pytest.raises(Disposed):
            await function([])
        await until(lambda: len(pair.host.references.owned) == 0)
        await pair.close()

    async def test_a_released_reference_is_an_error_and_no_violation(self):
        pair = Pair()
        with pytest.raises(GuestError, match="released") as caught:
            await pair.guest.request({"t": "ref", "r": 99}, [])
        assert caught.value.name == "ReferenceError"
        assert not pair.violations
        await pair.close()

    async def test_drops_are_coalesced(self):
        pair = Pair(answer(many=lambda: [lambda: 1 for _ in range(500)]))
        functions = await pair.guest.call("t", "many")
        del functions
        gc.collect()
        await until(lambda: len(pair.host.references.owned) == 0)
        assert len(pair.headers("guest>", "drop")) <= 3
        await pair.close()

    async def test_leases_are_capped_and_a_refused_message_leaves_none(self):
        pair = Pair(answer(many=lambda n: [lambda: 1 for _ in range(n)]), max_leases=10)
        with pytest.raises(LimitExceeded) as caught:
            await pair.guest.call("t", "many", 11)
        assert caught.value.kind == "references"
        assert len(pair.host.references.owned) == 0
        kept = await pair.guest.call("t", "many", 10)
        assert len(kept) == 10
        await pair.close()


class TestPromises:
    async def test_settle_later_both_ways(self):
        future = asyncio.get_running_loop().create_future()

        async def fail():
            raise ValueError("late")

        pair = Pair(answer(get=lambda: {"good": future, "bad": fail()}))
        result = await pair.guest.call("t", "get")
        assert isinstance(result["good"], GuestPromise)
        waiting = asyncio.gather(result["good"], result["good"])
        future.set_result(5)
        assert await waiting == [5, 5]
        with pytest.raises(GuestError, match="late"):
            await result["bad"]
        await pair.close()


class TestIterators:
    @staticmethod
    def source(log):
        async def numbers():
            try:
                for n in range(3):
                    try:
                        yield n
                    except GuestError as error:
                        log.append(error.message)
                        yield "caught"
            finally:
                log.append("cleanup")

        return numbers

    async def get(self, log):
        pair = Pair(answer(get=lambda: {"it": self.source(log)()}))
        result = await pair.guest.call("t", "get")
        assert isinstance(result["it"], GuestIterator)
        return pair, result.pop("it")

    async def test_to_the_end(self):
        pair, iterator = await self.get(log := [])
        assert [item async for item in iterator] == [0, 1, 2]
        assert log == ["cleanup"]
        await until(lambda: len(pair.host.references.owned) == 0)
        await pair.close()

    async def test_break_runs_the_cleanup(self):
        pair, iterator = await self.get(log := [])
        await anext(iterator)
        await iterator.aclose()
        assert log == ["cleanup"]
        with pytest.raises(StopAsyncIteration):
            await anext(iterator)
        await pair.close()

    async def test_throw_reaches_the_generator(self):
        pair, iterator = await self.get(log := [])
        await anext(iterator)
        assert await iterator.athrow(ValueError("from outside")) == "caught"
        assert log == ["from outside"]
        await iterator.aclose()
        await pair.close()

    async def test_forgetting_it_runs_the_cleanup(self):
        pair, iterator = await self.get(log := [])
        await anext(iterator)
        del iterator
        gc.collect()
        await until(lambda: log == ["cleanup"])
        await pair.close()

    async def test_the_end_of_the_connection_runs_the_cleanup(self):
        pair, iterator = await self.get(log := [])
        await anext(iterator)
        await pair.close()
        assert log == ["cleanup"]

    async def test_an_error_in_the_middle(self):
        def broken():
            yield 1
            raise ValueError("mid")

        pair = Pair(answer(get=broken))
        iterator = await pair.guest.call("t", "get")
        assert await anext(iterator) == 1
        with pytest.raises(GuestError, match="mid"):
            await anext(iterator)
        await pair.close()

    async def test_concurrent_requests_queue(self):
        pair, iterator = await self.get([])
        assert await asyncio.gather(*(anext(iterator) for _ in range(3))) == [0, 1, 2]
        await pair.close()


class TestCancellation:
    async def test_the_work_is_cancelled_and_answered_once(self):
        log = []

        async def slow():
            try:
                await asyncio.sleep(60)
            finally:
                log.append("stopped")

        pair = Pair(answer(slow=slow))
        task = asyncio.create_task(pair.guest.request({"t": "call", "cap": "t", "op": "slow"}, []))
        await until(lambda: pair.host.serving == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: log and pair.guest.pending == 0)
        assert len(pair.headers("host>", "err")) == 1
        await pair.close()

    async def test_work_that_listens_may_finish_by_itself(self):
        log = []

        def serve(call):
            async def work():
                log.append(await call.signal.wait())

            return work()

        pair = Pair(serve)
        future, request_id = pair.guest.start({"t": "call", "cap": "t", "op": "x"}, [])
        await until(lambda: pair.host.serving == 1)
        pair.guest.cancel(request_id, "enough")
        with pytest.raises(GuestError) as caught:
            await future
        assert caught.value.name == "AbortError"
        await until(lambda: log == ["enough"])
        await pair.close()

    async def test_a_late_result_gives_its_leases_back(self):
        pair = Pair(answer(make=lambda: {"f": len}))
        task = asyncio.create_task(pair.guest.request({"t": "call", "cap": "t", "op": "make"}, []))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await until(lambda: pair.guest.pending == 0)
        gc.collect()
        await until(lambda: len(pair.host.references.owned) == 0)
        await pair.close()

    async def test_closing_fails_what_is_pending_on_both_sides(self):
        started = asyncio.Event()
        log = []

        async def slow():
            started.set()
            try:
                await asyncio.sleep(60)
            finally:
                log.append("stopped")

        pair = Pair(answer(slow=slow))
        task = asyncio.create_task(pair.guest.request({"t": "call", "cap": "t", "op": "slow"}, []))
        await started.wait()
        await pair.close()
        with pytest.raises(Disposed):
            await task
        assert log == ["stopped"]
        with pytest.raises(Disposed):
            await pair.host.call("t", "x")


async def test_raw_replies_pass_unchanged():
    pair = Pair(lambda call: RawReply(b'{"x":{"$":"bin","k":"Uint8Array","b":0}}', [b"z"]))
    assert await pair.guest.call("t", "x") == {"x": b"z"}
    await pair.close()
