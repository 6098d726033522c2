"""Files through a guest: long ones in pieces, and many small ones."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from measure import Row

import isolate_host as ih

__all__ = ["files"]

_MB = 1_000_000
#: A disk would be measured otherwise.
_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
_READ = """
{ const file = await (await root.getFileHandle("long")).getFile(); let count = 0;
  for await (const chunk of file.stream()) count += chunk.length; count }"""
_WRITE = """
{ const stream = await (await root.getFileHandle("written", {create: true})).createWritable(); const chunk = new Uint8Array(1_000_000).fill(7);
  for (let i = 0; i < %d; i++) await stream.write(chunk);
  await stream.close() }"""
_PIPE = """
{ const file = await (await root.getFileHandle("long")).getFile();
  await file.stream().pipeTo(await (await root.getFileHandle("piped", {create: true})).createWritable()) }"""
_SMALL = """
async function small(count, lanes) {
  let i = 0;
  const text = "x".repeat(200);
  const work = [(name) => fs.writeFile(name, text), (name) => fs.readFile(name, "utf8"), (name) => fs.stat(name), (name) => fs.appendFile(name, "y")];
  await Promise.all(Array.from({length: lanes}, async (_, lane) => { while (i < count) await work[i++ % 4](`/small${lane}`).catch(() => {}) }));
}"""


def _fill(path: Path, megabytes: int) -> None:
    with path.open("wb") as out:
        for _ in range(megabytes):
            out.write(bytes(_MB))


def _peak_mb(*, reset: bool = False) -> float:
    """The most memory that this process has had since the mark was reset."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    text = Path("/proc/self/status").read_text()
    return int(text.partition("VmHWM:")[2].split()[0]) / 1024


async def files(host: ih.IsolateHost, scale: float) -> list[Row]:
    """A gigabyte each way, and operations on small files."""
    megabytes, count = max(50, int(1000 * scale)), int(10_000 * scale)
    rows = []
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        _fill(Path(folder) / "long", megabytes)
        bindings = ih.Bindings(files=ih.create_file_bindings(folder, allow_write=True))
        async with host.create_runtime(bindings=bindings, limits=ih.Limits(memory_mb=128)) as runtime:
            await runtime.eval("globalThis.fs = await import('node:fs/promises'); globalThis.root = await getDirectory('/');" + _SMALL + "0")
            before = _peak_mb(reset=True)
            for title, code in (("read", _READ), ("written", _WRITE % megabytes), ("read and written, piped", _PIPE)):
                started = time.perf_counter()
                await runtime.eval(code)
                rate = megabytes / (time.perf_counter() - started)
                rows.append(Row(f"a file of {megabytes} MB {title} through a guest", "MB/s", rate, "" if "piped" in title else "≥ 200"))
            rows.append(Row("memory that this took in the host", "MB", _peak_mb() - before, "flat"))
            for lanes, title in ((1, "one after another"), (16, "16 in flight")):
                await runtime.eval(f"await small(500, {lanes})")
                started = time.perf_counter()
                await runtime.eval(f"await small({count}, {lanes})")
                rate = count / (time.perf_counter() - started)
                rows.append(Row(f"small file operations, {title}", "per second", rate, "≥ 3,000" if lanes > 1 else ""))
    return rows
