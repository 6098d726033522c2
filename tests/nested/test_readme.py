"""The nested examples of the README of the system that this one follows run as they are written there, and with the module's own name."""

from __future__ import annotations

import pytest

import isolate_host as ih

NAMES = pytest.mark.parametrize("module", ["isolate-host", "@ricsam/isolate"])
POLICY = ih.NestedHostPolicy(
    fetch="inherit", max_total_resources=8, max_runtimes=6, max_app_servers=2, max_memory_mb=128, max_timeout_s=30, max_app_server_lifetime_s=600
)


@NAMES
async def test_a_child_with_a_tool(host: ih.IsolateHost, module: str) -> None:
    lines: list[str] = []

    async def fetch(request: ih.Request) -> ih.Response:
        return ih.Response(request.url)

    bindings = ih.Bindings(console=lambda entry: lines.append(entry.text), fetch=fetch)
    async with host.create_runtime(bindings=bindings, nested_host=POLICY) as runtime:
        await runtime.eval(f"""
        import {{ createIsolateHost }} from "{module}";
        const nestedHost = createIsolateHost();
        const child = await nestedHost.createRuntime({{
          bindings: {{
            tools: {{
              greet: async (name) => "hello " + name,
            }},
          }},
        }});
        globalThis.answer = await child.eval('console.log(await greet("nested")); await greet("nested")');
        globalThis.fetched = await child.eval('await (await fetch("https://example.com/a")).text()');
        await child.dispose();
        await nestedHost.close();
        """)
        assert await runtime.eval("[answer, fetched]") == ["hello nested", "https://example.com/a"]
        assert (await runtime.diagnostics())["calls_in_flight"] == 0
    assert lines == [], "a child without a console binding has nobody to hear it"


@NAMES
async def test_a_test_runtime(host: ih.IsolateHost, module: str) -> None:
    async with host.create_runtime() as runtime:
        result = await runtime.eval(f"""
        import {{ createIsolateHost }} from "{module}";
        const nestedHost = createIsolateHost();
        const child = await nestedHost.createTestRuntime({{ bindings: {{}} }});
        const result = await child.run(`
          let ctx;
          beforeAll(async () => {{ ctx = 1; }});
          afterAll(async () => {{ ctx = 0; }});
          test("loads a nested page", async () => {{ expect(ctx).toBe(1); }});
        `);
        await child.dispose();
        await nestedHost.close();
        export default result;
        """)
        assert (result["success"], result["passed"], result["tests"][0]["fullName"]) == (True, 1, "loads a nested page")


async def test_what_passes_on_needs_the_object_of_this_runtime(host: ih.IsolateHost) -> None:
    """``bindings: { browser }`` where this runtime has no such thing."""
    async with host.create_runtime() as runtime:
        with pytest.raises(ih.GuestError, match="this runtime has no 'gadget' to pass on"):
            await runtime.eval("""
            import { createIsolateHost } from "isolate-host";
            await createIsolateHost().createTestRuntime({ bindings: { gadget: globalThis.gadget } });
            """)
