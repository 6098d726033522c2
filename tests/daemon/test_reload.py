"""SIGHUP: a better configuration is used, a broken one is refused with its findings, and what lives goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import isolate_host as ih

FIRST = "version: 1\nplugins: [console]\nsandboxes: {one: {policies: {console: {}}}}\n"
SECOND = "version: 1\nplugins: [console, modules]\nsandboxes: {one: {policies: {console: {}}}, two: {policies: {modules: {virtual: {'@/x': 'export default 5'}}}}}\n"
BROKEN = "version: 1\nsandboxes: {one: {polices: {}}}\n"


@pytest.fixture
async def daemon(tmp_path: Path):
    config = tmp_path / "host.yaml"
    config.write_text(FIRST)
    log = tmp_path / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "isolate_host", "serve", "--config", str(config), "--socket", str(tmp_path / "d" / "s")],
            stderr=stream, stdout=stream, env={**os.environ, "PYTHONUNBUFFERED": "1"}, cwd=tmp_path,
        )
    try:
        await said(log, "listening on")
        yield process, config, log, tmp_path / "d" / "s"
    finally:
        process.terminate()
        process.wait(20)


async def said(log: Path, text: str) -> None:
    for _ in range(200):
        if text in log.read_text():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{text!r} never appeared in:\n{log.read_text()}")


async def test_reload(daemon) -> None:
    process, config, log, path = daemon
    async with ih.create_isolate_host(daemon=ih.DaemonOptions(socket_path=path, auto_start=False)) as host:
        old = await host.create_runtime(sandbox="one")
        await old.eval("globalThis.kept = 1")
        with pytest.raises(ih.ConfigError):
            await host.create_runtime(sandbox="two")
        config.write_text(BROKEN)
        process.send_signal(signal.SIGHUP)
        await said(log, "reload failed")
        assert "polices" in log.read_text()
        async with host.create_runtime(sandbox="one") as still:
            assert await still.eval("1 + 1") == 2
        config.write_text(SECOND)
        process.send_signal(signal.SIGHUP)
        await said(log, "configuration reloaded")
        async with host.create_runtime(sandbox="two") as new:
            assert await new.eval("import x from '@/x'; export default x", "/m.mjs") == 5
        assert await old.eval("kept") == 1
        await old.dispose()
