"""Files of the caller's own making: objects with the eight operations."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

import isolate_host as ih


class Notes:
    """A tree in a dictionary; folders end with a slash."""

    def __init__(self) -> None:
        self.items: dict[str, bytes] = {"/": b"", "/a.txt": b"alpha", "/sub/": b"", "/sub/b": b"beta"}
        self.calls: list[str] = []
        self.contexts: list[ih.HostCallContext] = []

    async def read_file(self, path: str, ctx: ih.HostCallContext) -> bytes:
        self.contexts.append(ctx)
        return self.items[path]

    async def write_file(self, path: str, data: bytes) -> None:
        self.calls.append(f"write {path} {len(data)}")
        self.items[path] = data

    def unlink(self, path: str) -> None:
        del self.items[path]

    def readdir(self, path: str) -> list[str]:
        prefix = path.rstrip("/") + "/"
        return [key[len(prefix) :].rstrip("/") for key in self.items if key.startswith(prefix) and key != prefix and "/" not in key[len(prefix) : -1]]

    def mkdir(self, path: str) -> None:
        self.items[path + "/"] = b""

    def rmdir(self, path: str) -> None:
        del self.items[path + "/"]

    async def stat(self, path: str) -> dict[str, object]:
        if path + "/" in self.items:
            return {"is_directory": True}
        if path not in self.items:
            raise FileNotFoundError(path)
        return {"kind": "file", "size": len(self.items[path]), "mtime_ms": 1234.0}

    async def rename(self, source: str, target: str, ctx: object) -> None:
        self.items[target] = self.items.pop(source)


async def test_all_of_it(host):
    notes = Notes()
    async with host.create_runtime(bindings=ih.Bindings(files=notes)) as runtime:
        code = """
        const fs = await import("node:fs/promises"); const root = await getDirectory("/");
        const list = []; for await (const [name, handle] of root) list.push([name, handle.kind]);
        const file = await (await root.getFileHandle("a.txt")).getFile();
        const log = [list, await file.text(), file.lastModified];
        const w = await (await root.getFileHandle("new", {create: true})).createWritable();
        await w.write("12345"); await w.write({type: "write", position: 1, data: "__"}); await w.close();
        log.push(await fs.readFile("/new", "utf8"), await fs.appendFile("/new", "!"), await fs.readFile("/new", "utf8"));
        await fs.rename("/new", "/sub/moved"); await fs.mkdir("/dir"); await fs.unlink("/a.txt");
        log.push(await fs.readdir("/"), await fs.readdir("/sub"), await fs.rmdir("/sub").catch(e => e.code), await fs.rm("/sub", {recursive: true}), await fs.readdir("/"));
        log.push(await fs.readFile("/none").catch(e => e.code), await fs.readFile("/dir").catch(e => e.code), await getDirectory("/..").catch(e => e.name));
        log"""
        found = await runtime.eval(code)
    assert found == [
        [["a.txt", "file"], ["sub", "directory"]], "alpha", 1234, "1__45", None, "1__45!", ["dir", "sub"], ["b", "moved"], "ENOTEMPTY", None, ["dir"], "ENOENT",
        "EISDIR", "NotAllowedError",
    ]  # fmt: skip
    assert notes.calls == ["write /new 0", "write /new 5", "write /new 6"]
    assert notes.contexts[0].capability == "files"


async def test_what_is_missing_and_what_fails(host):
    class Broken:
        def readFile(self, path: str) -> bytes:  # noqa: N802 (as in JavaScript)
            raise PermissionError("of the host: /secret/place")

        def stat(self, path: str) -> os.stat_result:
            return Path(__file__).stat()

        def readdir(self, path: str) -> list[str]:
            raise RuntimeError("broken")

    async with host.create_runtime(bindings=ih.Bindings(files=Broken())) as runtime:
        code = """
        const fs = await import("node:fs/promises");
        [await fs.readFile("/x").catch(e => e.message), await fs.writeFile("/x", "1").catch(e => e.message), await fs.readdir("/").catch(e => e.message), (await fs.stat("/x")).isFile()]"""
        assert await runtime.eval(code) == ["EACCES: permission denied, open '/x'", "the binding has no write_file", "broken", True]


async def test_operations_that_wait_do_not_keep_others_waiting(host):
    gate = asyncio.Event()

    class Slow(Notes):
        async def read_file(self, path: str, ctx: ih.HostCallContext) -> bytes:
            if path == "/sub/b":
                await gate.wait()
            return await super().read_file(path, ctx)

    async with host.create_runtime(bindings=ih.Bindings(files=Slow())) as runtime:
        await runtime.eval("globalThis.fs = await import('node:fs/promises'); globalThis.slow = Promise.all(Array.from({length: 8}, () => fs.readFile('/sub/b', 'utf8'))); 0")
        assert await runtime.eval("await fs.readFile('/a.txt', 'utf8')") == "alpha"
        gate.set()
        assert await runtime.eval("await slow") == ["beta"] * 8


async def test_the_end_of_a_runtime_ends_what_waits(embedded):
    stopped = asyncio.Event()

    class Stuck(Notes):
        async def read_file(self, path: str, ctx: ih.HostCallContext) -> bytes:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                stopped.set()
                raise
            return b""

    async with embedded.create_runtime(bindings=ih.Bindings(files=Stuck())) as runtime:
        await runtime.eval("(await import('node:fs/promises')).readFile('/a.txt').catch(() => {}); 0")
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            while not runtime._session._files:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)
    async with asyncio.timeout(5):
        await stopped.wait()


async def test_wrong_results_are_errors(host):
    class Odd(Notes):
        async def read_file(self, path: str, ctx: ih.HostCallContext) -> int:  # type: ignore[override]
            return 5

    async with host.create_runtime(bindings=ih.Bindings(files=Odd())) as runtime:
        with pytest.raises(ih.GuestError, match="read_file must return bytes, not int"):
            await runtime.eval("await (await import('node:fs/promises')).readFile('/a.txt')")
