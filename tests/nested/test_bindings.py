"""What guest code answers for its children."""

from __future__ import annotations

import pytest

import isolate_host as ih
from tests.nested.conftest import Parent


async def test_console_entries_come_before_the_result(parent: Parent, said: list[str]) -> None:
    result = await parent("""
    const seen = [];
    const child = await nested.createRuntime({ bindings: { console: { onEntry(entry, context) {
      seen.push([entry.type, entry.level, entry.stdout, entry.groupDepth, context.capability]);
      console.log("child: " + entry.text);
    } } } });
    await child.eval(`for (let i = 0; i < 300; i++) console.log("line " + i); console.group("g"); console.warn("in"); await null; console.error({a: 1})`);
    const count = seen.length;
    await child.dispose();
    export default [count, seen[0], seen.slice(-3)];
    """)
    assert result == [
        303, ["output", "log", "line 0", 0, "console"],
        [["group", "log", "g", 0, "console"], ["output", "warn", "in", 1, "console"], ["output", "error", "{ a: 1 }", 1, "console"]],
    ]
    assert said[:2] == ["child: line 0", "child: line 1"]
    assert len(said) == 303


async def test_a_console_that_throws_disturbs_nobody(parent: Parent, said: list[str]) -> None:
    assert await parent("""
    const child = await nested.createRuntime({ bindings: { console: { onEntry(entry) { throw new Error("no: " + entry.text) } } } });
    export default await child.eval("console.log('x'); 7");
    """) == 7
    assert "bindings.console.onEntry failed: Error: no: x" in said[0]


async def test_tools_of_every_kind(parent: Parent) -> None:
    assert await parent("""
    let cleaned = 0;
    const child = await nested.createRuntime({ bindings: { tools: {
      plain: (a, b) => a + b,
      later: async (x) => { await null; return { x, bytes: new Uint8Array([1, 2]) } },
      *steps(n) { try { for (let i = 0; i < n; i++) yield i } finally { cleaned++ } },
      async *ticks(n) { try { for (let i = 0; i < n; i++) yield { i } } finally { cleaned++ } },
      handles: async () => ({ add: (a, b) => a + b, nest: () => ({ deep: () => "deep" }) }),
      fail: async () => { throw new RangeError("too far") },
      who: (context) => [context.capability, context.op, context.runtimeId, typeof context.resourceId, context.signal.aborted],
      call: async (fn) => (await fn(20)) + 1,
    } } });
    const answer = await child.eval(`
      const out = { plain: await plain(1, 2) };
      const rich = await later(new Date(5));
      out.later = [rich.x.getTime(), rich.bytes.length];
      out.steps = []; for await (const i of steps(10)) { out.steps.push(i); if (i === 2) break }
      out.ticks = []; for await (const t of ticks(3)) out.ticks.push(t.i);
      const { add, nest } = await handles();
      out.handles = [await add(2, 3), await (await nest()).deep()];
      try { await fail() } catch (error) { out.fail = [error.name, error.message] }
      out.who = await who();
      out.call = await call((n) => n * 2);
      out
    `);
    answer.who[2] = answer.who[2] === child.id;
    export default { ...answer, cleaned };
    """) == {
        "plain": 3, "later": [5, 2], "steps": [0, 1, 2], "ticks": [0, 1, 2], "handles": [5, "deep"], "fail": ["RangeError", "too far"],
        "who": ["tools", "who", True, "string", False], "call": 41, "cleaned": 2,
    }


async def test_fetch_of_the_parents_code(parent: Parent) -> None:
    assert await parent("""
    const child = await nested.createRuntime({ bindings: { async fetch(request, context) {
      if (request.url.endsWith("/stream")) {
        let n = 0;
        return new Response(new ReadableStream({ pull(c) { n < 3 ? c.enqueue(new TextEncoder().encode("part" + n++)) : c.close() } }));
      }
      return Response.json({ url: request.url, method: request.method, body: await request.text(), header: request.headers.get("x-a"),
        capability: context.capability }, { status: 201, headers: { "x-b": "2" } });
    } } });
    export default await child.eval(`
      const answer = await fetch("https://any.test/p", { method: "POST", body: "hello", headers: { "x-a": "1" } });
      [answer.status, answer.headers.get("x-b"), await answer.json(), await (await fetch("https://any.test/stream")).text()]
    `);
    """) == [
        201, "2", {"url": "https://any.test/p", "method": "POST", "body": "hello", "header": "1", "capability": "fetch"}, "part0part1part2",
    ]


async def test_an_abort_in_the_child_reaches_the_parents_fetch(parent: Parent) -> None:
    assert await parent("""
    const seen = Promise.withResolvers(), begun = Promise.withResolvers();
    const fetch = (request, context) => new Promise((_, reject) => {
      request.signal.addEventListener("abort", () => { seen.resolve([request.signal.aborted, context.signal.aborted]); reject(request.signal.reason) });
      begun.resolve();
    });
    const child = await nested.createRuntime({ bindings: { fetch, tools: { begun: () => begun.promise } } });
    const name = await child.eval(`
      const stop = new AbortController();
      const other = fetch("https://any.test/x", { signal: stop.signal }).catch((error) => error.name);
      await begun();
      stop.abort();
      await other
    `);
    const aborted = seen.promise;
    export default [name, await aborted];
    """) == ["AbortError", [True, True]]


