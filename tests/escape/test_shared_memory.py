"""Nothing that a worker can write is seen by a sibling or by the zygote."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from isolate_host.config import IsolationConfig
from tests.support.hostile import HostileZygote

pytestmark = pytest.mark.adversarial

#: Overwrites the allocator's machine code, wherever it lies, and says what stands there afterwards.
PATCH = """
code = isolate.allocator._code
address = ctypes.addressof(ctypes.c_char.from_buffer(code)) if not isinstance(code, int) else code
libc = ctypes.CDLL(None, use_errno=True)
libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(4096), 7)
ctypes.memmove(address + 2048, b"PWNED", 5)
result = ctypes.string_at(address + 2048, 5)
"""
READ = """
address = ctypes.addressof(ctypes.c_char.from_buffer(isolate.allocator._code))
result = ctypes.string_at(address + 2048, 5)
"""


@pytest.fixture
async def zygote() -> AsyncIterator[HostileZygote]:
    zygote = HostileZygote()
    await zygote.start()
    yield zygote
    await zygote.stop()


async def test_code_written_by_one_worker_stays_with_it(zygote: HostileZygote) -> None:
    attacker, bystander = await zygote.attacker(), await zygote.attacker()
    assert await attacker.run(PATCH) == repr(b"PWNED")
    assert await bystander.run(READ) == repr(bytes(5))
    later = await zygote.attacker()
    assert await later.run(READ) == repr(bytes(5))


async def test_no_worker_has_a_shared_mapping(zygote: HostileZygote) -> None:
    worker = (await zygote.attacker()).worker
    maps = Path(f"/proc/{worker.host_pid()}/maps").read_text().splitlines()
    assert len(maps) > 20
    shared = [line for line in maps if re.match(r"\S+ ...s", line)]
    # A library's data file, mapped for reading from a descriptor that was open for reading: mprotect cannot make it writable.
    assert [line for line in shared if not re.match(r"\S+ r--s \S+ \S+ [1-9]", line)] == []


async def test_without_the_jit_no_page_is_writable_and_executable() -> None:
    zygote = HostileZygote(IsolationConfig(jit="off", wasm=False))
    await zygote.start()
    try:
        worker = (await zygote.attacker()).worker
        maps = Path(f"/proc/{worker.host_pid()}/maps").read_text().splitlines()
        assert [line for line in maps if line.split()[1].startswith("rwx")] == []
    finally:
        await zygote.stop()
