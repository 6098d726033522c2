"""Who calls on whose behalf: async context, request ids and metadata reach through a child."""

from __future__ import annotations

import isolate_host as ih
from tests.nested.conftest import Parent


async def test_functions_run_in_the_context_of_the_evaluation(parent: Parent) -> None:
    assert await parent("""
    const user = new AsyncContext.Variable();
    const seen = [];
    const child = await user.run("creator", () => nested.createRuntime({ bindings: {
      console: { onEntry: (entry) => seen.push(["console", entry.text, user.get()]) },
      tools: { who: async () => { await null; return user.get() } },
    } }));
    const ask = (name) => user.run(name, () => child.eval("console.log('x'); await who()"));
    const both = await Promise.all([ask("alice"), ask("bob")]);
    const later = await user.run("carol", () => child.eval("globalThis.later = new Promise((resolve) => setTimeout(() => resolve(who()), 1)); 0"));
    const after = await user.run("dave", () => child.eval("await later"));
    // Who asks is whoever waits when the timer fires.
    export default [both, seen, ["carol", "creator", "dave"].includes(after)];
    """) == [["alice", "bob"], [["console", "x", "alice"], ["console", "x", "bob"]], True]


async def test_a_request_reaches_through_a_child(host: ih.IsolateHost) -> None:
    """A server asks a child, whose tool asks the host: the host knows for which request."""
    asked: list[tuple[str | None, object, str]] = []

    async def lookup(key: str, ctx: ih.HostCallContext) -> str:
        asked.append((ctx.request_id, dict(ctx.metadata), ctx.capability))
        return f"value of {key}"

    source = """
    import { createIsolateHost } from "isolate-host";
    const child = await createIsolateHost().createRuntime({ bindings: { tools: { find: (key) => lookup(key) } } });
    serve({ async fetch(request) { return new Response(await child.eval(`await find("${new URL(request.url).pathname}")`)) } });
    """
    async with host.create_app_server(source=source, bindings={"tools": {"lookup": lookup}}) as server:
        for number in (1, 2):
            request = ih.Request("GET", f"http://x.test/{number}")
            served = await server.handle(request, request_id=f"r{number}", metadata={"n": number})
            assert await served.response.text() == f"value of /{number}"
    assert asked == [("r1", {"n": 1}, "tools"), ("r2", {"n": 2}, "tools")]


async def test_concurrent_requests_of_a_nested_server_keep_apart(parent: Parent) -> None:
    assert await parent("""
    const user = new AsyncContext.Variable();
    const server = await nested.createAppServer({
      source: "serve({ async fetch(request) { await pause(); return new Response(await who()) } })",
      bindings: { tools: { pause: () => new Promise((resolve) => setTimeout(resolve, 5)), who: (context) => `${user.get()} ${context.metadata.n}` } },
    });
    const ask = (n) => user.run("u" + n, () => server.handle(new Request("http://x.test/"), { metadata: { n } }));
    const all = await Promise.all([1, 2, 3, 4, 5].map(ask));
    export default await Promise.all(all.map(({ response }) => response.text()));
    """) == ["u1 1", "u2 2", "u3 3", "u4 4", "u5 5"]


async def test_a_call_knows_how_long_it_may_take(parent: Parent) -> None:
    assert await parent("""
    const child = await nested.createRuntime({ executionTimeout: 9000, bindings: { tools: { left: (context) => context.remainingMs } } });
    const left = await child.eval("await left()");
    export default left > 0 && left <= 9000;
    """) is True


async def test_a_child_that_ends_aborts_what_its_functions_do(parent: Parent) -> None:
    assert await parent("""
    const begun = Promise.withResolvers(), aborted = Promise.withResolvers();
    const child = await nested.createRuntime({ bindings: { tools: { slow: (context) => new Promise(() => {
      context.signal.addEventListener("abort", () => aborted.resolve("aborted"));
      begun.resolve();
    }) } } });
    const running = child.eval("await slow()").catch((error) => error.name);
    await begun.promise;
    await child.dispose();
    export default [await running, await aborted.promise];
    """) == ["Disposed", "aborted"]
