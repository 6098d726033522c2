"""After the template's memory was settled, what is allocated lies together. Each in a process of its own: it is for good."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

#: Objects of which one in forty goes, so that each gap is on a page of its own; then 100 new ones, and the pages that they lie on.
SMALL = """
held = [bytes(67) for _ in range(20_000)]
for number in range(0, 20_000, 40):
    held[number] = None
{settle}
new = [bytes(67) for _ in range(100)]
print(len({{id(one) >> 12 for one in new}}))
"""
LARGE = """
import ctypes
from isolate_host.worker.syscalls import LIBC
LIBC.malloc.restype, LIBC.malloc.argtypes, LIBC.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
held = [LIBC.malloc(700) for _ in range(8_000)]
for one in held[::40]:
    LIBC.free(one)
{settle}
new = [LIBC.malloc(700) for _ in range(100)]
print(len({{one >> 12 for one in new}}))
"""
SETTLE = "from isolate_host.worker.gaps import settle_memory; kept = settle_memory()"


def run(script: str, settle: str, **environment: str) -> int:
    command = [sys.executable, "-c", script.format(settle=settle)]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.parametrize("script", [SMALL, LARGE], ids=["small", "large"])
def test_what_is_allocated_afterwards_lies_together(script: str) -> None:
    assert run(script, "pass") > 80
    assert run(script, SETTLE) < 30


def test_another_allocator_is_no_trouble() -> None:
    assert run(SMALL, SETTLE, PYTHONMALLOC="malloc") > 0
