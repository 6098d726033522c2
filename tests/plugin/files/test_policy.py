"""What a policy grants, what a caller's binding may narrow, and what is wrong with policies."""

from __future__ import annotations

import contextlib

import pytest

import isolate_host as ih
from isolate_host.config import load_config
from isolate_host.plugin import PluginRegistry
from isolate_host.testing import assert_denied


async def test_reading_only_unless_write_is_granted(sandbox, folder):
    runtime = await sandbox(f"{{mounts: [{{path: /data, root: {folder}}}]}}")
    assert await runtime.eval("await fs.readFile('/data/a.txt', 'utf8')") == "alpha"
    writes = [
        "fs.writeFile('/data/a.txt', 'x')", "fs.appendFile('/data/a.txt', 'x')", "fs.open('/data/a.txt', 'r+')", "fs.mkdir('/data/new')", "fs.rm('/data/a.txt')",
        "fs.rename('/data/a.txt', '/data/b')", "fs.copyFile('/data/a.txt', '/data/b')", "fs.truncate('/data/a.txt')", "fs.utimes('/data/a.txt', 1, 1)",
    ]  # fmt: skip
    for code in writes:
        found = await runtime.eval(f"{{ const e = await caught(() => {code}); [e.code, e.message] }}")
        assert found[0] == "EACCES", code
        assert "sandboxes.s.policies.files.mounts[0].write" in found[1]
    handles = [
        "root.getFileHandle('new', {create: true})", "root.getDirectoryHandle('new', {create: true})", "root.removeEntry('a.txt')",
        "file.createWritable()", "file.move('b.txt')",
    ]  # fmt: skip
    await runtime.eval("globalThis.root = await getDirectory('/data'); globalThis.file = await root.getFileHandle('a.txt'); 0")
    for code in handles:
        assert (await runtime.eval(f"(await caught(() => {code})).name")) == "NotAllowedError", code
    with pytest.raises(ih.PolicyDenied) as caught:
        await runtime.eval("await root.removeEntry('a.txt')")
    assert (caught.value.capability, caught.value.value) == ("files", "/data/a.txt")
    assert await runtime.eval("(await caught(() => fs.access('/data/a.txt', 2))).code") == "EACCES"
    assert (folder / "a.txt").read_text() == "alpha"


async def test_audit_lets_writes_pass_but_nothing_out(capability, folder, tmp_path):
    driver = capability("files", {"mounts": [{"path": "/", "root": "root"}]}, mode="audit")
    await driver.call("write", "/a.txt", b"beta", "w")
    assert [denied.rule for denied in driver.denied] == ["sandboxes.default.policies.files.mounts[0].write"]
    assert (folder / "a.txt").read_text() == "beta"
    (folder / "out").symlink_to(tmp_path)
    with assert_denied("files", "/out/root"):
        await driver.call("names", "/out/root")
    await driver.capability.aclose()


async def test_a_binding_under_a_policy(sandbox, folder):
    files = ih.create_file_bindings(folder, allow_write=True)
    whole = await sandbox("{}", files=files)
    assert await whole.eval("await fs.writeFile('/a.txt', 'through'); await fs.readFile('/a.txt', 'utf8')") == "through"
    narrow = await sandbox("{mounts: [{path: /sub, bound: true}, {path: /tmp, memory: true}]}", files=files)
    code = """[
      await fs.readFile("/sub/b.json", "utf8"), await fs.readFile("/a.txt").catch(e => e.code), (await caught(() => fs.writeFile("/sub/x", ""))).code,
      await fs.readdir("/"), await fs.writeFile("/tmp/x", "1"), await fs.rename("/tmp/x", "/sub/x").catch(e => e.code), await fs.copyFile("/sub/b.json", "/tmp/c").catch(e => e.code),
      (await fs.readdir("/sub")).join(), await fs.readFile("/sub/../a.txt").catch(e => e.code),
    ]"""
    assert await narrow.eval(code) == ['{"b": 1}', "ENOENT", "EACCES", ["sub", "tmp"], None, "EACCES", "EXDEV", "b.json", "ENOENT"]
    writable = await sandbox("{mounts: [{path: /sub, bound: true, write: true}]}", files=files)
    await writable.eval("const h = await fs.open('/sub/n', 'w'); await h.write('1'); await h.close(); await put(await getDirectory('/sub'), 'm', 'x')")
    assert sorted(path.name for path in (folder / "sub").iterdir()) == ["b.json", "m", "n"]


