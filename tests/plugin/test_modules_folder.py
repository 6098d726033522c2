"""Hostile and changing folders of packages."""

import os

import pytest

from isolate_host import Importer
from isolate_host.client.packages import NodeModules
from tests.support.packages import write_tree


def mounted(root, store=None):
    modules = NodeModules()
    modules.mount("/node_modules", root, store, ())
    return modules


async def refused(modules, specifier):
    with pytest.raises(LookupError) as caught:
        await modules.resolve(specifier, None, "")
    return caught.value


@pytest.fixture
def root(tmp_path):
    write_tree(tmp_path, {"secret/package.json": {"main": "key.js"}, "secret/key.js": "KEY", "node_modules/ok/index.js": "ok"})
    return tmp_path / "node_modules"


async def test_links_out_are_refused(root):
    (root / "folder").symlink_to("../secret")
    (root / "absolute").symlink_to(root.parent / "secret")
    (root / "ok/file.js").symlink_to("../../secret/key.js")
    (root / "ok/proc.js").symlink_to("/proc/self/environ")
    for specifier in ("folder", "absolute", "ok/file.js", "ok/proc.js"):
        error = await refused(mounted(root), specifier)
        assert error.code == "ERR_ACCESS_DENIED"
        assert str(root.parent) not in str(error)
        assert "KEY" not in str(error)


async def test_links_inside_work_and_lead_to_one_module(root):
    write_tree(root, {".pnpm/a@1/node_modules/a/index.js": "a", ".pnpm/a@1/node_modules/b/index.js": "b of a", "b/index.js": "b of all"})
    (root / "a").symlink_to(".pnpm/a@1/node_modules/a")
    modules = mounted(root)
    found = await modules.resolve("a", None, "")
    assert found.id == "/node_modules/.pnpm/a@1/node_modules/a/index.js"
    assert (await modules.resolve("b", Importer(found.id, found.resolve_dir), "require")).source == "b of a"


async def test_a_store_elsewhere_must_be_named(root, tmp_path):
    write_tree(tmp_path, {"store/.pnpm/c@1/node_modules/c/index.js": "c", "store/.pnpm/c@1/node_modules/d/index.js": "d"})
    (root / "c").symlink_to("../store/.pnpm/c@1/node_modules/c")
    assert "name that folder as the store" in str(await refused(mounted(root), "c"))
    found = await mounted(root, tmp_path / "store/.pnpm").resolve("c", None, "")
    assert (found.id, found.source) == ("/node_modules/.pnpm/c@1/node_modules/c/index.js", "c")
    (tmp_path / "store/.pnpm/out").symlink_to("../../secret")
    (root / "out").symlink_to("../store/.pnpm/out")
    assert (await refused(mounted(root, tmp_path / "store/.pnpm"), "out")).code == "ERR_ACCESS_DENIED"


async def test_circular_and_dangling_links(root):
    (root / "loop").symlink_to("loop2")
    (root / "loop2").symlink_to("loop")
    (root / "dangling").symlink_to("nowhere")
    assert (await refused(mounted(root), "loop")).code == "ERR_MODULE_LINK_LOOP"
    assert await mounted(root).resolve("dangling", None, "") is None


async def test_special_files_do_not_exist(root):
    os.mkfifo(root / "ok/pipe.js")
    (root / "ok/zero.js").symlink_to("/dev/zero")
    assert await mounted(root).resolve("ok/pipe.js", None, "") is None
    assert (await refused(mounted(root), "ok/zero.js")).code == "ERR_ACCESS_DENIED"


async def test_text_that_is_none(root):
    (root / "ok/latin.js").write_bytes(b"'\xe9'")
    (root / "ok/bom.js").write_bytes(b"\xef\xbb\xbf1")
    assert "not UTF-8" in str(await refused(mounted(root), "ok/latin.js"))
    assert (await mounted(root).resolve("ok/bom.js", None, "")).source == "1"


async def test_the_folder_is_gone(root):
    modules = mounted(root)
    root.rename(root.with_name("moved"))
    error = await refused(modules, "ok")
    assert "cannot be opened" in str(error)
    assert str(root) not in str(error)


async def test_changes_are_noticed(root):
    modules = mounted(root)
    write_tree(root, {"p/package.json": {"main": "a.js"}, "p/a.js": "require('./b')", "p/b.js": "one"})
    for file in root.rglob("*"):
        os.utime(file, (1_000_000_000, 1_000_000_000))

    async def texts():
        found = await modules.resolve("p", None, "")
        return [found.source, *(extra.source for extra in found.extra)]

    assert await texts() == ["require('./b')", "one"]
    assert await texts() == ["require('./b')", "one"]
    (root / "p/b.js").write_text("two")
    assert await texts() == ["require('./b')", "two"]
    (root / "p/b.js").unlink()
    assert await texts() == ["require('./b')"]
    write_tree(root, {"p/b/index.js": "three"})
    assert await texts() == ["require('./b')", "three"]
    write_tree(root, {"p/package.json": {"main": "b/index.js"}})
    assert await texts() == ["three"]


async def test_a_package_with_5000_files(root):
    write_tree(root, {"big/index.js": "\n".join(f"require('./f{n}')" for n in range(5000))})
    for n in range(5000):
        (root / f"big/f{n}.js").write_text(f"module.exports = {n}")
    found = await mounted(root).resolve("big", None, "")
    assert len(found.links) == len(found.extra) == 5000
