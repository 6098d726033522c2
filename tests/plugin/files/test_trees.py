"""Overlays, trees in memory, several mounts, deep folders, files that change while they are read."""

from __future__ import annotations

import asyncio
import os
import threading

import pytest

import isolate_host as ih


def tree(folder):
    """Everything below, with content."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


async def test_an_overlay_changes_only_what_the_guest_sees(sandbox, folder):
    before = tree(folder)
    runtime = await sandbox(f"{{mounts: [{{path: /, root: {folder}, overlay: true}}]}}")
    found = await runtime.eval("""
      const list = async (path) => (await fs.readdir(path)).join();
      const log = [];
      await fs.writeFile("/a.txt", "changed"); log.push(await fs.readFile("/a.txt", "utf8"));
      await fs.appendFile("/sub/b.json", "!"); log.push(await fs.readFile("/sub/b.json", "utf8"));
      await fs.writeFile("/sub/c", "new"); log.push(await list("/sub"));
      await fs.rename("/sub", "/moved"); log.push(await list("/"), await list("/moved"), await fs.stat("/sub").catch(e => e.code));
      await fs.mkdir("/sub"); log.push(await list("/sub"));
      await fs.unlink("/a.txt"); log.push(await fs.readFile("/a.txt").catch(e => e.code), await list("/"));
      await fs.writeFile("/a.txt", "again", {flag: "wx"}); log.push(await fs.readFile("/a.txt", "utf8"));
      await fs.rm("/moved", {recursive: true}); log.push(await list("/"));
      await fs.truncate("/a.txt", 2); log.push(await fs.readFile("/a.txt", "utf8"));
      log""")
    assert found == [
        "changed", '{"b": 1}!', "b.json,c", "a.txt,moved", "b.json,c", "ENOENT", "", "ENOENT", "moved,sub", "again", "a.txt,sub", "ag",
    ]  # fmt: skip
    assert tree(folder) == before


async def test_an_overlay_has_a_quota_of_its_own(sandbox, folder):
    (folder / "large").write_bytes(bytes(100_000))
    runtime = await sandbox(f"{{mounts: [{{path: /, root: {folder}, overlay: true, quota: 50000, max_files: 3}}]}}")
    code = """[
      (await fs.readFile("/large")).length,
      await fs.appendFile("/large", "x").catch(e => e.code),
      await fs.rename("/large", "/elsewhere").catch(e => e.code),
      await fs.writeFile("/large", "short"), await fs.readFile("/large", "utf8"),
      await fs.mkdir("/1"), await fs.mkdir("/2"), await fs.mkdir("/3").catch(e => e.code),
      (await fs.readdir("/")).join(),
    ]"""
    assert await runtime.eval(code) == [100_000, "EDQUOT", "EDQUOT", None, "short", None, None, "EDQUOT", "1,2,a.txt,large,sub"]


async def test_keeping_data_of_the_lower_tree(sandbox, folder):
    runtime = await sandbox(f"{{mounts: [{{path: /, root: {folder}, overlay: true}}]}}")
    code = "const root = await getDirectory('/'); const w = await (await root.getFileHandle('a.txt')).createWritable({keepExistingData: true}); await w.write({type: 'write', position: 1, data: 'X'}); await w.close(); await get(root, 'a.txt')"
    assert await runtime.eval(code) == "aXpha"
    assert (folder / "a.txt").read_text() == "alpha"


async def test_memory_ends_with_the_runtime(sandbox):
    policy = "{mounts: [{path: /tmp, memory: true, quota: 1MiB}]}"
    runtime = await sandbox(policy)
    code = """
    const tmp = await getDirectory("/tmp");
    await put(tmp, "x", "in memory");
    await put(tmp, "sparse", "");
    const h = await fs.open("/tmp/sparse", "r+"); await h.write("end", 1000); await h.close();
    const hole = await fs.readFile("/tmp/sparse");
    [await get(tmp, "x"), hole.length, hole[999], await fs.writeFile("/tmp/big", new Uint8Array(1_048_000)).catch(e => e.code), (await fs.readdir("/tmp")).join()]"""
    assert await runtime.eval(code) == ["in memory", 1003, 0, "EDQUOT", "sparse,x"]
    other = await sandbox(policy)
    assert await other.eval("await fs.readdir('/tmp')") == []


async def test_several_mounts_and_the_folders_above_them(sandbox, folder):
    (folder / "cache").mkdir()
    (folder / "cache" / "below").write_text("hidden by the mount")
    runtime = await sandbox(f"{{mounts: [{{path: /data, root: {folder}}}, {{path: /data/cache, memory: true}}, {{path: /x/y/tmp, memory: true}}]}}")
    assert await runtime.eval("[await fs.readdir('/'), await fs.readdir('/data'), await fs.readdir('/data/cache'), await fs.readdir('/x'), await names(await getDirectory('/x/y'))]") == [
        ["data", "x"], ["a.txt", "cache", "sub"], [], ["y"], ["tmp"],
    ]  # fmt: skip
    await runtime.eval("await fs.writeFile('/data/cache/new', '1'); await fs.copyFile('/data/a.txt', '/x/y/tmp/a')")
    assert not (folder / "cache" / "new").exists()
    code = """[
      await fs.readFile("/x/y/tmp/a", "utf8"), await fs.rename("/data/cache/new", "/x/y/tmp/new").catch(e => e.code),
      await fs.writeFile("/x/y/z", "").catch(e => [e.code, e.message]), await fs.rm("/x", {recursive: true}).catch(e => e.code),
      await fs.rm("/x/y/tmp", {recursive: true}).catch(e => e.code), await fs.readFile("/etc/passwd").catch(e => e.code),
      await fs.mkdir("/x/y/tmp/p/q", {recursive: true}), await fs.mkdir("/x").catch(e => e.code),
    ]"""
    found = await runtime.eval(code)
    assert [found[0], found[1], found[2][0], found[3], found[4], found[5], found[6], found[7]] == [
        "alpha", "EXDEV", "EACCES", "EACCES", "EBUSY", "ENOENT", "/x/y/tmp/p", "EEXIST",
    ]  # fmt: skip
    assert "policies.files.mounts" in found[2][1]


async def test_a_very_deep_folder(host, folder):
    """Made by somebody else: no path of the kernel reaches its end."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(10_000):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY | os.O_DIRECTORY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    files = ih.create_file_bindings(folder, allow_write=True, quota=1_000_000, max_files=20_000)
    async with host.create_runtime(bindings=ih.Bindings(files=files)) as runtime:
        code = """
        const fs = await import("node:fs/promises");
        let handle = await getDirectory("/"); let depth = 0; let name = null;
        try { for (;;) { handle = await handle.getDirectoryHandle("d"); depth++ } } catch (e) { name = e.name }
        await fs.writeFile("/counted", "x");
        await fs.rm("/d", {recursive: true});
        [depth > 2000 && depth < 2100, name, (await fs.readdir("/")).join()]"""
        assert await runtime.eval(code) == [True, "NotFoundError", "a.txt,counted,sub"]
    assert not (folder / "d").exists()


