"""getDirectory() and the handles of the File System Standard, in real guests, embedded and behind a daemon."""

import isolate_host as ih


async def test_names_kinds_and_listing(runtime):
    assert await runtime.eval("[root.name, root.kind, Object.prototype.toString.call(root)]") == ["", "directory", "[object FileSystemDirectoryHandle]"]
    listed = await runtime.eval("const l = []; for await (const [name, handle] of root) l.push([name, handle.kind, handle.name]); l")
    assert listed == [["a.txt", "file", "a.txt"], ["sub", "directory", "sub"]]
    assert await runtime.eval("const v = []; for await (const h of (await getDirectory('/sub')).values()) v.push(h.name); v") == ["b.json"]


async def test_the_shape_of_the_interfaces(runtime):
    code = """[
      typeof FileSystemHandle, FileSystemFileHandle.prototype instanceof FileSystemHandle, FileSystemFileHandle.length,
      Object.keys(FileSystemDirectoryHandle.prototype).sort().join(),
      FileSystemDirectoryHandle.prototype[Symbol.asyncIterator] === FileSystemDirectoryHandle.prototype.entries,
      FileSystemWritableFileStream.prototype instanceof WritableStream,
      (() => { try { new FileSystemFileHandle() } catch (e) { return e.name } })(),
      await FileSystemFileHandle.prototype.getFile.call(root).catch(e => e.name),
      "createSyncAccessHandle" in FileSystemFileHandle.prototype,
      Object.prototype.toString.call(root.entries()), getDirectory.length,
    ]"""
    assert await runtime.eval(code) == [
        "function", True, 0, "entries,getDirectoryHandle,getFileHandle,keys,removeEntry,resolve,values", True, True, "TypeError", "TypeError",
        False, "[object FileSystemDirectoryHandle AsyncIterator]", 0,
    ]


async def test_a_file_has_size_time_and_type(runtime, folder):
    import os

    os.utime(folder / "a.txt", ns=(0, 1_700_000_000_123_000_000))
    found = await runtime.eval("const f = await (await root.getFileHandle('a.txt')).getFile(); [f instanceof File, f.name, f.size, f.lastModified, f.type, await f.text()]")
    assert found == [True, "a.txt", 5, 1_700_000_000_123, "text/plain", "alpha"]
    for name, kind in {"x.JSON": "application/json", "p.png": "image/png", "m.mjs": "text/javascript", "w.wasm": "application/wasm", "none": "", ".png": ""}.items():
        (folder / name).write_bytes(b"x")
        assert await runtime.eval(f"(await (await root.getFileHandle('{name}')).getFile()).type") == kind


async def test_long_content_is_read_on_demand(runtime, folder):
    data = bytes(range(256)) * 20_000
    (folder / "long.bin").write_bytes(data)
    await runtime.eval("globalThis.file = await (await root.getFileHandle('long.bin')).getFile(); 0")
    assert await runtime.eval("[file.size, (await file.arrayBuffer()).byteLength]") == [len(data), len(data)]
    assert await runtime.eval("await file.slice(1_000_001, 1_000_005).bytes()") == data[1_000_001:1_000_005]
    assert await runtime.eval("await new Blob(['<', file.slice(65, 68), file.slice(-2), '>']).text()") == "<ABC\ufffd\ufffd>"
    assert await runtime.eval("let n = 0; for await (const chunk of file.stream()) n += chunk.length; n") == len(data)
    assert await runtime.eval("(await new Response(file).arrayBuffer()).byteLength") == len(data)
    assert await runtime.eval("(await structuredClone(file).slice(0, 3).bytes()).join()") == "0,1,2"
    url = "const url = URL.createObjectURL(file); const answer = await fetch(url); [answer.headers.get('content-length'), (await answer.bytes()).length]"
    assert await runtime.eval(url) == [str(len(data)), len(data)]
    reader = "const reader = file.stream().getReader({mode: 'byob'}); const {value} = await reader.read(new Uint8Array(10)); await reader.cancel(); value.join()"
    assert await runtime.eval(reader) == "0,1,2,3,4,5,6,7,8,9"


async def test_files_cross_to_python(runtime, folder):
    found = await runtime.eval("await (await root.getFileHandle('a.txt')).getFile()")
    assert isinstance(found, ih.File)
    assert (found.name, bytes(found)) == ("a.txt", b"alpha")
    (folder / "long").write_bytes(bytes(300_000))
    message = await runtime.eval("globalThis.long = await (await root.getFileHandle('long')).getFile(); long.size")
    assert message == 300_000
    try:
        await runtime.eval("long")
    except ih.IsolateHostError as error:
        assert "stream()" in str(error)
    stream = await runtime.eval("long.stream()")
    assert len(await stream.read()) == 300_000


