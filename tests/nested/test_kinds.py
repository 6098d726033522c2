"""Each kind of child: scripts, tests, sessions and app servers, with their options."""

from __future__ import annotations

import pytest

import isolate_host as ih
from tests.nested.conftest import Parent


async def test_script_runtimes(parent: Parent) -> None:
    assert await parent("""
    const child = await nested.createRuntime({ cwd: "/app", executionTimeout: 5000, memoryLimitMB: 64 });
    await child.eval("globalThis.n = 1", "first.ts");
    const value = await child.eval("n + 1; const t: number = n; t + 1", { filename: "second.ts", executionTimeout: 1000 });
    const where = await child.eval("new Error('x').stack", { filename: "lib/third.ts" });
    const thrown = await child.eval("throw new TypeError('bad', { cause: 5 })").catch((e) => [e.name, e.message, e.cause, e instanceof Error]);
    const after = await child.eval("n");
    const facts = await child.diagnostics();
    await child.dispose({ reason: "done" });
    await child.dispose();
    const gone = await child.eval("1").catch((error) => error.message);
    export default [value, where.includes("/app/lib/third.ts"), thrown, after, facts.state, facts.id === child.id, gone];
    """) == [2, True, ["TypeError", "bad", 5, True], 1, "idle", True, "the runtime was disposed: done"]


async def test_events_both_ways(parent: Parent) -> None:
    assert await parent("""
    const child = await nested.createRuntime();
    const heard = [];
    const off = child.events.on("up", (payload) => heard.push(payload));
    await child.eval("__on('down', (payload) => __emit('up', { got: payload })); __emit('up', 1)");
    await child.events.emit("down", [1, 2]);
    await child.eval("0");
    off();
    await child.eval("__emit('up', 'nobody')");
    export default heard;
    """) == [1, {"got": [1, 2]}]


async def test_test_runtimes(parent: Parent) -> None:
    assert await parent("""
    const child = await nested.createTestRuntime();
    const events = [];
    const off = child.test.onEvent((event) => events.push([event.type, event.test?.fullName ?? event.testCount ?? event.suite?.name ?? event.results.total]));
    const result = await child.run(`
      describe("group", () => { test("one", () => expect(1).toBe(1)); test("two", () => expect({ a: 1 }).toEqual({ a: 2 })); test.todo("three") })
    `, { filename: "/suite.test.ts", timeoutMs: 5000 });
    off();
    const again = await child.run("test('alone', () => {})", { filter: "alone", retry: 1 });
    const { test: { registeredTests, lastRun } } = await child.diagnostics();
    await child.dispose();
    let late; try { child.test.onEvent(() => {}) } catch (error) { late = error.message }
    const { error } = result.tests[1];
    export default [result.success, result.passed, result.failed, result.todo, result.total, error.matcherName, error.expected, error.actual,
      result.tests[1].suitePath, typeof result.duration, events, again.success, registeredTests, lastRun.total, late];
    """) == [
        False, 1, 1, 1, 3, "toEqual", {"a": 2}, {"a": 1}, ["group"], "number",
        [["runStart", 3], ["suiteStart", "group"], ["testStart", "group > one"], ["testEnd", "group > one"], ["testStart", "group > two"],
         ["testEnd", "group > two"], ["testEnd", "group > three"], ["suiteEnd", "group"], ["runEnd", 3]],
        True, 1, 1, "the runtime was disposed",
    ]


async def test_a_test_that_never_gives_control_back(parent: Parent) -> None:
    assert await parent("""
    const child = await nested.createTestRuntime({ executionTimeout: 20000 });
    const result = await child.run("test('spins', () => { while (true); }); test('after', () => {})", { testTimeoutMs: 100 });
    export default [result.success, result.failed, result.tests.map((test) => [test.name, test.status, test.notRun]), result.endedBy !== null];
    """) == [False, 1, [["spins", "fail", False], ["after", "skip", True]], True]


