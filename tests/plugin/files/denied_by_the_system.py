"""A program for :mod:`test_denied_by_the_system`: a guest works on a folder whose files the kernel denies to this process.

Root may read and write everything; what gives it that are two capabilities, which the program puts off before it starts any thread.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import sys

import isolate_host as ih

_VERSION_3 = 0x20080522
_DAC_OVERRIDE, _DAC_READ_SEARCH = 1, 2
GUEST = """
    const fs = await import("node:fs/promises"), root = await getDirectory("/");
    const caught = async (work) => { try { await work(); return null } catch (error) { return [error.name, error.code ?? null, error.message] } };
    const write = async (name, options) => { const stream = await (await root.getFileHandle(name, options)).createWritable(); await stream.write("new"); await stream.close() };
    ({
      read: await caught(async () => (await (await root.getFileHandle("secret.txt")).getFile()).text()),
      nodeRead: await caught(() => fs.readFile("/secret.txt")),
      list: await caught(async () => { for await (const name of (await root.getDirectoryHandle("closed")).keys()) name; }),
      nodeList: await caught(() => fs.readdir("/closed")),
      inside: await caught(() => fs.readFile("/closed/inner.txt")),
      create: await caught(async () => (await root.getDirectoryHandle("fixed")).getFileHandle("new.txt", { create: true })),
      nodeCreate: await caught(() => fs.writeFile("/fixed/new.txt", "x")),
      remove: await caught(() => fs.unlink("/fixed/old.txt")),
      update: await caught(() => fs.open("/fixed/old.txt", "r+")),
      fine: await caught(() => write("mine.txt", { create: true })),
    })
"""


def put_off_capabilities() -> None:
    """Be an owner of nothing special. Raises ``OSError``."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, data = (ctypes.c_uint32 * 2)(_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    if libc.capget(header, data):
        raise OSError(ctypes.get_errno(), "capget")
    for field in range(3):
        data[field] &= ~(1 << _DAC_OVERRIDE | 1 << _DAC_READ_SEARCH)
    if libc.capset(header, data):
        raise OSError(ctypes.get_errno(), "capset")


async def main(folder: str) -> None:
    async with ih.create_isolate_host() as host:
        files = ih.create_file_bindings(folder, allow_write=True)
        async with host.create_runtime(bindings=ih.Bindings(files=files), limits=ih.Limits(timeout_s=60)) as runtime:
            print(json.dumps(await runtime.eval(GUEST)))


if __name__ == "__main__":
    if os.geteuid() == 0:
        put_off_capabilities()
    asyncio.run(main(sys.argv[1]))