async def test_writing_takes_its_place_at_close(runtime, folder):
    await runtime.eval("globalThis.w = await (await root.getFileHandle('a.txt')).createWritable(); await w.write('new')")
    assert (folder / "a.txt").read_text() == "alpha"
    await runtime.eval("await w.close()")
    assert (folder / "a.txt").read_text() == "new"
    await runtime.eval("globalThis.w = await (await root.getFileHandle('a.txt')).createWritable(); await w.write('lost'); await w.abort()")
    assert (folder / "a.txt").read_text() == "new"
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "sub"]


async def test_positions_orders_and_kinds_of_content(runtime, folder):
    code = """
    const handle = await root.getFileHandle("w.txt", {create: true});
    const w = await handle.createWritable();
    await w.write("0123456789");
    await w.write({type: "write", position: 2, data: "AB"});
    await w.write(new Uint8Array([67]));
    await w.seek(8); await w.write(new Blob(["xyz"]));
    await w.write({type: "truncate", size: 10});
    await w.write({type: "write", position: 12, data: new Uint16Array([0x4241]).buffer});
    await w.write(new DataView(new Uint8Array([33, 34]).buffer, 0, 1));
    await w.close();
    await get(root, "w.txt")"""
    assert await runtime.eval(code) == "01ABC567xy\0\0AB!"
    keep = "const k = await handle.createWritable({keepExistingData: true}); await k.truncate(4); await k.seek(2); await k.write('_'); await k.close(); await get(root, 'w.txt')"
    assert await runtime.eval(keep) == "01_B"
    bad = """[
      await named(async () => { const s = await handle.createWritable(); await s.write({type: "seek"}) }),
      await named(async () => { const s = await handle.createWritable(); await s.write({type: "jump"}) }),
      await named(async () => { const s = await handle.createWritable(); await s.seek(-1) }),
      await named(async () => { const s = await handle.createWritable({keepExistingData: true}); await s.close(); await s.write("late") }),
    ]"""
    found = await runtime.eval(bad)
    assert [item[0] for item in found] == ["SyntaxError", "TypeError", "TypeError", "TypeError"]
    assert (folder / "w.txt").read_text() == "01_B"


async def test_piping_and_backpressure(runtime, folder):
    data = bytes(range(256)) * 8000
    (folder / "in").write_bytes(data)
    await runtime.eval("await (await (await root.getFileHandle('in')).getFile()).stream().pipeTo(await (await root.getFileHandle('out', {create: true})).createWritable())")
    assert (folder / "out").read_bytes() == data
    code = """
    const source = new ReadableStream({pull(c) { c.enqueue(new Uint8Array(10)); c.error(new RangeError("broken")) }}, {highWaterMark: 0});
    await named(async () => source.pipeTo(await (await root.getFileHandle("out")).createWritable()))"""
    assert await runtime.eval(code) == ["RangeError", "broken"]
    assert (folder / "out").read_bytes() == data


async def test_create_remove_move_resolve(runtime, folder):
    assert await runtime.eval("const d = await root.getDirectoryHandle('x', {create: true}); await put(d, 'y', '1'); await root.resolve(await d.getFileHandle('y'))") == ["x", "y"]
    assert await runtime.eval("[await d.resolve(root), await root.resolve(root), await d.isSameEntry(await root.getDirectoryHandle('x')), await d.isSameEntry(root)]") == [None, [], True, False]
    assert await runtime.eval("const y = await d.getFileHandle('y'); await y.move('z'); [y.name, await names(d)]") == ["z", ["z"]]
    assert await runtime.eval("await y.move(root); await y.move(d, 'deep'); [await names(root), await names(d), await (await y.getFile()).text()]") == [["a.txt", "sub", "x"], ["deep"], "1"]
    assert await runtime.eval("await named(() => root.removeEntry('x'))") == ["InvalidModificationError", "Directory not empty"]
    await runtime.eval("await root.removeEntry('x', {recursive: true}); await root.removeEntry('a.txt')")
    assert [path.name for path in folder.iterdir()] == ["sub"]


