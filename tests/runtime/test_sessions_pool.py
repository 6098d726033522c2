"""The pool of sessions that wait: how long, how many, in which sandbox, and what a reload does to it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import isolate_host as ih
from isolate_host.config import load_config
from isolate_host.host.broker import Broker
from isolate_host.host.embedded import EmbeddedLink
from isolate_host.plugin import PluginRegistry
from tests.conftest import StartHost
from tests.runtime.test_sessions import pid_of, until_gone

SANDBOXES = """\
version: 1
plugins: [console, tools]
sandboxes:
  default: {policies: {console: {}}}
  other: {policies: {console: {}}}
  small: {limits: {memory_mb: 32}, policies: {console: {}}}
"""


async def pooled(host: ih.IsolateHost) -> int:
    return (await host.diagnostics())["sessions_pooled"]


async def leave(host: ih.IsolateHost, key: str) -> int:
    """Make a session, give it back, and tell its process."""
    async with host.get_namespaced_runtime(key) as runtime:
        return await pid_of(runtime)


async def test_a_session_that_nobody_uses_ends(start_host: StartHost) -> None:
    host = await start_host("version: 1\nsessions: {idle_s: 0.3}\nsandboxes: {default: {policies: {console: {}}}}\n")
    await until_gone(await leave(host, "idle"))
    assert await pooled(host) == 0
    async with host.get_namespaced_runtime("idle") as runtime:
        assert runtime.reused is False
        # One with an owner does not.
        await asyncio.sleep(0.5)
        assert await runtime.eval("'here'") == "here"


async def test_beyond_the_cap_the_one_that_waited_longest_goes(start_host: StartHost) -> None:
    host = await start_host("version: 1\nsessions: {max_pooled: 2}\nsandboxes: {default: {policies: {console: {}}}}\n")
    pids = {key: await leave(host, key) for key in ("a", "b")}
    await leave(host, "a")
    await leave(host, "c")
    await until_gone(pids["b"])
    assert await pooled(host) == 2
    for key, reused in (("a", True), ("c", True), ("b", False)):
        runtime = await host.get_namespaced_runtime(key)
        assert runtime.reused is reused


async def test_pooled_sessions_give_way_to_runtimes_and_owned_ones_do_not(start_host: StartHost) -> None:
    host = await start_host("version: 1\nmax_runtimes: 2\nsandboxes: {default: {policies: {console: {}}}}\n")
    pid = await leave(host, "waits")
    owned = await host.get_namespaced_runtime("owned")
    await host.create_runtime()
    await until_gone(pid)
    with pytest.raises(ih.LimitExceeded, match="2 runtimes"):
        await host.create_runtime()
    with pytest.raises(ih.LimitExceeded):
        await host.get_namespaced_runtime("waits")
    assert await owned.eval("'owned'") == "owned"


async def test_no_pool_at_all(start_host: StartHost) -> None:
    host = await start_host("version: 1\nsessions: {max_pooled: 0}\nsandboxes: {default: {policies: {console: {}}}}\n")
    await until_gone(await leave(host, "a"))
    async with host.get_namespaced_runtime("a") as runtime:
        assert runtime.reused is False


async def test_a_session_stays_in_its_sandbox(start_host: StartHost) -> None:
    host = await start_host(SANDBOXES)
    await leave(host, "key")
    with pytest.raises(ih.PolicyDenied, match="made with sandbox=default"):
        await host.get_namespaced_runtime("key", sandbox="other")
    with pytest.raises(ih.PolicyDenied):
        await host.get_namespaced_runtime("key", bindings={"tools": {"f": len}})
    async with host.get_namespaced_runtime("key") as again:
        assert again.reused is True


async def test_a_guest_that_dies_in_the_pool_leaves_its_name_free(embedded: ih.IsolateHost) -> None:
    import os
    import signal

    pid = await leave(embedded, "dies")
    os.kill(pid, signal.SIGKILL)
    await until_gone(pid)
    while await pooled(embedded):
        await asyncio.sleep(0.01)
    async with embedded.get_namespaced_runtime("dies") as runtime:
        assert runtime.reused is False


async def test_closing_an_embedded_host_ends_owned_and_pooled_sessions() -> None:
    host = await ih.create_isolate_host()
    pids = [await leave(host, "pooled")]
    owned = await host.get_namespaced_runtime("owned")
    pids.append(await pid_of(owned))
    leaving = await host.get_namespaced_runtime("leaving")
    pids.append(await pid_of(leaving))
    going = asyncio.create_task(leaving.dispose())
    await asyncio.sleep(0)
    await host.close()
    await asyncio.gather(going, return_exceptions=True)
    for pid in pids:
        await until_gone(pid)
    with pytest.raises(ih.Disposed):
        await owned.eval("1")


async def test_a_reload_with_other_plugins_ends_sessions_of_the_old_ones(tmp_path: Path) -> None:
    registry = PluginRegistry()
    path = tmp_path / "host.yaml"
    path.write_text(SANDBOXES)
    broker = Broker(load_config(path, registry).config, registry)
    await broker.start()
    async with ih.IsolateHost(EmbeddedLink(broker), await broker.control("hello", {})) as host:
        pid = await leave(host, "waits")
        live = await host.get_namespaced_runtime("live")
        await broker.reload(load_config(path, registry).config)
        assert await pooled(host) == 1
        path.write_text(SANDBOXES.replace("tools]", "tools, crypto]"))
        await broker.reload(load_config(path, registry).config)
        await until_gone(pid)
        assert await live.eval("'goes on'") == "goes on"
        await live.dispose()
        async with host.get_namespaced_runtime("live") as fresh:
            assert fresh.reused is False


async def test_a_narrower_policy_is_not_exceeded_by_an_old_session(tmp_path: Path) -> None:
    registry = PluginRegistry()
    path = tmp_path / "host.yaml"
    path.write_text(SANDBOXES)
    broker = Broker(load_config(path, registry).config, registry)
    await broker.start()
    async with ih.IsolateHost(EmbeddedLink(broker), await broker.control("hello", {})) as host:
        await leave(host, "wide")
        path.write_text(SANDBOXES.replace("default: {", "default: {limits: {memory_mb: 32}, "))
        await broker.reload(load_config(path, registry).config)
        with pytest.raises(ih.PolicyDenied, match="memory_mb=128"):
            await host.get_namespaced_runtime("wide")
        await host.dispose_namespace("wide")
        async with host.get_namespaced_runtime("wide") as fresh:
            assert fresh.reused is False
