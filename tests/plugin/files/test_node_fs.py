"""node:fs/promises: what packages expect of it."""

import os

import pytest


async def test_reading_and_writing(runtime, folder):
    code = """
    const encode = new TextEncoder();
    await fs.writeFile("/w", "text"); await fs.writeFile("/bytes", encode.encode("é")); await fs.writeFile("/view", new DataView(encode.encode("xyz").buffer, 1, 1));
    await fs.appendFile("/w", " more"); await fs.appendFile("/fresh", "1");
    await fs.writeFile("/iter", (function* () { yield "a"; yield encode.encode("b") })());
    await fs.writeFile("/async", (async function* () { yield "c"; yield "d" })());
    await fs.writeFile("/stream", new Blob(["e", "f"]).stream());
    await fs.writeFile("/blob", new Blob(["g"]));
    const out = []; for (const name of ["w", "bytes", "view", "fresh", "iter", "async", "stream", "blob"]) out.push(await fs.readFile("/" + name, "utf8"));
    out"""
    assert await runtime.eval(code) == ["text more", "é", "y", "1", "ab", "cd", "ef", "g"]
    assert (folder / "w").read_text() == "text more"
    long = "const long = new Uint8Array(3_500_000).map((_, i) => i); await fs.writeFile('/long', long); const back = await fs.readFile('/long'); [back.length, back[3_499_999], (await fs.stat('/long')).size]"
    assert await runtime.eval(long) == [3_500_000, (3_499_999) % 256, 3_500_000]
    found = await runtime.eval("[await fs.readFile('/a.txt', {encoding: 'utf-8'}), await fs.readFile(new URL('file:///a.txt'), 'utf8'), await fs.readFile(encode.encode('/a.txt'), 'utf8'), (await fs.readFile('/a.txt')) instanceof Uint8Array]")
    assert found == ["alpha", "alpha", "alpha", True]


async def test_errors_are_those_of_node(runtime):
    cases = {
        "fs.readFile('/none')": ("ENOENT", -2, "open", "ENOENT: no such file or directory, open '/none'"),
        "fs.readFile('/sub')": ("EISDIR", -21, "open", "EISDIR: illegal operation on a directory, open '/sub'"),
        "fs.readdir('/a.txt')": ("ENOTDIR", -20, "scandir", "ENOTDIR: not a directory, scandir '/a.txt'"),
        "fs.mkdir('/sub')": ("EEXIST", -17, "mkdir", "EEXIST: file already exists, mkdir '/sub'"),
        "fs.rmdir('/sub')": ("ENOTEMPTY", -39, "rmdir", "ENOTEMPTY: directory not empty, rmdir '/sub'"),
        "fs.rmdir('/a.txt')": ("ENOTDIR", -20, "rmdir", "ENOTDIR: not a directory, rmdir '/a.txt'"),
        "fs.unlink('/sub')": ("EISDIR", -21, "unlink", "EISDIR: illegal operation on a directory, unlink '/sub'"),
        "fs.rm('/sub')": ("EISDIR", -21, "rm", "EISDIR: illegal operation on a directory, rm '/sub'"),
        "fs.rename('/none', '/x')": ("ENOENT", -2, "rename", "ENOENT: no such file or directory, rename '/none' -> '/x'"),
        "fs.writeFile('/a.txt', '', {flag: 'wx'})": ("EEXIST", -17, "open", "EEXIST: file already exists, open '/a.txt'"),
        "fs.writeFile('/none/x', '')": ("ENOENT", -2, "open", "ENOENT: no such file or directory, open '/none/x'"),
        "fs.copyFile('/a.txt', '/sub/b.json', 1)": ("EEXIST", -17, "copyfile", "EEXIST: file already exists, copyfile '/a.txt' -> '/sub/b.json'"),
        "fs.access('/none')": ("ENOENT", -2, "access", "ENOENT: no such file or directory, access '/none'"),
        "fs.open('/none', 'r+')": ("ENOENT", -2, "open", "ENOENT: no such file or directory, open '/none'"),
        "fs.symlink('/a', '/b')": ("ENOSYS", -38, "symlink", "ENOSYS: function not implemented, symlink '/a'"),
        "fs.stat('/a.txt/x')": ("ENOTDIR", -20, "stat", "ENOTDIR: not a directory, stat '/a.txt/x'"),
    }
    for code, expected in cases.items():
        assert tuple(await runtime.eval(f"{{ const e = await caught(() => {code}); [e.code, e.errno, e.syscall, e.message] }}")) == expected, code
    path = await runtime.eval("const e = await caught(() => fs.rename('/none', '/x')); [e.path, e.dest, e instanceof Error, e.stack.includes('index.ts')]")
    assert path == ["/none", "/x", True, True]
    for code in ("fs.readFile(5)", "fs.readFile('a\\0b')", "fs.writeFile('/x', 5)", "fs.open('/x', 'q')", "fs.readFile('/a.txt', 'klingon')", "fs.access('/a.txt', 99)"):
        assert (await runtime.eval(f"(await caught(() => {code})).code")).startswith("ERR_INVALID_ARG"), code