async def test_namespaced_runtimes(parent: Parent) -> None:
    assert await parent("""
    let greeting = "one";
    const first = await nested.getNamespacedRuntime("k", { bindings: { tools: { greet: () => greeting } } });
    await first.eval("globalThis.kept = 41; setTimeout(() => { globalThis.kept = 0 }, 60000)");
    const busy = await nested.getNamespacedRuntime("k").catch((error) => error.name);
    await first.dispose();
    const second = await nested.getNamespacedRuntime("k", { bindings: { tools: { greet: () => "two" } } });
    const state = [first.reused, second.reused, second.key, await second.eval("[kept, await greet()]"), first.id === second.id];
    const tests = await second.runTests("test('sees', () => expect(kept).toBe(41))");
    await second.dispose({ hard: true });
    const third = await nested.getNamespacedRuntime("k");
    const fresh = [third.reused, await third.eval("typeof kept")];
    const disposed = [await nested.disposeNamespace("k"), await nested.disposeNamespace("k"), await nested.disposeNamespace("never")];
    const invalid = await third.eval("1").catch((error) => error.message);
    const keyed = await nested.createRuntime({ key: "k2" });
    await keyed.eval("globalThis.a = 1"); await keyed.dispose();
    const again = await nested.createRuntime({ key: "k2" });
    export default [busy, state, tests.success, fresh, disposed, invalid.includes("dispose_namespace"), await again.eval("a")];
    """) == [
        "NamespaceInUse", [False, True, "k", [41, "two"], True], True, [False, "undefined"], [True, False, False], True, 1,
    ]


async def test_app_servers(parent: Parent) -> None:
    assert await parent("""
    const modules = createModuleResolver().virtual("/server.ts", `
      let n = 0;
      serve({ async fetch(request) {
        const url = new URL(request.url);
        if (url.pathname === "/throw") throw new RangeError("handler");
        if (url.pathname === "/who") return Response.json(await who());
        if (url.pathname === "/echo") return new Response(request.body, { headers: { "x-n": String(++n) }, status: 201 });
        return new Response(new ReadableStream({ pull(c) { n++ < 3 ? c.enqueue(new TextEncoder().encode("p")) : c.close() } }));
      } })`);
    const who = (context) => [context.requestId, context.metadata];
    const server = await nested.createAppServer({ key: "example/server", bindings: { modules, tools: { who } } });
    const out = [];
    let result = await server.handle(new Request("http://x.test/echo", { method: "POST", body: "sent" }));
    out.push([result.type, result.response.status, result.response.headers.get("x-n"), await result.response.text()]);
    out.push(await server.handle(new Request("http://x.test/throw")).catch((error) => [error.name, error.message]));
    result = await server.handle(new Request("http://x.test/who"), { requestId: "r1", metadata: { user: 7 } });
    out.push(await result.response.json());
    result = await server.handle(new Request("http://x.test/stream"));
    out.push(await result.response.text());
    await server.reload("again");
    result = await server.handle(new Request("http://x.test/echo", { method: "POST", body: "x" }));
    out.push(result.response.headers.get("x-n"));
    out.push((await nested.diagnostics()).servers, (await server.diagnostics()).reloads);
    await server.dispose();
    out.push(await server.handle(new Request("http://x.test/")).catch((error) => error.message), (await nested.diagnostics()).servers);
    export default out;
    """) == [
        ["response", 201, "1", "sent"], ["RangeError", "handler"], ["r1", {"user": 7}], "pp", "1", 1, 1, "the runtime was disposed", 0,
    ]


async def test_an_app_server_from_its_text(parent: Parent) -> None:
    assert await parent("""
    const server = await nested.createAppServer({ source: "export default { fetch: () => new Response(null, { status: 204 }) }", entry: "/app.ts" });
    const { response } = await server.handle(new Request("http://x.test/"));
    const lost = await nested.createAppServer({ source: "1" }).catch((error) => error.message);
    export default [response.status, response.body, lost.includes("serve")];
    """) == [204, None, True]


