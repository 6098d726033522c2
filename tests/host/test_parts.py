"""Small parts of the broker by themselves: death certificates, code frames, cache, audit, specs."""

from __future__ import annotations

import json
import signal
import stat
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import isolate_host as ih
from isolate_host.config import AuditConfig, HostConfig, LimitsConfig, SandboxConfig
from isolate_host.errors import IsolateHostError, LimitExceeded, ProtocolError, SandboxViolation, WorkerCrashed
from isolate_host.host.audit import AuditLog
from isolate_host.host.codeframe import SourceShelf, code_frame, first_location
from isolate_host.host.compile_cache import CompileCache, cache_key
from isolate_host.host.death import Death, classify
from isolate_host.host.spec import read_spec


@pytest.mark.parametrize(
    ("number", "words", "cpu", "kind"),
    [
        (signal.SIGABRT, b"", 0.1, (LimitExceeded, "memory")),
        (signal.SIGTRAP, b"# Fatal JavaScript out of memory: Zone", 0.1, (LimitExceeded, "memory")),
        (signal.SIGTRAP, b"# Check failed: x", 0.1, (WorkerCrashed, "SIGTRAP")),
        (signal.SIGSYS, b"", 0.1, (SandboxViolation, None)),
        (signal.SIGXCPU, b"", 2.0, (LimitExceeded, "cpu")),
        (signal.SIGKILL, b"", 2.5, (LimitExceeded, "cpu")),
        (signal.SIGKILL, b"", 0.1, (LimitExceeded, "memory")),
        (signal.SIGSEGV, b"", 0.1, (WorkerCrashed, "SIGSEGV")),
    ],
)
def test_every_death_has_a_name(number: int, words: bytes, cpu: float, kind: tuple[type[IsolateHostError], str | None]) -> None:
    error = classify(Death(number, words, cpu_s=cpu), 64, 2)
    assert type(error) is kind[0]
    assert getattr(error, "kind", getattr(error, "signal", None)) == kind[1]


def test_an_exit_is_a_crash() -> None:
    error = classify(Death(88 << 8, b"ValueError: x"), 64, None)
    assert isinstance(error, WorkerCrashed) and "88" in error.message and "ValueError" in error.detail


def test_code_frames() -> None:
    frame = code_frame("one\n\tlet b = ;\nthree", 2, 10, 11)
    assert frame == "  1 | one\n> 2 | \tlet b = ;\n    | \t        ^\n  3 | three"
    assert "^" in code_frame("x" * 5000, 1, 4000) or code_frame("x" * 5000, 1, 4000)
    assert first_location("Error: x\n    at f (/a/b.ts:3:4)\n    at /c.ts:1:1") == ("/a/b.ts", 3, 4)
    assert first_location("nothing here") is None


def test_the_shelf_is_bounded() -> None:
    shelf = SourceShelf()
    for number in range(20):
        shelf.put(f"/{number}.ts", "x" * 1_000_000)
    assert shelf.frame_for("at /0.ts:1:1") is None
    assert shelf.frame_for("at /19.ts:1:1") is not None
    assert shelf.frame_for("at /19.ts:99:1") is None


def test_the_compile_cache_survives_damage(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    key = cache_key("compiler", "ts", b"source")
    cache = CompileCache(folder)
    assert cache.get(key) is None
    cache.put(key, {"code": "js", "map": None, "diagnostics": []})
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert CompileCache(folder).get(key) == {"code": "js", "map": None, "diagnostics": []}
    file = next(folder.glob("*/*.json"))
    for damage in ("", "[]", '{"code": 5}', "[" * 100_000):
        file.write_text(damage)
        assert CompileCache(folder).get(key) is None
    assert cache_key("compiler", "tsx", b"source") != key


def test_audit_records_fit_their_schema(tmp_path: Path) -> None:
    import isolate_host.schemas

    schema = json.loads(Path(isolate_host.schemas.__path__[0]).joinpath("audit.v1.schema.json").read_text())
    seen: list[Any] = []
    log = AuditLog(AuditConfig(file=tmp_path / "audit.jsonl", max_bytes=2000, keep=2), seen.append)
    for number in range(60):
        log.record(
            "call", runtime="rt-1", sandbox=None, capability="tools", op="greet", resource=f"tools:greet:{number}", outcome="ok", duration_ms=0.5, bytes=10,
        )
    log.record("denied", runtime="rt-1", sandbox="s", capability="tools", value="x", rule="none")
    log.record("created", runtime="rt-1", sandbox=None, capabilities=["console"])
    log.record("ended", runtime="rt-1", reason="disposed", message="the runtime was disposed")
    log.close()
    files = sorted(tmp_path.glob("audit.jsonl*"))
    assert 1 < len(files) <= 3
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    for file in files:
        for line in file.read_text().splitlines():
            jsonschema.validate(json.loads(line), schema)
    assert len(seen) == 63


async def test_host_calls_are_audited(tmp_path: Path) -> None:
    config = tmp_path / "host.yaml"
    config.write_text(
        "version: 1\naudit: {file: audit.jsonl}\nplugins: [tools]\nsandboxes: {s: {policies: {tools: {allow: [ok, fail]}}}}\n"
    )

    def fail() -> None:
        raise ValueError("no")

    async with ih.create_isolate_host(config=config) as host:
        tools = {"ok": lambda: 1, "fail": fail, "secret": lambda: 2}
        async with host.create_runtime(sandbox="s", bindings=ih.Bindings(tools=tools)) as runtime:
            await runtime.eval("await ok(); await fail().catch(() => {}); await secret().catch(() => {}); 1", "/a.js")
    events = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [event["event"] for event in events] == ["created", "call", "call", "denied", "ended"]
    assert [event.get("outcome") for event in events[1:3]] == ["ok", "error"]
    assert events[3]["value"] == "secret"


@pytest.mark.parametrize(
    "data",
    [
        {"limits": []}, {"limits": {"memory_mb": "64"}}, {"limits": {"memory_mb": -1}}, {"limits": {"nope": 1}}, {"limits": {"timeout_s": True}},
        {"cwd": "relative"}, {"cwd": 5}, {"bindings": []}, {"bindings": {"tools": 1}},
    ],
)
def test_specs_of_hostile_clients_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        read_spec(data, HostConfig())


def test_a_sandbox_narrows() -> None:
    sandbox = SandboxConfig(name="s", limits=LimitsConfig(memory_mb=64, timeout_s=5))
    config = HostConfig(sandboxes={"s": sandbox}, configured=True)
    assert read_spec({"sandbox": "s", "limits": {"timeout_s": 1}}, config).limits.timeout_s == 1
    with pytest.raises(ih.PolicyDenied):
        read_spec({"sandbox": "s", "limits": {"timeout_s": None}}, config)
    with pytest.raises(ih.ConfigError, match="no sandbox 'default'"):
        read_spec({}, config)
