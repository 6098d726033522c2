"""A warm guest for tests: boots V8, the bundle and the plugins once, then forks one isolate for each connection.

Run as ``python zygote.py SOCKET_PATH``. A connection speaks JSON lines: a command in, the frames that the guest sent out.
No locks and no worker here: these tests look at guest code alone, through the worker's own ``Kernel``.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from isolate_host.engine import evaluate_repl, new_isolate
from isolate_host.worker.channel import _LENGTHS, RawFrame
from isolate_host.worker.kernel import Kernel

ROOT = Path(__file__).resolve().parents[2]


class Guest:
    """One isolate, driven command by command."""

    def __init__(self) -> None:
        self.isolate = new_isolate(extra_flags=("--expose-gc",))
        self.kernel = Kernel(self.isolate, (ROOT / "core/guest/dist/guest.js").read_bytes())
        for name in ("console", "tools"):
            script = ROOT / f"plugins/{name}/guest.js"
            if script.exists():
                self.kernel.load(name, script.read_bytes())

    # ------------------------------------------------------------------ commands
    def do_eval(self, source: str, filename: str = "/test.js", id: int = 1, peer: int = 0) -> None:
        """Start an evaluation in REPL mode."""
        with self.isolate.handles.scope(), self.isolate.handles.try_catch() as caught:
            promise = evaluate_repl(self.isolate, source.encode("utf-8", "surrogatepass"), filename)
            if promise is None:
                raise SyntaxError(self.isolate.handles.display(caught.exception) if caught.exception else "terminated")
            self.kernel.settle(id, peer, promise, None)
        self.isolate.run_microtasks()

    def do_frames(self, frames: list[dict[str, Any]]) -> None:
        """Deliver frames: ``{header, body, segments}``."""
        raw = []
        for frame in frames:
            segments = [base64.b64decode(text) for text in frame["segments"]]
            header = dict(frame["header"])
            if segments:
                header["s"] = [len(segment) for segment in segments]
            body = b"" if frame["body"] is None else frame["body"].encode()
            raw.append(RawFrame(json.dumps(header).encode(), body + b"".join(segments), header.get("s", [])))
        assert self.kernel.turn(raw), "the turn broke"

    def do_timers(self, seconds: float = 5.0, most: int = 10_000) -> None:
        """Run timers until none is left, in real time."""
        end = time.monotonic() + seconds
        while most > 0 and (wake := self.kernel.outlook()) >= 0 and time.monotonic() < end:
            if wake > 0:
                time.sleep(wake / 1000)
            self.kernel.run_timer()
            most -= 1

    def do_gc(self) -> None:
        """Collect garbage and run finalisers."""
        for _ in range(3):
            self.isolate.collect_garbage()
            self.isolate.run_platform_tasks()

    def do_map(self, filename: str, text: str) -> None:
        """Register a source map."""
        self.kernel.add_source_map(filename, text.encode())

    def do_load(self, name: str, source: str) -> None:
        """Load a capability script."""
        self.kernel.load(name, source.encode())

    def do_load_file(self, name: str, path: str) -> None:
        """Load a capability script from a file of the repository."""
        self.kernel.load(name, (ROOT / path).read_bytes())

    def state(self) -> dict[str, Any]:
        """What the worker asks besides frames."""
        return {"outlook": self.kernel.outlook()}

    def drain(self) -> list[dict[str, Any]]:
        """The frames that the guest has written."""
        self.isolate.run_platform_tasks()
        return [_unpack(frame) for frame in self.kernel.drain()[0]]


def _unpack(frame: bytes) -> dict[str, Any]:
    total, size = _LENGTHS.unpack_from(frame)
    assert total == len(frame) - 4
    header = json.loads(frame[8 : 8 + size])
    rest = frame[8 + size :]
    lengths = header.pop("s", [])
    split = len(rest) - sum(lengths)
    segments = []
    for length in lengths:
        segments.append(base64.b64encode(rest[split : split + length]).decode())
        split += length
    return {"header": header, "body": rest[: len(rest) - sum(lengths)].decode(), "segments": segments}


def _serve(guest: Guest, connection: socket.socket) -> None:
    stream = connection.makefile("rwb")
    for line in stream:
        command = json.loads(line)
        started = time.perf_counter()
        answer: dict[str, Any]
        try:
            getattr(guest, f"do_{command.pop('do')}")(**command)
            elapsed = time.perf_counter() - started
            answer = {"frames": guest.drain(), "ms": elapsed * 1000, **guest.state()}
        except Exception as error:
            answer = {"failure": f"{type(error).__name__}: {error}"}
        stream.write(json.dumps(answer).encode() + b"\n")
        stream.flush()


def main(path: str) -> None:
    """Accept until the parent ends."""
    guest = Guest()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(8)
    print("ready", flush=True)
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _serve(guest, connection)
            os._exit(0)
        connection.close()


if __name__ == "__main__":
    main(sys.argv[1])
