"""Code is checked against what a sandbox grants, and no more."""

import pytest

import isolate_host as ih
from isolate_host.config.model import HostConfig
from isolate_host.host.broker import Broker
from isolate_host.host.embedded import EmbeddedLink
from isolate_host.plugin import PluginRegistry, hookimpl

YAML = """\
version: 1
plugins: [console, fetch, modules, tools]
sandboxes:
  quiet:
    policies: {console: {}}
  busy:
    policies:
      modules: {virtual: {"@/env": "export const mode = 'x'"}, imports: {"lib/": "./lib/", "gone": null}}
      tools: {python: {add: "sums:add", "total": "sums:total"}}
"""
SUMS = '''
from __future__ import annotations
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from nowhere import Nothing

def add(a: int, b: int = 1) -> int:
    """Adds. */ Ends no comment."""
    return a + b

async def total(parts: list[float], unknown: Nothing) -> dict[str, float]:
    return {"sum": sum(parts)}
'''


@pytest.fixture
async def sandboxes(start_host, tmp_path):
    (tmp_path / "sums.py").write_text(SUMS)
    return await start_host(YAML)


async def codes(host, code, sandbox):
    return [item.code for item in (await host.typecheck(code=code, sandbox=sandbox)).errors]


async def test_only_what_is_granted(sandboxes):
    assert await codes(sandboxes, "console.log(1); fetch('https://a.test/'); crypto.randomUUID();", "quiet") == [2304, 2304]
    assert await codes(sandboxes, "console.log(1);", "busy") == [2584]


async def test_python_tools_of_the_policy(sandboxes):
    good = "const n: number = await add(1); const { sum } = await total([1, n], Symbol()); export default sum;"
    assert await codes(sandboxes, good, "busy") == []
    assert await codes(sandboxes, "await add('1');", "busy") == [2345]
    assert await codes(sandboxes, "await add();", "busy") == [2554]
    assert await codes(sandboxes, "await total(['1'], 0);", "busy") == [2322]
    assert await codes(sandboxes, "await add(1);", "quiet") == [2304]


async def test_modules_of_the_policy(sandboxes):
    assert await codes(sandboxes, "import { mode } from '@/env'; import x from 'lib/x'; export default [mode, x];", "busy") == []
    assert await codes(sandboxes, "import 'other'; import 'gone';", "busy") in ([2882, 2882], [2307, 2307])


async def test_an_unknown_sandbox(sandboxes):
    with pytest.raises(ih.ConfigError, match="unknown sandbox 'nobody'") as caught:
        await sandboxes.typecheck(code="", sandbox="nobody")
    assert "busy, quiet" in caught.value.hint


class Broken:
    @staticmethod
    @hookimpl
    def isolate_host_declare_types():
        return "declare const ok: 1;\ndeclare const = 2;"


async def test_a_plugin_whose_declarations_do_not_parse():
    registry = PluginRegistry()
    registry.register("broken", Broken)
    link = EmbeddedLink(Broker(HostConfig(plugins=("console",)), registry))
    host = ih.IsolateHost(link, await link.control("hello", {}))
    try:
        with pytest.raises(ih.PluginError, match=r"plugin 'broken' declares do not parse: /plugins/broken\.d\.ts:2:15: ") as caught:
            await host.typecheck(code="1", capabilities=["broken"])
        assert caught.value.plugin == "broken"
        # Others are not disturbed.
        assert (await host.typecheck(code="console.log(1)")).success
    finally:
        await host.close()
