"""The ways out that STPyV8's own bridge offers (notes: os-sandbox §5), tried against ours: there is no Python object to find."""

from __future__ import annotations

from typing import Any

import pytest

import isolate_host as ih

pytestmark = pytest.mark.adversarial

WALK = r"""
(() => {
  const seen = new Set(), hits = [], queue = [[globalThis, 'globalThis']]; let count = 0;
  for (const f of [function () {}, async () => {}, function* () {}, async function* () {}, [].values(), new Map().entries(), /x/g, new Error('e'), Promise.resolve(), (function () { return arguments })()]) queue.push([f, 'literal']);
  while (queue.length && count < 60000) {
    const [o, path] = queue.pop();
    if ((typeof o !== 'object' && typeof o !== 'function') || o === null || seen.has(o)) continue;
    seen.add(o); count++;
    try { if ('__class__' in o || '__dict__' in o || '__init__' in o || '__reduce__' in o) hits.push(path + ' looks like Python') } catch {}
    for (const k of Reflect.ownKeys(o)) {
      let d; try { d = Reflect.getOwnPropertyDescriptor(o, k) } catch { continue }
      if (!d) continue;
      if ('value' in d) queue.push([d.value, path + '.' + String(k)]); else { if (d.get) queue.push([d.get, path + '.get ' + String(k)]); if (d.set) queue.push([d.set, path + '.set ' + String(k)]) }
    }
    try { queue.push([Reflect.getPrototypeOf(o), path + '.__proto__']) } catch {}
  }
  return { count, hits };
})()
"""


@pytest.fixture
async def rt(embedded: ih.IsolateHost) -> Any:
    async def echo(value: Any) -> Any:
        return value

    async def fail(kind: str) -> Any:
        raise {"value": ValueError, "os": OSError, "memory": MemoryError, "stop": StopAsyncIteration}[kind]("from the host")

    bindings = ih.Bindings(tools={"echo": echo, "fail": fail}, console=lambda entry, ctx: None)
    async with embedded.create_runtime(bindings=bindings, limits=ih.Limits(timeout_s=30)) as runtime:
        yield runtime


async def test_no_python_object_is_reachable(rt: ih.Runtime) -> None:
    found = await rt.eval(WALK, "/walk.js")
    assert found["hits"] == []
    assert found["count"] > 800


async def test_neither_is_one_in_what_a_tool_gives(rt: ih.Runtime) -> None:
    found = await rt.eval("globalThis.got = await echo({ f: () => 1, when: new Date(1e12), n: [1n] }); " + WALK, "/walk.js")
    assert found["hits"] == []


@pytest.mark.parametrize("kind", ["value", "os", "memory", "stop"])
async def test_host_errors_are_plain_javascript(rt: ih.Runtime, kind: str) -> None:
    seen = await rt.eval(
        f"let e; try {{ await fail('{kind}') }} catch (x) {{ e = x }} "
        "({ plain: e instanceof Error, keys: Reflect.ownKeys(e).map(String), stack: e.stack, traceback: '__traceback__' in e })",
        "/fail.js",
    )
    assert seen["plain"] is True and seen["traceback"] is False
    assert ".py" not in seen["stack"] and "Traceback" not in seen["stack"]
    assert "/fail.js" in seen["stack"]


async def test_rethrowing_host_errors_is_harmless(rt: ih.Runtime) -> None:
    await rt.eval("try { await fail('value') } catch (e) { globalThis.saved = e }", "/s.js")
    for _ in range(60):
        with pytest.raises(ih.IsolateHostError):
            await rt.eval("throw saved", "/s.js")
    assert await rt.eval("1 + 1", "/s.js") == 2


@pytest.mark.parametrize(
    "arguments",
    ["new Date(1e15)", "1, 2, 3", "", "Symbol('x')", "{ toString() { throw 1 } }", "new Proxy({}, { get() { throw 1 } })", "{ get a() { throw 2 } }", "{ __proto__: null, then(r) { throw 3 } }", "globalThis"],
)
async def test_odd_arguments_fail_in_the_guest_alone(rt: ih.Runtime, arguments: str) -> None:
    await rt.eval(f"let r; try {{ r = await echo({arguments}) }} catch (e) {{ r = 'refused' }} 1", "/odd.js")
    assert await rt.eval("await echo('fine')", "/odd.js") == "fine"


async def test_hostile_prepare_stack_trace(rt: ih.Runtime) -> None:
    result = await rt.eval(
        """
        globalThis.sites = [];
        Error.prepareStackTrace = (e, frames) => { sites.push(...frames.map(f => { try { return [f.getFunction(), f.getThis()] } catch { return [] } }).flat()); return 'mine' };
        for (let i = 0; i < 5; i++) { try { await fail('value') } catch (e) { e.stack } }
        [new Error('x').stack, sites.filter(f => typeof f === 'function' && /native code/.test(Function.prototype.toString.call(f))).length]
        """,
        "/stack.js",
    )
    assert result[0] == "mine"
    assert result[1] == 0
    assert await rt.eval("Error.prepareStackTrace = () => { throw 1 }; String(new Error('y').stack).length >= 0", "/stack.js") is True


async def test_kernel_internals_are_not_on_the_global(rt: ih.Runtime) -> None:
    names = set(await rt.eval("Object.getOwnPropertyNames(globalThis)", "/names.js"))
    assert not {name for name in names if name.startswith("__")} - {"__on", "__emit"}
    assert not names & {"require", "module", "boot", "kernel", "extras", "native"}
    # Plugin node's, for packages: it knows nothing of the machine.
    assert await rt.eval("[Object.keys(process.env).length, typeof process.mainModule]", "/process.js") == [0, "undefined"]
    for attempt in ("process.binding('fs')", "process.dlopen({}, '/lib/x.so')"):
        with pytest.raises(ih.GuestError):
            await rt.eval(attempt, "/process.js")


async def test_prototype_pollution_stays_inside(rt: ih.Runtime) -> None:
    await rt.eval("Object.prototype.isolateHost = { class: 'Disposed' }; Object.prototype.$ = 'fn'; Object.prototype.r = 1", "/p.js")
    with pytest.raises(ih.GuestError) as caught:
        await rt.eval("throw new Error('polluted')", "/p.js")
    assert caught.value.name == "Error"
    assert await rt.eval("({ a: 1 })", "/p.js") == {"a": 1}


async def test_a_guest_cannot_forge_a_verdict_about_itself(rt: ih.Runtime) -> None:
    with pytest.raises(ih.GuestError):
        await rt.eval("throw Object.assign(new Error('x'), { isolateHost: { class: 'SandboxViolation', message: 'forged' } })", "/f.js")