async def test_typed_errors(runtime, folder):
    cases = {
        "root.getFileHandle('none')": "NotFoundError",
        "root.getFileHandle('sub')": "TypeMismatchError",
        "root.getDirectoryHandle('a.txt')": "TypeMismatchError",
        "root.getFileHandle('..')": "TypeError",
        "root.getFileHandle('a/b')": "TypeError",
        "root.getFileHandle('', {create: true})": "TypeError",
        "root.getFileHandle('a\\0b', {create: true})": "TypeError",
        "root.getFileHandle('n'.repeat(300), {create: true})": "NotFoundError",
        "root.getFileHandle('.isolate-host.x', {create: true})": "NotAllowedError",
        "root.removeEntry('none')": "NotFoundError",
        "getDirectory('/none')": "NotFoundError",
        "getDirectory('/a.txt')": "TypeMismatchError",
        "getDirectory('/../etc')": "NotAllowedError",
        "root.isSameEntry({})": "TypeError",
        "root.getFileHandle()": "TypeError",
    }
    for code, name in cases.items():
        assert await runtime.eval(f"(await caught(() => {code})).name") == name, code
    dom = await runtime.eval("const e = await caught(() => root.getFileHandle('none')); [e instanceof DOMException, e.code, e.cause.code, e.stack.includes('index.ts')]")
    assert dom == [True, 8, "ENOENT", True]
    await runtime.eval("globalThis.gone = await root.getFileHandle('a.txt'); 0")
    (folder / "a.txt").unlink()
    assert await runtime.eval("await named(() => gone.getFile())") == ["NotFoundError", "No such file or directory"]


async def test_writers_exclude_what_would_hurt_them(runtime):
    code = """
    const handle = await root.getFileHandle("a.txt");
    const first = await handle.createWritable();
    const found = [
      (await caught(() => root.removeEntry("a.txt"))).name,
      (await caught(() => handle.move("b.txt"))).name,
      (await caught(() => handle.createWritable({mode: "exclusive"}))).name,
      await caught(async () => (await handle.createWritable()).abort()),
    ];
    await first.abort();
    const alone = await handle.createWritable({mode: "exclusive"});
    found.push((await caught(() => handle.createWritable())).name);
    await alone.close();
    await root.removeEntry("a.txt");
    found"""
    locked = "NoModificationAllowedError"
    assert await runtime.eval(code) == [locked, locked, locked, None, locked]


async def test_handles_survive_cloning_and_nothing_else(runtime):
    code = "const copy = structuredClone({h: root, f: [await root.getFileHandle('a.txt')]}); [copy.h instanceof FileSystemDirectoryHandle, copy.h !== root, await copy.f[0].isSameEntry(await copy.h.getFileHandle('a.txt'))]"
    assert await runtime.eval(code) == [True, True, True]
    assert await runtime.eval("await named(async () => JSON.stringify(structuredClone(await (await root.getFileHandle('a.txt')).createWritable())))") is not None


async def test_a_patched_language_changes_nothing(runtime, folder):
    await runtime.eval("""
      globalThis.stolen = 0;
      Promise.prototype.then = function () { stolen++; throw new Error("stolen") };
      Map.prototype.get = () => { stolen++ }; String.prototype.slice = () => { stolen++ };
      Object.defineProperty(Object.prototype, "type", {get() { stolen++ }, configurable: true});
    """)
    await runtime.eval("const w = await (await root.getFileHandle('p.txt', {create: true})).createWritable(); await w.write('safe'); await w.close()")
    assert (folder / "p.txt").read_text() == "safe"
    assert await runtime.eval("[await (await (await root.getFileHandle('p.txt')).getFile()).text(), stolen]") == ["safe", 0]


async def test_without_a_grant_it_says_what_would_grant_it(host):
    async with host.create_runtime() as runtime:
        name, message = await runtime.eval("await getDirectory('/').catch(e => [e.name, e.message])")
        assert name == "NotAllowedError"
        assert "files=" in message


async def test_denials_are_policy_denied_again_in_python(runtime):
    import pytest

    with pytest.raises(ih.PolicyDenied, match="climbs above"):
        await runtime.eval("await getDirectory('/../etc')")


async def test_what_gives_nothing_gives_undefined(runtime):
    code = """
      const none = await root.getFileHandle("none", {create: true}), sink = await none.createWritable();
      const found = [await sink.write("x"), await sink.seek(0), await sink.truncate(0), await sink.close(), await none.move("other"), await root.removeEntry("other")];
      await root.getFileHandle("last", {create: true});
      found.push(await (await root.getFileHandle("last")).remove());
      found.every((item) => item === undefined)
    """
    assert await runtime.eval(code) is True
