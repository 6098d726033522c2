"""Quotas, full disks, open files: the limit is told, the old content stays, and nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

import isolate_host as ih


def quota_files(folder, **limits):
    return ih.create_file_bindings(folder, allow_write=True, **limits)


async def test_a_quota_that_is_hit_in_the_middle_keeps_the_old_content(host, folder):
    files = quota_files(folder, quota=100_000)
    async with host.create_runtime(bindings=ih.Bindings(files=files)) as runtime:
        found = await runtime.eval("""
          const root = await getDirectory("/");
          const w = await (await root.getFileHandle("a.txt")).createWritable();
          await w.write(new Uint8Array(60_000));
          const first = await w.write(new Uint8Array(60_000)).catch(e => [e instanceof DOMException, e.name, e.message]);
          const after = await w.close().catch(e => e.name);
          [first, after]""")
        assert found[0][:2] == [True, "QuotaExceededError"]
        assert "raise create_file_bindings.quota" in found[0][2]
        assert (folder / "a.txt").read_text() == "alpha"
        assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "sub"]
        # What did not come to be is free again.
        await runtime.eval("const v = await (await root.getFileHandle('b', {create: true})).createWritable(); await v.write(new Uint8Array(90_000)); await v.close()")
        with pytest.raises(ih.LimitExceeded) as caught:
            await runtime.eval("await (await import('node:fs/promises')).writeFile('/c', new Uint8Array(20_000))")
        assert caught.value.kind == "files_bytes"
        code = "await (await import('node:fs/promises')).appendFile('/b', new Uint8Array(20_000)).catch(e => [e.code, e.syscall])"
        assert await runtime.eval(code) == ["EDQUOT", "open"]


async def test_replacing_costs_only_the_difference(host, folder):
    files = quota_files(folder, quota=10_000)
    (folder / "big").write_bytes(bytes(9_000))
    async with host.create_runtime(bindings=ih.Bindings(files=files)) as runtime:
        await runtime.eval("const fs = await import('node:fs/promises'); for (let i = 0; i < 5; i++) await fs.writeFile('/big', new Uint8Array(9_000))")
        await runtime.eval("await fs.truncate('/big', 100); await fs.writeFile('/more', new Uint8Array(9_000))")
        assert await runtime.eval("await fs.truncate('/big', 5_000).catch(e => e.code)") == "EDQUOT"
        await runtime.eval("await fs.unlink('/more'); await fs.truncate('/big', 9_000)")
        await runtime.eval("await fs.rename('/big', '/other'); await fs.rm('/other'); await fs.writeFile('/last', new Uint8Array(9_900))")


async def test_files_and_their_size_are_counted(host, folder):
    files = quota_files(folder, max_files=5, max_file_size=50)
    async with host.create_runtime(bindings=ih.Bindings(files=files)) as runtime:
        code = """
        const fs = await import("node:fs/promises"); const root = await getDirectory("/");
        [
          await fs.writeFile("/large", "x".repeat(51)).catch(e => e.code),
          await fs.truncate("/a.txt", 51).catch(e => e.code),
          await fs.mkdir("/one").then(() => fs.writeFile("/one/two", "2")),
          await fs.writeFile("/three", "").catch(e => e.code),
          await fs.mkdir("/four").catch(e => e.code),
          await root.getFileHandle("five", {create: true}).catch(e => e.name),
          await fs.rm("/one", {recursive: true}).then(() => fs.writeFile("/six", "")),
        ]"""
        assert await runtime.eval(code) == ["EFBIG", "EFBIG", None, "EDQUOT", "EDQUOT", "QuotaExceededError", None]


async def test_a_shared_count_over_runtimes(start_host, folder):
    text = f"version: 1\nsandboxes:\n  s:\n    policies:\n      files: {{mounts: [{{path: /, root: {folder}, write: true, quota: 10000}}]}}\n"
    host = await start_host(text)
    code = "const fs = await import('node:fs/promises');"
    async with host.create_runtime(sandbox="s") as one, host.create_runtime(sandbox="s") as two:
        await one.eval(code + "await fs.writeFile('/one', new Uint8Array(6_000))")
        assert await two.eval(code + "await fs.writeFile('/two', new Uint8Array(6_000)).catch(e => e.code)") == "EDQUOT"
        await one.eval("await fs.unlink('/one')")
        await two.eval("await fs.writeFile('/two', new Uint8Array(6_000))")


async def test_a_full_disk(host, tmpfs):
    (tmpfs / "old").write_bytes(b"old content")
    files = ih.create_file_bindings(tmpfs, allow_write=True)
    async with host.create_runtime(bindings=ih.Bindings(files=files)) as runtime:
        found = await runtime.eval("""
          const root = await getDirectory("/"); const fs = await import("node:fs/promises");
          const w = await (await root.getFileHandle("old")).createWritable();
          let name = null;
          try { for (let i = 0; i < 100; i++) await w.write(new Uint8Array(100_000).fill(1)) } catch (e) { name = e.name }
          const bulk = await fs.writeFile("/bulk", new Uint8Array(3_000_000)).catch(e => [e.code, e.message]);
          const handle = await fs.open("/held", "w");
          let code = null;
          try { for (let i = 0; i < 100; i++) await handle.write(new Uint8Array(100_000)) } catch (e) { code = e.code }
          const size = (await handle.stat()).size;
          await handle.close(); await fs.unlink("/held");
          [name, bulk, code, size % 100_000]""")
    assert found == ["QuotaExceededError", ["ENOSPC", "ENOSPC: no space left on device, write"], "ENOSPC", 0]
    assert (tmpfs / "old").read_bytes() == b"old content"
    assert [path.name for path in tmpfs.iterdir()] == ["old"]
    (tmpfs / "room").write_bytes(bytes(900_000))


async def test_open_files_are_bounded(sandbox, folder):
    runtime = await sandbox(f"{{mounts: [{{path: /, root: {folder}, write: true}}], max_open: 4}}")
    code = """
    const open = []; for (let i = 0; i < 4; i++) open.push(await fs.open("/a.txt"));
    const fifth = await fs.open("/a.txt").catch(e => [e.code, e.message]);
    const writable = await (await (await getDirectory("/")).getFileHandle("a.txt")).createWritable().catch(e => e.name);
    for (const handle of open) await handle.close();
    await (await fs.open("/a.txt")).close();
    [fifth, writable]"""
    fifth, writable = await runtime.eval(code)
    assert fifth[0] == "EMFILE"
    assert "max_open" in fifth[1]
    assert writable == "QuotaExceededError"


def held(folder):
    """Files in ``folder`` that this process has open; files without a name are called by its path too."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.append(str(entry.readlink()))
    return [path for path in found if path.startswith(f"{folder}/")]