async def test_folders(runtime, folder):
    code = """
    const made = await fs.mkdir("/p/q/r", {recursive: true});
    await fs.writeFile("/p/f", "1"); await fs.writeFile("/p/q/g", "22");
    await fs.cp("/p", "/copy", {recursive: true, filter: (source) => !source.endsWith("/r")});
    const entries = (await fs.readdir("/p", {withFileTypes: true})).map(e => [e.name, e.isFile(), e.isDirectory(), e.isSymbolicLink(), e.parentPath]);
    [
      made, await fs.mkdir("/p/q", {recursive: true}) ?? null, await fs.readdir("/p", {recursive: true}), await fs.readdir("/copy", {recursive: true}), entries,
      await fs.cp("/p", "/p/q/in", {recursive: true}).catch(e => e.code), await fs.cp("/p", "/z").catch(e => e.code),
      await fs.rm("/none", {force: true}), await fs.rm("/p", {recursive: true, force: true}), await fs.readdir("/"),
    ]"""
    assert await runtime.eval(code) == [
        "/p", None, ["f", "q", "q/g", "q/r"], ["f", "q", "q/g"], [["f", True, False, False, "/p"], ["q", False, True, False, "/p"]],
        "EINVAL", "EISDIR", None, None, ["a.txt", "copy", "sub"],
    ]  # fmt: skip
    names = await runtime.eval("const t = await fs.mkdtemp('/tmp-'), u = await fs.mkdtemp('/sub/'); [t, u, t !== await fs.mkdtemp('/tmp-')]")
    assert names[0].startswith("/tmp-")
    assert len(names[0]) == 11
    assert names[1].startswith("/sub/")
    assert names[2]


async def test_stat_and_times(runtime, folder):
    os.utime(folder / "a.txt", (1_000_000_000, 1_200_000_000))
    (folder / "link").symlink_to("a.txt")
    code = """
    const s = await fs.stat("/a.txt"), big = await fs.stat("/a.txt", {bigint: true});
    await fs.utimes("/sub/b.json", 5, new Date(7_000));
    const t = await fs.stat("/sub/b.json");
    [
      s.size, s.isFile(), s.isDirectory(), s.mtimeMs, s.mtime.toISOString(), s.atimeMs, (s.mode & 0o170000) === 0o100000, s.ino === (await fs.stat("/a.txt")).ino,
      big.size === 5n, typeof big.mtimeNs, t.atimeMs, t.mtimeMs, (await fs.lstat("/link")).isSymbolicLink(), (await fs.stat("/link")).isFile(),
      await fs.realpath("/sub/../a.txt"), await fs.stat("/none", {throwIfNoEntry: false}) ?? null, await fs.access("/a.txt", fs.constants.R_OK | fs.constants.W_OK) ?? null,
    ]"""
    assert await runtime.eval(code) == [
        5, True, False, 1_200_000_000_000, "2008-01-10T21:20:00.000Z", 1_000_000_000_000, True, True, True, "bigint", 5_000, 7_000, True, True, "/a.txt", None, None,
    ]  # fmt: skip