async def test_a_bound_mount_without_a_binding_is_not_there(sandbox):
    runtime = await sandbox("{mounts: [{path: /bound, bound: true}, {path: /tmp, memory: true}]}")
    assert await runtime.eval("[await fs.readdir('/'), await fs.readdir('/bound').catch(e => e.code)]") == [["tmp"], "ENOENT"]


async def test_a_root_that_vanished(start_host, folder):
    host = await start_host(f"version: 1\nsandboxes:\n  s:\n    policies:\n      files: {{mounts: [{{path: /, root: {folder / 'sub'}}}]}}\n")
    (folder / "sub").rename(folder / "elsewhere")
    with pytest.raises(ih.PluginError, match="mount '/': its root cannot be opened") as caught:
        await host.create_runtime(sandbox="s")
    assert "mounts[0].root" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("policy", "code", "message"),
    [
        ("mounts: [{path: /a, root: nowhere}]", "files-no-root", "'nowhere' is not a folder"),
        ("mounts: [{path: /a}]", "files-bad-mount", "has none"),
        ("mounts: [{path: /a, root: ., memory: true}]", "files-bad-mount", "has root and memory"),
        ("mounts: [{path: /a, memory: true, overlay: true}]", "files-bad-mount", "overlay needs a root"),
        ("mounts: [{path: /a, bound: true, quota: 1MiB}]", "files-bad-mount", "quota has no effect"),
        ("mounts: [{path: /a, memory: true}, {path: /b/../a/, memory: true}]", "files-duplicate-path", "'/a' is mounted a second time"),
        ("mounts: [{path: /.., memory: true}]", "files-bad-path", "climbs above"),
        ("mounts: [{path: a, memory: true}]", "policy-bad-value", "path"),
        ("mounts: [{path: /a, memory: true, quota: many}]", "policy-", "quota"),
        ("mount: []", "policy-unknown-key", "mount"),
    ],
)
def test_findings(tmp_path, policy, code, message):
    file = tmp_path / "host.yaml"
    file.write_text(f"version: 1\nsandboxes:\n  s:\n    policies:\n      files:\n        {policy}\n")
    with pytest.raises(ih.ConfigError) as caught:
        load_config(str(file), PluginRegistry())
    found = [(finding.code, finding.message, finding.mark.line) for finding in caught.value.findings]
    assert any(one.startswith(code) and message in text and line == 6 for one, text, line in found), found


def test_arguments_of_create_file_bindings(tmp_path):
    with pytest.raises(FileNotFoundError):
        ih.create_file_bindings(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        ih.create_file_bindings(tmp_path / "file")
    for arguments in ({"allow_write": True}, {"overlay": True}):
        with pytest.raises(ValueError, match="need a root"):
            ih.create_file_bindings(**arguments)
    with pytest.raises(ValueError, match="quota must be"):
        ih.create_file_bindings(tmp_path, quota=-1)
    with pytest.raises(ValueError, match="mounted at '/' already"):
        ih.create_file_bindings(tmp_path).mount("/")
    with pytest.raises(OSError, match="absolute"):
        ih.create_file_bindings().mount("relative")
    with pytest.raises(TypeError, match="read_file"):
        ih.Bindings(files=object())


async def test_the_eight_operations_of_file_bindings(folder):
    files = ih.create_file_bindings(folder, allow_write=True).mount("/tmp")
    await files.write_file("/new/deep/file", bytes(range(256)) * 10_000)
    assert await files.read_file("/new/deep/file") == bytes(range(256)) * 10_000
    assert await files.readdir("/") == ["a.txt", "new", "sub", "tmp"]
    assert (await files.stat("/a.txt"))["kind"] == "file"
    await files.rename("/new/deep/file", "/moved")
    await files.rmdir("/new/deep")
    await files.unlink("/moved")
    await files.mkdir("/x/y")
    await files.mkdir("/x/y")
    with pytest.raises(ih.PolicyDenied):
        await files.read_file("/../secret")
    readonly = ih.create_file_bindings(folder)
    for work in (readonly.write_file("/a.txt", b""), readonly.mkdir("/n"), readonly.unlink("/a.txt"), readonly.rename("/a.txt", "/b")):
        with pytest.raises(ih.PolicyDenied, match="reading only"):
            await work
    with contextlib.suppress(FileNotFoundError):
        await readonly.read_file("/none")
