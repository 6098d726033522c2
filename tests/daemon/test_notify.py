"""What a daemon tells systemd and the client that started it."""

import asyncio
import json
import os
import signal
import socket
import sys

from isolate_host.daemon.notify import Starter, sd_notify
from isolate_host.daemon.orders import Orders
from isolate_host.errors import ConfigError
from tests.support.pair import until


def test_systemd_hears_by_path_and_by_abstract_name(folder, monkeypatch):
    for address in (str(folder / "notify"), f"\0ih-test-{os.getpid()}"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(address)
            listener.settimeout(30)
            monkeypatch.setenv("NOTIFY_SOCKET", address.replace("\0", "@"))
            sd_notify("READY=1")
            assert listener.recv(100) == b"READY=1"


def test_without_systemd_nothing_happens(monkeypatch, folder):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    sd_notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(folder / "nobody"))
    sd_notify("READY=1")


def test_the_starter_hears_once_and_the_variables_go_no_further():
    for tell, key in ((Starter.ready, "ready"), (lambda starter: starter.failed(ConfigError("bad")), "error")):
        read, write = os.pipe()
        environ = {"ISOLATE_HOST_READY_FD": str(write), "ISOLATE_HOST_IDLE_EXIT_S": "2.5", "X": "y"}
        starter = Starter(environ)
        assert (environ, starter.idle_exit_s) == ({"X": "y"}, 2.5)
        tell(starter)
        starter.ready()
        with os.fdopen(read) as pipe:
            [line] = pipe.read().splitlines()
        assert key in json.loads(line)


def test_nonsense_in_the_variables():
    starter = Starter({"ISOLATE_HOST_READY_FD": "-1", "ISOLATE_HOST_IDLE_EXIT_S": "soon"})
    assert starter.idle_exit_s is None
    starter.ready()


async def test_a_service_manager_sees_ready_reloading_and_stopping(folder):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(folder / "notify"))
        listener.setblocking(False)
        loop = asyncio.get_running_loop()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "isolate_host", "serve", "--socket", str(folder / "s"),
            env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")}, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(20):
            assert await loop.sock_recv(listener, 100) == b"READY=1"
            # Nothing to reload is no reason to end.
            process.send_signal(signal.SIGHUP)
            await asyncio.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            assert await loop.sock_recv(listener, 100) == b"STOPPING=1"
            assert await process.wait() == 0


async def test_reload_keeps_the_old_configuration_when_it_fails(caplog):
    calls = []

    async def reload():
        calls.append(1)
        if len(calls) == 1:
            raise ConfigError("1 error in the configuration")

    with Orders(reload) as orders:
        for count in (1, 2):
            os.kill(os.getpid(), signal.SIGHUP)
            await until(lambda count=count: len(calls) == count)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(orders.stop.wait(), 30)
        assert not orders.now.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.wait_for(orders.now.wait(), 30)
    assert "the old configuration stays" in caplog.text
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
