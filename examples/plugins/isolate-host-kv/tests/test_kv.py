"""The fixtures ``capability`` and ``host_from_yaml`` come with isolate-host: see ``isolate_host.testing``."""

import asyncio

import pytest

from isolate_host.errors import LimitExceeded
from isolate_host.testing import assert_denied

WRITABLE = {"file": "kv.sqlite", "write": True}
YAML = """
version: 1
sandboxes:
  default: {policies: {kv: {file: kv.sqlite, prefix: a/, write: true, value_bytes: 1KiB}}}
  reader: {policies: {kv: {file: kv.sqlite, prefix: a/}}}
  other: {policies: {kv: {file: kv.sqlite, prefix: b/}}}
"""


async def entries(kv, *start):
    return [entry async for entry in await kv.call("entries", *start)]


async def test_values(capability):
    kv = capability("kv", WRITABLE)
    assert await kv.call("get", "a") is None
    for value in (None, True, 1, 1.5, "ä😀", [1, [2]], {"x": {"y": []}}):
        await kv.call("set", "a", value)
        assert await kv.call("get", "a") == value
    assert await kv.call("delete", "a") is True
    assert await kv.call("delete", "a") is False


async def test_entries_come_in_order_over_several_pages(capability):
    kv = capability("kv", WRITABLE)
    await asyncio.gather(*(kv.call("set", f"n{number:03}", number) for number in range(250)))
    await kv.call("set", "other", 0)
    assert await entries(kv, "n") == [[f"n{number:03}", number] for number in range(250)]
    assert len(await entries(kv)) == 251


async def test_prefixes_separate(capability):
    one, two = (capability("kv", {**WRITABLE, "prefix": prefix}) for prefix in ("a/", "b/"))
    await one.call("set", "k", 1)
    assert await two.call("get", "k") is None
    assert await two.call("get", "../a/k") is None
    assert await entries(two) == []
    assert await entries(one) == [["k", 1]]


async def test_reading_only(capability):
    kv = capability("kv", {"file": "kv.sqlite"})
    for op in (("set", "k", 1), ("delete", "k")):
        with assert_denied("kv", "k"):
            await kv.call(*op)


async def test_audit_mode_lets_pass_and_records(capability):
    kv = capability("kv", {"file": "kv.sqlite"}, mode="audit")
    await kv.call("set", "k", 1)
    assert await kv.call("get", "k") == 1
    assert [error.rule for error in kv.denied] == ["sandboxes.default.policies.kv.write"]


async def test_limits(capability):
    kv = capability("kv", {**WRITABLE, "value_bytes": "1KiB", "keys": 2})
    with pytest.raises(LimitExceeded, match="1024 bytes"):
        await kv.call("set", "k", "x" * 1023)
    await kv.call("set", "a", 1)
    await kv.call("set", "b", 1)
    await kv.call("set", "b", 2)
    with pytest.raises(LimitExceeded, match="2 keys"):
        await kv.call("set", "c", 1)


@pytest.mark.parametrize("key", [None, 1, "", "a\0b", "a\nb", "k" * 513, ["k"], {}])
async def test_bad_keys(capability, key):
    kv = capability("kv", WRITABLE)
    for op in ("get", "set", "delete"):
        with pytest.raises((TypeError, ValueError)):
            await kv.call(op, *((key, 1) if op == "set" else (key,)))


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", float("nan"), object()])
async def test_bad_values(capability, value):
    with pytest.raises(TypeError, match="plain JSON"):
        await capability("kv", WRITABLE).call("set", "k", value)


async def test_calls_that_no_guest_script_makes(capability):
    kv = capability("kv", WRITABLE)
    for call in (("drop",), ("get",), ("get", "a", "b"), ("set", "k")):
        with pytest.raises((LookupError, TypeError)):
            await kv.call(*call)
    await kv.capability.aclose()


async def test_a_binding_alone_grants_nothing(capability):
    with pytest.raises(pytest.fail.Exception, match="opens nothing"):
        capability("kv", {"file": "kv.sqlite"}, configured=False, binding={})


def test_the_folder_must_exist(tmp_path):
    from isolate_host.config import check_config
    from isolate_host.plugin import PluginRegistry

    file = tmp_path / "host.yaml"
    file.write_text("version: 1\nsandboxes: {a: {policies: {kv: {file: no/kv.sqlite}}}}\n")
    _, findings = check_config(file, PluginRegistry())
    assert [(item.code, item.mark.line) for item in findings] == [("kv-no-folder", 2)]



async def test_guests(host_from_yaml):
    async with host_from_yaml(YAML) as host:
        async with host.create_runtime(sandbox="default") as runtime:
            await runtime.eval("await kv.set('colour', {name: 'red'}); await kv.set('count', 3)")
            assert await runtime.eval("(await kv.get('colour')).name") == "red"
            code = "const seen = []; for await (const [key, value] of kv.entries('c')) seen.push([key, typeof value]); seen"
            assert await runtime.eval(code) == [["colour", "object"], ["count", "number"]]
            with pytest.raises(LimitExceeded, match="larger than 1024 bytes"):
                await runtime.eval("await kv.set('big', 'x'.repeat(2000))")
        async with host.create_runtime(sandbox="reader") as runtime:
            assert await runtime.eval("await kv.get('count')") == 3
            with assert_denied("kv", "count"):
                await runtime.eval("await kv.delete('count')")
            code = "let text; try { await kv.set('x', 1) } catch (error) { text = error.message }; text"
            assert "writing 'x' needs sandboxes.reader.policies.kv.write: true" in await runtime.eval(code)
        async with host.create_runtime(sandbox="other") as runtime:
            assert await runtime.eval("await kv.get('count')") is None


async def test_a_child_has_it_when_its_parent_passes_it_on(host_from_yaml):
    yaml = """
version: 1
sandboxes:
  default: {policies: {kv: {file: kv.sqlite, prefix: a/, write: true}, nested: {}}}
  reader: {policies: {kv: {file: kv.sqlite, prefix: a/}, nested: {}}}
"""
    code = """
import { createIsolateHost } from "isolate-host";
const host = createIsolateHost();
const child = await host.createRuntime({ bindings: { kv } });
await child.eval("kv.set('from', 'the child')").catch(() => {});
const without = await host.createRuntime();
export default [await child.eval("kv.get('from')"), await without.eval("typeof kv")];
"""
    async with host_from_yaml(yaml) as host:
        async with host.create_runtime(sandbox="reader") as runtime:
            assert await runtime.eval(code) == [None, "undefined"]
        async with host.create_runtime() as runtime:
            assert await runtime.eval(code) == ["the child", "undefined"]
