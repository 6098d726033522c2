"""Processes that are measured: started, waited for, asked for their processor time and memory, ended."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Load", "Started", "free_port", "load", "started"]

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Started:
    """A server that answers."""

    pid: int
    port: int

    def pids(self) -> list[int]:
        """It and all that it started."""
        parents = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                except OSError:
                    continue
        found = [self.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found

    def seconds(self) -> dict[int, float]:
        """Processor time of each."""
        times = {}
        for pid in self.pids():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            times[pid] = (int(fields[11]) + int(fields[12])) / _TICK
        return times

    def memory_mb(self) -> float:
        """What all of them take together, shared pages counted once (PSS)."""
        return sum(_pss(pid) for pid in self.pids()) / 1024

    def own_memory_mb(self) -> float:
        """Resident memory of the first process alone, without what the kernel keeps for its sockets."""
        return int(_field(Path(f"/proc/{self.pid}/status").read_text(), "VmRSS")) / 1024


def _pss(pid: int) -> int:
    try:
        return int(_field(Path(f"/proc/{pid}/smaps_rollup").read_text(), "Pss"))
    except OSError:
        return 0


def _field(text: str, name: str) -> str:
    found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    return found[1] if found else "0"


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(command: Sequence[str | Path], port: int, folder: Path) -> Iterator[Started]:
    """Runs a server until the block ends. Its words go to ``server.log``."""
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended: {(folder / 'server.log').read_text()[-2000:]}")
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield Started(process.pid, port)
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True)
class Load:
    """What ``wrk`` saw, and what it cost the server: microseconds of processor time a request, of the first process and of the others."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    children_us: float


def load(server: Started, seconds: float, path: str = "/", connections: int = 32) -> Load:
    """One thread of ``wrk`` for so long."""
    before = server.seconds()
    address = f"http://127.0.0.1:{server.port}{path}"
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency", address], capture_output=True, text=True, check=True)
    after = server.seconds()
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(done.stdout)
    count = int(re.search(r"(\d+) requests in", done.stdout)[1])  # type: ignore[index]
    spent = {pid: after[pid] - before.get(pid, 0.0) for pid in after}
    own = spent.pop(server.pid)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])  # type: ignore[index]
    return Load(rate, _milliseconds(done.stdout, "50%"), _milliseconds(done.stdout, "99%"), own / count * 1e6, sum(spent.values()) / count * 1e6)


def _milliseconds(text: str, which: str) -> float:
    found = re.search(rf"^\s+{which}\s+([\d.]+)(us|ms|s)$", text, re.MULTILINE)
    if found is None:
        raise RuntimeError(text)
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]
