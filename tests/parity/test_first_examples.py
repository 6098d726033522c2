"""The first things that users of the forerunner try, in Python: each capability once, on both links where a host is shared."""

import isolate_host as ih

MAIN = """
import { mode } from "@/env";

const response = await fetch("https://example.com");
console.log("mode:", mode);
console.log("status:", response.status);
console.log(await greet("isolate"));
const root = await getDirectory("/");
const file = await root.getFileHandle("note.txt", { create: true });
const writable = await file.createWritable();
await writable.write("kept");
await writable.close();
"""


async def test_the_common_capabilities_together(host, tmp_path):
    lines, asked = [], []

    async def answer(request, ctx):
        asked.append((request.method, request.url, ctx.capability, ctx.signal.aborted, bool(ctx.runtime_id), ctx.resource_id.startswith("fetch:")))
        return ih.Response("hello")

    async def greet(name: str) -> str:
        return f"hello {name}"

    bindings = ih.Bindings(
        console=lambda entry: lines.append(entry.stdout) if entry.type == "output" else None,
        fetch=answer,
        files=ih.create_file_bindings(root=tmp_path, allow_write=True),
        modules=(
            ih.create_module_resolver()
            .virtual("@/env", 'export const mode = "sandbox";', filename="env.ts", resolve_dir="/app")
            .virtual("/app/main.ts", MAIN, filename="main.ts", resolve_dir="/app")
        ),
        tools={"greet": greet},
    )
    async with host.create_runtime(bindings=bindings) as runtime:
        await runtime.eval('import "/app/main.ts";', filename="/app/entry.ts")
    assert lines == ["mode: sandbox", "status: 200", "hello isolate"]
    assert asked == [("GET", "https://example.com/", "fetch", False, True, True)]
    assert (tmp_path / "note.txt").read_text() == "kept"


async def test_without_a_binding_there_is_no_network(host):
    async with host.create_runtime() as runtime:
        found = await runtime.eval("fetch('https://example.com').then(() => 'reached', (error) => [error.name, error.message])")
    assert found[0] == "TypeError"
    assert "fetch" in found[1]


async def test_an_app_server(host):
    source = "serve({ fetch(request) { return Response.json({ pathname: new URL(request.url).pathname }); } });"
    modules = ih.create_module_resolver().virtual("/server.ts", source)
    async with host.create_app_server(key="example/server", entry="/server.ts", bindings=ih.Bindings(modules=modules)) as server:
        result = await server.handle(ih.Request("GET", "http://localhost/hello"))
        assert result.type == "response"
        assert await result.response.json() == {"pathname": "/hello"}


async def test_a_test_runtime_tells_what_happens(host):
    started = []
    code = """
        let value;
        beforeAll(async () => { value = await Promise.resolve(1); });
        afterAll(() => { value = undefined; });
        test("adds", () => { expect(value + 1).toBe(2); });
        test("awaits", async () => { await expect(Promise.resolve({ a: 1 })).resolves.toMatchObject({ a: expect.any(Number) }); });
    """
    async with host.create_test_runtime() as runtime:
        unsubscribe = runtime.test.on_event(lambda event: started.append(event.test.full_name) if event.type == "testStart" else None)
        result = await runtime.run(code, filename="/example.test.ts", timeout_s=30)
        unsubscribe()
        await runtime.run("test('unheard', () => {})")
    assert (result.success, result.passed, result.total) == (True, 2, 2)
    assert started == ["adds", "awaits"]


async def test_a_session_is_taken_up_again_and_tested(host):
    async with host.get_namespaced_runtime("preview:session") as session:
        await session.eval("globalThis.pages = ['first']")
    async with host.get_namespaced_runtime("preview:session") as reused:
        assert reused.reused is True
        results = await reused.run_tests("test('sees the state', () => { expect(pages).toEqual(['first']); });")
        assert results.success
    assert await host.dispose_namespace("preview:session") is True
    async with host.get_namespaced_runtime("preview:session") as fresh:
        assert (fresh.reused, await fresh.eval("typeof pages")) == (False, "undefined")


async def test_events_of_a_handle_end_with_it(host):
    heard = []
    session = await host.get_namespaced_runtime("events:session")
    session.test.on_event(lambda event: heard.append(("old", event.type)))
    await session.dispose()
    async with host.get_namespaced_runtime("events:session") as reused:
        reused.test.on_event(lambda event: heard.append(("new", event.type)))
        await reused.run_tests("test('a', () => {})")
    assert {who for who, _ in heard} == {"new"}


async def test_code_is_checked_before_it_runs(host):
    profile = ih.get_type_profile(profile="backend", capabilities=["tests"])
    assert "plugins/tests.d.ts" in profile.include
    result = await host.typecheck(code="page.goto('/')", profile="browser-test")
    assert not result.success
    assert ih.format_typecheck_errors(result) == "/index.ts:1:1 (TS2304): Cannot find name 'page'."