async def test_aborting_a_request_leaves_the_server_alive(parent: Parent) -> None:
    assert await parent("""
    const begun = Promise.withResolvers(), ended = Promise.withResolvers();
    const server = await nested.createAppServer({
      source: `serve({ async fetch(request) {
        if (new URL(request.url).pathname === "/fast") return new Response("fast");
        request.signal.addEventListener("abort", () => ended("aborted"));
        begun(); await new Promise(() => {}) } })`,
      bindings: { tools: { begun: () => begun.resolve(), ended: (what) => ended.resolve(what) } },
    });
    const stop = new AbortController();
    const slow = server.handle(new Request("http://x.test/slow"), { signal: stop.signal }).catch((error) => error.name);
    await begun.promise;
    const fast = await (await server.handle(new Request("http://x.test/fast"))).response.text();
    stop.abort();
    export default [fast, await slow, await ended.promise, (await server.handle(new Request("http://x.test/fast"))).response.status];
    """) == ["fast", "AbortError", "aborted", 200]


async def test_websockets_of_a_child(parent: Parent) -> None:
    assert await parent("""
    const commands = [];
    const closed = Promise.withResolvers();
    const server = await nested.createAppServer({
      source: `serve({
        fetch(request, server) { server.upgrade(request, { data: { user: 1 } }) },
        websocket: {
          open(ws) { ws.send("hello " + ws.data.user) },
          message(ws, data) { typeof data === "string" ? ws.send("echo " + data) : ws.send(new Uint8Array([...new Uint8Array(data)].reverse())) },
          error(ws, error) { ws.send("error " + error.message) },
          close(ws, code, reason) { },
        } })`,
      webSockets: { onCommand(command) { commands.push(command) } },
    });
    const late = [];
    const off = server.ws.onCommand((command) => { late.push(command.type); if (command.type === "close") closed.resolve() });
    const { type, connectionId, data } = await server.handle(new Request("http://x.test/ws"));
    await server.ws.open(connectionId);
    await server.ws.message(connectionId, "text");
    await server.ws.message(connectionId, new Uint8Array([1, 200, 3]));
    await server.ws.error(connectionId, new Error("line"));
    await server.ws.close(connectionId, 1000, "bye");
    const unknown = await server.ws.message("0-0", "x").catch((error) => error.name);
    export default [type, data, commands.map((c) => [c.type, typeof c.data === "string" ? c.data : [...c.data]]), late.length, unknown];
    """) == [
        "websocket", {"user": 1},
        [["message", "hello 1"], ["message", "echo text"], ["message", [3, 200, 1]], ["message", "error line"]], 4, "LookupError",
    ]


async def test_the_host_is_lazy_and_closes_what_it_made(parent: Parent) -> None:
    assert await parent("""
    const before = await nested.diagnostics();
    const other = createIsolateHost();
    const mine = await nested.createRuntime(), theirs = await other.createRuntime();
    await (await nested.getNamespacedRuntime("pooled")).dispose();
    await nested.close(); await nested.close();
    const failed = [await nested.createRuntime().catch((e) => e.message), await mine.eval("1").catch((e) => e.message)];
    export default [before, failed, await theirs.eval("2"), await other.diagnostics()];
    """) == [
        {"runtimes": 0, "servers": 0, "connected": True, "tree": {"runtimes": 0, "servers": 0}},
        ["the nested host was closed", "the runtime was disposed: the nested host was closed"], 2,
        {"runtimes": 1, "servers": 0, "connected": True, "tree": {"runtimes": 1, "servers": 0}},
    ]


async def test_aborts(parent: Parent) -> None:
    """An aborted evaluation ends its runtime; a signal that aborted before harms nobody."""
    assert await parent("""
    const begun = Promise.withResolvers();
    const child = await nested.createRuntime({ bindings: { tools: { begun: () => begun.resolve() } } });
    const early = await child.eval("1", { signal: AbortSignal.abort("no") }).catch((reason) => reason);
    const alive = await child.eval("2");
    const stop = new AbortController();
    const running = child.eval("await begun(); while (true);", { signal: stop.signal }).catch((reason) => reason);
    await begun.promise;
    stop.abort("enough");
    export default [early, alive, await running, (await child.eval("3").catch((error) => error.name)), (await nested.diagnostics()).runtimes];
    """) == ["no", 2, "enough", "Disposed", 0]