async def test_many_entries_come_in_pages(runtime, folder):
    many = folder / "many"
    many.mkdir()
    for number in range(12_000):
        (many / f"{number:05}").touch()
    code = "const all = await names(await getDirectory('/many')); [all.length, all[0], all.at(-1), new Set(all).size, (await fs.readdir('/many')).length]"
    assert await runtime.eval(code) == [12_000, "00000", "11999", 12_000, 12_000]
    assert await runtime.eval("let n = 0; for await (const _ of (await getDirectory('/many')).keys()) if (++n === 3) break; n") == 3


async def test_a_file_replaced_while_it_is_read(runtime, folder):
    (folder / "long").write_bytes(b"1" * 3_000_000)
    await runtime.eval("globalThis.file = await (await root.getFileHandle('long')).getFile(); globalThis.reader = file.stream().getReader(); globalThis.n = (await reader.read()).value.length")
    (folder / "other").write_bytes(b"2" * 3_000_000)
    (folder / "other").replace(folder / "long")
    # What was begun goes on with what was there; what begins now is told.
    code = "for (;;) { const {done, value} = await reader.read(); if (done) break; n += value.length; if (value.some(byte => byte !== 49)) throw new Error('mixed') } n"
    assert await runtime.eval(code) == 3_000_000
    assert await runtime.eval("await named(() => file.bytes())") == ["NotReadableError", "the file was changed since it was looked at"]


