"""``isolate-host serve`` as a service manager starts it."""

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

import isolate_host as ih

COMMAND = Path(sys.executable).with_name("isolate-host")
YAML = """
version: 1
daemon: {socket: "${env:PLACE}/daemon.sock"}
sandboxes:
  default: {policies: {console: {}}}
"""


@pytest.fixture
def place():
    # The path of a unix socket is short: pytest's folders may be too deep.
    with tempfile.TemporaryDirectory(prefix="ih-") as folder:
        yield Path(folder)


@pytest.fixture
def start(place):
    started = []

    def start(*args):
        process = subprocess.Popen([COMMAND, *args], stderr=subprocess.PIPE, text=True, env={"PLACE": str(place), "PATH": "/usr/bin:/bin"})
        started.append(process)
        for _ in range(300):
            if (place / "daemon.sock").exists() or process.poll() is not None:
                break
            time.sleep(0.05)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("way", ["config", "socket"])
async def test_serves_until_sigterm(start, place, way):
    (place / "host.yaml").write_text(YAML)
    process = start("--config", place / "host.yaml") if way == "config" else start("serve", "--socket", place / "daemon.sock")
    options = ih.DaemonOptions(socket_path=place / "daemon.sock", auto_start=False)
    async with ih.create_isolate_host(daemon=options) as host, host.create_runtime() as runtime:
        assert await runtime.eval("20 + 22") == 42
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "listening on" in log
    assert "Traceback" not in log


def test_a_second_daemon_is_refused_in_one_line(start, place):
    start("serve", "--socket", place / "daemon.sock")
    done = subprocess.run([COMMAND, "serve", "--socket", place / "daemon.sock"], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "another daemon" in done.stderr
    assert "Traceback" not in done.stderr
