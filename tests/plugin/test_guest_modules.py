"""Modules that the guest scripts of plugins provide: what ``import`` makes of them, and who comes first."""

from __future__ import annotations

import pytest

import isolate_host as ih

PLUGIN = """
from isolate_host.plugin import Capability, GuestScript, hookimpl

@hookimpl
def isolate_host_create_capability():
    return Capability()

@hookimpl
def isolate_host_guest_script():
    return GuestScript({name!r}, {script!r})
"""
FIRST = """
registerCapability("first", { install(sdk) {
  sdk.defineModule("first:plain", { default: 1, named: 2 });
  sdk.defineModule("lazy", () => { globalThis.evaluated = (globalThis.evaluated ?? 0) + 1; return { value: {} }; });
  sdk.defineModule("first:weak", { default: "first" }, { fallback: true });
  sdk.defineModule("broken", () => { throw new RangeError("this runtime has no such thing"); });
  sdk.defineModule("itself", () => sdk.findModule("itself"));
  sdk.defineGlobal("look", (name) => sdk.findModule(name));
  sdk.defineGlobal("names", () => Array.from(sdk.moduleNames()).sort());
  sdk.defineGlobal("define", (...rest) => sdk.defineModule(...rest));
} });
"""
SECOND = """
registerCapability("second", { install(sdk) {
  sdk.defineModule("first:weak", { default: "second" });
  sdk.defineModule("lazy", { value: "never" }, { fallback: true });
} });
"""
YAML = """
version: 1
plugins: [first, second, modules]
sandboxes:
  plain: {policies: {first: {}, second: {}}}
  reversed: {policies: {second: {}, first: {}}}
  none: {policies: {}}
  resolver:
    policies:
      first: {}
      modules: {virtual: {lazy: "export const value = 'virtual'", app: "export { named } from 'first:plain'"}}
"""


@pytest.fixture
async def host(distribution, host_from_yaml):
    for name, script in (("first", FIRST), ("second", SECOND)):
        schema = {"$id": f"urn:{name}", "type": "object", "additionalProperties": False}
        distribution(f"isolate-host-{name}", name, PLUGIN.format(name=name, script=script), schema=schema)
    async with host_from_yaml(YAML) as host:
        yield host


@pytest.fixture
async def plain(host):
    async with host.create_runtime(sandbox="plain") as runtime:
        yield runtime


async def test_imports(plain):
    await plain.eval("import one, { named } from 'first:plain'; globalThis.seen = [one, named]")
    assert await plain.eval("seen") == [1, 2]
    assert await plain.eval("const m = await import('first:plain'); [m.default, m.named, Object.keys(m)]") == [1, 2, ["default", "named"]]


async def test_a_function_runs_at_the_first_import_and_once(plain):
    assert await plain.eval("globalThis.evaluated") is None
    assert await plain.eval("const a = await import('lazy'), b = look('lazy'); [a.value === b.value, evaluated]") == [True, 1]


@pytest.mark.parametrize("sandbox", ["plain", "reversed"])
async def test_a_fallback_gives_way_in_either_order(host, sandbox):
    async with host.create_runtime(sandbox=sandbox) as runtime:
        assert await runtime.eval("[(await import('first:weak')).default, typeof (await import('lazy')).value]") == ["second", "object"]


async def test_names(plain):
    assert await plain.eval("names()") == ["broken", "first:plain", "first:weak", "itself", "lazy"]
    assert await plain.eval("look('absent') === undefined") is True


async def test_a_module_that_fails_says_why(plain):
    with pytest.raises(ih.GuestError, match="built-in module 'broken' failed to load.*RangeError: this runtime has no such thing"):
        await plain.eval("await import('broken')")
    with pytest.raises(ih.GuestError, match="needs itself"):
        await plain.eval("await import('itself')")
    assert await plain.eval("(await import('first:plain')).default") == 1


@pytest.mark.parametrize("arguments", ["'first:plain', {}", "'', {}", "'x', null", "'x', 1", "'x', [1]", "1, {}"])
async def test_bad_definitions(plain, arguments):
    assert await plain.eval(f"try {{ define({arguments}); 'none' }} catch (e) {{ e.name }}") == "TypeError"


async def test_the_resolver_s_own_names_come_first(host):
    async with host.create_runtime(sandbox="resolver") as runtime:
        assert await runtime.eval("[(await import('lazy')).value, (await import('app')).named]") == ["virtual", 2]


async def test_what_nobody_provides(host):
    async with host.create_runtime(sandbox="none") as runtime:
        for name, text in (("first:plain", "no policy grants modules"), ("node:path", "no policy grants node")):
            with pytest.raises(ih.GuestError, match=text):
                await runtime.eval(f"await import('{name}')")


async def test_it_is_not_json(plain):
    with pytest.raises(ih.GuestError, match="is not JSON"):
        await plain.eval("await import('first:plain', {with: {type: 'json'}})")