async def test_what_a_dead_worker_had_open_leaves_nothing(embedded, folder):
    files = ih.create_file_bindings(folder, allow_write=True)
    async with embedded.create_runtime(bindings=ih.Bindings(files=files), limits=ih.Limits(timeout_s=1)) as runtime:
        await runtime.eval("""
          const root = await getDirectory("/"); const fs = await import("node:fs/promises");
          globalThis.w = await (await root.getFileHandle("a.txt")).createWritable(); await w.write("never");
          globalThis.handles = [await fs.open("/a.txt"), await fs.open("/new", "w")]; 0""")
        with pytest.raises(ih.ExecutionTimeout):
            await runtime.eval("for (;;) {}")
    assert (folder / "a.txt").read_text() == "alpha"
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "new", "sub"]
    async with asyncio.timeout(5):
        while held(folder):
            await asyncio.sleep(0.02)


async def test_a_killed_worker_in_the_middle_of_a_write(embedded, folder):
    import signal

    files = ih.create_file_bindings(folder, allow_write=True)
    async with embedded.create_runtime(bindings=ih.Bindings(files=files)) as runtime:
        pid = (await runtime.diagnostics())["pid"]
        await runtime.eval("globalThis.w = await (await (await getDirectory('/')).getFileHandle('a.txt')).createWritable(); await w.write('half')")
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(ih.IsolateHostError):
            await runtime.eval("await w.close()")
    assert (folder / "a.txt").read_text() == "alpha"
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "sub"]


async def test_too_many_operations_at_once(embedded, folder):
    files = ih.create_file_bindings(folder)
    async with embedded.create_runtime(bindings=ih.Bindings(files=files), limits=ih.Limits(ops_in_flight=None)) as runtime:
        code = """
        const fs = await import("node:fs/promises");
        const all = await Promise.allSettled(Array.from({length: 2000}, () => fs.stat("/a.txt")));
        const failed = all.filter(one => one.status === "rejected").map(one => one.reason.code);
        [failed.length < 2000, [...new Set(failed)].filter(code => code !== "EAGAIN"), (await fs.stat("/a.txt")).size]"""
        assert await runtime.eval(code) == [True, [], 5]
