"""What a hostile peer may send: violations, late messages, and references that are not its own."""

import asyncio

import pytest

from isolate_host.errors import GuestError, MarshalError
from isolate_host.wire.frames import Frame
from tests.support.pair import Pair, until


def answer(**operations):
    return lambda call: operations[call.header["op"]](*call.arguments())


@pytest.mark.parametrize(
    "header",
    [
        {"t": "zzz"},
        {"t": "w.eval", "id": 1},
        {"t": "call", "cap": "t", "op": "x"},
        {"t": "call", "cap": "t", "op": "x", "id": 0},
        {"t": "call", "cap": "t", "op": "x", "id": -1},
        {"t": "call", "cap": "t", "op": "x", "id": True},
        {"t": "call", "cap": "t", "op": "x", "id": 1.5},
        {"t": "call", "cap": "t", "op": "x", "id": 2**60},
        {"t": "call", "cap": 1, "op": "x", "id": 1},
        {"t": "call", "cap": "t", "id": 1},
        {"t": "call", "cap": "t", "op": "x", "id": 1, "p": []},
        {"t": "note", "cap": "t"},
        {"t": "ref", "id": 1},
        {"t": "ref", "id": 1, "r": "1"},
        {"t": "ok"},
        {"t": "ok", "id": "1"},
        {"t": "drop"},
        {"t": "drop", "refs": [[1]]},
        {"t": "drop", "refs": [[1, 0]]},
        {"t": "drop", "refs": [[1, -5]]},
        {"t": "drop", "refs": {"1": 1}},
        {"t": "sd"},
        {"t": "sc", "st": 0, "n": 1},
    ],
)
async def test_malformed_messages_are_violations(header):
    pair = Pair()
    pair.host.receive(Frame(header))
    assert len(pair.violations) == 1
    await pair.close()

async def test_a_request_id_in_use():
    pair = Pair(answer(slow=lambda: asyncio.sleep(60)))
    for _ in range(2):
        pair.host.receive(Frame({"t": "call", "cap": "t", "op": "slow", "id": 1}, b"[]"))
    assert len(pair.violations) == 1
    await pair.close()

@pytest.mark.parametrize("header", [{"t": "ok", "id": 77}, {"t": "cancel", "id": 77}, {"t": "drop", "refs": [[77, 1]]}, {"t": "se", "st": 2}])
async def test_late_messages_are_no_violations(header):
    pair = Pair()
    pair.host.receive(Frame(header))
    assert not pair.violations
    await pair.close()

async def test_reasons_that_make_no_sense():
    pair = Pair(answer(slow=lambda: asyncio.sleep(60)))
    pair.host.receive(Frame({"t": "call", "cap": "t", "op": "slow", "id": 1}, b"[]"))
    pair.host.receive(Frame({"t": "cancel", "id": 1}, b'{"$":"own","r":9,"p":1}'))
    assert pair.host.serving == 0
    stream = pair.host.references.import_("st", {"$": "st", "r": 2})
    pair.host.receive(Frame({"t": "sx", "st": 2, "d": "abort"}, b'{"$":"x","k":"Nothing","v":1}'))
    with pytest.raises(MarshalError):
        await stream.read()
    assert not pair.violations
    await pair.close()


async def test_malformed_arguments_are_a_violation():
    pair = Pair(answer(x=lambda a: a))
    pair.host.receive(Frame({"t": "call", "cap": "t", "op": "x", "id": 1}, b'[{"$":"zz"}]'))
    assert len(pair.violations) == 1
    await pair.close()

async def test_dropping_more_than_was_leased():
    pair = Pair(answer(make=lambda: len))
    kept = await pair.guest.call("t", "make")
    pair.host.receive(Frame({"t": "drop", "refs": [[1, 2**50]]}))
    assert len(pair.host.references.owned) == 0
    with pytest.raises(GuestError, match="released"):
        await kept([])
    await pair.close()

@pytest.mark.parametrize("node", ['{"$":"own","r":5,"p":1}', '{"$":"own","r":1}'])
async def test_references_that_are_not_ours(node):
    pair = Pair(answer(x=lambda a: a))
    pair.host.receive(Frame({"t": "call", "cap": "t", "op": "x", "id": 1, "p": 1}, f"[{node}]".encode()))
    [header] = pair.headers("host>", "err")
    assert header["id"] == 1
    await pair.close()

async def test_the_two_id_spaces_do_not_collide():
    pair = Pair(answer(slow=lambda n: asyncio.sleep(0.01, n)))
    for extra in ({}, {"p": 1}):
        pair.host.receive(Frame({"t": "call", "cap": "t", "op": "slow", "id": 1, **extra}, b"[1]"))
    await until(lambda: len(pair.headers("host>", "ok")) == 2)
    assert [header.get("p") for header in pair.headers("host>", "ok")] == [None, 1]
    await pair.close()
