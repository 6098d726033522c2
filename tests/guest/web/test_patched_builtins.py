"""Guest code that replaces built-ins does not break the web platform around it: each of some 500 is replaced by one that throws, in turn."""

from __future__ import annotations

from pathlib import Path

import pytest

import isolate_host as ih

PROGRAM = (Path(__file__).parent / "patched.js").read_text()
#: What may break, and why.
KNOWN = {
    # By Web IDL, a sequence that guest code gives is read with the iterator that guest code sees.
    "Array.prototype.Symbol(Symbol.iterator)": {"blob"},
    "ArrayIterator.prototype.next": {"blob"},
    # The language itself calls `then` where a promise is resolved with a promise.
    "Promise.prototype.then": {"stream", "formData", "compression", "fetchData"},
}
#: Patches that call what they replace, as tracing libraries do. Each must have been called by nobody but guest code.
WATCHED = ["Array.prototype.push", "Array.prototype.slice", "Map.prototype.get", "String.prototype.charCodeAt", "Object.keys", "Function.prototype.call", "Reflect.apply"]


@pytest.fixture
async def runtime(host: ih.IsolateHost):
    async with host.create_runtime(limits=ih.Limits(timeout_s=120, cpu_s=120, memory_mb=512)) as runtime:
        yield runtime


async def test_no_patched_built_in_breaks_the_surface(runtime: ih.Runtime) -> None:
    await runtime.eval(f"globalThis.run = {PROGRAM}; 0")
    outcome = await runtime.eval("await run()")
    assert outcome["count"] > 400
    assert outcome["expected"]["request"] == "POSThttp://a.example/p?x=11hello"
    assert outcome["expected"]["compression"] == "hello hello hello"
    surprises = {patch: sorted(set(broken) - KNOWN.get(patch, set())) for patch, broken in outcome["broken"].items()}
    assert {patch: broken for patch, broken in surprises.items() if broken} == {}


@pytest.mark.parametrize("name", WATCHED)
async def test_a_patch_observes_nothing_of_the_surface(runtime: ih.Runtime, name: str) -> None:
    code = f"""
        const {{ apply }} = Reflect, original = {name};
        let calls = 0;
        {name} = function (...args) {{ calls++; return apply(original, this, args); }};
        const request = new Request('http://a.example/x?y=z', {{ method: 'POST', headers: {{ a: 'b' }}, body: 'body' }});
        const text = await new Response(request.body.pipeThrough(new TransformStream())).text();
        const seen = calls;
        {name} = original;
        [text, new URL('http://ex.example/a').pathname, seen]"""
    assert await runtime.eval(code) == ["body", "/a", 0]


async def test_a_then_that_calls_the_original_breaks_nothing(runtime: ih.Runtime) -> None:
    await runtime.eval("const { then } = Promise.prototype; Promise.prototype.then = function (...args) { return Reflect.apply(then, this, args); }; 0")
    await runtime.eval(f"globalThis.run = {PROGRAM}; 0")
    outcome = await runtime.eval("await run('none')")
    assert outcome["expected"]["stream"] == "aabb"
    assert outcome["expected"]["fetchData"] == "hi"
    assert outcome["expected"]["formData"] == "1truetrue"
