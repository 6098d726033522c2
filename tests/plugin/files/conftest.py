"""A folder, a runtime that sees it, and the host side alone."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

import pytest

import isolate_host as ih

HELPERS = """
globalThis.fs = await import("node:fs/promises");
globalThis.caught = async (work) => { try { await work(); return null } catch (e) { return e } };
globalThis.named = async (work) => { const e = await caught(work); return e === null ? null : [e.name, e.message] };
globalThis.names = async (folder) => { const found = []; for await (const name of folder.keys()) found.push(name); return found };
globalThis.put = async (folder, name, data, options) => {
  const stream = await (await folder.getFileHandle(name, {create: true})).createWritable(options);
  await stream.write(data); await stream.close();
};
globalThis.get = async (folder, name) => (await (await folder.getFileHandle(name)).getFile()).text();
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is mounted at ``/``."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.txt").write_text("alpha")
    (root / "sub").mkdir()
    (root / "sub" / "b.json").write_text('{"b": 1}')
    return root


@pytest.fixture
async def runtime(host, folder):
    """Reads and writes ``folder``; ``root`` is the handle of ``/``."""
    files = ih.create_file_bindings(folder, allow_write=True)
    async with host.create_runtime(bindings=ih.Bindings(files=files)) as opened:
        await opened.eval(HELPERS + "globalThis.root = await getDirectory('/'); 0")
        yield opened


@pytest.fixture
async def sandbox(start_host, tmp_path):
    """A function that opens a runtime under a ``files`` policy, given as YAML in one line, and maybe bindings."""
    async with contextlib.AsyncExitStack() as stack:

        async def open_runtime(policy: str, *, mode: str = "enforce", **bindings):
            text = f"version: 1\nsandboxes:\n  s:\n    policies:\n      console: {{}}\n      files: {{mode: {mode}, {policy.removeprefix('{')}\n"
            host = await start_host(text)
            made = await stack.enter_async_context(host.create_runtime(sandbox="s", bindings=ih.Bindings(**bindings)))
            await made.eval(HELPERS)
            return made

        yield open_runtime


@pytest.fixture
def tmpfs(tmp_path: Path):
    """A disk of one megabyte. Skips where root is not allowed to mount."""
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this machine does not let us mount a tmpfs")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)
