"""Values, functions and streams cross from a child to its parent, and on to the parent's own owner."""

from __future__ import annotations

import isolate_host as ih
from tests.nested.conftest import IMPORT, Parent


async def test_functions_of_a_child_reach_the_embedder(host: ih.IsolateHost) -> None:
    async with host.create_runtime() as runtime:
        found = await runtime.eval(IMPORT + """
        const child = await nested.createRuntime();
        export default { add: await child.eval("(a, b) => a + b"), rows: await child.eval("(async function* () { yield 1; yield 2 })()") };
        """)
        assert await found["add"](2, 3) == 5
        assert [row async for row in found["rows"]] == [1, 2]


async def test_functions_of_the_embedder_reach_a_child(host: ih.IsolateHost) -> None:
    def counter() -> dict[str, object]:
        return {"next": iter(range(5)).__next__}

    async with host.create_runtime(bindings={"tools": {"counter": counter}}) as runtime:
        assert await runtime.eval(IMPORT + """
        const child = await nested.createRuntime({ bindings: { tools: { counter: () => counter() } } });
        export default await child.eval("const { next } = await counter(); [await next(), await next()]");
        """) == [0, 1]


async def test_kinds_of_values(parent: Parent) -> None:
    assert await parent("""
    const child = await nested.createRuntime({ bindings: { tools: { same: (value) => value } } });
    const value = await child.eval(`await same({
      date: new Date(5), big: 2n ** 70n, map: new Map([[1, { a: [undefined, null] }]]), set: new Set(["x"]), re: /a+/g, nan: NaN,
      bytes: new Float32Array([1.5]), error: new TypeError("t", { cause: 1 }), url: new URL("http://x.test/a?b=1"), file: new File(["abc"], "n.txt"),
    })`);
    const { error } = value;
    export default [value.date.getTime(), value.big === 2n ** 70n, value.map.get(1).a, value.set.has("x"), String(value.re), Number.isNaN(value.nan),
      value.bytes.constructor.name, [error.name, error.message, error.cause], value.url.href, await value.file.text()];
    """) == [5, True, [None, None], True, "/a+/g", True, "Float32Array", ["TypeError", "t", 1], "http://x.test/a?b=1", "abc"]


async def test_large_bodies_stream_through(parent: Parent) -> None:
    """8 MiB through a nested app server and back, under a memory limit that could not hold them twice over."""
    assert await parent("""
    const server = await nested.createAppServer({ memoryLimitMB: 48, source: "serve({ fetch: (request) => new Response(request.body) })" });
    let sent = 0;
    const body = new ReadableStream({ pull(c) { sent++ < 128 ? c.enqueue(new Uint8Array(65536).fill(sent % 251)) : c.close() } });
    const { response } = await server.handle(new Request("http://x.test/", { method: "POST", body, duplex: "half" }));
    let size = 0, sum = 0;
    for await (const chunk of response.body) { size += chunk.length; sum += chunk[0] }
    export default [size, sum > 0];
    """, limits=ih.Limits(memory_mb=64)) == [128 * 65536, True]


async def test_a_cancelled_body_cancels_the_childs_stream(parent: Parent) -> None:
    assert await parent("""
    const cancelled = Promise.withResolvers();
    const server = await nested.createAppServer({
      source: "serve({ fetch: () => new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(65536)) }, cancel() { cancelled() } })) })",
      bindings: { tools: { cancelled: () => cancelled.resolve("cancelled") } },
    });
    const { response } = await server.handle(new Request("http://x.test/"));
    const reader = response.body.getReader();
    await reader.read(); await reader.cancel("enough");
    export default [await cancelled.promise, (await server.diagnostics()).state];
    """) == ["cancelled", "idle"]