async def test_file_handles(runtime, folder):
    code = """
    const h = await fs.open("/h", "w+");
    const first = await h.write("hello world"); await h.write(new Uint8Array([33, 34]), 0, 1); await h.write("J", 0);
    const into = new Uint8Array(4);
    const read = await h.read(into, 1, 2, 6), seq = await h.read({buffer: new Uint8Array(3), position: 0});
    await h.truncate(5); await h.sync(); await h.datasync();
    const size = (await h.stat()).size; await h.close(); await h.close();
    const r = await fs.open("/h");
    const text = await r.readFile("utf8"), end = (await r.read(new Uint8Array(2))).bytesRead; const refused = await r.write("x").catch(e => e.code); await r.close();
    const late = await r.read(new Uint8Array(2)).catch(e => e.code);
    const a = await fs.open("/h", "a+"); await a.write("!", 0); await a.appendFile("?"); await a.close();
    const web = await fs.open("/h"); const streamed = await new Response(web.readableWebStream()).text(); await web.close();
    const range = await caught(() => r.read(new Uint8Array(2), 3));
    [first.bytesWritten, [...into], read.bytesRead, new TextDecoder().decode(seq.buffer), size, text, end, refused, late, await fs.readFile("/h", "utf8"), streamed, range.code]"""
    assert await runtime.eval(code) == [
        11, [0, 119, 111, 0], 2, "Jel", 5, "Jello", 0, "EBADF", "EBADF", "Jello!?", "Jello!?", "ERR_OUT_OF_RANGE",
    ]  # fmt: skip
    assert await runtime.eval("const h2 = await fs.open('/h', fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_TRUNC); await h2.writeFile('numeric'); await h2.close(); await fs.readFile('/h', 'utf8')") == "numeric"


async def test_abort_signals(runtime, folder):
    code = """[
      await fs.readFile("/a.txt", {signal: AbortSignal.abort(new Error("why"))}).catch(e => [e.name, e.code, e.cause.message]),
      await fs.writeFile("/a.txt", (async function* () { yield "x"; controller.abort(); yield "y" })(), {signal: controller.signal}).catch(e => e.name),
    ]"""
    assert await runtime.eval("const controller = new AbortController();" + code) == [["AbortError", "ABORT_ERR", "why"], "AbortError"]
    assert (folder / "a.txt").read_text() == "alpha"


async def test_an_iterable_that_fails_keeps_the_old_content(runtime, folder):
    assert await runtime.eval("await named(() => fs.writeFile('/a.txt', (function* () { yield 'x'; throw new RangeError('no') })()))") == ["RangeError", "no"]
    assert (folder / "a.txt").read_text() == "alpha"


@pytest.mark.parametrize("form", ["import fs from 'node:fs/promises'", "import * as fs from 'node:fs/promises'", "import { readFile } from 'node:fs/promises'; const fs = { readFile }"])
async def test_ways_to_import(runtime, form):
    assert await runtime.eval(f"{form}; export default await fs.readFile('/a.txt', 'utf8')", filename="/entry.ts") == "alpha"


async def test_relative_paths_start_at_cwd(host, folder):
    import isolate_host as ih

    async with host.create_runtime(bindings=ih.Bindings(files=ih.create_file_bindings(folder)), cwd="/sub") as runtime:
        assert await runtime.eval("const fs = await import('node:fs/promises'); [await fs.readFile('b.json', 'utf8'), await fs.readFile('../a.txt', 'utf8'), (await getDirectory('.')).name]") == ['{"b": 1}', "alpha", "sub"]


async def test_what_gives_nothing_gives_undefined(runtime):
    code = """
      const found = [await fs.writeFile("/n", "1"), await fs.appendFile("/n", "2"), await fs.truncate("/n", 1), await fs.copyFile("/n", "/m"), await fs.rename("/m", "/o"),
        await fs.unlink("/o"), await fs.mkdir("/d"), await fs.rm("/d", {recursive: true}), await fs.utimes("/n", 1, 1), await fs.access("/n")];
      const opened = await fs.open("/n", "r+");
      found.push(await opened.truncate(0), await opened.close());
      found.every((item) => item === undefined)
    """
    assert await runtime.eval(code) is True