async def test_timeouts(parent: Parent) -> None:
    assert await parent("""
    const child = await nested.createRuntime({ executionTimeout: 200 });
    const error = await child.eval("while (true);").catch((error) => error);
    const other = await nested.createRuntime();
    const per = await other.eval("while (true);", { executionTimeout: 100 }).catch((error) => error.name);
    export default [error.name, error.code, per, await child.eval("1").catch((error) => error.name)];
    """) == ["ExecutionTimeout", "execution-timeout", "ExecutionTimeout", "Disposed"]


async def test_memory(parent: Parent) -> None:
    assert await parent("""
    const child = await nested.createRuntime({ memoryLimitMB: 32 });
    export default await child.eval("const all = []; while (true) all.push(new Array(1e5).fill(1))").catch((error) => error.name);
    """) == "LimitExceeded"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("nested.createRuntime({ memory: 5 })", r"createRuntime\(\) has no option 'memory'; there are: bindings cwd executionTimeout"),
        ("nested.createRuntime(5)", "the options must be an object"),
        ("nested.createRuntime({ cwd: 'relative' })", "cwd"),
        ("nested.createRuntime({ cwd: 5 })", "cwd must be a string"),
        ("nested.createRuntime({ memoryLimitMB: 0 })", "memoryLimitMB must be a number above 0"),
        ("nested.createRuntime({ memoryLimitMB: -1 })", "memoryLimitMB must be a number above 0"),
        ("nested.createRuntime({ executionTimeout: NaN })", "executionTimeout must be a number above 0"),
        ("nested.createRuntime({ executionTimeout: '5' })", "executionTimeout must be a number above 0"),
        ("nested.createRuntime({ memoryLimitMB: 129 })", "memoryLimitMB 129 is more than the 128 that a child may have here"),
        ("nested.createRuntime({ executionTimeout: 30001 })", "executionTimeout 30001 is more than the 30000"),
        ("nested.createRuntime({ nestedHost: { maxRuntimes: 0 } })", "nestedHost.maxRuntimes must be a number above 0"),
        ("nested.createRuntime({ nestedHost: { maxRuntimes: 1.5 } })", "nestedHost.maxRuntimes must be a number above 0"),
        ("nested.createRuntime({ nestedHost: { maxRuntimes: 7 } })", "max_runtimes=7 is more than the 6"),
        ("nested.createRuntime({ nestedHost: { fetch: 'inherit' } })", "fetch=inherit is more than the disabled"),
        ("nested.createRuntime({ nestedHost: { fetch: 'all' } })", "must be 'inherit' or 'disabled'"),
        ("nested.createRuntime({ nestedHost: { more: 1 } })", "nestedHost has no 'more'"),
        ("nested.createRuntime({ nestedHost: 5 })", "nestedHost must be a policy or false"),
        ("nested.getNamespacedRuntime('')", "needs a key"),
        ("nested.getNamespacedRuntime(5)", "key must be a string"),
        ("nested.createAppServer({ webSockets: { on: 1 } })", "webSockets has no option 'on'"),
        ("nested.createAppServer({ entry: '/none.ts' })", "none.ts"),
        ("createIsolateHost({ engine: 'auto' })", "has no option 'engine'"),
        ("(await nested.createRuntime()).eval(5)", "code must be a string"),
        ("(await nested.createRuntime()).eval('1', { timeout: 5 })", r"eval\(\) has no option 'timeout'"),
        ("(await nested.createRuntime()).eval('1', '../../x')", "leaves the root"),
        ("nested.disposeNamespace(5)", "the key of a session must be a string"),
    ],
)
async def test_options_that_make_no_sense(parent: Parent, code: str, message: str) -> None:
    with pytest.raises((ih.GuestError, ih.PolicyDenied), match=message):
        await parent(f"await {code}")
