"""Abort controllers and signals."""

import asyncio

import pytest

from isolate_host.errors import Aborted
from isolate_host.wire.abort import AbortController, AbortSignal


def test_once_and_for_good():
    controller = AbortController()
    signal = controller.signal
    signal.throw_if_aborted()
    controller.abort("first")
    controller.abort("second")
    assert (signal.aborted, signal.reason) == (True, "first")
    with pytest.raises(Aborted, match="first") as caught:
        signal.throw_if_aborted()
    assert caught.value.reason == "first"


def test_a_reason_that_is_an_error_is_raised_itself():
    controller, error = AbortController(), Aborted("mine", reason="r")
    controller.abort(error)
    with pytest.raises(Aborted) as caught:
        controller.signal.throw_if_aborted()
    assert caught.value is error


def test_listeners(caplog):
    controller, log = AbortController(), []
    off = controller.signal.add_listener(lambda: log.append("off"))
    controller.signal.add_listener(lambda: 1 / 0)
    controller.signal.add_listener(lambda: log.append("on"))
    off()
    off()
    controller.abort()
    assert log == ["on"]
    assert "an abort listener raised" in caplog.text
    controller.signal.add_listener(lambda: log.append("late"))
    assert log == ["on", "late"]


async def test_waiting():
    controller = AbortController()
    waiters = [asyncio.create_task(controller.signal.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    waiters[0].cancel()
    controller.abort("now")
    assert await asyncio.gather(*waiters[1:]) == ["now", "now"]
    assert await controller.signal.wait() == "now"


async def test_a_timeout():
    signal = AbortSignal.timeout(0.01)
    assert not signal.aborted
    assert "timed out" in await signal.wait()
