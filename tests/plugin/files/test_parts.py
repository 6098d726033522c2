"""Parts that a guest sees only together: staging with a name, and the threads."""

from __future__ import annotations

import asyncio
import os
import threading

import pytest

import isolate_host as ih
from isolate_host.files.folder import Folder
from isolate_host.files.folder_files import NamedStage
from isolate_host.files.ledger import Ledger, Quota, Usage
from isolate_host.files.placement import Placement
from isolate_host.files.pool import WorkPool


class Named(Placement):
    """As on a file system without nameless files."""

    def _open(self) -> int:
        self._stage = NamedStage(self._folder)
        return self._stage.open()


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("end", ["commit", "close"])
def test_staging_with_a_name(folder, exists, end):
    if not exists:
        (folder / "a.txt").unlink()
    before = sorted(path.name for path in folder.iterdir())
    place = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    old = (folder / "a.txt").stat() if exists else None
    usage = Usage()
    staged = Named(place, "a.txt", Ledger(Quota(1000, 10), usage, "test"), exclusive=False).begin(old, None)
    staged.pwrite(0, b"new content")
    # Guests see neither the name nor the content.
    store = Folder(folder, Quota(), usage, "test")
    assert [name for name, _kind in store.names((), "", 10)] == before
    store.close()
    getattr(staged, end)()
    if end == "commit":
        assert (folder / "a.txt").read_bytes() == b"new content"
        assert usage.bytes == (11 - 5 if exists else 11)
        assert usage.files == (0 if exists else 1)
    else:
        assert sorted(path.name for path in folder.iterdir()) == before
        assert (usage.bytes, usage.files) == (0, 0)
    assert not [path for path in folder.iterdir() if path.name.startswith(".isolate-host")]
    with pytest.raises(OSError):
        os.fstat(place)


def test_permissions_of_what_is_replaced_stay(folder):
    (folder / "a.txt").chmod(0o750)
    store = Folder(folder, Quota(), Usage(), "test")
    staged = store.open_replace(("a.txt",), keep=True, exclusive=False)
    assert staged.pread(0, 10) == b"alpha"
    staged.commit()
    assert (folder / "a.txt").stat().st_mode & 0o777 == 0o750
    store.close()


async def test_slow_work_gets_more_threads_and_quick_work_shares_one():
    pool, gate = WorkPool(3, 100), threading.Event()
    assert len({await pool.run(threading.get_ident) for _ in range(20)}) == 1
    stuck = [asyncio.ensure_future(pool.run(gate.wait)) for _ in range(2)]
    async with asyncio.timeout(5):
        assert await pool.run(lambda: "served") == "served"
    gate.set()
    assert await asyncio.gather(*stuck) == [True, True]
    await pool.aclose()
    with pytest.raises(OSError):
        await pool.run(lambda: None)


async def test_results_that_nobody_waits_for_are_undone():
    pool, gate = WorkPool(1, 100), threading.Event()
    undone: list[str] = []

    def work() -> str:
        gate.wait()
        return "made"

    task = asyncio.ensure_future(pool.run(work, undo=undone.append))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    await pool.aclose()
    assert undone == ["made"]


async def test_a_pool_takes_only_so_much():
    pool, gate = WorkPool(1, 3), threading.Event()
    waiting = [asyncio.ensure_future(pool.run(gate.wait)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(ih.LimitExceeded, match="more than 3 file operations"):
        await pool.run(lambda: None)
    gate.set()
    await asyncio.gather(*waiting)
    assert await pool.run(lambda: 1) == 1
    await pool.aclose()
