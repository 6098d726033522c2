"""Ways out of a mount: links, races, special files, odd names, hard links. Each is tried by the kernel's opener and by the walking one."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import threading
from pathlib import Path
from typing import Self

import pytest

import isolate_host as ih
from isolate_host.files.beneath import kernel_opener, walking_opener
from isolate_host.files.failures import Refused
from isolate_host.files.folder import Folder
from isolate_host.files.ledger import Quota
from isolate_host.files.nodes import Mode
from isolate_host.files.paths import parse

pytestmark = pytest.mark.adversarial
SECRET = b"the secret of the host"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """What no guest may read or change."""
    place = tmp_path / "outside"
    place.mkdir()
    (place / "secret").write_bytes(SECRET)
    return place


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """What is mounted."""
    place = tmp_path / "root"
    (place / "inner").mkdir(parents=True)
    (place / "inner" / "file").write_bytes(b"inside")
    return place


@pytest.fixture(params=["openat2", "walking"])
def store(request, root):
    """The folder under each way of opening."""
    opener = kernel_opener() if request.param == "openat2" else walking_opener()
    made = Folder(root, Quota(), Folder.usage_of(root), "test", opener)
    yield made
    made.close()


def read(store: Folder, path: str) -> bytes:
    file = store.open_read(parse(path))
    try:
        return file.pread(0, 1000)
    finally:
        file.close()


def write(store: Folder, path: str, data: bytes) -> None:
    staged = store.open_replace(parse(path), keep=False, exclusive=False)
    try:
        staged.pwrite(0, data)
        staged.commit()
    except BaseException:
        staged.close()
        raise


REFUSED = (Refused, OSError)


@pytest.mark.parametrize("target", ["../outside", "/etc", "../../../../../../../etc", "inner/../../outside", "/proc/self/root", "/proc/self/cwd"])
def test_links_of_folders_lead_nowhere(store, root, outside, target):
    (root / "way").symlink_to(target)
    for path in ("/way/secret", "/way/passwd", "/way"):
        with pytest.raises(REFUSED):
            read(store, path)
        with pytest.raises(REFUSED):
            store.names(parse(path), "", 10)
        with pytest.raises(REFUSED):
            write(store, f"{path}/new", b"x")
        with pytest.raises(REFUSED):
            store.mkdir(parse(f"{path}/new"))
        with pytest.raises(REFUSED):
            store.rename(parse("/inner/file"), parse(f"{path}/new"))
        with pytest.raises(REFUSED):
            store.remove_tree(parse(f"{path}/secret"))
    assert sorted(path.name for path in outside.iterdir()) == ["secret"]
    assert (outside / "secret").read_bytes() == SECRET


@pytest.mark.parametrize("target", ["../outside/secret", "/etc/passwd", "/proc/self/environ", "/dev/zero", "/proc/self/fd/0"])
def test_links_of_files_are_neither_read_nor_written(store, root, outside, target):
    (root / "link").symlink_to(target)
    for attempt in (
        lambda: read(store, "/link"),
        lambda: write(store, "/link", b"x"),
        lambda: store.open_update(("link",), Mode(write=True, create=True)),
        lambda: store.set_times(("link",), 0, 0),
        lambda: store.stat(("link",)),
    ):
        with pytest.raises(REFUSED):
            attempt()
    assert (outside / "secret").read_bytes() == SECRET
    store.unlink(("link",))
    assert (outside / "secret").exists()


def test_links_that_stay_inside_work_with_openat2(root):
    store = Folder(root, Quota(), Folder.usage_of(root), "test", kernel_opener())
    (root / "near").symlink_to("inner/file")
    (root / "up").mkdir()
    (root / "up" / "down").symlink_to("../inner")
    assert read(store, "/near") == b"inside"
    assert read(store, "/up/down/file") == b"inside"
    # Never written through at the end: the link would say where.
    with pytest.raises(Refused):
        write(store, "/near", b"x")
    assert (root / "inner" / "file").read_bytes() == b"inside"
    store.close()


def test_circular_links(store, root):
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    (root / "self").symlink_to(".")
    for path in ("/a", "/a/x", "/b"):
        with pytest.raises(REFUSED):
            read(store, path)
    store.remove_tree(("inner",))
    assert sorted(name for name, _kind in store.names((), "", 10)) == ["a", "b", "self"]


def test_special_files_are_refused_without_being_opened(store, root):
    os.mkfifo(root / "pipe")
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(root / "socket"))
    names = ["pipe", "socket"]
    if os.geteuid() == 0:
        os.mknod(root / "null", 0o666 | 0o020000, os.makedev(1, 3))
        names.append("null")
    # A pipe without a writer would block whoever opens it: the test would not end.
    for name in names:
        with pytest.raises(Refused, match="no ordinary file"):
            read(store, f"/{name}")
        with pytest.raises(Refused):
            write(store, f"/{name}", b"x")
        with pytest.raises(Refused):
            store.open_update((name,), Mode(write=True))
        assert store.stat((name,)).kind == "other"
    door.close()


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give files to another owner")
def test_hard_links_to_files_of_others(store, root, outside):
    os.chown(outside / "secret", 12345, 12345)
    os.link(outside / "secret", root / "hard")
    with pytest.raises(Refused, match="hard link"):
        read(store, "/hard")
    with pytest.raises(Refused, match="hard link"):
        write(store, "/hard", b"x")
    assert (outside / "secret").read_bytes() == SECRET


def test_a_hard_link_is_replaced_and_never_written_through(store, root, outside):
    os.link(outside / "secret", root / "hard")
    assert read(store, "/hard") == SECRET  # of the same owner: put there by whoever owns both
    with pytest.raises(Refused, match="several names"):
        store.open_update(("hard",), Mode(write=True))
    write(store, "/hard", b"mine")
    assert (outside / "secret").read_bytes() == SECRET
    assert read(store, "/hard") == b"mine"


@pytest.mark.parametrize("path", ["..", "a", "", "/a\0b", "/" + "x" * 5000, "/\ud800", 5, None, b"/a", ["/a"]])
def test_what_is_no_path(path):
    with pytest.raises((TypeError, OSError)):
        parse(path)


@pytest.mark.parametrize("path", ["/..", "/a/../../b", "/./../a", "/a/b/../../.."])
def test_paths_that_climb(path):
    with pytest.raises(ih.PolicyDenied, match="climbs above"):
        parse(path)


def test_names_that_look_alike_are_names(store, root):
    odd = ["．．", "․․", "..\u200b", "%2e%2e", "..\\outside", "INNER", "e\u0301", "\u00e9", "a\nb", "-rf", "~", "$HOME"]
    for name in odd:
        write(store, f"/{name}", name.encode())
    assert {name: read(store, f"/{name}") for name in odd} == {name: name.encode() for name in odd}
    assert set(odd) <= {path.name for path in root.iterdir()}


def test_reserved_names_are_nobodys(root):
    for name in (".isolate-host.0123", ".isolate-host."):
        with pytest.raises(ih.PolicyDenied, match="reserved"):
            parse(f"/a/{name}")


class Swapper:
    """Turns a folder into a link to outside and back, as fast as it can."""

    def __init__(self, root: Path, outside: Path) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(root, outside))
        self.turns = 0

    def _run(self, root: Path, outside: Path) -> None:
        swap, spare, bait = root / "swap", root / "spare", root / "bait"
        spare.symlink_to(outside)
        while not self._stop.is_set():
            # One after the other takes the name `swap`; for moments nobody has it.
            swap.rename(bait)
            spare.rename(swap)
            swap.rename(spare)
            bait.rename(swap)
            self.turns += 1

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()


def test_a_swapped_folder_never_leaks(store, root, outside):
    (root / "swap").mkdir()
    (root / "swap" / "secret").write_bytes(b"harmless")
    found = set()
    with Swapper(root, outside) as swapper:
        for number in range(1500):
            try:
                found.add(read(store, "/swap/secret"))
                write(store, f"/swap/new{number % 7}", b"x")
                store.rename(parse(f"/swap/new{number % 7}"), parse("/swap/other"))
            except REFUSED:
                continue
    assert swapper.turns > 0
    assert found <= {b"harmless"}
    assert sorted(path.name for path in outside.iterdir()) == ["secret"]


def test_a_swapped_folder_is_never_removed_through(store, root, outside):
    for number in range(20):
        (outside / f"keep{number}").write_bytes(b"")
    before = sorted(path.name for path in outside.iterdir())
    (root / "swap").mkdir()
    with Swapper(root, outside):
        for _ in range(300):
            try:
                store.mkdir(("swap", "deep"))
                store.remove_tree(("swap", "deep"))
            except REFUSED:
                continue
    assert sorted(path.name for path in outside.iterdir()) == before


async def test_a_guest_races_and_gets_nothing(embedded, root, outside):
    (root / "swap").mkdir()
    (root / "swap" / "secret").write_bytes(b"harmless")
    files = ih.create_file_bindings(root, allow_write=True)
    async with embedded.create_runtime(bindings=ih.Bindings(files=files)) as runtime:
        await runtime.eval("globalThis.fs = await import('node:fs/promises'); globalThis.seen = new Set(); 0")
        with Swapper(root, outside):
            await runtime.eval("""
              for (let i = 0; i < 300; i++) {
                await Promise.all(Array.from({length: 4}, async () => {
                  try { seen.add(await fs.readFile("/swap/secret", "utf8")); await fs.writeFile("/swap/mine", "x") } catch {}
                }));
              }""")
        assert await runtime.eval("[...seen].filter(text => text !== 'harmless')") == []
    assert sorted(path.name for path in outside.iterdir()) == ["secret"]


async def test_no_path_of_the_host_is_told(embedded, root, outside):
    (root / "link").symlink_to(outside / "secret")
    (root / "locked").mkdir(mode=0o000)
    files = ih.create_file_bindings(root, allow_write=True)
    async with embedded.create_runtime(bindings=ih.Bindings(files=files)) as runtime:
        code = """
        const fs = await import("node:fs/promises");
        const tell = (e) => JSON.stringify([e.message, e.stack, e.cause?.message, e.cause?.stack, Object.entries(e)]);
        const tries = ["/link", "/none", "/locked/x", "/inner", "/../x"];
        (await Promise.all(tries.flatMap(path => [fs.readFile, fs.stat, fs.unlink, fs.readdir, fs.rename].map(work => work(path, "/link/to").catch(tell))))).join()
        """
        told = str(await runtime.eval(code))
    assert str(root) not in told
    assert "secret" not in told
    assert "/proc" not in told


async def test_a_forged_handle_finds_nothing(embedded, root):
    from isolate_host.client.files import open_files

    service = open_files(ih.create_file_bindings(root, allow_write=True))
    opened = await service.call("open", ["/inner/file", "r+", False])
    other = open_files(ih.create_file_bindings(root, allow_write=True))
    for path, number in (("/inner/other", opened["id"]), ("/inner/file", opened["id"] + 1), ("/inner/file", "1"), ("/inner/file", -1), ("/inner/file", True)):
        with pytest.raises(OSError) as caught:
            await service.call("pread", [path, number, 0, 10])
        assert caught.value.errno == errno.EBADF
    with pytest.raises(OSError):
        await other.call("pread", ["/inner/file", opened["id"], 0, 10])
    assert await service.call("pread", ["/inner/file", opened["id"], 0, 10]) == b"inside"
    await asyncio.gather(service.aclose(), other.aclose())


@pytest.mark.parametrize(
    ("op", "args"),
    [
        ("open", ["/inner/file", "rw"]), ("open", ["/inner/file", ["r"]]), ("open", [["/inner/file"], "r"]), ("pread", ["/inner/file", 1, -1, 5]),
        ("read", ["/inner/file", None, 1.5, 2]), ("read", ["/inner/file", None, 2**60, 1]), ("write", ["/x", "text", "w"]), ("write", ["/x", b"x" * 2**21, "w"]),
        ("names", ["/", "../x"]), ("names", ["/", 5]), ("remove", ["/inner", "all", True]), ("remove", ["/inner", "any", 1]), ("times", ["/inner", None, 2**52, 0]),
        ("rename", ["/inner"]), ("copy", ["/inner/file"]), ("stat", []), ("truncate", ["/inner/file", None, float("nan")]), ("get", ["/x", "pipe", True]),
    ],
)  # fmt: skip
async def test_hostile_arguments(embedded, root, op, args):
    from isolate_host.client.files import open_files

    service = open_files(ih.create_file_bindings(root, allow_write=True))
    with pytest.raises((TypeError, OSError, LookupError, ih.PolicyDenied)):
        await service.call(op, args)
    with pytest.raises(LookupError):
        await service.call("__init__", ["/"])
    assert service.open_files == 0
    await service.aclose()
    assert sorted(path.name for path in root.iterdir()) == ["inner"]
