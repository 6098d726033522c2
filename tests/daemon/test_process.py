"""Real daemon processes: started by clients, killed, replaced, told to stop."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

import isolate_host as ih
from tests.support.hosts import daemon_pid, open_host, stop_daemon
from tests.support.pair import until


@pytest.fixture(autouse=True)
def no_daemon_stays(folder):
    yield
    stop_daemon(folder)


async def test_started_by_the_first_client_and_shared_by_the_next(folder):
    hosts = await asyncio.gather(*(open_host("daemon", folder) for _ in range(4)))
    assert [await (await host.create_runtime()).eval("1 + 1") for host in hosts] == [2] * 4
    assert (await hosts[0].diagnostics())["runtimes_created"] == 4
    await asyncio.gather(*(host.close() for host in hosts))
    pid = daemon_pid(folder)
    # Nobody's child: it neither dies with its starter nor becomes its zombie.
    assert pid is not None
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


async def test_a_killed_daemon_is_replaced(folder):
    async with await open_host("daemon", folder) as host:
        rt = await host.create_runtime()
        waiting = asyncio.create_task(rt.eval("await new Promise((resolve) => setTimeout(resolve, 60000))"))
        await asyncio.sleep(0.1)
        first = daemon_pid(folder)
        stop_daemon(folder, signal.SIGKILL)
        with pytest.raises(ih.NotConnected):
            await waiting
        assert (folder / "s").exists()
        async with host.create_runtime() as again:
            assert await again.eval("'back'") == "back"
        assert daemon_pid(folder) != first


async def test_sigterm_lets_evals_finish(folder):
    async with await open_host("daemon", folder) as host:
        rt = await host.create_runtime()
        running = asyncio.create_task(rt.eval("await new Promise((resolve) => setTimeout(() => resolve('done'), 400))"))
        await asyncio.sleep(0.1)
        os.kill(daemon_pid(folder), signal.SIGTERM)
        assert await running == "done"
        await until(lambda: daemon_pid(folder) is None)
    assert not (folder / "s").exists()


async def test_a_second_daemon_on_the_path_is_refused(folder):
    async with await open_host("daemon", folder) as host:
        command = [sys.executable, "-P", "-m", "isolate_host", "serve", "--socket", str(folder / "s")]
        second = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=30, check=False)
        assert second.returncode == 2
        assert "another daemon" in second.stderr
        async with host.create_runtime() as rt:
            assert await rt.eval("'unharmed'") == "unharmed"


async def test_a_daemon_without_clients_ends(folder):
    async with await open_host("daemon", folder):
        assert daemon_pid(folder) is not None
    await until(lambda: daemon_pid(folder) is None)
    assert not (folder / "s").exists()


async def test_what_stops_a_daemon_from_starting_reaches_the_client(folder):
    config = folder / "host.yaml"
    config.write_text("version: 1\nnonsense: 1\n")
    with pytest.raises(ih.IsolateHostError) as caught:
        await ih.create_isolate_host(daemon=ih.DaemonOptions(socket_path=folder / "s", config=config))
    assert ".log" in (caught.value.hint or "")
    assert "nonsense" in (folder / "s.log").read_text()
