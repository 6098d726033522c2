"""Fixtures for tests of guest code: a fresh isolate with the real bundle on the real engine, without a worker around it."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest

HERE = Path(__file__).parent


@dataclass
class Frame:
    """A frame that the guest sent."""

    header: dict[str, Any]
    body: str
    segments: list[bytes] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The header's ``t``."""
        return str(self.header["t"])

    @property
    def value(self) -> Any:
        """The body as parsed value JSON, nodes and all."""
        return json.loads(self.body) if self.body else None


class GuestFailure(Exception):
    """The guest process could not do what the test asked."""


class Guest:
    """A fresh isolate. Each method answers the frames that the guest sent meanwhile; :attr:`frames` keeps all of them."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._stream = self._socket.makefile("rwb")
        # Far from the numbers that tests choose for requests of the host.
        self._requests = 1000
        self.frames: list[Frame] = []
        self.outlook = 0.0
        self.ms = 0.0

    def command(self, do: str, **arguments: Any) -> list[Frame]:
        """Send one command to the guest process."""
        self._stream.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        self._stream.flush()
        line = self._stream.readline()
        if not line:
            raise GuestFailure("the guest process died")
        answer = json.loads(line)
        if "failure" in answer:
            raise GuestFailure(answer["failure"])
        self.outlook, self.ms = answer["outlook"], answer["ms"]
        frames = [Frame(f["header"], f["body"], [base64.b64decode(s) for s in f["segments"]]) for f in answer["frames"]]
        self.frames += frames
        return frames

    def send(self, header: dict[str, Any], value: Any = None, segments: tuple[bytes, ...] = ()) -> list[Frame]:
        """Deliver one frame; ``value`` is value JSON."""
        body = None if value is None else json.dumps(value)
        return self.command(
            "frames", frames=[{"header": header, "body": body, "segments": [base64.b64encode(s).decode() for s in segments]}]
        )

    def init(self, caps: dict[str, Any] | None = None, absent: dict[str, Any] | None = None) -> None:
        """Install capabilities."""
        body = {"caps": {name: {"options": options} for name, options in (caps or {}).items()}, "absent": absent or {}, "cwd": "/app"}
        replies = self.send({"t": "init", "id": 999}, body)
        assert [(f.kind, f.body) for f in replies] == [("ok", '{"$":"u"}')], replies

    def start(self, source: str, filename: str = "/test.js") -> int:
        """Start an evaluation and answer its request id."""
        self._requests += 1
        self.command("eval", source=source, filename=filename, id=self._requests)
        return self._requests

    def reply(self, request: int) -> Frame:
        """The reply to an evaluation, which must have come."""
        for frame in self.frames:
            if frame.kind in ("ok", "err") and frame.header["id"] == request:
                return frame
        raise AssertionError(f"no reply to {request} among {self.frames}")

    def eval(self, source: str, filename: str = "/test.js") -> Any:
        """Evaluate and answer the value as value JSON; a rejection raises ``AssertionError`` with its body."""
        request = self.start(source, filename)
        if not any(f.kind in ("ok", "err") and f.header["id"] == request for f in self.frames):
            self.command("timers")
        frame = self.reply(request)
        assert frame.kind == "ok", frame.body
        return frame.value

    def error(self, source: str, filename: str = "/test.js") -> dict[str, Any]:
        """Evaluate something that fails; the error node."""
        request = self.start(source, filename)
        if not any(f.kind in ("ok", "err") and f.header["id"] == request for f in self.frames):
            self.command("timers")
        frame = self.reply(request)
        assert frame.kind == "err", frame.body
        value = frame.value
        assert isinstance(value, dict)
        return value

    def of(self, kind: str) -> list[Frame]:
        """All frames so far of one kind."""
        return [frame for frame in self.frames if frame.kind == kind]

    def close(self) -> None:
        """End the isolate."""
        self._stream.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@pytest.fixture(scope="session")
def guest_zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A process that has everything loaded and forks for each test."""
    path = str(tmp_path_factory.mktemp("guest") / "zygote.sock")
    process = subprocess.Popen([sys.executable, str(HERE / "zygote.py"), path], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n", "the guest zygote did not start"
        yield path
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def new_guest(guest_zygote: str) -> Iterator[Callable[[], Guest]]:
    """Makes isolates without capabilities."""
    made: list[Guest] = []

    def make() -> Guest:
        made.append(Guest(guest_zygote))
        return made[-1]

    yield make
    for guest in made:
        guest.close()


@pytest.fixture
def guest(new_guest: Callable[[], Guest]) -> Guest:
    """An isolate without capabilities."""
    guest = new_guest()
    guest.init()
    return guest
