"""The console capability without a guest."""

from isolate_host.errors import LimitExceeded


async def test_entries_are_passed_on(capability):
    console = capability("console")
    assert console.note("entry", {"text": "hi"}).forwarded == 1
    assert console.note("other").forwarded == 0


async def test_output_limit_ends_the_guest(capability):
    console = capability("console", {"output_bytes": "1KiB"}, limits={"output_bytes": 1_000_000})
    assert console.note("entry", size=1024).forwarded == 1
    assert console.note("entry", size=1).forwarded == 0
    assert console.note("entry", size=0).forwarded == 0
    assert isinstance(console.guest.killed, LimitExceeded)
    assert console.guest.killed.kind == "output"
    assert "policies.console.output_bytes" in console.guest.killed.hint


async def test_the_host_writes_within_the_same_limit(capability):
    console = capability("console", {"output_bytes": "1KiB"})
    console.capability.write({"type": "browserOutput", "text": "hi"})
    assert console.guest.told == [("entry", ({"type": "browserOutput", "text": "hi"},))]
    for _ in range(2):
        console.capability.write({"text": "x" * 1024})
    assert len(console.guest.told) == 1
    assert console.guest.killed.kind == "output"


async def test_policy_cannot_raise_the_limit(capability):
    console = capability("console", {"output_bytes": "1GiB"}, limits={"output_bytes": 10})
    assert console.note("entry", size=11).forwarded == 0