@pytest.mark.parametrize("change", ["truncate", "grow", "rewrite"])
async def test_a_file_changed_in_place_while_it_is_read(runtime, folder, change):
    (folder / "long").write_bytes(b"1" * 5_000_000)
    await runtime.eval("globalThis.reader = (await (await root.getFileHandle('long')).getFile()).stream().getReader(); await reader.read(); 0")
    with (folder / "long").open("r+b") as file:
        if change == "truncate":
            file.truncate(10)
        else:
            file.seek(4_000_000 if change == "rewrite" else 5_000_000)
            file.write(b"2" * 100)
    os.utime(folder / "long", ns=(1, 1))
    code = "await named(async () => { for (;;) { const {done} = await reader.read(); if (done) break } })"
    assert await runtime.eval(code) == ["NotReadableError", "the file was changed while it was read"]


async def test_a_reader_that_stops_is_noticed(embedded, folder):
    (folder / "long").write_bytes(bytes(20_000_000))
    files = ih.create_file_bindings(folder)
    async with embedded.create_runtime(bindings=ih.Bindings(files=files)) as runtime:
        await runtime.eval("globalThis.reader = (await (await (await getDirectory('/')).getFileHandle('long')).getFile()).stream().getReader(); await reader.read(); 0")
        (service,) = [runtime._session._files]
        assert service.open_files == 1
        await runtime.eval("await reader.cancel()")
        async with asyncio.timeout(5):
            while service.open_files:
                await asyncio.sleep(0.01)


async def test_circular_links(runtime, folder):
    (folder / "self").symlink_to("self")
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    (folder / "sub" / "up").symlink_to("..")
    assert await runtime.eval("""
        const found = [];
        for (const name of ['self', 'one']) {
          found.push((await caught(() => fs.readFile('/' + name))).code, (await caught(() => fs.writeFile('/' + name, 'x'))).code, (await caught(() => fs.readdir('/' + name))).code);
          found.push((await named(async () => (await root.getFileHandle(name)).getFile()))[0], (await fs.lstat('/' + name)).isSymbolicLink());
        }
        // A link that leads back is followed as often as the path says, and a listing does not follow it.
        found.push(await fs.readFile('/sub/up/sub/up/a.txt', 'utf8'), (await fs.readdir('/', {recursive: true})).length < 20);
        found.join(' ')""") == "ELOOP EACCES ELOOP NotFoundError true ELOOP EACCES ELOOP NotFoundError true alpha true"


async def test_others_read_whole_versions_only(runtime, folder):
    """Replacing is atomic: whoever reads beside finds the old or the new, never a piece."""
    (folder / "v").write_bytes(b"0" * 100_000)
    seen, stop = set(), threading.Event()

    def watch():
        while not stop.is_set():
            data = (folder / "v").read_bytes()
            seen.add((len(data), data[:1] * 1 == data[-1:]))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        await runtime.eval("for (let i = 1; i < 60; i++) { const w = await (await root.getFileHandle('v')).createWritable(); for (let j = 0; j < 4; j++) await w.write(String(i % 10).repeat(25_000)); await w.close() }")
    finally:
        stop.set()
        thread.join()
    assert seen == {(100_000, True)}
