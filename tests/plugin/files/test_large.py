"""Two gigabytes through a guest, in constant memory on both sides."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest

import isolate_host as ih

_SIZE = 2_000_000_000


def peak_mb(pid: int | str) -> int:
    """The most memory that a process has had since the mark was reset."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) // 1024 if found else 0


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_constant_memory(embedded):
    with tempfile.TemporaryDirectory() as folder:
        with (Path(folder) / "long").open("wb") as out:
            out.truncate(_SIZE)  # holes: it is the way that is measured, not the disk
        files = ih.create_file_bindings(folder, allow_write=True)
        async with embedded.create_runtime(bindings=ih.Bindings(files=files), limits=ih.Limits(memory_mb=128)) as runtime:
            pid = (await runtime.diagnostics())["pid"]
            await runtime.eval("globalThis.root = await getDirectory('/'); 0")
            for process in ("self", pid):
                Path(f"/proc/{process}/clear_refs").write_text("5")
            before = peak_mb("self"), peak_mb(pid)
            code = """
            let read = 0;
            for await (const chunk of (await (await root.getFileHandle("long")).getFile()).stream()) read += chunk.length;
            const writer = await (await root.getFileHandle("out", {create: true})).createWritable();
            const chunk = new Uint8Array(1_000_000);
            for (let i = 0; i < 200; i++) await writer.write({type: "write", position: i * 10_000_000, data: chunk});
            await writer.truncate(2_000_000_000); await writer.close();
            [read, (await (await root.getFileHandle("out")).getFile()).size]"""
            assert await runtime.eval(code) == [_SIZE, _SIZE]
            grown = peak_mb("self") - before[0], peak_mb(pid) - before[1]
    assert grown[0] < 120, grown
    assert grown[1] < 120, grown