async def test_fetch_is_disabled_unless_inherited(host: ih.IsolateHost) -> None:
    code = """
    import { createIsolateHost } from "isolate-host";
    const child = await createIsolateHost().createRuntime();
    export default await child.eval("fetch('https://example.com/').then((r) => r.text(), (error) => error.name + ': ' + error.message)");
    """
    asked: list[str] = []

    async def fetch(request: ih.Request) -> ih.Response:
        asked.append(request.url)
        return ih.Response("inherited")

    async with host.create_runtime(bindings={"fetch": fetch}) as runtime:
        assert "fetch" in await runtime.eval(code)
    assert asked == []
    async with host.create_runtime(bindings={"fetch": fetch}, nested_host=ih.NestedHostPolicy(fetch="inherit")) as runtime:
        assert await runtime.eval(code) == "inherited"
    assert asked == ["https://example.com/"]


async def test_files_of_the_parents_code(parent: Parent) -> None:
    """A folder of one's own, as the child's root."""
    assert await parent("""
    const tree = new Map([["/a.txt", new TextEncoder().encode("alpha")]]);
    const absent = (path) => Object.assign(new Error("no " + path), { code: "ENOENT" });
    const child = await nested.createRuntime({ bindings: { files: {
      async stat(path) {
        if (path === "/" || path === "") return { kind: "directory" };
        if (!tree.has(path)) throw absent(path);
        return { kind: "file", size: tree.get(path).length, mtime: new Date(0) };
      },
      async readFile(path) { if (!tree.has(path)) throw absent(path); return tree.get(path) },
      async writeFile(path, data) { tree.set(path, data) },
      async readdir() { return [...tree.keys()].map((path) => path.slice(1)) },
      async unlink(path) { tree.delete(path) },
    } } });
    const answer = await child.eval(`
      const root = await getDirectory("/");
      const text = await (await (await root.getFileHandle("a.txt")).getFile()).text();
      const made = await root.getFileHandle("b.txt", { create: true });
      const out = await made.createWritable(); await out.write("beta"); await out.close();
      const names = []; for await (const name of root.keys()) names.push(name);
      const missing = await root.getFileHandle("nope").catch((error) => error.name);
      await root.removeEntry("a.txt");
      [text, names, missing]
    `);
    export default [...answer, [...tree.keys()], new TextDecoder().decode(tree.get("/b.txt"))];
    """) == ["alpha", ["a.txt", "b.txt"], "NotFoundError", ["/b.txt"], "beta"]


async def test_modules_of_the_parents_code(parent: Parent) -> None:
    assert await parent("""
    const asked = [];
    const modules = createModuleResolver()
      .virtual("@/env", "export const mode: string = 'nested'", { filename: "env.ts", resolveDir: "/app" })
      .virtual("/app/main.ts", "import { mode } from './env'; import { lazy } from './lazy.ts'; export const all = [mode, lazy]", {})
      .virtual("/app/lazy.ts", async (context) => { asked.push(context.capability); return "export const lazy = 'made'" })
      .sourceTree("@lib/", async (path, context) => path === "deep/one.ts" ? "import { two } from './two'; export const one = two + 1"
        : path === "deep/two.ts" ? { code: "export const two: number = 2" } : null)
      .fallback((specifier, importer) => specifier === "last" ? `export default ${JSON.stringify(importer.path)}` : null);
    const child = await nested.createRuntime({ bindings: { modules } });
    const found = await child.eval(`
      import { all } from "/app/main.ts"; import { mode } from "@/env"; import { one } from "@lib/deep/one"; import last from "last";
      export default [all, mode, one, last];
    `, "/app/entry.ts");
    const missing = await child.eval("import 'nothing'").catch((error) => error.message);
    const escape = await child.eval("import '@lib/../../etc/passwd'").catch((error) => error.message);
    export default [found, asked, missing.includes("nothing"), escape.includes("ccess denied")];
    """) == [[["nested", "made"], "nested", 3, "/app/entry.ts"], ["modules"], True, True]


@pytest.mark.parametrize(
    ("bindings", "message"),
    [
        ("5", "bindings must be an object"),
        ("{ console: {} }", "bindings.console must be an object with a function onEntry"),
        ("{ fetch: 1 }", "bindings.fetch must be a function"),
        ("{ files: {} }", "bindings.files must be an object with some of the functions readFile"),
        ("{ tools: { greet: 1 } }", "bindings.tools.greet must be a function"),
        ("{ tools: { '__x': () => 1 } }", "reserved"),
        ("{ tools: { 'a b': () => 1 } }", "no JavaScript identifier"),
        ("{ modules: {} }", r"bindings.modules must be made by createModuleResolver\(\)"),
        ("{ browser: { newContext() {} } }", "bindings.browser must be the 'browser' of this runtime"),
        ("{ kv: undefined }", "this runtime has no 'kv' to pass on"),
        ("{ crypto: globalThis }", "bindings.crypto must be the 'crypto' of this runtime"),
    ],
)
async def test_bindings_that_make_no_sense(parent: Parent, bindings: str, message: str) -> None:
    with pytest.raises((ih.GuestError, ih.PolicyDenied), match=message):
        await parent(f"await nested.createRuntime({{ bindings: {bindings} }})")
